// A thread parks the other core, and an interrupt does the same, at any moment of the thread's
// parking too: whoever has parked, the thread of the other core stands still.
#include <stdio.h>

#include "hardware/irq.h"
#include "hardware/structs/timer.h"
#include "hardware/timer.h"
#include "pico/stdlib.h"
#include "weft_kernel.h"

enum { ALARM = 0, ROUNDS = 2000, STACK_BYTES = 1024 };

static weft_kernel_thread main_thread, other;
static _Alignas(8) unsigned char main_stack[2048], other_stack[STACK_BYTES];
static volatile uint32_t counted, moved, interrupts;

static void count(void *unused) {
    (void)unused;
    weft_kernel_pin(1);
    for (;;) {
        counted = counted + 1;
    }
}

static void expect_it_stands_still(void) {
    uint32_t before = counted;
    for (volatile int i = 0; i < 5; i++) {
    }
    moved = moved + (counted != before);
}

static void alarm_fired(void) {
    timer_hw->intr = 1u << ALARM;
    interrupts = interrupts + 1;
    weft_kernel_park_from_isr();
    expect_it_stands_still();
    weft_kernel_unpark_from_isr();
    timer_hw->alarm[ALARM] = timer_hw->timerawl + 23 + interrupts % 38;
}

int main(void) {
    stdio_init_all();
    weft_kernel_start(&main_thread, "main", main_stack, sizeof main_stack);
    weft_kernel_pin(0);
    weft_kernel_thread_start(&other, count, NULL, other_stack, sizeof other_stack);
    hardware_alarm_claim(ALARM);
    irq_set_exclusive_handler(TIMER_ALARM_IRQ_NUM(timer_hw, ALARM), alarm_fired);
    hw_set_bits(&timer_hw->inte, 1u << ALARM);
    irq_set_enabled(TIMER_ALARM_IRQ_NUM(timer_hw, ALARM), true);
    timer_hw->alarm[ALARM] = timer_hw->timerawl + 23;
    for (int round = 0; round < ROUNDS; round++) {
        weft_kernel_park_cores();
        expect_it_stands_still();
        weft_kernel_unpark_cores();
    }
    printf("it moved %lu times, interrupts %d\n", (unsigned long)moved, interrupts > 100);
    printf("DONE\n");
    for (;;) {
    }
}
