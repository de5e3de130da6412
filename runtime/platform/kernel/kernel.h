/* Inside the kernel: its one lock, its threads' states, and who does what.
 *
 *   schedule.c   ready queues, which thread runs on which core, the tick, stopping the others
 *   schedule.h   making a thread ready: in line, since every wake does it
 *   wait.c       waits on words, deadlines, interrupting a wait
 *   thread.c     starting and ending threads
 *   kernel.c     the seam (platform/platform.h) over these
 *   arch/, chip/ what differs from processor to processor and from chip to chip
 *
 * One spinlock, taken with interrupts masked, guards everything: every field of every control
 * block, the queues, the deadlines. Nothing is done under it that takes long. A function whose name
 * ends in _locked needs it held. The lock is a leaf but for one: an atomic section may be open when
 * it is taken, never the other way round.
 *
 * The states of a thread, and what else holds then:
 *
 *   READY    in the ready queue - or still on_core: it was woken before its core has switched away,
 * and then the switch puts it into the queue. So a thread is in the ready queue only when its
 * context is on its stack, and any core may take it. RUNNING  on_core; the current thread of a core
 * WAITING in the queue of its word, and in the list of deadlines if `timed`; maybe still on_core
 * ENDED in no list; gone once it is not on_core
 */
#ifndef WEFT_KERNEL_INSIDE_H
#define WEFT_KERNEL_INSIDE_H

#include "platform/kernel/arch/arch.h"
#include "platform/kernel/chip/chip.h"
#include "platform/kernel/list.h"
#include "weft_kernel.h"

enum { THREAD_READY, THREAD_RUNNING, THREAD_WAITING, THREAD_ENDED, THREAD_IDLE };

#define WEFT_KERNEL_TICK_NS                                                                        \
    1000000 /* a thread that others wait for runs for one to two of these                          \
             */
#define WEFT_KERNEL_ALL_CORES 0xFFu
#define WEFT_KERNEL_CANARY 0x57E4F00Du /* at the low end of every stack */

typedef struct weft_kernel_core {
    weft_kernel_thread *current; /* NULL until the core takes part */
    weft_kernel_thread *idle;
    uint32_t switches;
    bool called; /* its switch is on its way */
} weft_kernel_core;

extern weft_kernel_core weft_kernel_cores[WEFT_CHIP_CORES];
extern weft_list weft_kernel_all;

/* The running thread; NULL before the kernel has started. */
static inline weft_kernel_thread *weft_kernel_current_locked(void) {
    return weft_kernel_cores[weft_chip_core()].current;
}

static inline uint32_t weft_kernel_lock(void) {
    uint32_t state = weft_arch_mask();
    weft_chip_lock();
    return state;
}

static inline void weft_kernel_unlock(uint32_t state) {
    weft_chip_unlock();
    weft_arch_unmask(state);
}

/* Releases the lock and leaves the core, for a thread that is not RUNNING any more, or yields. */
static inline void weft_kernel_leave(uint32_t state) {
#ifdef WEFT_ARCH_LEAVES
    (void)state; /* unmasked: a thread that may block */
    weft_arch_leave();
#else
    weft_arch_request_switch();
    weft_kernel_unlock(state);
#endif
}

/* schedule.c */

/* Once, before anything else. */
void weft_schedule_init(void);

/* Makes `thread` the one that runs on this core, whose idle thread is `idle`; they may be one. */
void weft_schedule_adopt(weft_kernel_thread *thread, weft_kernel_thread *idle);

/* The switch interrupt: the context of the core's thread is on its stack, at stack_pointer, and
 * interrupts are masked. Returns the stack pointer of the thread that runs from now on. */
void *weft_schedule_switch(void *stack_pointer);

/* The caller, a thread that is not RUNNING any more or yields, leaves its core: its context is on
 * its stack, at stack_pointer, as far as it counts. The lock stays held. Returns the thread that
 * runs from now on. For processors that can switch without an interrupt. */
const weft_kernel_thread *weft_schedule_leave_locked(void *stack_pointer);

/* Another core has called this one. ISR. */
void weft_schedule_called_from_isr(void);

/* The tick's part of the alarm: returns when the next one is due, WEFT_FOREVER for none. */
int64_t weft_schedule_tick_locked(int64_t now_ns);
int64_t weft_schedule_tick_due_locked(void);

/* wait.c */

void weft_wait_init(void);

/* The chip's alarm has come. ISR. */
void weft_wait_alarm_from_isr(void);

/* Sets the alarm to the next deadline or tick. */
void weft_wait_arm_locked(void);

/* Takes a thread out of its wait, whose result that becomes. */
void weft_wait_end_locked(weft_kernel_thread *thread, weft_status result);

/* Takes a waiting thread out of every list of waits. */
void weft_wait_forget_locked(weft_kernel_thread *thread);

/* thread.c */

/* Stops with a message that names the thread. */
_Noreturn void weft_kernel_stack_overflow(const weft_kernel_thread *thread);

#endif
