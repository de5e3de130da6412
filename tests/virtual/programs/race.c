// An unprotected counter, incremented by both cores: shows whether the order of turns lets races
// show.
#include <stdio.h>

#include "pico/multicore.h"
#include "pico/stdlib.h"

enum { ROUNDS = 20000 };

static volatile uint32_t counter;

static void count(void) {
    for (int i = 0; i < ROUNDS; i++) {
        counter = counter + 1;
    }
}

static void core1_main(void) {
    count();
    multicore_fifo_push_blocking(1);
    for (;;) {
        __wfi();
    }
}

int main(void) {
    stdio_init_all();
    multicore_launch_core1(core1_main);
    count();
    multicore_fifo_pop_blocking();
    printf("lost %lu of %d\n", (unsigned long)(2 * ROUNDS - counter), 2 * ROUNDS);
    puts("DONE");
}
