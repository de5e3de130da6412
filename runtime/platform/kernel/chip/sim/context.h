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

/* A saved context. It lies on its own stack; the kernel takes its address for the stack pointer. */
typedef struct weft_sim_context {
#ifdef WEFT_SIM_UCONTEXT
    ucontext_t registers;
    void (*entry)(void *); /* of a first context */
    void *argument;
#else
    void *registers[22]; /* those that a call preserves, and the stack pointer */
#endif
    weft_sim_stack stack;
    bool by_call; /* saved by a call (weft_arch_swap), not by an interrupt */
} weft_sim_context;

/* The stack that this runs on. */
extern weft_sim_stack weft_sim_running_on;

typedef weft_sim_context *weft_sim_chooser(weft_sim_context *here);

/* Saves the caller's context in *here, calls choose(here), and resumes the context that it returns.
 * choose runs on the stack `other`, or on the caller's if that is NULL. Returns when *here is
 * resumed. */
void weft_sim_context_switch(weft_sim_context *here, const weft_sim_stack *other,
                             weft_sim_chooser *choose);

/* Makes a first context on a stack; resumed, it calls weft_sim_context_begins, then
 * entry(argument). */
weft_sim_context *weft_sim_context_init(weft_sim_stack stack, void (*entry)(void *),
                                        void *argument);

/* interrupt.c */
void weft_sim_context_begins(void);

#endif
