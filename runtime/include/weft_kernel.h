/* weft's own kernel, for programs without an operating system and for ports of an interpreter. The
 * kernel is the platform `kernel` behind weft.h: everything in weft.h works.
 *
 * What always holds:
 *  - Threads are preempted and run on every core, in turn: round robin, no priorities, so nobody
 *    starves. A thread that is pinned runs on its core only.
 *  - The kernel allocates nothing. The starter of a thread provides its control block and stack,
 *    and may reuse both once the thread has ended and has left its core (weft_kernel_is_gone).
 *  - There is a tick only while more threads are ready than there are cores; otherwise a core that
 *    has nothing to do sleeps until the next deadline or interrupt.
 *  - "ISR" in a comment: also legal in an interrupt, and with interrupts masked. Nothing else is.
 */
#ifndef WEFT_KERNEL_H
#define WEFT_KERNEL_H

#include "weft.h"

#define WEFT_KERNEL_ANY_CORE (-1)

typedef struct weft_kernel_link {
    struct weft_kernel_link *next, *previous;
} weft_kernel_link;

/* A thread's control block. The fields belong to the kernel (kernel.h says what guards them),
 * except those under "yours". */
typedef struct weft_kernel_thread {
    weft_kernel_link queue; /* first; in the ready queue, or in the queue of waiters of its word */
    void *stack_pointer;    /* of its saved context */
    uint8_t state;          /* kernel.h says what its values are */
    uint8_t cores;          /* a bit for each core that it may run on */
    bool on_core;           /* its context is in a core's registers; kept where it has to be */
    uint8_t context;        /* kernel.h says what its values are */
    uint8_t result;         /* weft_status of its last wait */
    bool interrupted;       /* ends the next wait that can be interrupted */
    bool holds_interrupts;  /* weft_kernel_hold_interrupts */
    bool timed;             /* in the list of deadlines */
    void *stack_low;        /* the stack's lowest address */
    const weft_word *word;  /* the word that it waits on */
    weft_kernel_link timer; /* in the list of deadlines */
    weft_kernel_link all;   /* in the list of all threads */
    int64_t deadline;       /* of its wait, in nanoseconds */
    uint32_t stack_bytes;
    uint32_t guard[2]; /* the processor's, for the stack's low end: arch.h */
    void *local;       /* weft_platform_local_get */
    /* Yours: */
    const char *name; /* for reports; NULL is fine */
    void *owner;      /* the kernel never looks at it */
} weft_kernel_thread;

/* Makes the caller the main thread, and starts the other cores. The caller runs on core 0, on the
 * stack that it names; interrupts get stacks of their own. */
void weft_kernel_start(weft_kernel_thread *main_thread, const char *name, void *stack_low,
                       size_t stack_bytes);

/* Starts entry(argument). The stack is `stack_bytes` from stack_low, aligned to 8. The kernel needs
 * WEFT_KERNEL_CONTEXT_BYTES of it for a preempted thread's context, and up to
 * WEFT_KERNEL_GUARD_BYTES at its low end for a guard; interrupts need none. An overflow is found by
 * the processor or at the next switch, and reported with the thread's name. The control block needs
 * no initialisation; its name and owner stay. */
void weft_kernel_thread_start(weft_kernel_thread *thread, weft_thread_entry entry, void *argument,
                              void *stack_low, size_t stack_bytes);

#if defined(__ARM_ARCH_6M__)
#define WEFT_KERNEL_CONTEXT_BYTES 104
#define WEFT_KERNEL_GUARD_BYTES 120 /* 64 that no store may go to, and the bytes below them */
#else
#define WEFT_KERNEL_CONTEXT_BYTES 216 /* with the registers of a floating-point unit */
#define WEFT_KERNEL_GUARD_BYTES 0
#endif

/* Ends the calling thread; so does returning from its entry. */
_Noreturn void weft_kernel_thread_exit(void);

/* Whether a thread has ended, and its control block and stack may be used for something else. */
bool weft_kernel_is_gone(const weft_kernel_thread *thread);

/* The running thread: in an interrupt, the one that was interrupted. ISR. */
weft_kernel_thread *weft_kernel_self(void);

/* Whether the caller may wait: a thread of the kernel's, with interrupts not masked. ISR. */
bool weft_kernel_may_wait(void);

/* Lets other ready threads run. */
void weft_kernel_yield(void);

/* Pins the calling thread to a core, or to none (WEFT_KERNEL_ANY_CORE); returns the setting before.
 * On return it runs on that core. */
int weft_kernel_pin(int core);

/* Ends the thread's wait as WEFT_INTERRUPTED, or its next wait if it does not wait. ISR. */
void weft_kernel_interrupt(weft_kernel_thread *thread);

/* While held, waits of the calling thread are not interrupted; an interrupt stays pending. Returns
 * whether they were held before. */
bool weft_kernel_hold_interrupts(bool hold);

/* weft_event_set for interrupts. ISR. */
void weft_event_set_from_isr(weft_event *event);

/* weft_platform_wake_all for interrupts: wakes whoever waits on the word. ISR. */
void weft_kernel_wake_from_isr(weft_word *word);

/* weft_platform_wait: see platform.h. */
weft_status weft_kernel_wait(weft_word *word, uint32_t expected, int64_t deadline_ns);

/* Stopping the others: for a collector of garbage, a reset, or a write to the flash */

/* From here to resume only the calling thread and interrupts run. Every other thread's registers
 * are on its stack. The caller may not wait meanwhile. */
void weft_kernel_stop_others(void);
void weft_kernel_resume_others(void);

/* The thread after that one: NULL gives the first, the last gives NULL. Only while the others are
 * stopped. */
weft_kernel_thread *weft_kernel_next(const weft_kernel_thread *after);

/* What a stopped thread has on its stack: from *from up to *to. */
void weft_kernel_stack_in_use(const weft_kernel_thread *thread, void **from, void **to);

/* Ends every thread but the calling one, wherever it is. Only while the others are stopped. Locks
 * that they hold stay held. */
void weft_kernel_end_others(void);

/* Between these the other cores execute nothing from flash and take no interrupt, and this core
 * does not switch. Stops the other threads too. */
void weft_kernel_park_cores(void);
void weft_kernel_unpark_cores(void);

/* The same for the handler of an interrupt: the other cores take no interrupt and run no thread.
 * ISR, but not with interrupts masked. */
void weft_kernel_park_from_isr(void);
void weft_kernel_unpark_from_isr(void);

/* Atomic sections */

/* Between these this core takes no interrupt, and no other core is in an atomic section. For a few
 * microseconds; nests. Kernel calls that are legal in an interrupt are legal inside. ISR. */
uint32_t weft_kernel_begin_atomic(void);
void weft_kernel_end_atomic(uint32_t state);

/* Panics and stack overflows */

/* Stops the program with this message. ISR. */
_Noreturn void weft_kernel_panic(const char *message);

/* Stops the program if the stack of the running thread, or of this core's interrupts, has
 * overflowed; the message names the thread. For the handler of a hard fault, before it reads the
 * fault's frame: after an overflow there may be none. ISR. */
void weft_kernel_check_stack(void);

/* A port may define this: called with the message before a panic stops the program, with interrupts
 * masked. */
void weft_kernel_on_panic(const char *message);

/* A port may define this: the end of the message about a stack overflow, which says what to do. */
extern const char weft_kernel_stack_advice[];

/* Figures */

typedef struct weft_kernel_counters {
    uint32_t ticks;
    uint32_t alarms;
} weft_kernel_counters;

extern weft_kernel_counters weft_kernel_counted;

#endif
