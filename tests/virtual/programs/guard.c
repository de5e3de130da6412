// The MPU refuses stores of its own core to a read-only sub-region, and nothing else; a stack that
// runs into one ends in the HardFault handler, though nothing can be pushed there.
#include <stdio.h>

#include "hardware/exception.h"
#include "hardware/structs/mpu.h"
#include "pico/multicore.h"
#include "pico/stdlib.h"

#define READ_ONLY (6u << 24) /* RASR.AP */
#define EXECUTE_NEVER (1u << 28)
enum { SUBREGION_WORDS = 8, REGION_WORDS = 64, GUARDED = 2, STACK_WORDS = 256 };

static _Alignas(
    256) volatile uint32_t memory[REGION_WORDS + STACK_WORDS]; // its start is the region
static volatile uint32_t faults, stored;
static void (*volatile todo)(void);

static void hard_fault(void) {
    memory[GUARDED * SUBREGION_WORDS] = 7; // here the MPU is off
    faults = faults + 1;
    for (;;) {
        tight_loop_contents();
    }
}

static void protect(void) {
    mpu_hw->rbar = (uint32_t)memory | M0PLUS_MPU_RBAR_VALID_BITS | 5;
    mpu_hw->rasr = EXECUTE_NEVER | READ_ONLY | (0xffu & ~(1u << GUARDED)) << 8 | 7 << 1 | 1;
    mpu_hw->ctrl = M0PLUS_MPU_CTRL_PRIVDEFENA_BITS | M0PLUS_MPU_CTRL_ENABLE_BITS;
}

static void store_beside(void) {
    memory[GUARDED * SUBREGION_WORDS - 1] = 1;
    memory[(GUARDED + 1) * SUBREGION_WORDS] = memory[GUARDED * SUBREGION_WORDS];
}

static void store_word(void) {
    memory[GUARDED * SUBREGION_WORDS] = 1;
}

static void store_byte(void) {
    ((volatile uint8_t *)&memory[(GUARDED + 1) * SUBREGION_WORDS])[-1] = 1;
}

static void push_from(volatile uint32_t *top) {
    __asm volatile("mov sp, %0\n push {r4-r7}" ::"r"(top));
}

static void overflow(void) {
    push_from(&memory[(GUARDED + 1) * SUBREGION_WORDS]);
}

static void overflow_in_interrupt(void) {
    __asm volatile("mov sp, %0" ::"r"(&memory[(GUARDED + 1) * SUBREGION_WORDS + 1]));
    *(volatile uint32_t *)0xE000ED04 = 1u << 28; // PendSV
}

static void store_unprotected(void) {
    mpu_hw->ctrl = 0;
    store_word();
}

static void core1_main(void) {
    protect();
    todo();
    stored = stored + 1;
    for (;;) {
        tight_loop_contents();
    }
}

int main(void) {
    stdio_init_all();
    exception_set_exclusive_handler(HARDFAULT_EXCEPTION, hard_fault);
    static const struct {
        const char *name;
        void (*todo)(void);
    } cases[] = {
        {"beside it", store_beside},
        {"a word", store_word},
        {"a byte", store_byte},
        {"a push", overflow},
        {"an exception's frame", overflow_in_interrupt},
        {"switched off", store_unprotected},
    };
    for (size_t i = 0; i < count_of(cases); i++) {
        todo = cases[i].todo;
        stored = faults = 0;
        multicore_reset_core1();
        memory[GUARDED * SUBREGION_WORDS] = 9; // core 0 is free to
        multicore_launch_core1(core1_main);
        while (stored + faults == 0) {
            tight_loop_contents();
        }
        printf("%s: stored %lu, faults %lu\n", cases[i].name, (unsigned long)stored,
               (unsigned long)faults);
    }
    puts("DONE");
}
