// Resets and their causes: power-on, core 1 alone, SYSRESETREQ, the watchdog, and clk_sys as set.
#include <stdio.h>

#include "hardware/clocks.h"
#include "hardware/structs/scb.h"
#include "hardware/structs/vreg_and_chip_reset.h"
#include "hardware/structs/watchdog.h"
#include "hardware/watchdog.h"
#include "pico/multicore.h"
#include "pico/stdlib.h"

static volatile uint32_t core1_runs;

static void core1_main(void) {
    for (;;) {
        core1_runs = core1_runs + 1;
    }
}

static bool core1_advances(void) {
    uint32_t before = core1_runs;
    busy_wait_us(100);
    return core1_runs != before;
}

static void reset_core1(void) {
    multicore_launch_core1(core1_main);
    bool before = core1_advances();
    multicore_reset_core1();
    bool after = core1_advances();
    multicore_launch_core1(core1_main);
    printf("core 1 runs %d, reset %d, runs again %d\n", before, !after, core1_advances());
}

static void change_clock(void) {
    set_sys_clock_khz(200000, true);
    stdio_init_all();
    uint64_t before = time_us_64();
    busy_wait_at_least_cycles(2000000);
    uint32_t took = (uint32_t)(time_us_64() - before);
    printf("at %lu MHz 2000000 cycles take %s\n", (unsigned long)clock_get_hz(clk_sys) / 1000000,
           took >= 9900 && took < 10200 ? "10 ms" : "WRONG");
}

int main(void) {
    stdio_init_all();
    uint32_t stage = watchdog_hw->scratch[0];
    watchdog_hw->scratch[0] = stage + 1;
    printf("stage %lu: watchdog reason %lu, caused reboot %d, enabled by program %d, power-on %d\n",
           (unsigned long)stage, (unsigned long)watchdog_hw->reason, watchdog_caused_reboot(),
           watchdog_enable_caused_reboot(), !!(vreg_and_chip_reset_hw->chip_reset & (1 << 8)));
    stdio_flush();
    switch (stage) {
    case 0:
        reset_core1();
        change_clock();
        stdio_flush();
        watchdog_reboot(0, 0, 0);
        break;
    case 1:
        watchdog_reboot(0, 0, 10);
        break;
    case 2:
        watchdog_enable(10, false);
        break;
    case 3:
        scb_hw->aircr = 0x05fa0004;
        break;
    default:
        puts("DONE");
        return 0;
    }
    for (;;) {
        tight_loop_contents();
    }
}
