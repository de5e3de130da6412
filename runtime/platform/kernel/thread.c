/* Threads: how they start and end, and the list of all. */
#include <string.h>

#include "platform/kernel/wait.h"
#include "platform/platform.h"

weft_list weft_kernel_all; /* guarded by the kernel's lock */

static weft_kernel_thread idle_threads[WEFT_CHIP_CORES];
static _Alignas(8) unsigned char idle_stack[WEFT_CHIP_IDLE_STACK_BYTES]; /* of core 0 */
static _Alignas(8) unsigned char interrupt_stack[WEFT_CHIP_INTERRUPT_STACK_BYTES];
#if WEFT_CHIP_CORES > 1
static _Alignas(8) unsigned char other_interrupt_stacks[WEFT_CHIP_CORES - 1]
                                                       [WEFT_CHIP_OTHER_INTERRUPT_STACK_BYTES];
#endif

static void give_stack(weft_kernel_thread *thread, void *stack_low, size_t stack_bytes) {
    thread->stack_low = stack_low;
    thread->stack_bytes = (uint32_t)stack_bytes;
    *(uint32_t *)stack_low = WEFT_KERNEL_CANARY;
    weft_arch_guard(thread);
}

void weft_kernel_idle(void *unused) {
    (void)unused;
    for (;;) {
        weft_chip_sleep();
    }
}

#if WEFT_CHIP_CORES > 1
/* Runs on each core but core 0, on the stack of its idle thread. */
static void enter_core(void *stack_low, size_t stack_bytes) {
    unsigned core = weft_chip_core();
    weft_kernel_thread *thread = &idle_threads[core];
    give_stack(thread, stack_low, stack_bytes);
    thread->state = THREAD_IDLE;
    thread->cores = WEFT_KERNEL_ALL_CORES;
    weft_arch_enter(thread, other_interrupt_stacks[core - 1],
                    sizeof other_interrupt_stacks[core - 1]);
    weft_chip_start_core();
    weft_schedule_adopt(thread, thread);
    weft_kernel_idle(NULL);
}
#endif

void weft_kernel_start(weft_kernel_thread *main_thread, const char *name, void *stack_low,
                       size_t stack_bytes) {
    weft_schedule_init();
    weft_wait_init();
    weft_list_init(&weft_kernel_all);
    weft_kernel_thread *own_idle = &idle_threads[0];
    give_stack(own_idle, idle_stack, sizeof idle_stack);
    own_idle->state = THREAD_IDLE;
    own_idle->cores = WEFT_KERNEL_ALL_CORES;
    own_idle->stack_pointer =
        weft_arch_first_context(idle_stack, sizeof idle_stack, weft_kernel_idle, NULL);

    memset(main_thread, 0, sizeof *main_thread);
    main_thread->name = name;
    give_stack(main_thread, stack_low, stack_bytes);
    main_thread->state = THREAD_RUNNING;
    main_thread->context = CONTEXT_CALLED;
    main_thread->cores = WEFT_KERNEL_ALL_CORES;
    weft_list_insert(&weft_kernel_all, &main_thread->all);
    weft_arch_enter(main_thread, interrupt_stack, sizeof interrupt_stack);
    weft_schedule_adopt(main_thread, own_idle);
#if WEFT_CHIP_CORES > 1
    weft_chip_start(enter_core);
#else
    weft_chip_start(NULL);
#endif
}

void weft_kernel_thread_start(weft_kernel_thread *thread, weft_thread_entry entry, void *argument,
                              void *stack_low, size_t stack_bytes) {
    thread->local = NULL;
    thread->cores = WEFT_KERNEL_ALL_CORES;
    thread->context = CONTEXT_INTERRUPTED;
    weft_kernel_set_on_core(thread, false);
    thread->interrupted = thread->holds_interrupts = thread->timed = false;
    give_stack(thread, stack_low, stack_bytes);
    thread->stack_pointer = weft_arch_first_context(stack_low, stack_bytes, entry, argument);
    uint32_t state = weft_kernel_lock();
    weft_list_insert(&weft_kernel_all, &thread->all);
    weft_schedule_ready_locked(thread);
    weft_kernel_unlock(state);
}

void weft_kernel_thread_exit(void) {
    (void)weft_kernel_lock();
    weft_kernel_thread *self = weft_kernel_current_locked();
    weft_list_remove(&self->all);
    weft_schedule_end_locked(self); /* and here it ends */
    weft_platform_panic("weft_kernel_thread_exit: a thread ran on after its end");
}

bool weft_kernel_is_gone(const weft_kernel_thread *thread) {
    uint32_t state = weft_kernel_lock();
    bool gone = weft_kernel_is_gone_locked(thread);
    weft_kernel_unlock(state);
    return gone;
}

weft_kernel_thread *weft_kernel_self(void) {
    /* The caller must not move to another core between reading the core and its thread. */
    uint32_t state = weft_arch_irq_save();
    weft_kernel_thread *self = weft_kernel_current_locked();
    weft_arch_irq_restore(state);
    return self;
}

weft_kernel_thread *weft_kernel_next(const weft_kernel_thread *after) {
    weft_kernel_link *next = after == NULL ? weft_kernel_all.next : after->all.next;
    return next == &weft_kernel_all ? NULL : WEFT_THREAD_OF(next, all);
}

void weft_kernel_stack_in_use(const weft_kernel_thread *thread, void **from, void **to) {
    *from = thread->stack_pointer;
    *to = (char *)thread->stack_low + thread->stack_bytes;
}

void weft_kernel_end_others(void) {
    weft_kernel_thread *self = weft_kernel_self();
    uint32_t state = weft_kernel_lock();
    for (weft_kernel_thread *thread = weft_kernel_next(NULL), *next; thread != NULL;
         thread = next) {
        next = weft_kernel_next(thread);
        if (thread == self) {
            continue;
        }
        if (thread->state == THREAD_WAITING) {
            weft_wait_remove_locked(thread);
        } else {
            weft_list_remove(&thread->queue); /* stopped, so not on_core: READY */
        }
        thread->state = THREAD_ENDED;
        weft_list_remove(&thread->all);
    }
    weft_kernel_unlock(state);
}

uint32_t weft_kernel_begin_atomic(void) {
    return weft_chip_begin_atomic();
}

void weft_kernel_end_atomic(uint32_t state) {
    weft_chip_end_atomic(state);
}

__attribute__((weak)) void weft_kernel_on_panic(const char *message) {
    (void)message;
}

void weft_kernel_panic(const char *message) {
    weft_platform_panic(message);
}

/* Whether the interrupt stack of this core has overflowed. By a fault's handler. */
static bool interrupt_stack_overflowed(void) {
    const uintptr_t own = 256; /* what the handler itself has taken, and the guard */
    uintptr_t low = (uintptr_t)interrupt_stack;
#if WEFT_CHIP_CORES > 1
    unsigned core = weft_chip_core();
    low = core == 0 ? low : (uintptr_t)other_interrupt_stacks[core - 1];
#endif
    return weft_arch_interrupt_stack() < low + own;
}

void weft_kernel_check_stack(void) {
    if (interrupt_stack_overflowed()) {
        weft_platform_panic("the stack of the interrupts has overflowed in a handler");
    }
    const weft_kernel_thread *self = weft_kernel_self();
    if (self != NULL &&
        (*(uint32_t *)self->stack_low != WEFT_KERNEL_CANARY || weft_arch_stack_overflowed(self))) {
        weft_kernel_stack_overflow(self);
    }
}

__attribute__((weak)) const char weft_kernel_stack_advice[] = "";

void weft_kernel_stack_overflow(const weft_kernel_thread *thread) {
    static char message[128] = "the stack of a thread has overflowed: ";
    strncat(message, thread->name != NULL ? thread->name : "it has no name",
            sizeof message - 1 - strlen(message));
    strncat(message, weft_kernel_stack_advice, sizeof message - 1 - strlen(message));
    weft_platform_panic(message);
}
