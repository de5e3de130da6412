// A thread that uses more stack than it has is reported by its name, and the chip restarts.
#include <stdio.h>

#include "hardware/watchdog.h"
#include "pico/stdlib.h"
#include "weft.h"
#include "weft_kernel.h"

static weft_kernel_thread main_thread, glutton = {.name = "glutton"};
static _Alignas(8) unsigned char main_stack[2048];
static _Alignas(8) unsigned char stack[2048]; // its lower half stands for somebody else's memory

void weft_kernel_on_panic(const char *message) {
    printf("panic: %s\n", message);
}

static void __attribute__((noinline)) use_stack(void) {
    volatile unsigned char more[1100];
    for (size_t i = 0; i < sizeof more; i++) {
        more[i] = 1;
    }
}

static void overflow(void *unused) {
    (void)unused;
    use_stack();
    weft_sleep_until(weft_clock_deadline(1000000));
    printf("not noticed\n");
}

int main(void) {
    stdio_init_all();
    if (watchdog_caused_reboot()) {
        printf("restarted\nDONE\n");
        for (;;) {
        }
    }
    weft_kernel_start(&main_thread, "main", main_stack, sizeof main_stack);
    weft_kernel_thread_start(&glutton, overflow, NULL, stack + sizeof stack / 2, sizeof stack / 2);
    for (;;) {
        weft_sleep_until(WEFT_FOREVER);
    }
}
