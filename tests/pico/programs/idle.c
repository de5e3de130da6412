// A core that idles sleeps, also after interrupts that came just as it went to idle: each round's
// alarm comes a few cycles later in the wait than the round's before.
#include <stdio.h>

#include "hardware/irq.h"
#include "hardware/structs/timer.h"
#include "hardware/timer.h"
#include "pico/stdlib.h"
#include "weft.h"
#include "weft_kernel.h"

enum { ALARM = 0, ROUNDS = 400, AFTER_US = 4 };

static weft_kernel_thread main_thread;
static _Alignas(8) unsigned char main_stack[2048];
static weft_event fired = WEFT_EVENT_INIT;

static void alarm_fired(void) {
    timer_hw->intr = 1u << ALARM;
    weft_event_set_from_isr(&fired);
}

static void wait_for_alarm(int spins) {
    uint32_t tick = timer_hw->timerawl;
    while (timer_hw->timerawl == tick) {
    }
    timer_hw->alarm[ALARM] = tick + AFTER_US;
    for (volatile int i = 0; i < spins; i++) {
    }
    weft_event_wait_until(&fired, WEFT_FOREVER);
    weft_event_clear(&fired);
}

int main(void) {
    stdio_init_all();
    weft_kernel_start(&main_thread, "main", main_stack, sizeof main_stack);
    hardware_alarm_claim(ALARM);
    irq_set_exclusive_handler(TIMER_ALARM_IRQ_NUM(timer_hw, ALARM), alarm_fired);
    hw_set_bits(&timer_hw->inte, 1u << ALARM);
    irq_set_enabled(TIMER_ALARM_IRQ_NUM(timer_hw, ALARM), true);
    for (int core = 0; core < 2; core++) {
        weft_kernel_pin(core);
        for (int i = 0; i < ROUNDS; i++) {
            wait_for_alarm(i % 40);
        }
    }
    printf("DONE\n");
    for (;;) {
        weft_sleep_until(WEFT_FOREVER);
    }
}
