/* ARMv8-M with a floating-point unit: a thread's context, and the switch.
 *
 * Threads run on the process stack (PSP), interrupts on the main stack (MSP), one a core. A thread
 * that does not run has on its stack, from the stack pointer up:
 *
 *   r4 to r11, EXC_RETURN                  pushed here
 *   s16 to s31                             pushed here, if bit 4 of EXC_RETURN is clear
 *   r0 r1 r2 r3 r12 lr pc xPSR             pushed by the processor, and above them s0 to s15 and
 *                                          FPSCR in the same case (Armv8-M ARM, B3.19)
 *
 * PendSV has the lowest priority, so it interrupts threads only and returns to threads only.
 * This file has been compiled for the RP2350, and has not run on it.
 */
#include "platform/kernel/kernel.h"

typedef struct context {
    uint32_t r4_to_r11[8], exc_return;
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
} context;

#define XPSR_THUMB (1u << 24)
#define EXC_RETURN_THREAD_PSP 0xFFFFFFFDu /* secure, no floating-point context */

void *weft_arch_first_context(void *stack_low, size_t stack_bytes, void (*entry)(void *),
                              void *argument) {
    uintptr_t top = ((uintptr_t)stack_low + stack_bytes) & ~(uintptr_t)7;
    context *first = (context *)top - 1;
    *first = (context){.exc_return = EXC_RETURN_THREAD_PSP,
                       .r0 = (uint32_t)argument,
                       .lr = (uint32_t)weft_kernel_thread_exit,
                       .pc = (uint32_t)entry & ~1u,
                       .xpsr = XPSR_THUMB};
    return first;
}

__attribute__((naked)) static void
use_process_stack(uint32_t main_stack_low, uint32_t main_stack_top, uint32_t process_stack_limit) {
    (void)main_stack_low, (void)main_stack_top, (void)process_stack_limit;
    __asm volatile("mov r3, sp\n"
                   "msr psp, r3\n"
                   "msr psplim, r2\n"
                   "mrs r3, control\n"
                   "orr r3, r3, #2\n" /* CONTROL.SPSEL */
                   "msr control, r3\n"
                   "isb\n"
                   "msr msplim, r0\n"
                   "msr msp, r1\n"
                   "bx lr");
}

void weft_arch_enter(const weft_kernel_thread *thread, void *interrupt_stack_low,
                     size_t interrupt_stack_bytes) {
    uint32_t state = weft_arch_irq_save();
    weft_arch_lower_switch_priority();
    uint32_t low = (uint32_t)interrupt_stack_low;
    use_process_stack(low, low + interrupt_stack_bytes, thread->guard[0]);
    weft_arch_irq_restore(state);
}

/* isr_pendsv is the name by which the Pico SDK's vector table knows PendSV. */
void isr_pendsv(void);

__attribute__((naked)) void isr_pendsv(void) {
    __asm volatile("mrs r0, psp\n"
                   "tst lr, #0x10\n"
                   "it eq\n"
                   "vstmdbeq r0!, {s16-s31}\n"
                   "stmdb r0!, {r4-r11, lr}\n"
                   "cpsid i\n"
                   "movs r1, #0\n"
                   "bl weft_schedule_switch\n"
                   "cpsie i\n"
                   "ldr r1, [r0, %[guard]]\n"
                   "msr psplim, r1\n"
                   "ldr r0, [r0, %[stack_pointer]]\n"
                   "ldmia r0!, {r4-r11, lr}\n"
                   "tst lr, #0x10\n"
                   "it eq\n"
                   "vldmiaeq r0!, {s16-s31}\n"
                   "msr psp, r0\n"
                   "bx lr" ::[stack_pointer] "i"(offsetof(weft_kernel_thread, stack_pointer)),
                   [guard] "i"(offsetof(weft_kernel_thread, guard)));
}
