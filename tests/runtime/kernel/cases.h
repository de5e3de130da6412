/* Cases: what random programs do not meet, or cannot look at closely. */
#ifndef WEFT_TESTS_CASES_H
#define WEFT_TESTS_CASES_H

#include "program.h"

typedef struct {
    const char *name;
    void (*run)(void);
    const char *panic; /* with which it has to stop, or NULL */
} test_case;

/* Each ends with one without a name. */
extern const test_case cases[];
extern const test_case failing_cases[]; /* which the simulator has to find wrong */

/* cases_interrupts.c */
void a_try_in_an_interrupt_answers(void);
void a_wait_with_interrupts_masked_ends_at_its_deadline(void);
void a_wait_in_an_interrupt_is_misuse(void);

enum { STACK = 131072, CROWD = 6 };

typedef struct {
    weft_kernel_thread thread;
    void *stack;
    weft_event ended;
    int number;
} helper;

extern helper helpers[CROWD];

/* Starts one of them; waits until it is gone, and takes its memory back. */
helper *start(int number, weft_thread_entry entry, const char *name);
void finish(helper *self);

#endif
