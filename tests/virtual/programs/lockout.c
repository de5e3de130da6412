// A flash erase and write on core 0 while core 1 is busy in flash code: with the lockout it must
// work. Built and run with the lockout left out (core 1 gets a byte first), core 1 must fault.
#include <stdio.h>
#include <string.h>

#include "hardware/flash.h"
#include "hardware/sync.h"
#include "pico/multicore.h"
#include "pico/stdlib.h"

enum { OFFSET = 1024 * 1024 };

static volatile uint32_t counted;

static void core1_main(void) {
    multicore_lockout_victim_init();
    multicore_fifo_push_blocking(1);
    for (;;) {
        counted = counted + 1;
    }
}

static void write_page(const uint8_t *page) {
    uint32_t saved = save_and_disable_interrupts();
    flash_range_erase(OFFSET, FLASH_SECTOR_SIZE);
    flash_range_program(OFFSET, page, FLASH_PAGE_SIZE);
    restore_interrupts(saved);
}

int main(void) {
    stdio_init_all();
    uint8_t page[FLASH_PAGE_SIZE];
    for (size_t i = 0; i < sizeof page; i++) {
        page[i] = (uint8_t)(i * 7);
    }
    multicore_launch_core1(core1_main);
    multicore_fifo_pop_blocking();
    const uint8_t *flash = (const uint8_t *)(XIP_BASE + OFFSET);
    for (int round = 0; round < 3; round++) {
        uint32_t before = counted;
        multicore_lockout_start_blocking();
        uint32_t locked = counted;
        write_page(page);
        bool still = counted == locked;
        multicore_lockout_end_blocking();
        sleep_us(100);
        printf("written %d, core 1 still %d, goes on %d\n", !memcmp(flash, page, sizeof page),
               still, counted > before && counted > locked);
    }
    puts("no lockout");
    stdio_flush();
    write_page(page);
    puts("DONE");
}
