/* ARMv6-M: a thread's context, and the switch.
 *
 * Threads run on the process stack (PSP). Interrupts run on the main stack (MSP), one for each
 * core. A thread that was interrupted has on its stack, from the stack pointer up:
 *
 *   r8 r9 r10 r11 r4 r5 r6 r7              pushed here
 *   r0 r1 r2 r3 r12 lr pc xPSR             pushed by the processor (Armv6-M ARM, B1.5.6)
 *
 * A thread that waits or yields leaves its core by a call, weft_arch_swap. The compiler has pushed
 * what the caller still needs; on top of the stack is the address to resume at.
 *
 * The switch interrupt can resume both kinds. The call can resume only a thread that left by a
 * call: an interrupted context needs an exception return. So for that one the call changes stacks,
 * requests the switch interrupt and loops at weft_armv6m_resume. The interrupt finds that address
 * as its pc and knows that everything is saved already. (A return by other means would leave a
 * frame on the stack each time that one switch follows another.)
 *
 * PendSV has the lowest priority, so it interrupts threads only and returns to threads only.
 */
#include "platform/kernel/kernel.h"

typedef struct context {
    uint32_t r8_to_r11[4], r4_to_r7[4];
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
} context;

#define XPSR_THUMB (1u << 24)
#define MPU_CTRL 0xE000ED94
#define MPU_PRIVDEFENA 4u
#define MPU_ENABLE 1u
#define MPU_RBAR 0xE000ED9C /* MPU_RASR follows */

void *weft_arch_first_context(void *stack_low, size_t stack_bytes, void (*entry)(void *),
                              void *argument) {
    uintptr_t top = ((uintptr_t)stack_low + stack_bytes) & ~(uintptr_t)7;
    context *first = (context *)top - 1;
    *first = (context){.r0 = (uint32_t)argument,
                       .lr = (uint32_t)weft_kernel_thread_exit,
                       .pc = (uint32_t)entry & ~1u,
                       .xpsr = XPSR_THUMB};
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

static void protect(const uint32_t guard[2]) {
    *(volatile uint32_t *)MPU_RBAR = guard[0];
    *(volatile uint32_t *)(MPU_RBAR + 4) = guard[1];
}

static void start_guarding(const weft_kernel_thread *thread, const void *interrupt_stack_low) {
    uint32_t interrupts[2];
    weft_armv6m_guard(interrupts, interrupt_stack_low, 1);
    protect(interrupts);
    protect(thread->guard);
    *(volatile uint32_t *)MPU_CTRL = MPU_PRIVDEFENA | MPU_ENABLE;
    __asm volatile("dsb\n isb" ::: "memory");
}

void weft_arch_enter(const weft_kernel_thread *thread, void *interrupt_stack_low,
                     size_t interrupt_stack_bytes) {
    uint32_t state = weft_arch_irq_save();
    weft_arch_lower_switch_priority();
    start_guarding(thread, interrupt_stack_low);
    use_process_stack((uint32_t)interrupt_stack_low + interrupt_stack_bytes);
    weft_arch_irq_restore(state);
}

/* isr_pendsv is the name by which the Pico SDK's vector table knows PendSV. */
void isr_pendsv(void);

/* For a thread that left by a call, this makes a frame below its stack pointer for the exception
 * return. Only pc, xPSR and r1 of the frame count: weft_armv6m_swap returns the thread in r1. */
__attribute__((naked)) void isr_pendsv(void) {
    __asm volatile(".syntax unified\n"
                   "mrs r0, psp\n"
                   "ldr r1, [r0, #24]\n" /* pc */
                   "ldr r2, =weft_armv6m_resume\n"
                   "cmp r1, r2\n"
                   "beq 5f\n"
                   "subs r0, #16\n"
                   "stmia r0!, {r4-r7}\n"
                   "mov r4, r8\n"
                   "mov r5, r9\n"
                   "mov r6, r10\n"
                   "mov r7, r11\n"
                   "subs r0, #32\n"
                   "stmia r0!, {r4-r7}\n"
                   "subs r0, #16\n"
                   "movs r1, #0\n"
                   "1: push {r0, lr}\n"
                   "cpsid i\n"
                   "bl weft_schedule_switch\n"
                   "mov r3, r0\n"
                   "ldr r0, =%c[rbar]\n"
                   "ldr r1, [r3, %[guard]]\n"
                   "ldr r2, [r3, %[guard] + 4]\n"
                   "stmia r0!, {r1, r2}\n" /* both words before any interrupt */
                   "cpsie i\n"
                   "ldrb r2, [r3, %[context]]\n"
                   "movs r1, %[called]\n" /* it runs */
                   "strb r1, [r3, %[context]]\n"
                   "ldr r0, [r3, %[stack_pointer]]\n"
                   "cmp r2, %[called]\n"
                   "beq 2f\n"
                   "bhi 3f\n"
                   "ldmia r0!, {r4-r7}\n"
                   "mov r8, r4\n"
                   "mov r9, r5\n"
                   "mov r10, r6\n"
                   "mov r11, r7\n"
                   "ldmia r0!, {r4-r7}\n"
                   "msr psp, r0\n"
                   "pop {r0, pc}\n"
                   "2: ldmia r0!, {r1}\n"
                   "subs r1, #1\n" /* an exception returns to an even address */
                   "b 4f\n"
                   "3: ldr r1, =weft_kernel_idle\n"
                   "subs r1, #1\n"
                   "4: subs r0, #32\n"
                   "movs r2, #4\n" /* a frame is aligned to 8; bit 9 says that there is padding */
                   "ands r2, r0\n"
                   "subs r0, r0, r2\n"
                   "lsls r2, #7\n"
                   "str r3, [r0, #4]\n"
                   "str r1, [r0, #24]\n"
                   "movs r1, #1\n"
                   "lsls r1, #24\n" /* xPSR's Thumb bit */
                   "orrs r1, r2\n"
                   "str r1, [r0, #28]\n"
                   "msr psp, r0\n"
                   "pop {r0, pc}\n"
                   "5: adds r0, #32\n" /* drops what the processor has pushed there */
                   "movs r1, #1\n"
                   "b 1b\n"
                   ".ltorg" ::[context] "i"(offsetof(weft_kernel_thread, context)),
                   [stack_pointer] "i"(offsetof(weft_kernel_thread, stack_pointer)),
                   [guard] "i"(offsetof(weft_kernel_thread, guard)), [rbar] "i"(MPU_RBAR),
                   [called] "i"(CONTEXT_CALLED));
}

/* weft_arch_swap: r0 is the thread that leaves, r1 the one that is resumed, and r1 stays that
 * thread when it runs. The lock is released once this core is off the stack: then another core may
 * run the thread that left. (A write to WEFT_CHIP_LOCK_ADDRESS releases the kernel's lock.) */
void weft_armv6m_swap(void);

__attribute__((naked)) void weft_armv6m_swap(void) {
    __asm volatile(".syntax unified\n"
                   "push {lr}\n"
                   "mov r2, sp\n"
                   "str r2, [r0, %[stack_pointer]]\n"
                   "ldr r3, [r0, %[stack_low]]\n"
                   "cmp r2, r3\n"
                   "blo 3f\n"
                   "ldr r0, [r1, %[stack_pointer]]\n"
                   "ldrb r3, [r1, %[context]]\n"
                   "ldr r4, =%c[rbar]\n"
                   "ldr r5, [r1, %[guard]]\n"
                   "ldr r6, [r1, %[guard] + 4]\n"
                   "ldr r2, =%c[lock]\n"
                   "mov sp, r0\n"
                   "stmia r4!, {r5, r6}\n"
                   "str r2, [r2]\n"
                   "cmp r3, %[called]\n"
                   "bne 1f\n"
                   "cpsie i\n"
                   "pop {pc}\n"
                   "1: bhi 2f\n"
                   "ldr r0, =0xE000ED04\n" /* ICSR */
                   "movs r1, #1\n"
                   "lsls r1, #28\n" /* PENDSVSET */
                   "str r1, [r0]\n"
                   "cpsie i\n"
                   "weft_armv6m_resume:\n"
                   "b weft_armv6m_resume\n"
                   "2: ldr r1, =weft_kernel_idle\n"
                   "cpsie i\n"
                   "bx r1\n"
                   "3: bl weft_kernel_stack_overflow\n"
                   ".ltorg" ::[context] "i"(offsetof(weft_kernel_thread, context)),
                   [stack_pointer] "i"(offsetof(weft_kernel_thread, stack_pointer)),
                   [stack_low] "i"(offsetof(weft_kernel_thread, stack_low)),
                   [guard] "i"(offsetof(weft_kernel_thread, guard)), [rbar] "i"(MPU_RBAR),
                   [called] "i"(CONTEXT_CALLED), [lock] "i"(WEFT_CHIP_LOCK_ADDRESS));
}
