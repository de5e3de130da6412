/* RP2040 and RP2350: calling the other core, the clock and its alarm, sleep, start-up, parking.
 *
 * Cores call each other through the SIO's mailboxes (RP2040 datasheet 2.3.1.4, RP2350 3.1.5): a
 * word in one raises the other core's interrupt. The word's value means nothing; a full mailbox has
 * raised the interrupt already. The clock is the 64-bit microsecond timer (RP2040 4.6,
 * RP2350 12.8.1). The alarm is the timer's ALARM 1; its interrupt goes to core 0. MicroPython uses
 * ALARM 2, and the SDK's alarm pool uses ALARM 3.
 */
#include "hardware/irq.h"
#include "hardware/structs/sio.h"
#include "hardware/structs/timer.h"
#include "hardware/timer.h"
#include "hardware/watchdog.h"
#include "pico/multicore.h"
#include "platform/kernel/kernel.h"

enum { ALARM = 1, OTHER_STACK_WORDS = 128, NS_PER_US = 1000 };

static _Alignas(8) uint32_t other_stack[OTHER_STACK_WORDS]; /* core 1 starts and idles on it */
static void (*other_enter)(void *stack_low, size_t stack_bytes);

/* Parking: a core's `park` asks the other core to stand still; the other answers with its own
 * `parked`. Both may ask at the same time: a core that has asked still takes calls, so one of them
 * goes first. `park` is a count, because an interrupt may park inside a thread's parking. An
 * interrupt takes back what it adds, so the thread's own steps need not be atomic. */
static volatile uint8_t park[WEFT_CHIP_CORES];
static volatile bool parked[WEFT_CHIP_CORES];

static inline void clear_calls(void) {
    while (sio_hw->fifo_st & SIO_FIFO_ST_VLD_BITS) {
        (void)sio_hw->fifo_rd;
    }
    sio_hw->fifo_st = SIO_FIFO_ST_WOF_BITS | SIO_FIFO_ST_ROE_BITS;
}

/* In RAM, with all that it calls: the flash can't be read while it is being written. */
static void __no_inline_not_in_flash_func(wait_while_parked)(unsigned core) {
    parked[core] = true;
    __dmb();
    while (park[1 - core]) {
    }
    parked[core] = false;
    __dmb();
}

static void called(void) {
    clear_calls();
    unsigned core = get_core_num();
    if (park[1 - core]) {
        uint32_t state = weft_arch_irq_save();
        wait_while_parked(core);
        weft_arch_irq_restore(state);
    }
    weft_schedule_called_from_isr();
}

static void alarm_fired(void) {
    hw_clear_bits(&timer_hw->intf, 1u << ALARM);
    timer_hw->intr = 1u << ALARM;
    weft_wait_alarm_from_isr();
}

void weft_chip_start_core(void) {
    clear_calls();
    uint irq = SIO_FIFO_IRQ_NUM(get_core_num());
    irq_set_exclusive_handler(irq, called);
    irq_set_enabled(irq, true);
}

static void start_other(void) {
    other_enter(other_stack, sizeof other_stack);
}

void weft_chip_start(void (*enter)(void *stack_low, size_t stack_bytes)) {
    other_enter = enter;
    hardware_alarm_claim(ALARM);
    uint irq = TIMER_ALARM_IRQ_NUM(timer_hw, ALARM);
    irq_set_exclusive_handler(irq, alarm_fired);
    hw_set_bits(&timer_hw->inte, 1u << ALARM);
    irq_set_enabled(irq, true);
    multicore_reset_core1();
    multicore_launch_core1_with_stack(start_other, other_stack, sizeof other_stack);
    while (*(weft_kernel_thread *volatile *)&weft_kernel_cores[1].current == NULL) {
    }
    weft_chip_start_core();
}

void weft_chip_call(unsigned core) {
    (void)core; /* there is one other */
    if (sio_hw->fifo_st & SIO_FIFO_ST_RDY_BITS) {
        sio_hw->fifo_wr = 0;
    }
}

static inline uint64_t now_us(void) {
    uint32_t high = timer_hw->timerawh;
    for (;;) {
        uint32_t low = timer_hw->timerawl;
        uint32_t again = timer_hw->timerawh;
        if (again == high) {
            return (uint64_t)high << 32 | low;
        }
        high = again;
    }
}

int64_t weft_chip_now(void) {
    uint64_t us = now_us();
    /* Times 1000 by shifts: ARMv6-M has no instruction for a 64-bit product. */
    return (int64_t)((us << 10) - (us << 4) - (us << 3));
}

void weft_chip_set_alarm(int64_t deadline_ns) {
    if (deadline_ns == WEFT_FOREVER) {
        timer_hw->armed = 1u << ALARM;
        return;
    }
    /* The alarm compares 32 bits. So an alarm more than 2^31 ns away comes early. */
    int64_t left_ns = deadline_ns - weft_chip_now();
    uint32_t left_us = 1;
    if (left_ns > INT32_MAX) {
        left_us = INT32_MAX / NS_PER_US;
    } else if (left_ns > 0) {
        left_us = ((uint32_t)left_ns + NS_PER_US - 1) / NS_PER_US;
    }
    uint32_t target = timer_hw->timerawl + left_us;
    timer_hw->alarm[ALARM] = target;
    /* If the target has passed while it was written, the alarm would be 71 minutes late. It is
     * forced at the timer: another core's interrupt controller may be the one that takes it. */
    if ((int32_t)(target - timer_hw->timerawl) <= 0) {
        hw_set_bits(&timer_hw->intf, 1u << ALARM);
    }
}

void weft_chip_sleep(void) {
    __wfi();
}

void weft_chip_park_others(void) {
    unsigned core = get_core_num();
    park[core]++;
    __dmb();
    weft_chip_call(1 - core);
    while (!parked[1 - core]) {
    }
}

void weft_chip_unpark_others(void) {
    unsigned core = get_core_num();
    if (--park[core] == 0) {
        __dmb();
        while (parked[1 - core]) {
        }
    }
}

/* The owner's core, or WEFT_CHIP_CORES for none; only the lock's holder changes it. */
static volatile uint32_t atomic_owner = WEFT_CHIP_CORES;
static volatile uint32_t atomic_depth;

uint32_t weft_chip_begin_atomic(void) {
    uint32_t state = weft_arch_irq_save();
    uint32_t core = get_core_num();
    if (atomic_owner != core) {
        spin_lock_unsafe_blocking(spin_lock_instance(PICO_SPINLOCK_ID_OS2));
        atomic_owner = core;
    }
    atomic_depth++;
    return state;
}

void weft_chip_end_atomic(uint32_t state) {
    if (--atomic_depth == 0) {
        atomic_owner = WEFT_CHIP_CORES;
        spin_unlock_unsafe(spin_lock_instance(PICO_SPINLOCK_ID_OS2));
    }
    weft_arch_irq_restore(state);
}

void weft_chip_panic(const char *message) {
    (void)message; /* weft_kernel_on_panic has printed it */
    watchdog_reboot(0, 0, 0);
    for (;;) {
    }
}
