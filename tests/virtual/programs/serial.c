// UART0: echoes what comes, with the line's errors named; says what FIFO and interrupts did.
#include <stdio.h>

#include "hardware/irq.h"
#include "hardware/uart.h"
#include "pico/stdlib.h"

static volatile uint32_t interrupts, errors[4];
static volatile char received[256];
static volatile size_t count;

static void on_uart(void) {
    interrupts = interrupts + 1;
    while (uart_is_readable(uart0)) {
        uint32_t frame = uart_get_hw(uart0)->dr;
        for (int i = 0; i < 4; i++) {
            errors[i] = errors[i] + (frame >> (8 + i) & 1);
        }
        if (!(frame >> 8) && count < sizeof received) {
            received[count] = (char)frame;
            count = count + 1;
        }
    }
}

// Takes what the FIFO has kept; returns how many frames that was.
static unsigned long on_uart_count(void) {
    size_t before = count;
    on_uart();
    return count - before;
}

int main(void) {
    stdio_init_all();
    printf("baud %s\n", uart_is_enabled(uart0) ? "on" : "off");
    uart_tx_wait_blocking(uart0);
    uint64_t before = time_us_64();
    uart_puts(uart0, "0123456789\r\n");
    uart_tx_wait_blocking(uart0);
    uint32_t took = (uint32_t)(time_us_64() - before);
    printf("12 frames %s\n", took > 1000 && took < 1100 ? "took 1.04 ms" : "WRONG");

    irq_set_exclusive_handler(UART0_IRQ, on_uart);
    irq_set_enabled(UART0_IRQ, true);
    uart_set_irq_enables(uart0, true, false);
    puts("READY");
    sleep_ms(100);
    printf("received %u \"%.*s\"\n", (unsigned)count, (int)count, (const char *)received);
    printf("framing %lu parity %lu break %lu overrun %lu\n", errors[0], errors[1], errors[2],
           errors[3]);
    printf("interrupts %s\n", interrupts > 0 && interrupts < 20 ? "few" : "WRONG");

    irq_set_enabled(UART0_IRQ, false);
    puts("DEAF");
    sleep_ms(100);
    printf("overrun %d, kept %lu\n", !!(uart_get_hw(uart0)->ris & UART_UARTRIS_OERIS_BITS),
           on_uart_count());
    puts("DONE");
}
