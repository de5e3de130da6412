// GPIO interrupts: each core is interrupted by its own pins only; outputs can be read back.
#include <stdio.h>

#include "hardware/gpio.h"
#include "pico/multicore.h"
#include "pico/stdlib.h"

enum { PIN0 = 2, PIN1 = 3, OUT = 4, PULLED = 5 };

static volatile int edges[2][2];

static void on_edge(uint pin, uint32_t events) {
    (void)events;
    edges[get_core_num()][pin - PIN0]++;
}

static void core1_main(void) {
    gpio_set_irq_enabled_with_callback(PIN1, GPIO_IRQ_EDGE_FALL, true, on_edge);
    multicore_fifo_push_blocking(1);
    for (;;) {
        __wfi();
    }
}

int main(void) {
    stdio_init_all();
    gpio_init(PIN0);
    gpio_init(PIN1);
    gpio_init(OUT);
    gpio_set_dir(OUT, true);
    gpio_init(PULLED);
    gpio_pull_up(PULLED);
    gpio_set_irq_enabled_with_callback(PIN0, GPIO_IRQ_EDGE_RISE, true, on_edge);
    multicore_launch_core1(core1_main);
    multicore_fifo_pop_blocking();
    gpio_put(OUT, true);
    printf("output reads %d, pull-up reads %d\n", gpio_get(OUT), gpio_get(PULLED));
    gpio_put(OUT, false);
    printf("output reads %d\n", gpio_get(OUT));
    puts("READY");
    sleep_ms(1000);
    printf("core 0: %d %d, core 1: %d %d\n", edges[0][0], edges[0][1], edges[1][0], edges[1][1]);
    puts("DONE");
}
