/* Checks the kernel while a program runs on the simulator: put &checker_hooks into its options.
 *
 * What is wrong ends the run, with a report and the command that shows it again:
 *  - what kernel.h promises does not hold, whenever the kernel's lock is free (invariants.c)
 *  - a thread changed as it may not: woken or run out of turn, late, while stopped (history.c)
 *  - what platform/platform.h promises: a lost wake-up, an early timeout (platform_model.c)
 *  - a data race, in a build with WEFT_CHECK_ACCESSES (data_races.c)
 * And it explores: from the seed it chooses how cores and interrupts interleave (strategy.c).
 */
#ifndef WEFT_TESTS_CHECKER_H
#define WEFT_TESTS_CHECKER_H

#include <stddef.h>
#include <stdint.h>

extern const struct weft_sim_hooks checker_hooks;

/* What reports and the trace call these addresses. The name is not copied. */
void checker_name(const void *low, size_t bytes, const char *name);

/* How much later than on a chip something may happen, because a core may stand still; for bounds on
 * time. */
int64_t checker_slack_ns(void);

#endif
