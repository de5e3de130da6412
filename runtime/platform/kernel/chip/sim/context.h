/* Changing from one C stack to another. */
#ifndef WEFT_SIM_CONTEXT_H
#define WEFT_SIM_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#if !defined(WEFT_SIM_UCONTEXT) && !defined(__x86_64__) && !defined(__aarch64__)
#define WEFT_SIM_UCONTEXT
#endif
#ifdef WEFT_SIM_UCONTEXT
#include <ucontext.h>
#endif

typedef struct weft_sim_stack {
    void *low;
    size_t bytes;
} weft_sim_stack;

/* Where something goes on: it lies on its own stack. For the kernel, the stack pointer. */
typedef struct weft_sim_context {
#ifdef WEFT_SIM_UCONTEXT
    ucontext_t registers;
    void (*entry)(void *); /* of a first context */
    void *argument;
#else
    void *registers[22]; /* those that a call preserves, and the stack pointer */
#endif
    weft_sim_stack stack;
    bool by_call; /* it has left its core by itself */
} weft_sim_context;

/* The stack that this runs on. */
extern weft_sim_stack weft_sim_running_on;

typedef weft_sim_context *weft_sim_choose(weft_sim_context *here);

/* Puts into *here what the caller goes on with. Then calls choose(here), on the stack `other` or
 * (NULL) on the caller's, and goes on with the context that it returns. This returns when somebody
 * has chosen *here. */
void weft_sim_change(weft_sim_context *here, const weft_sim_stack *other, weft_sim_choose *choose);

/* Called at the start of a first context, before its entry; interrupt.c. */
void weft_sim_has_begun(void);

/* Lays on a stack a context that begins with entry(argument). */
weft_sim_context *weft_sim_lay(weft_sim_stack stack, void (*entry)(void *), void *argument);

#endif
