// Both cores busy with a mix of arithmetic, memory and calls, for measuring the emulator's speed.
#include <stdio.h>

#include "pico/multicore.h"
#include "pico/stdlib.h"

static uint32_t tables[2][256];

static uint32_t __noinline mix(uint32_t *table, uint32_t state) {
    for (int i = 0; i < 256; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        table[i] += state;
        if (table[i] & 1) {
            state += table[(state >> 8) & 255];
        }
    }
    return state;
}

static void work(void) {
    uint32_t state = 1 + get_core_num();
    for (;;) {
        state = mix(tables[get_core_num()], state);
    }
}

int main(void) {
    stdio_init_all();
    puts("READY");
    multicore_launch_core1(work);
    work();
}
