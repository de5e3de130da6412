// Faults on core 1, one after the other, with a HardFault handler that reports; core 0 goes on.
#include <stdio.h>

#include "hardware/exception.h"
#include "pico/multicore.h"
#include "pico/stdlib.h"

static volatile uint32_t fault_count, fault_core;

static void hard_fault(void) {
    fault_core = get_core_num();
    fault_count = fault_count + 1;
    for (;;) {
        tight_loop_contents();
    }
}

static void read_unmapped(void) {
    (void)*(volatile uint32_t *)0x30000000;
}

static void read_unaligned(void) {
    __asm volatile("ldr r0, [%0]" ::"l"(SRAM_BASE + 2) : "r0"); // the compiler would split it
}

static void write_unmapped(void) {
    *(volatile uint32_t *)0x60000000 = 1;
}

static void jump_nowhere(void) {
    ((void (*)(void))0x40000001)();
}

static void undefined(void) {
    __asm volatile("udf #7");
}

static void (*volatile todo)(void);

static void core1_main(void) {
    todo();
    fault_count = fault_count + 100; // it should not have come back
    for (;;) {
        tight_loop_contents();
    }
}

int main(void) {
    stdio_init_all();
    exception_set_exclusive_handler(HARDFAULT_EXCEPTION, hard_fault); // both cores share the table
    static void (*const cases[])(void) = {read_unmapped, read_unaligned, write_unmapped,
                                          jump_nowhere, undefined};
    for (size_t i = 0; i < count_of(cases); i++) {
        todo = cases[i];
        uint32_t before = fault_count;
        multicore_reset_core1();
        multicore_launch_core1(core1_main);
        while (fault_count == before) {
            tight_loop_contents();
        }
        printf("case %u: fault %lu on core %lu\n", i, (unsigned long)(fault_count - before),
               (unsigned long)fault_core);
    }
    puts("DONE");
}
