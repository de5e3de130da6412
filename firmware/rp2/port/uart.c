/* The console's bytes on the default UART. An interrupt receives them; a write stops no other
 * thread. This file replaces ports/rp2/uart.c. A writer holds the console (console.c).
 *
 * The line's queue holds 32 bytes. A writer that finds it full waits for the interrupt that reports
 * room. Facts: RP2040 datasheet 4.2.6 (interrupts), 4.2.8 (UARTIMSC, UARTMIS, UARTICR).
 */
#include "hardware/uart.h"
#include "hardware/irq.h"
#include "port.h"
#include "py/mphal.h"
#include "py/ringbuf.h"
#include "py/runtime.h"

#define RECEIVED (UART_UARTIMSC_RXIM_BITS | UART_UARTIMSC_RTIM_BITS)
#define ROOM_LIMIT_NS 100000000 /* longer than 32 bytes take at 9600 baud */

#if MICROPY_HW_ENABLE_UART_REPL

static weft_word rooms; /* how often the line has reported room */

static void on_interrupt(void) {
    uart_hw_t *line = uart_get_hw(uart_default);
    uint32_t cause = line->mis;
    line->icr = cause;
    if (cause & UART_UARTMIS_TXMIS_BITS) {
        hw_clear_bits(&line->imsc, UART_UARTIMSC_TXIM_BITS);
        atomic_fetch_add_explicit(&rooms, 1, memory_order_release);
        weft_kernel_wake_from_isr(&rooms);
    }
    bool received = false;
    while (uart_is_readable(uart_default)) {
        int byte = uart_getc(uart_default);
        if (byte == mp_interrupt_char) {
            mp_sched_keyboard_interrupt();
        } else {
            ringbuf_put(&stdin_ringbuf, byte);
            received = true;
        }
    }
    if (received) {
        weft_port_wake_from_isr();
    }
}

void mp_uart_init(void) {
    uint irq = UART_IRQ_NUM(uart_default);
    uart_get_hw(uart_default)->imsc = RECEIVED;
    irq_set_exclusive_handler(irq, on_interrupt);
    irq_set_enabled(irq, true);
}

static void wait_for_room(void) {
    uint32_t seen = atomic_load_explicit(&rooms, memory_order_acquire);
    hw_set_bits(&uart_get_hw(uart_default)->imsc, UART_UARTIMSC_TXIM_BITS);
    if (!uart_is_writable(uart_default)) {
        bool held = weft_kernel_hold_interrupts(true);
        MP_THREAD_GIL_EXIT();
        weft_kernel_wait(&rooms, seen, weft_clock_deadline(ROOM_LIMIT_NS));
        MP_THREAD_GIL_ENTER();
        weft_kernel_hold_interrupts(held);
        weft_port_poll_usb(); /* a Ctrl-C may come on USB */
        weft_console_raise_pending();
    }
}

void mp_uart_write_strn(const char *text, size_t length) {
    bool may_wait = weft_port_may_wait();
    for (size_t i = 0; i < length; i++) {
        while (!uart_is_writable(uart_default)) {
            if (may_wait) {
                wait_for_room();
            }
        }
        uart_get_hw(uart_default)->dr = (uint8_t)text[i];
    }
}

#endif
