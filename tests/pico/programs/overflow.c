// A thread that uses more stack than it has is reported by its name, and the chip restarts:
// whichever way it goes over the end.
#include <stdio.h>

#include "hardware/structs/watchdog.h"
#include "pico/stdlib.h"
#include "weft.h"
#include "weft_kernel.h"

enum { STACK_BYTES = 1024 };

static weft_kernel_thread main_thread, glutton = {.name = "glutton"};
static _Alignas(8) unsigned char main_stack[2048];
static _Alignas(8) unsigned char memory[4 * STACK_BYTES]; // the lower part is somebody else's
static unsigned char *const stack = memory + 3 * STACK_BYTES + 8; // aligned no better than promised

void isr_hardfault(void);

void isr_hardfault(void) {
    weft_kernel_check_stack();
    printf("a fault, and no overflow\n");
}

void weft_kernel_on_panic(const char *message) {
    printf("panic: %s\n", message);
}

static void wait(void) {
    weft_sleep_until(weft_clock_deadline(1000000));
}

static int __attribute__((noinline)) recurse(volatile int depth) {
    return depth == 0 ? 0 : recurse(depth - 1) + depth;
}

static void pushes(void *unused) {
    (void)unused;
    recurse(1000);
}

static void __attribute__((noinline)) fill_from_below(void) {
    volatile unsigned char more[STACK_BYTES + 100];
    for (size_t i = 0; i < sizeof more; i++) {
        more[i] = 1;
    }
}

static void writes(void *unused) {
    (void)unused;
    fill_from_below();
}

static void __attribute__((noinline)) jump_over(void) {
    volatile unsigned char more[STACK_BYTES + 600];
    more[0] = 1;
    wait();
    more[sizeof more - 1] = 1;
}

static void jumps(void *unused) {
    (void)unused;
    jump_over();
}

/* The stack pointer stands just above the guard when an interrupt comes. */
static void is_interrupted(void *unused) {
    (void)unused;
    unsigned char *low = (unsigned char *)(((uintptr_t)stack + 63) & ~(uintptr_t)63) + 64;
    __asm volatile("mov sp, %0\n 1: b 1b" ::"r"(low + 16));
}

static void spin(void *unused) {
    (void)unused;
    for (;;) {
    }
}

int main(void) {
    stdio_init_all();
    static const weft_thread_entry ways[] = {pushes, writes, jumps, is_interrupted};
    uint32_t way = watchdog_hw->scratch[0];
    if (way == count_of(ways)) {
        printf("restarted\nDONE\n");
        for (;;) {
        }
    }
    watchdog_hw->scratch[0] = way + 1;
    weft_kernel_start(&main_thread, "main", main_stack, sizeof main_stack);
    weft_kernel_thread_start(&glutton, ways[way], NULL, stack, STACK_BYTES - 8);
    static weft_kernel_thread others[2];
    static _Alignas(8) unsigned char other_stacks[2][512];
    for (size_t i = 0; i < count_of(others); i++) { // so that a tick comes
        weft_kernel_thread_start(&others[i], spin, NULL, other_stacks[i], sizeof other_stacks[i]);
    }
    weft_sleep_until(weft_clock_deadline(100000000));
    printf("not noticed\n");
    weft_sleep_until(WEFT_FOREVER);
}
