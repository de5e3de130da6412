/* The processor's part: disabling interrupts, the switch interrupt, a new thread's first context.
 *
 * Each folder beside this file gives, in its port.h (or cortex_m.h) or its sources:
 *   weft_arch_irq_save           disables interrupts on this core; returns the state before, which
 *                                is WEFT_ARCH_IRQ_ENABLED (0) if they were enabled
 *   weft_arch_irq_restore        brings that state back
 *   weft_arch_irq_disable        irq_save where interrupts are known to be enabled
 *   weft_arch_interrupt          the interrupt that runs, 0 for none
 *   weft_arch_may_block          whether a thread runs, and interrupts are enabled
 *   weft_arch_request_switch     has weft_schedule_switch called on this core, once interrupts are
 *                                enabled and none runs
 *   weft_arch_await_switch       after irq_restore: returns when a requested switch has happened
 *   weft_arch_first_context      makes a stack from which a new thread starts
 *   weft_arch_enter              leaves the start-up stack, for a thread's and an interrupt's
 *   weft_arch_guard              sets the thread's `guard`: what the processor protects while the
 *                                thread runs
 *   weft_arch_interrupt_stack    in an interrupt: about where on its stack it is
 *   weft_arch_stack_overflowed   in a fault: whether the core's thread has run into its guard
 *   WEFT_ARCH_GUARDS             the processor protects the low end of the running thread's stack:
 *                                the switch need not check the canary
 *
 * And, if a thread can leave its core by a call, without an interrupt (WEFT_ARCH_SWAPS):
 *   weft_arch_swaps              whether it leaves by a call this time
 *   WEFT_ARCH_ALWAYS_SWAPS       it always does
 *   WEFT_ARCH_IDLE_RESTARTS      CONTEXT_IDLE is known
 *   weft_arch_stack_pointer      about where the stack pointer is
 *   WEFT_ARCH_SWAP_CHECKS_STACK  weft_arch_swap calls weft_kernel_stack_overflow if the stack
 *                                pointer is below the stack. And every running thread has
 *                                CONTEXT_CALLED: the switch interrupt sets it
 *   WEFT_ARCH_R9_R10_ARE_THREADS defined by a build with -ffixed-r9 -ffixed-r10: weft_arch_swap
 *                                keeps both for the thread, since the compiler does not
 *   weft_arch_swap(from, to)     by thread `from`, under the kernel's lock, taken with interrupts
 *                                enabled: resumes `to`, however it left. Releases the lock once
 *                                it is off the caller's stack. Returns `from` when `from` is
 *                                resumed, on whatever core
 */
#ifndef WEFT_ARCH_H
#define WEFT_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weft_kernel.h"

/* Once on each core, by the code that becomes `thread`. That code stays on its stack; interrupts of
 * this core get a stack of their own. */
void weft_arch_enter(const weft_kernel_thread *thread, void *interrupt_stack_low,
                     size_t interrupt_stack_bytes);

/* Makes the first context of entry(argument) on a stack; returns the stack pointer to switch to. If
 * entry returns, the thread ends. */
void *weft_arch_first_context(void *stack_low, size_t stack_bytes, void (*entry)(void *),
                              void *argument);

#if defined(WEFT_CHIP_SIM)
#include "platform/kernel/chip/sim/arch_port.h"
#elif defined(__ARM_ARCH_6M__)
#include "platform/kernel/arch/armv6m/port.h"
#else
#include "platform/kernel/arch/armv8m/port.h"
#endif

#endif
