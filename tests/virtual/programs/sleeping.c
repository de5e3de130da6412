// Sleeping and waking on both cores: the event register, WFI under PRIMASK, SEVONPEND, SLEEPONEXIT.
#include <stdio.h>

#include "hardware/irq.h"
#include "hardware/structs/scb.h"
#include "hardware/sync.h"
#include "pico/multicore.h"
#include "pico/stdlib.h"

enum { SPARE_IRQ = 26 }; // and 27, for core 1: nothing is wired to them

static volatile int handled[2], after_sleep[2];
static int failures[2];

static void expect(bool right) {
    failures[get_core_num()] += !right;
}

static void count(void) {
    uint core = get_core_num();
    handled[core]++;
    if (handled[core] == 3) {
        scb_hw->scr = 0; // the third time it wakes for good
    }
}

static int64_t pend_on_core(alarm_id_t id, void *irq) {
    (void)id;
    if (handled[get_core_num()] == 3) {
        return 0;
    }
    irq_set_pending((uint)(uintptr_t)irq);
    return 1000;
}

static void check(alarm_pool_t *pool) {
    uint core = get_core_num();
    __sev();
    __wfe(); // does not sleep: the event is there
    irq_set_exclusive_handler(SPARE_IRQ + core, count);

    // A masked interrupt ends WFI, and its handler runs when the mask goes.
    irq_set_enabled(SPARE_IRQ + core, true);
    uint32_t saved = save_and_disable_interrupts();
    irq_set_pending(SPARE_IRQ + core);
    __wfi();
    expect(handled[core] == 0);
    restore_interrupts(saved);
    expect(handled[core] == 1);

    // A disabled interrupt that becomes pending is an event, if SEVONPEND says so.
    irq_set_enabled(SPARE_IRQ + core, false);
    scb_hw->scr = M0PLUS_SCR_SEVONPEND_BITS;
    irq_set_pending(SPARE_IRQ + core);
    __wfe();
    irq_clear(SPARE_IRQ + core);
    scb_hw->scr = 0;
    expect(handled[core] == 1);

    // With SLEEPONEXIT the thread does not go on between interrupts.
    irq_set_enabled(SPARE_IRQ + core, true);
    alarm_pool_add_alarm_in_us(pool, 1000, pend_on_core, (void *)(uintptr_t)(SPARE_IRQ + core),
                               true);
    scb_hw->scr = M0PLUS_SCR_SLEEPONEXIT_BITS;
    __wfi();
    after_sleep[core] = handled[core];
}

static void core1_main(void) {
    check(alarm_pool_create(1, 4));
    multicore_fifo_push_blocking(1);
    for (;;) {
        __wfi();
    }
}

int main(void) {
    stdio_init_all();
    multicore_launch_core1(core1_main);
    check(alarm_pool_get_default());
    multicore_fifo_pop_blocking();
    for (int core = 0; core < 2; core++) {
        printf("core %d: handled %d, woken after %d, failures %d\n", core, handled[core],
               after_sleep[core], failures[core]);
    }
    puts("DONE");
}
