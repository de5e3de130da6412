/* The kernel on a computer: simulated cores, a simulated clock, and a seed that decides every
 * interleaving. The scheduler is the same source that runs on a chip.
 *
 * What always holds:
 *  - All cores are one native thread. The core changes only at points: an atomic step, masking and
 *    unmasking interrupts, taking and releasing a spinlock, requesting a switch, sleeping; and
 *    wherever a checker adds one (observe.h). At a point the seed decides whether the clock goes
 *    on, whether a pending interrupt comes, and which core is next.
 *  - So the same seed gives the same run, and weft_sim_hash() tells runs apart.
 *  - Time is the simulator's. It passes at points. When all cores sleep, it jumps to the next
 *    event.
 */
#ifndef WEFT_SIM_H
#define WEFT_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct weft_sim_options {
    uint64_t seed;
    bool verbose;                       /* print what happens */
    const char *again;                  /* the command that repeats this run, for reports */
    const struct weft_sim_hooks *hooks; /* a checker's (observe.h); NULL for none */
} weft_sim_options;

/* Runs entry(argument) as the kernel's main thread, and returns when entry has returned. Once in a
 * process. */
void weft_sim_run(const weft_sim_options *options, void (*entry)(void *), void *argument);

/* A point, for a program that computes. ISR. */
void weft_sim_point(void);

/* Ends the program as failed, with a report. ISR. */
_Noreturn void weft_sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The run passes only if the kernel stops with this message. */
void weft_sim_expect_panic(const char *message);

/* A line of the trace, if it is printed. ISR. */
void weft_sim_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* All that has happened so far, as a number. */
uint64_t weft_sim_hash(void);

/* A number below `limit`, from the seed. ISR. */
uint32_t weft_sim_random(uint32_t limit);

/* The core that this runs on, and whether in an interrupt. ISR. */
unsigned weft_sim_core(void);
bool weft_sim_in_interrupt(void);

/* Has handler(argument) called in an interrupt, at that time or a little later, on a core that the
 * seed chooses. ISR. */
void weft_sim_interrupt_at(int64_t time_ns, void (*handler)(void *), void *argument);

/* Cancels all interrupts that are still to come, and returns when none runs. By a thread. */
void weft_sim_cancel_interrupts(void);

/* Fills the stack of a thread that is gone with a pattern, so that a late use of it shows. */
void weft_sim_poison(void *low, size_t bytes);

#endif
