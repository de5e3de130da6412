// Threads that compute, more of them than cores, keep their registers, their divisions and their
// floats when they are preempted, yield, wait, and are moved from core to core.
#include <stdio.h>

#include "pico/stdlib.h"
#include "weft.h"
#include "weft_kernel.h"

enum { THREADS = 5, ROUNDS = 4000, STACK_BYTES = 2048 };

static weft_kernel_thread main_thread, threads[THREADS];
static _Alignas(8) unsigned char main_stack[2048], stacks[THREADS][STACK_BYTES];
static uint32_t results[THREADS];
static uint32_t cores_seen[THREADS];
static weft_semaphore finished = WEFT_SEMAPHORE_INIT(0, THREADS);

// Enough live values that all registers are in use.
static uint32_t compute(uint32_t seed, uint32_t *cores, bool leaves) {
    uint32_t a = seed, b = seed * 3, c = seed ^ 0x55555555, d = seed + 7, sum = 0;
    float f = (float)seed;
    for (uint32_t i = 1; i <= ROUNDS; i++) {
        a = a * 1664525 + 1013904223;
        b ^= a / i;
        c += (uint32_t)((int32_t)b % (int32_t)(i + 3));
        d = (d << 5 | d >> 27) ^ c;
        f = f * 0.999f + (float)(d & 0xff) / 7.0f;
        sum += a ^ b ^ c ^ d ^ (uint32_t)f;
        *cores |= 1u << get_core_num();
        if (leaves && i % 512 == 3 * seed) {
            weft_kernel_yield();
        } else if (leaves && i % 1024 == 5 * seed) {
            weft_sleep_until(weft_clock_deadline(100000));
        }
    }
    return sum;
}

static void work(void *argument) {
    int i = (int)(intptr_t)argument;
    results[i] = compute((uint32_t)i + 1, &cores_seen[i], true);
    weft_semaphore_release(&finished, 1);
}

int main(void) {
    stdio_init_all();
    uint32_t expected[THREADS], ignored = 0;
    for (int i = 0; i < THREADS; i++) {
        expected[i] = compute((uint32_t)i + 1, &ignored, false);
    }
    weft_kernel_start(&main_thread, "main", main_stack, sizeof main_stack);
    for (int i = 0; i < THREADS; i++) {
        weft_kernel_thread_start(&threads[i], work, (void *)(intptr_t)i, stacks[i], STACK_BYTES);
    }
    for (int i = 0; i < THREADS; i++) {
        weft_semaphore_acquire_until(&finished, WEFT_FOREVER);
    }
    int right = 0, moved = 0;
    for (int i = 0; i < THREADS; i++) {
        right += results[i] == expected[i];
        moved += cores_seen[i] == 3;
    }
    printf("right %d of %d, some moved %d\n", right, THREADS, moved > 0);
    printf("ticks %d\n", weft_kernel_counted.ticks > 5);
    printf("DONE\n");
    for (;;) {
        weft_sleep_until(WEFT_FOREVER);
    }
}
