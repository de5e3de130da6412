// Resets core 1 and launches it again and again. It says when it is there, and has said so once too
// often: so core 0 begins to launch it too early, and the two have to find each other all the same.
#include <stdio.h>

#include "hardware/structs/psm.h"
#include "pico/multicore.h"
#include "pico/stdlib.h"

enum { ROUNDS = 200, PATIENCE_US = 1000 };

static volatile bool runs;

static void reset_unheard(void) {
    hw_set_bits(&psm_hw->frce_off, PSM_FRCE_OFF_PROC1_BITS);
    hw_clear_bits(&psm_hw->frce_off, PSM_FRCE_OFF_PROC1_BITS);
    while (!multicore_fifo_rvalid()) {
    }
}

static void core1_main(void) {
    runs = true;
    for (;;) {
        __wfi();
    }
}

int main(void) {
    stdio_init_all();
    int started = 0;
    for (int i = 0; i < ROUNDS; i++) {
        runs = false;
        reset_unheard();
        multicore_reset_core1();
        multicore_launch_core1(core1_main);
        uint64_t begun = time_us_64();
        while (!runs && time_us_64() - begun < PATIENCE_US) {
        }
        started += runs;
    }
    printf("started %d of %d\n", started, ROUNDS);
    puts("DONE");
}
