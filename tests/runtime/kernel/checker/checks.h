/* Inside the checker: what its files need of each other. */
#ifndef WEFT_TESTS_CHECKS_H
#define WEFT_TESTS_CHECKS_H

#include "checker.h"
#include "platform/kernel/chip/sim/observe.h"

/* invariants.c */

/* Set while the checker calls functions of the kernel: their accesses are no points. */
extern bool checker_reads_kernel;

/* Whether the core will look into the ready queue without being told. */
bool checker_will_switch(unsigned core);

/* weft_kernel_next, with no points. */
static inline const weft_kernel_thread *checker_next_thread(const weft_kernel_thread *after) {
    const weft_kernel_link *next = after == NULL ? weft_kernel_all.next : after->all.next;
    return next == &weft_kernel_all ? NULL : WEFT_THREAD_OF(next, all);
}

/* history.c */

enum { CHECKER_MOST_COMPARED = 32 }; /* threads */

/* Compares all threads with the last time. Under the kernel's lock, or while nobody has it. */
void checker_compare(void);

/* Forgets the last time, because there were too many threads to compare since. */
void checker_forget_history(void);

/* platform_model.c */

/* When all cores sleep. */
void checker_check_waits(void);
void checker_print_wait(const weft_kernel_thread *thread);

/* data_races.c */

/* A thread was ended, perhaps in the middle of an access. */
void checker_forget_accesses(const weft_kernel_thread *ended);

/* names.c */

void checker_print_threads(void);
const char *checker_name_of(const void *address);

/* strategy.c */

void checker_choose_strategy(void);
unsigned checker_choose_core(uint32_t awake, bool must_leave);

#endif
