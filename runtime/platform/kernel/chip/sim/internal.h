/* Inside the simulator: what its files need of each other.
 *
 *   sim.c         points, changing cores, the clock, sleep, start-up
 *   lock.c        the spinlocks, atomic sections, parking
 *   interrupt.c   masking, interrupts, the switch interrupt, leaving a core by a call
 *   context.c     changing stacks
 *   report.c      failures and the trace
 *
 * The stacks: weft_sim_run is called on the native one. Each core starts on one of the simulator's.
 * The kernel's threads bring their own, and the kernel gives each core one for interrupts. A core
 * that does not run is `suspended` on whichever of them it is.
 */
#ifndef WEFT_SIM_INTERNAL_H
#define WEFT_SIM_INTERNAL_H

#include "platform/kernel/chip/sim/observe.h"

/* sim.c */

/* Lets another core run, because this one waits for it. `spins` counts the calls for one wait. */
void sim_spin(const char *what, unsigned spins);

/* lock.c */

/* In an interrupt that another core has asked for: parks this core if it is to be parked. */
void sim_park_if_asked(void);

/* interrupt.c */

/* Whether an interrupt of this core is pending, even if it is masked. */
bool sim_is_pending(unsigned core);

/* Makes the alarm pending if it is due. */
void sim_check_alarm(void);

/* When the next alarm or device interrupt comes; WEFT_FOREVER for never. */
int64_t sim_next_event_ns(void);

/* Takes interrupts, if they may come and the seed wants it, or `must`. */
void sim_maybe_interrupt(bool must);

#endif
