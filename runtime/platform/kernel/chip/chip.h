/* The chip's part: core id, one spinlock, calling a core, the clock and its alarm, sleep, start-up.
 *
 * Each folder beside this file gives, in its port.h or its sources:
 *   WEFT_CHIP_CORES                   how many cores the kernel uses
 *   weft_chip_core                    which one this is, from 0
 *   weft_chip_lock, weft_chip_unlock  the kernel's spinlock; interrupts are masked
 */
#ifndef WEFT_CHIP_H
#define WEFT_CHIP_H

#include <stddef.h>
#include <stdint.h>

#if defined(WEFT_CHIP_SIM)
#include "platform/kernel/chip/sim/chip_port.h"
#else
#include "platform/kernel/chip/rp2/port.h"
#endif

/* Once, on core 0, as the main thread: sets up this core's interrupts and the clock's alarm. Then
 * each other core calls `enter` with its stack: it becomes its idle thread's stack. */
void weft_chip_start(void (*enter)(void *stack_low, size_t stack_bytes));

/* Once on each other core, at the start of `enter`: sets up its interrupts. */
void weft_chip_start_core(void);

/* Has weft_schedule_called_from_isr called on another core, soon. Calls may merge. */
void weft_chip_call(unsigned core);

/* The same for all cores: nanoseconds, never negative, never going back. */
int64_t weft_chip_now(void);

/* Has weft_wait_alarm_from_isr called on one of the cores, at the deadline or up to one clock step
 * later. Early is harmless. Replaces the alarm that was set before; WEFT_FOREVER for none. Under
 * the kernel's lock. */
void weft_chip_set_alarm(int64_t deadline_ns);

/* In the idle thread: sleeps until an interrupt. */
void weft_chip_sleep(void);

/* From the return of this until unpark, the other cores execute nothing from flash and take no
 * interrupt. Their idle threads run. */
void weft_chip_park_others(void);
void weft_chip_unpark_others(void);

/* The lock of atomic sections: a spinlock as the kernel's, but its owner may take it again. */
uint32_t weft_chip_begin_atomic(void);
void weft_chip_end_atomic(uint32_t state);

/* Prints the message, as far as the chip can, and stops all cores. */
_Noreturn void weft_chip_panic(const char *message);

#endif
