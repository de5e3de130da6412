// The SIO FIFO between the cores: order, both directions, overflow and underflow, its interrupts.
#include <stdio.h>

#include "hardware/irq.h"
#include "pico/multicore.h"
#include "pico/stdlib.h"

static volatile uint32_t received_by_interrupt;

static void core1_mailbox_interrupt(void) {
    while (multicore_fifo_rvalid()) {
        received_by_interrupt += sio_hw->fifo_rd;
    }
    multicore_fifo_clear_irq();
}

static void core1_main(void) {
    for (int i = 0; i < 1000; i++) {
        multicore_fifo_push_blocking(multicore_fifo_pop_blocking() * 2 + get_core_num());
    }
    irq_set_exclusive_handler(SIO_IRQ_PROC1, core1_mailbox_interrupt);
    irq_set_enabled(SIO_IRQ_PROC1, true);
    multicore_fifo_push_blocking(0);
    while (true) {
        __wfi();
    }
}

int main(void) {
    stdio_init_all();
    multicore_launch_core1(core1_main);
    bool in_order = true;
    for (uint32_t i = 0; i < 1000; i++) {
        multicore_fifo_push_blocking(i);
        in_order &= multicore_fifo_pop_blocking() == 2 * i + 1;
    }
    printf("echo %s\n", in_order ? "in order" : "WRONG");

    multicore_fifo_pop_blocking(); // core 1 has its interrupt now
    uint32_t sent = 0;
    for (uint32_t i = 1; i <= 100; i++) {
        multicore_fifo_push_blocking(i);
        sent += i;
    }
    while (received_by_interrupt != sent) {
        tight_loop_contents();
    }
    printf("interrupt sum %lu\n", (unsigned long)received_by_interrupt);

    multicore_reset_core1();
    multicore_fifo_drain();
    multicore_fifo_clear_irq();
    (void)sio_hw->fifo_rd;
    printf("underflow %d\n", !!(sio_hw->fifo_st & SIO_FIFO_ST_ROE_BITS));
    multicore_fifo_clear_irq();
    printf("cleared %d\n", !(sio_hw->fifo_st & SIO_FIFO_ST_ROE_BITS));
    puts("DONE");
}
