/* The processor's part: masking interrupts, the switch interrupt, a new thread's first context.
 *
 * Each folder beside this file gives, in its port.h (or cortex_m.h) or its sources:
 *   weft_arch_mask, weft_arch_unmask  interrupts on this core; mask returns what to give unmask,
 *                                     WEFT_ARCH_UNMASKED (0) if they were not masked
 *   weft_arch_mask_unmasked           the same where they are known not to be masked
 *   weft_arch_interrupt               the interrupt that runs, 0 for none
 *   weft_arch_may_block               whether this is a thread, with interrupts not masked
 *   weft_arch_request_switch          have weft_schedule_switch called on this core, as soon as
 *                                     interrupts are unmasked and none runs
 *   weft_arch_await_switch            after unmask: a switch that was requested has happened
 *   weft_arch_first_context           a stack on which a new thread waits to be switched to
 *   weft_arch_enter                   from the start-up stack to a thread's and an interrupt's
 *   weft_arch_guard                   makes the thread's `guard` of its stack's ends: what the
 *                                     processor protects while the thread runs
 *   weft_arch_interrupt_stack         in an interrupt: about where on its stack it is
 *   weft_arch_stack_is_spent          in a fault: whether the core's thread has run into its guard
 *   WEFT_ARCH_GUARDS                  the processor does protect the low end of the running
 *                                     thread's stack: the switch need not look for the canary
 *
 * And, if a thread can leave its core without an interrupt (WEFT_ARCH_SWAPS):
 *   weft_arch_swaps                   whether it is to do so now
 *   WEFT_ARCH_ALWAYS_SWAPS            it always is
 *   WEFT_ARCH_IDLES_ANEW              CONTEXT_IDLE is known
 *   weft_arch_stack_pointer           about where it is
 *   WEFT_ARCH_SWAP_LEAVES             swap calls weft_kernel_stack_overflow if it is
 *                                     below the stack, and whoever runs has
 *                                     CONTEXT_CALLED: the switch interrupt sees to that
 *   weft_arch_swap(from, to)          by thread `from`, under the kernel's lock, taken with
 *                                     interrupts not masked: goes on with `to`, however it left.
 *                                     Releases the lock once it is off the caller's stack.
 *                                     Returns `from` when it goes on, on whatever core
 */
#ifndef WEFT_ARCH_H
#define WEFT_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weft_kernel.h"

/* Once on each core, in the code that is to become `thread`: goes on on the same stack, and gives
 * interrupts a stack of this core's own. */
void weft_arch_enter(const weft_kernel_thread *thread, void *interrupt_stack_low,
                     size_t interrupt_stack_bytes);

/* Lays entry(argument)'s first context on a stack; returns the stack pointer to switch to. If entry
 * returns, the thread ends. */
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
