// A context switch on each core: SysTick pends PendSV, which swaps process stacks between two
// threads.
#include <stdio.h>

#include "hardware/exception.h"
#include "hardware/structs/scb.h"
#include "hardware/structs/systick.h"
#include "pico/multicore.h"
#include "pico/stdlib.h"

enum { THREADS = 2, STACK_WORDS = 256, SWITCHES = 200 };

static uint32_t stacks[2][THREADS][STACK_WORDS];
static uint32_t *saved[2][THREADS];
static volatile uint32_t work[2][THREADS];
static volatile uint32_t switches[2];
static volatile uint32_t corrupted;

uint32_t *switch_threads(uint32_t *stack) {
    uint core = get_core_num();
    saved[core][switches[core] % THREADS] = stack;
    switches[core] = switches[core] + 1;
    return saved[core][switches[core] % THREADS];
}

// Saves r4-r11 on the process stack, asks for the next one, restores; ARMv6-M has no high-register
// stm.
static void __attribute__((naked)) pendsv(void) {
    __asm volatile(
        ".syntax unified\n mrs r0, psp\n subs r0, #32\n"
        "stmia r0!, {r4-r7}\n mov r4, r8\n mov r5, r9\n mov r6, r10\n mov r7, r11\n stmia r0!, "
        "{r4-r7}\n"
        "subs r0, #32\n push {r3, lr}\n ldr r1, =switch_threads\n blx r1\n pop {r2, r3}\n mov lr, "
        "r3\n"
        "adds r0, #16\n ldmia r0!, {r4-r7}\n mov r8, r4\n mov r9, r5\n mov r10, r6\n mov r11, r7\n"
        "subs r0, #32\n ldmia r0!, {r4-r7}\n adds r0, #16\n msr psp, r0\n bx lr\n");
}

static void systick(void) {
    scb_hw->icsr = M0PLUS_ICSR_PENDSVSET_BITS;
}

static void thread(uint32_t index) {
    uint core = get_core_num();
    uint32_t a = index, b = index + 1, c = index + 2, d = index + 3;
    for (;;) {
        a += 1, b += 2, c += 3, d += 4; // lives in registers: a wrong switch would mix them up
        if (b - 2 * a != 1 - index || d - c - a != 1 - index) {
            corrupted = corrupted + 1;
        }
        work[core][index] = work[core][index] + 1;
    }
}

// Turns the caller into thread 0 of this core, beside thread 1, until SWITCHES have happened.
static void run_threads(void) {
    uint core = get_core_num();
    exception_set_exclusive_handler(PENDSV_EXCEPTION, pendsv);
    exception_set_exclusive_handler(SYSTICK_EXCEPTION, systick);
    exception_set_priority(PENDSV_EXCEPTION, 0xc0);
    exception_set_priority(SYSTICK_EXCEPTION, 0x80);
    uint32_t *top = &stacks[core][1][STACK_WORDS - 8];
    top[0] = 1;
    top[6] = (uint32_t)thread;
    top[7] = 1u << 24;
    saved[core][1] = top - 8;
    __asm volatile("msr psp, %0" ::"r"(&stacks[core][0][STACK_WORDS]));
    __asm volatile("msr control, %0\n isb" ::"r"(2));
    systick_hw->rvr = 12499; // 0.1 ms at 125 MHz
    systick_hw->cvr = 0;
    systick_hw->csr = 7;
    while (switches[core] < SWITCHES) {
        work[core][0] = work[core][0] + 1;
    }
    systick_hw->csr = 0;
    while (switches[core] % THREADS) {
        scb_hw->icsr = M0PLUS_ICSR_PENDSVSET_BITS;
    }
    __asm volatile("msr control, %0\n isb" ::"r"(0));
}

static void core1_main(void) {
    run_threads();
    multicore_fifo_push_blocking(1);
    for (;;) {
        __wfi();
    }
}

int main(void) {
    stdio_init_all();
    multicore_launch_core1(core1_main);
    uint64_t before = time_us_64();
    run_threads();
    uint64_t took = time_us_64() - before;
    multicore_fifo_pop_blocking();
    bool all_worked = work[0][0] && work[0][1] && work[1][0] && work[1][1];
    printf("switches %lu %lu\n", (unsigned long)switches[0], (unsigned long)switches[1]);
    printf("all worked %d, corrupted %lu\n", all_worked, (unsigned long)corrupted);
    printf("time %s\n", took > 19000 && took < 21000 ? "20 ms" : "WRONG");
    puts("DONE");
}
