/* ARMv6-M: a thread's context, and the switch.
 *
 * Threads run on the process stack (PSP), interrupts on the main stack (MSP), one a core. A thread
 * that does not run has on its stack, from the stack pointer up:
 *
 *   r8 r9 r10 r11 r4 r5 r6 r7              pushed here
 *   r0 r1 r2 r3 r12 lr pc xPSR             pushed by the processor (Armv6-M ARM, B1.5.6)
 *
 * A thread that waits or yields leaves its core by a call, not by an interrupt. It lays down the
 * same context, but for what a call may change: r0 to r3, r12, lr and the flags. Such a context is
 * `light`: going on with it takes half the time. Either kind can be gone on with from the call and
 * from the switch interrupt.
 *
 * PendSV has the lowest priority, so it interrupts threads only and returns to threads only.
 */
#include "platform/kernel/kernel.h"

typedef struct context {
    uint32_t r8_to_r11[4], r4_to_r7[4];
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
} context;

#define XPSR_THUMB (1u << 24)
#define SHPR3 (*(volatile uint32_t *)0xE000ED20)
#define SHPR3_PENDSV_LOWEST (0xFFu << 16)

void *weft_arch_first_context(void *stack_low, size_t stack_bytes, void (*entry)(void *),
                              void *argument) {
    uintptr_t top = ((uintptr_t)stack_low + stack_bytes) & ~(uintptr_t)7;
    context *first = (context *)top - 1;
    *first = (context){.r0 = (uint32_t)argument, .pc = (uint32_t)entry & ~1u, .xpsr = XPSR_THUMB};
    return first;
}

__attribute__((naked)) static void use_process_stack(uint32_t main_stack_top) {
    (void)main_stack_top;
    __asm volatile(".syntax unified\n"
                   "mov r1, sp\n"
                   "msr psp, r1\n"
                   "movs r2, #2\n" /* CONTROL.SPSEL */
                   "msr control, r2\n"
                   "isb\n"
                   "msr msp, r0\n"
                   "bx lr");
}

void weft_arch_enter(void *interrupt_stack_low, size_t interrupt_stack_bytes) {
    uint32_t state = weft_arch_mask();
    SHPR3 |= SHPR3_PENDSV_LOWEST;
    use_process_stack((uint32_t)interrupt_stack_low + interrupt_stack_bytes);
    weft_arch_unmask(state);
}

/* isr_pendsv is the name by which the Pico SDK's vector table knows PendSV. */
void isr_pendsv(void);

__attribute__((naked)) void isr_pendsv(void) {
    __asm volatile(".syntax unified\n"
                   "mrs r0, psp\n"
                   "subs r0, #16\n"
                   "stmia r0!, {r4-r7}\n"
                   "mov r4, r8\n"
                   "mov r5, r9\n"
                   "mov r6, r10\n"
                   "mov r7, r11\n"
                   "subs r0, #32\n"
                   "stmia r0!, {r4-r7}\n"
                   "subs r0, #16\n"
                   "push {r0, lr}\n"
                   "cpsid i\n"
                   "bl weft_schedule_switch\n"
                   "cpsie i\n"
                   "ldmia r0!, {r4-r7}\n"
                   "mov r8, r4\n"
                   "mov r9, r5\n"
                   "mov r10, r6\n"
                   "mov r11, r7\n"
                   "ldmia r0!, {r4-r7}\n"
                   "msr psp, r0\n"
                   "pop {r0, pc}");
}

#define TEXT_OF(number_) #number_
#define LITERAL(number_) TEXT_OF(number_)

/* The lock is released here, once this core is off the thread's stack: from then on another core
 * may run the thread. (WEFT_CHIP_LOCK_ADDRESS: a word that is written to release the kernel's
 * lock.) */
__attribute__((naked)) void weft_arch_leave(void) {
    __asm volatile(".syntax unified\n"
                   "sub sp, #64\n"
                   "add r1, sp, #16\n"
                   "stmia r1!, {r4-r7}\n"
                   "mov r4, r8\n"
                   "mov r5, r9\n"
                   "mov r6, r10\n"
                   "mov r7, r11\n"
                   "mov r0, sp\n"
                   "mov r1, sp\n"
                   "stmia r1!, {r4-r7}\n"
                   "mov r2, lr\n"
                   "subs r2, #1\n" /* an exception returns to an even address */
                   "str r2, [sp, #56]\n"
                   "movs r3, #1\n"
                   "lsls r3, #24\n" /* xPSR's Thumb bit */
                   "str r3, [sp, #60]\n"
                   "bl weft_schedule_leave_locked\n"
                   "ldrb r2, [r0, %[light]]\n"
                   "ldr r0, [r0, %[stack_pointer]]\n"
                   "ldmia r0!, {r4-r7}\n"
                   "mov r8, r4\n"
                   "mov r9, r5\n"
                   "mov r10, r6\n"
                   "mov r11, r7\n"
                   "ldmia r0!, {r4-r7}\n"
                   "ldr r1, [r0, #24]\n" /* pc */
                   "adds r1, #1\n"
                   "ldr r3, 3f\n"
                   "cmp r2, #0\n"
                   "beq 1f\n"
                   "adds r0, #32\n"
                   "mov sp, r0\n"
                   "str r3, [r3]\n"
                   "cpsie i\n"
                   "bx r1\n"
                   /* A thread that was interrupted: pc goes to where it is popped last. */
                   "1: mov sp, r0\n"
                   "str r3, [r3]\n"
                   "ldr r2, [r0, #16]\n"
                   "mov r12, r2\n"
                   "ldr r2, [r0, #20]\n"
                   "mov lr, r2\n"
                   "ldr r2, [r0, #28]\n"
                   "lsrs r3, r2, #10\n" /* bit 9: a word of padding lies above (B1.5.7) */
                   "bcs 2f\n"
                   "str r1, [r0, #28]\n"
                   "msr apsr, r2\n"
                   "pop {r0-r3}\n"
                   "add sp, #12\n"
                   "cpsie i\n"
                   "pop {pc}\n"
                   "2: str r1, [r0, #32]\n"
                   "msr apsr, r2\n"
                   "pop {r0-r3}\n"
                   "add sp, #16\n"
                   "cpsie i\n"
                   "pop {pc}\n"
                   ".balign 4\n"
                   "3: .word " LITERAL(WEFT_CHIP_LOCK_ADDRESS)::[light] "i"(
                       offsetof(weft_kernel_thread, light)),
                   [stack_pointer] "i"(offsetof(weft_kernel_thread, stack_pointer)));
}

__attribute__((naked)) void weft_arch_idle(void) {
    __asm volatile("1: wfi\n"
                   "b 1b");
}
