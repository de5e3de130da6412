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
 *
 * And, if a thread can leave its core without an interrupt (WEFT_ARCH_SWAPS):
 *   weft_arch_swaps                   whether it is to do so now
 *   WEFT_ARCH_ALWAYS_SWAPS            it always is
 *   WEFT_ARCH_IDLES_ANEW              CONTEXT_IDLE is known
 *   weft_arch_stack_pointer           about where it is
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

/* Lays entry(argument)'s first context on a stack; returns the stack pointer to switch to. */
void *weft_arch_first_context(void *stack_low, size_t stack_bytes, void (*entry)(void *),
                              void *argument);

/* Once on each core, in the code that is to become a thread: goes on on the same stack, and gives
 * interrupts a stack of this core's own. */
void weft_arch_enter(void *interrupt_stack_low, size_t interrupt_stack_bytes);

#if defined(WEFT_CHIP_SIM)
#include "platform/kernel/chip/sim/arch_port.h"
#elif defined(__ARM_ARCH_6M__)
#include "platform/kernel/arch/armv6m/port.h"
#else
#include "platform/kernel/arch/cortex_m.h"
#endif

#endif
