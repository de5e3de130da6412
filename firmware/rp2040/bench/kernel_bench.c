/* Measures the kernel in processor cycles, by SysTick, which counts them down from 2^24. */
#include <stdio.h>

#include "hardware/structs/systick.h"
#include "pico/stdlib.h"
#include "weft.h"
#include "weft_kernel.h"

enum { ROUNDS = 1000, SYSTICK_MASK = 0xFFFFFF, STACK_BYTES = 1024 };

static weft_kernel_thread main_thread, partner;
static _Alignas(8) unsigned char main_stack[4096];
static _Alignas(8) unsigned char partner_stack[STACK_BYTES];
static weft_event ping = WEFT_EVENT_INIT, pong = WEFT_EVENT_INIT;
static volatile bool stop;

static uint32_t cycles(void) {
    return systick_hw->cvr;
}

static uint32_t since(uint32_t start) {
    return (start - cycles()) & SYSTICK_MASK;
}

static void yield_until_stopped(void *unused) {
    (void)unused;
    weft_kernel_pin(0);
    while (!stop) {
        weft_kernel_yield();
    }
}

static void answer(void *core) {
    weft_kernel_pin((int)(intptr_t)core);
    while (!stop) {
        weft_event_wait_until(&ping, WEFT_FOREVER);
        weft_event_clear(&ping);
        weft_event_set(&pong);
    }
}

static void start(weft_thread_entry entry, int argument) {
    stop = false;
    weft_kernel_thread_start(&partner, entry, (void *)(intptr_t)argument, partner_stack,
                             sizeof partner_stack);
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

static void thread_switch(void) {
    start(yield_until_stopped, 0);
    uint32_t least = SYSTICK_MASK;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t from = cycles();
        for (int j = 0; j < 10; j++) {
            weft_kernel_yield();
        }
        uint32_t taken = since(from) / 20; /* there and back */
        least = taken < least ? taken : least;
    }
    finish();
    printf("thread switch: %lu\n", (unsigned long)least);
}

static void event_round_trip(int core) {
    start(answer, core);
    uint32_t sum = 0;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t from = cycles();
        weft_event_set(&ping);
        weft_event_wait_until(&pong, WEFT_FOREVER);
        weft_event_clear(&pong);
        sum += since(from);
    }
    finish();
    printf("event round trip, %s: %lu\n", core == 0 ? "one core" : "two cores",
           (unsigned long)(sum / ROUNDS));
}

static void lock_pair(void) {
    static weft_lock lock = WEFT_LOCK_INIT;
    uint32_t from = cycles();
    for (int i = 0; i < ROUNDS; i++) {
        weft_lock_acquire_until(&lock, WEFT_FOREVER);
        weft_lock_release(&lock);
    }
    printf("lock pair: %lu\n", (unsigned long)(since(from) / ROUNDS));
}

int main(void) {
    stdio_init_all();
    weft_kernel_start(&main_thread, "main", main_stack, sizeof main_stack);
    weft_kernel_pin(0);
    systick_hw->rvr = SYSTICK_MASK;
    systick_hw->csr = M0PLUS_SYST_CSR_ENABLE_BITS | M0PLUS_SYST_CSR_CLKSOURCE_BITS;
    thread_switch();
    event_round_trip(0);
    event_round_trip(1);
    lock_pair();
    printf("control block: %u\n", (unsigned)sizeof(weft_kernel_thread));
    printf("DONE\n");
    for (;;) {
        weft_sleep_until(weft_clock_deadline(1000000000));
    }
}
