/* A hard fault says what has happened and in which thread, and restarts the board. */
#include <stdio.h>

#include "hardware/regs/addressmap.h"
#include "port.h"
#include "py/misc.h"

/* What the processor pushes at an exception. */
typedef struct {
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
} frame;

void weft_port_fault(const frame *at);
void isr_hardfault(void);

static bool can_be_read(const frame *at) {
    return (uintptr_t)at % sizeof(uint32_t) == 0 && (uintptr_t)at >= SRAM_BASE &&
           (uintptr_t)(at + 1) <= SRAM_END;
}

void weft_port_fault(const frame *at) {
    weft_kernel_check_stack();
    static char message[80];
    const weft_kernel_thread *thread = weft_kernel_self();
    const char *name = thread != NULL && thread->name != NULL ? thread->name : "?";
    snprintf(message, sizeof message, "a hard fault at 0x%08x in the thread %.32s",
             can_be_read(at) ? (unsigned)at->pc : 0, name);
    weft_kernel_panic(message);
}

__attribute__((naked)) void isr_hardfault(void) {
    __asm volatile(".syntax unified\n"
                   "mov r0, lr\n"
                   "movs r1, #4\n" /* EXC_RETURN: which stack */
                   "tst r0, r1\n"
                   "beq 1f\n"
                   "mrs r0, psp\n"
                   "b 2f\n"
                   "1: mrs r0, msp\n"
                   "2: ldr r1, =weft_port_fault\n"
                   "bx r1\n"
                   ".ltorg");
}
