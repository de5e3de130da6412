// Alarms and timers on both cores, each served by the core that asked; sleeping takes the time
// asked.
#include <stdio.h>

#include "pico/multicore.h"
#include "pico/stdlib.h"

static volatile int ticks[2];
static volatile int served_elsewhere;

static bool tick(repeating_timer_t *timer) {
    int owner = (int)(intptr_t)timer->user_data;
    ticks[owner]++;
    served_elsewhere += owner != (int)get_core_num();
    return true;
}

static void run_timers(int core, int period_ms) {
    alarm_pool_t *pool = core ? alarm_pool_create(1, 4) : alarm_pool_get_default();
    repeating_timer_t timer;
    alarm_pool_add_repeating_timer_ms(pool, -period_ms, tick, (void *)(intptr_t)core, &timer);
    absolute_time_t end = make_timeout_time_ms(1005);
    while (!time_reached(end)) {
        __wfe();
    }
    cancel_repeating_timer(&timer);
}

static void core1_main(void) {
    run_timers(1, 7);
    multicore_fifo_push_blocking(1);
    for (;;) {
        __wfi();
    }
}

int main(void) {
    stdio_init_all();
    multicore_launch_core1(core1_main);
    run_timers(0, 10);
    multicore_fifo_pop_blocking();
    printf("core 0 %d, core 1 %d, on the wrong core %d\n", ticks[0], ticks[1], served_elsewhere);

    uint64_t before = time_us_64();
    sleep_ms(10000);
    uint64_t slept = time_us_64() - before;
    printf("slept %s\n", slept >= 10000000 && slept < 10000100 ? "10 s" : "WRONG");
    before = time_us_64();
    busy_wait_us(500);
    slept = time_us_64() - before;
    printf("waited %s\n", slept >= 500 && slept < 510 ? "500 us" : "WRONG");
    puts("DONE");
}
