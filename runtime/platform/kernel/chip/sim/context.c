/* Changing stacks: a few lines of assembly for x86-64 and AArch64, ucontext for all others (it
 * saves the signal mask, by a system call).
 *
 * The address sanitizer is told of every change. It keeps all frames on the stacks.
 */
#include "platform/kernel/chip/sim/context.h"

#include <stdint.h>
#include <string.h>

#include "platform/kernel/chip/sim/sim.h"
#include "weft_kernel.h"

#if defined(__has_feature)
#define WEFT_SIM_HAS_ASAN __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define WEFT_SIM_HAS_ASAN 1
#else
#define WEFT_SIM_HAS_ASAN 0
#endif

weft_sim_stack weft_sim_running_on;

static struct {
    weft_sim_chooser *choose;
    const weft_sim_stack *other;
    weft_sim_context *here;
#ifdef WEFT_SIM_UCONTEXT
    weft_sim_context *next; /* for begin_next */
#endif
} change; /* of the last weft_sim_context_switch */

#if WEFT_SIM_HAS_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

const char *__asan_default_options(void);

const char *__asan_default_options(void) {
    return "detect_stack_use_after_return=0:allocator_may_return_null=1";
}

static void start_switch(const weft_sim_stack *stack) {
    static void *no_frames;
    __sanitizer_start_switch_fiber(&no_frames, stack->low, stack->bytes);
}

static void finish_switch(void) {
    weft_sim_stack left;
    __sanitizer_finish_switch_fiber(NULL, (const void **)&left.low, &left.bytes);
    if (change.here->stack.low == NULL) {
        change.here->stack = left; /* the native one */
    }
}

static void unpoison(const weft_sim_stack *stack) {
    __asan_unpoison_memory_region(stack->low, stack->bytes);
}
#else
static void start_switch(const weft_sim_stack *stack) {
    (void)stack;
}

static void finish_switch(void) {
}

static void unpoison(const weft_sim_stack *stack) {
    (void)stack;
}
#endif

static weft_sim_context *on_stack(weft_sim_context *here) {
    weft_sim_chooser *choose = change.choose;
    if (change.other != NULL) {
        finish_switch();
        weft_sim_running_on = *change.other;
    }
    weft_sim_context *next = choose(here);
    start_switch(&next->stack);
    weft_sim_running_on = next->stack;
#ifdef WEFT_SIM_UCONTEXT
    change.next = next;
#endif
    return next;
}

/* Saves the registers in *here, calls on_stack(here) below `top` (NULL: on this stack) and loads
 * those of the context that it returns. */
void weft_sim_switch_registers(weft_sim_context *here, void *top,
                               weft_sim_context *(*chosen)(weft_sim_context *));

/* Where a first context begins. */
void weft_sim_begin(void (*entry)(void *), void *argument);
void weft_sim_begin_registers(void);

void weft_sim_context_switch(weft_sim_context *here, const weft_sim_stack *other,
                             weft_sim_chooser *choose) {
    here->stack = weft_sim_running_on;
    here->by_call = false;
    change.choose = choose;
    change.other = other;
    change.here = here;
    void *top = NULL;
    if (other != NULL) {
        start_switch(other);
        top = (char *)other->low + other->bytes;
    }
    weft_sim_switch_registers(here, top, on_stack);
    finish_switch();
}

void weft_sim_poison(void *low, size_t bytes) {
    enum { POISON = 0xDD };
    unpoison(&(weft_sim_stack){low, bytes});
    memset(low, POISON, bytes);
}

static weft_sim_context *place_of(weft_sim_stack stack) {
    uintptr_t top = ((uintptr_t)stack.low + stack.bytes) & ~(uintptr_t)15;
    weft_sim_context *first = (weft_sim_context *)((top - sizeof *first) & ~(uintptr_t)15);
    unpoison(&stack);
    *first = (weft_sim_context){.stack = stack};
    return first;
}

void weft_sim_begin(void (*entry)(void *), void *argument) {
    finish_switch();
    weft_sim_context_begins();
    entry(argument);
    weft_kernel_thread_exit(); /* the entry was a thread's: no other returns */
}

#ifndef WEFT_SIM_UCONTEXT
enum {
#ifdef __x86_64__
    ENTRY = 0,    /* rbx */
    ARGUMENT = 2, /* r12 */
    STACK_POINTER = 6,
#else
    ENTRY = 0,    /* x19 */
    ARGUMENT = 1, /* x20 */
    LINK = 11,    /* x30 */
    STACK_POINTER = 12,
#endif
};

weft_sim_context *weft_sim_context_init(weft_sim_stack stack, void (*entry)(void *),
                                        void *argument) {
    weft_sim_context *first = place_of(stack);
    first->registers[ENTRY] = (void *)(uintptr_t)entry;
    first->registers[ARGUMENT] = argument;
#ifdef __x86_64__
    void **return_address = (void **)first - 1;
    *return_address = (void *)(uintptr_t)weft_sim_begin_registers;
    first->registers[STACK_POINTER] = return_address;
#else
    first->registers[LINK] = (void *)(uintptr_t)weft_sim_begin_registers;
    first->registers[STACK_POINTER] = first;
#endif
    return first;
}
#endif

#if defined(WEFT_SIM_UCONTEXT)
static void begin_next(void) {
    weft_sim_begin(change.next->entry, change.next->argument);
}

weft_sim_context *weft_sim_context_init(weft_sim_stack stack, void (*entry)(void *),
                                        void *argument) {
    weft_sim_context *first = place_of(stack);
    getcontext(&first->registers);
    first->registers.uc_stack.ss_sp = stack.low;
    first->registers.uc_stack.ss_size = (size_t)((char *)first - (char *)stack.low);
    first->entry = entry;
    first->argument = argument;
    makecontext(&first->registers, begin_next, 0);
    return first;
}

static struct {
    weft_sim_context *(*chosen)(weft_sim_context *);
    weft_sim_context *here;
} on_top;

static void choose_on_top(void) {
    setcontext(&on_top.chosen(on_top.here)->registers);
}

void weft_sim_switch_registers(weft_sim_context *here, void *top,
                               weft_sim_context *(*chosen)(weft_sim_context *)) {
    enum { ROOM = 4096 }; /* makecontext uses the end of the stack only */
    volatile bool chosen_again = false;
    getcontext(&here->registers);
    if (chosen_again) {
        return;
    }
    chosen_again = true;
    if (top == NULL) {
        setcontext(&chosen(here)->registers);
    }
    ucontext_t there;
    getcontext(&there);
    there.uc_stack.ss_sp = (char *)top - ROOM;
    there.uc_stack.ss_size = ROOM;
    on_top.chosen = chosen;
    on_top.here = here;
    makecontext(&there, choose_on_top, 0);
    setcontext(&there);
}
#elif defined(__x86_64__)
__asm__(".text\n"
        ".globl weft_sim_switch_registers\n"
        "weft_sim_switch_registers:\n"
        "movq %rbx, 0(%rdi)\n"
        "movq %rbp, 8(%rdi)\n"
        "movq %r12, 16(%rdi)\n"
        "movq %r13, 24(%rdi)\n"
        "movq %r14, 32(%rdi)\n"
        "movq %r15, 40(%rdi)\n"
        "movq %rsp, 48(%rdi)\n"
        "testq %rsi, %rsi\n"
        "cmoveq %rsp, %rsi\n"
        "andq $-16, %rsi\n"
        "movq %rsi, %rsp\n"
        "call *%rdx\n"
        "movq 0(%rax), %rbx\n"
        "movq 8(%rax), %rbp\n"
        "movq 16(%rax), %r12\n"
        "movq 24(%rax), %r13\n"
        "movq 32(%rax), %r14\n"
        "movq 40(%rax), %r15\n"
        "movq 48(%rax), %rsp\n"
        "ret\n"
        ".globl weft_sim_begin_registers\n"
        "weft_sim_begin_registers:\n"
        "movq %rbx, %rdi\n"
        "movq %r12, %rsi\n"
        "xorl %ebp, %ebp\n"
        "call weft_sim_begin\n"
        "ud2\n");
#else
__asm__(".text\n"
        ".globl weft_sim_switch_registers\n"
        "weft_sim_switch_registers:\n"
        "stp x19, x20, [x0, #0]\n"
        "stp x21, x22, [x0, #16]\n"
        "stp x23, x24, [x0, #32]\n"
        "stp x25, x26, [x0, #48]\n"
        "stp x27, x28, [x0, #64]\n"
        "stp x29, x30, [x0, #80]\n"
        "mov x9, sp\n"
        "str x9, [x0, #96]\n"
        "stp d8, d9, [x0, #104]\n"
        "stp d10, d11, [x0, #120]\n"
        "stp d12, d13, [x0, #136]\n"
        "stp d14, d15, [x0, #152]\n"
        "cbz x1, 1f\n"
        "and x1, x1, #-16\n"
        "mov sp, x1\n"
        "1: blr x2\n"
        "ldp x19, x20, [x0, #0]\n"
        "ldp x21, x22, [x0, #16]\n"
        "ldp x23, x24, [x0, #32]\n"
        "ldp x25, x26, [x0, #48]\n"
        "ldp x27, x28, [x0, #64]\n"
        "ldp x29, x30, [x0, #80]\n"
        "ldr x9, [x0, #96]\n"
        "mov sp, x9\n"
        "ldp d8, d9, [x0, #104]\n"
        "ldp d10, d11, [x0, #120]\n"
        "ldp d12, d13, [x0, #136]\n"
        "ldp d14, d15, [x0, #152]\n"
        "ret\n"
        ".globl weft_sim_begin_registers\n"
        "weft_sim_begin_registers:\n"
        "mov x0, x19\n"
        "mov x1, x20\n"
        "mov x29, #0\n"
        "bl weft_sim_begin\n"
        "brk #1\n");
#endif
