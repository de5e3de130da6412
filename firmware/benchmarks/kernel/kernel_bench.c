/* Measures the kernel behind weft.h with threads in C: switches, waits, starts, interrupts, sleeps.
 *
 * main is pinned to core 0. So is its partner, unless a name says otherwise: then each hand-over
 * costs a switch. Core 1 idles.
 */
#include "bench.h"
#include "hardware/clocks.h"
#include "hardware/irq.h"
#include "hardware/structs/timer.h"
#include "hardware/timer.h"
#include "pico/stdlib.h"
#include "weft.h"
#include "weft_kernel.h"

enum { STACK_BYTES = 512, BUSY_THREADS = 4, YIELDS = 10, ALARM = 0, ALARM_AFTER_US = 50 };

static weft_kernel_thread main_thread, partner, busy[BUSY_THREADS];
static _Alignas(8) unsigned char main_stack[2048];
static _Alignas(8) unsigned char partner_stack[STACK_BYTES], busy_stacks[BUSY_THREADS][STACK_BYTES];
static weft_event ping = WEFT_EVENT_INIT, pong = WEFT_EVENT_INIT;
static weft_lock lock = WEFT_LOCK_INIT;
static volatile bool stop;
static uint32_t cycles_per_us;

static void start(weft_thread_entry entry, int core) {
    stop = false;
    weft_kernel_thread_start(&partner, entry, (void *)(intptr_t)core, partner_stack, STACK_BYTES);
}

static void finish(void) {
    stop = true;
    while (!weft_kernel_is_gone(&partner)) {
        weft_event_set(&ping);
        weft_kernel_yield();
    }
    weft_event_clear(&ping);
    weft_event_clear(&pong);
}

static void overhead(void) {
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t from = counter();
        keep(i, since(from));
    }
    report("overhead", median());
}

static void yield_until_stopped(void *core) {
    weft_kernel_pin((int)(intptr_t)core);
    while (!stop) {
        weft_kernel_yield();
    }
}

static void thread_switch(void) {
    start(yield_until_stopped, 0);
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t from = counter();
        for (int j = 0; j < YIELDS; j++) {
            weft_kernel_yield();
        }
        keep(i, since(from) / (2 * YIELDS)); /* there and back */
    }
    finish();
    report("thread switch", median());
}

static void answer(void *core) {
    weft_kernel_pin((int)(intptr_t)core);
    while (!stop) {
        weft_event_wait_until(&ping, WEFT_FOREVER);
        weft_event_clear(&ping);
        weft_event_set(&pong);
    }
}

static void event_round_trip(const char *name, int core) {
    start(answer, core);
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t from = counter();
        weft_event_set(&ping);
        weft_event_wait_until(&pong, WEFT_FOREVER);
        weft_event_clear(&pong);
        keep(i, since(from));
    }
    finish();
    report(name, median());
}

static void lock_pair(void) {
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t from = counter();
        weft_lock_acquire_until(&lock, WEFT_FOREVER);
        weft_lock_release(&lock);
        keep(i, since(from));
    }
    report("lock pair", median());
}

static void set_pong(void *core) {
    weft_kernel_pin((int)(intptr_t)core);
    weft_event_set(&pong);
}

static void start_and_join(void) {
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t from = counter();
        start(set_pong, 0);
        weft_event_wait_until(&pong, WEFT_FOREVER);
        while (!weft_kernel_is_gone(&partner)) {
            weft_kernel_yield();
        }
        keep(i, since(from));
        weft_event_clear(&pong);
    }
    report("start and join", median());
}

static void alarm_fired(void) {
    timer_hw->intr = 1u << ALARM;
    weft_event_set_from_isr(&ping);
}

/* The alarm comes ALARM_AFTER_US after the timer has ticked, which is seen a few cycles late. */
static uint32_t alarm_to_thread(void) {
    uint32_t tick = timer_hw->timerawl;
    while (timer_hw->timerawl == tick) {
    }
    uint32_t from = counter();
    timer_hw->alarm[ALARM] = tick + 1 + ALARM_AFTER_US;
    weft_event_wait_until(&ping, WEFT_FOREVER);
    uint32_t taken = since(from);
    weft_event_clear(&ping);
    return taken - ALARM_AFTER_US * cycles_per_us;
}

static void interrupt(void) {
    uint irq = TIMER_ALARM_IRQ_NUM(timer_hw, ALARM);
    hardware_alarm_claim(ALARM);
    irq_set_exclusive_handler(irq, alarm_fired);
    hw_set_bits(&timer_hw->inte, 1u << ALARM);
    irq_set_enabled(irq, true);
    for (int i = 0; i < ROUNDS; i++) {
        keep(i, alarm_to_thread());
    }
    report("interrupt to thread", median());
}

/* Sleeps of 0.1 to 2 ms; the latest of them, in microseconds. */
static void sleep(const char *name) {
    for (int i = 0; i < ROUNDS; i++) {
        int64_t deadline = weft_clock_deadline(100000 + (int64_t)i * 3801);
        weft_sleep_until(deadline);
        keep(i, (uint32_t)((weft_clock_now() - deadline) / 1000));
    }
    report(name, most());
}

static void be_busy(void *unused) {
    (void)unused;
    while (!stop) {
    }
}

static void sleep_beside_busy(void) {
    stop = false;
    weft_kernel_pin(WEFT_KERNEL_ANY_CORE);
    for (int i = 0; i < BUSY_THREADS; i++) {
        weft_kernel_thread_start(&busy[i], be_busy, NULL, busy_stacks[i], STACK_BYTES);
    }
    sleep("sleep late us, four busy threads");
    stop = true;
}

int main(void) {
    stdio_init_all();
    weft_kernel_start(&main_thread, "main", main_stack, sizeof main_stack);
    weft_kernel_pin(0);
    counter_start();
    cycles_per_us = clock_get_hz(clk_sys) / 1000000;
    report("clock mhz", cycles_per_us);
    overhead();
    thread_switch();
    event_round_trip("event round trip, one core", 0);
    event_round_trip("event round trip, two cores", 1);
    lock_pair();
    start_and_join();
    interrupt();
    report("control block", sizeof(weft_kernel_thread));
    sleep("sleep late us, idle");
    sleep_beside_busy();
    report("DONE", 0);
    for (;;) {
        weft_sleep_until(WEFT_FOREVER);
    }
}
