// Two buffers in turns: core 1 fills one while core 0 may read the other. A reader that is held up
// reads one that is being filled: shows whether a core ever stands still for as long as that takes.
#include <stdio.h>

#include "pico/multicore.h"
#include "pico/stdlib.h"

enum { ROUNDS = 40000, FILL_CYCLES = 300 };

static volatile struct { uint32_t first, second; } buffers[2];
static volatile uint32_t current;
static volatile bool stop;

static __attribute__((noinline)) void between_the_loads(void) {
    __asm volatile("");
}

static __attribute__((noinline)) bool read_torn(void) {
    uint32_t at = current;
    uint32_t first = buffers[at].first;
    between_the_loads();
    return buffers[at].second != first;
}

static void core1_main(void) {
    for (uint32_t i = 1; !stop; i++) {
        uint32_t next = 1 - current;
        busy_wait_at_least_cycles(FILL_CYCLES);
        buffers[next].first = i;
        buffers[next].second = i;
        current = next;
    }
    multicore_fifo_push_blocking(1);
    for (;;) {
        __wfi();
    }
}

int main(void) {
    stdio_init_all();
    multicore_launch_core1(core1_main);
    int torn = 0;
    for (int i = 0; i < ROUNDS; i++) {
        torn += read_torn();
    }
    stop = true;
    multicore_fifo_pop_blocking();
    printf("torn %d of %d\n", torn, ROUNDS);
    puts("DONE");
}
