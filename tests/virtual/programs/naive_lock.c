// A lock made of a load and a store, which is none: shows whether the order of turns, or a stall in
// take(), lets both cores into the section that it is to guard, and an update of a counter be lost.
#include <stdio.h>

#include "pico/multicore.h"
#include "pico/stdlib.h"

enum { ROUNDS = 20000 };

static volatile uint32_t taken, inside, counter;
static volatile uint32_t met[NUM_CORES];

static __attribute__((noinline)) void take(void) {
    while (taken) {
    }
    taken = 1;
}

static void count(unsigned core) {
    for (int i = 0; i < ROUNDS; i++) {
        take();
        inside = core;
        counter = counter + 1;
        met[core] += inside != core;
        taken = 0;
    }
}

static void core1_main(void) {
    count(1);
    multicore_fifo_push_blocking(1);
    for (;;) {
        __wfi();
    }
}

int main(void) {
    stdio_init_all();
    multicore_launch_core1(core1_main);
    count(0);
    multicore_fifo_pop_blocking();
    uint32_t rounds = 2 * ROUNDS;
    printf("met %lu, lost %lu of %lu\n", (unsigned long)(met[0] + met[1]),
           (unsigned long)(rounds - counter), (unsigned long)rounds);
    puts("DONE");
}
