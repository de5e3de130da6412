/* Inside the kernel: its one lock, the states of threads, and what is in which file.
 *
 *   schedule.c   ready queues, which thread runs on which core, the tick, stopping the others
 *   schedule.h   what every wake and every wait needs of it, in line
 *   wait.c       waits on words, deadlines, interrupting a wait
 *   wait.h       what every wake and every wait needs of that, in line
 *   event.c      Event; all other primitives are sync/'s
 *   thread.c     starting and ending threads
 *   kernel.c     the seam (platform/platform.h) over these
 *   arch/, chip/ what differs from processor to processor and from chip to chip
 *
 * One spinlock, taken with interrupts disabled, guards everything: every field of every control
 * block, the queues, the deadlines. It is held for a short time only. A function whose name ends in
 * _locked needs it held. Lock order: the spinlock may be taken inside an atomic section, never the
 * other way round. No other lock is taken under the spinlock.
 *
 * The states of a thread, and what else holds then:
 *
 *   READY     in the ready queue, its context on its stack: any core may take it. Or still on_core:
 *             it was woken before its core had switched away, and the switch will put it there
 *   RUNNING   on_core: the current thread of a core
 *   WAITING   in the queue of its word, and in the list of deadlines if `timed`; maybe on_core
 *   ENDED     in no list; gone once it is not on_core
 */
#ifndef WEFT_KERNEL_INSIDE_H
#define WEFT_KERNEL_INSIDE_H

#include "platform/kernel/arch/arch.h"
#include "platform/kernel/chip/chip.h"
#include "platform/kernel/list.h"
#include "weft_kernel.h"

enum { THREAD_READY, THREAD_RUNNING, THREAD_WAITING, THREAD_ENDED, THREAD_IDLE };

/* How a thread that does not run has left its core: by the switch interrupt, or by a call. A
 * running one counts as CALLED. An idle thread may have no context: it starts again at the top of
 * its stack (arch.h). */
enum { CONTEXT_INTERRUPTED, CONTEXT_CALLED, CONTEXT_IDLE };

/* A thread that runs at two ticks in a row makes room for others: so after two of these at most. */
#define WEFT_KERNEL_TICK_NS 1000000
#define WEFT_KERNEL_ALL_CORES 0xFFu
#define WEFT_KERNEL_CANARY 0x57E4F00Du /* at the low end of every stack */

typedef struct weft_kernel_core {
    weft_kernel_thread *current; /* NULL until the core takes part */
    weft_kernel_thread *idle;
    uint32_t takes; /* its bit; 0 while it takes nobody from the ready queue (stop_others) */
    bool called;    /* its switch is on its way */
} weft_kernel_core;

extern weft_kernel_core weft_kernel_cores[WEFT_CHIP_CORES];
extern weft_list weft_kernel_all;

/* The running thread; NULL before the kernel has started. */
static inline weft_kernel_thread *weft_kernel_current_locked(void) {
    return weft_kernel_cores[weft_chip_core()].current;
}

/* Whether a thread that waits or has ended has not left its core yet. */
static inline bool weft_kernel_is_on_core(const weft_kernel_thread *thread) {
#ifdef WEFT_ARCH_ALWAYS_SWAPS
    (void)thread;
    return false; /* it left before it released the lock */
#else
    return thread->on_core;
#endif
}

static inline void weft_kernel_set_on_core(weft_kernel_thread *thread, bool on_core) {
#if defined(WEFT_ARCH_ALWAYS_SWAPS) && !defined(WEFT_CHIP_SIM)
    (void)thread, (void)on_core;
#else
    thread->on_core = on_core;
#endif
}

static inline uint32_t weft_kernel_lock(void) {
    uint32_t state = weft_arch_irq_save();
    weft_chip_lock();
    return state;
}

/* Whether a thread has ended, and its memory may be used for something else. */
static inline bool weft_kernel_is_gone_locked(const weft_kernel_thread *thread) {
    return thread->state == THREAD_ENDED && !weft_kernel_is_on_core(thread);
}

/* By a thread whose interrupts are enabled; unlock with WEFT_ARCH_IRQ_ENABLED. */
static inline void weft_kernel_lock_irq(void) {
    weft_arch_irq_disable();
    weft_chip_lock();
}

static inline void weft_kernel_unlock(uint32_t state) {
    weft_chip_unlock();
    weft_arch_irq_restore(state);
}

/* schedule.c */

/* Once, before anything else. */
void weft_schedule_init(void);

/* Makes `thread` the current one of this core, whose idle thread is `idle`; they may be the same.
 */
void weft_schedule_adopt(weft_kernel_thread *thread, weft_kernel_thread *idle);

/* The switch interrupt. The context of the core's thread is on its stack, at stack_pointer;
 * interrupts are disabled. Returns the thread to resume. resume_only: weft_arch_swap has requested
 * the interrupt to resume the core's thread (unless a switch was requested meanwhile). */
const weft_kernel_thread *weft_schedule_switch(void *stack_pointer, bool resume_only);

/* Ends the calling thread, which has the lock. */
void weft_schedule_end_locked(weft_kernel_thread *thread);

/* Another core has called this one. ISR. */
void weft_schedule_called_from_isr(void);

/* The tick's part of the alarm, and when the next one is due: WEFT_FOREVER for none. */
void weft_schedule_tick_locked(int64_t now_ns);
int64_t weft_schedule_tick_due_locked(void);

/* wait.c */

void weft_wait_init(void);

/* The chip's alarm has come. ISR. */
void weft_wait_alarm_from_isr(void);

/* Sets the alarm to the next deadline or tick. */
void weft_wait_arm_locked(void);

/* thread.c */

/* What an idle thread does. */
_Noreturn void weft_kernel_idle(void *unused);

/* Stops with a message that names the thread. */
__attribute__((cold)) _Noreturn void weft_kernel_stack_overflow(const weft_kernel_thread *thread);

#endif
