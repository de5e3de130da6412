/* The functions that MicroPython waits in. Each lets other threads run, and ends early for an
 * exception or a callback. They replace the port's own functions, which stop a whole core (WFE).
 *
 * The pattern is a loop: handle what is pending, look for the result, give the interpreter's lock
 * up, wait for an event since the look, take the lock. In mp_event_wait_* the port's own code does
 * the look, and may miss an event: so those waits are short.
 */
#include "extmod/misc.h"
#include "port.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "shared/tinyusb/mp_usbd.h"
#include "shared/tinyusb/mp_usbd_cdc.h"

enum { NS_PER_MS = 1000000, NS_PER_US = 1000, SPIN_US = 200 };

weft_word weft_port_events;

bool weft_port_may_wait(void) {
    return weft_kernel_may_wait() && weft_gil_is_held();
}

void weft_port_wake_from_isr(void) {
    atomic_fetch_add_explicit(&weft_port_events, 1, memory_order_release);
    weft_kernel_wake_from_isr(&weft_port_events);
}

weft_status weft_port_wait_events(uint32_t seen, int64_t deadline_ns) {
    MP_THREAD_GIL_EXIT();
    weft_status status = weft_kernel_wait(&weft_port_events, seen, deadline_ns);
    MP_THREAD_GIL_ENTER();
    return status;
}

/* rp2_flash.c calls it too, in place of mp_event_handle_nowait. */
void weft_port_poll_usb(void) {
    mp_usbd_task();
}

static void wait_a_moment(void) {
    if (weft_port_may_wait()) {
        uint32_t seen = atomic_load_explicit(&weft_port_events, memory_order_acquire);
        weft_port_wait_events(seen, weft_clock_deadline(NS_PER_MS));
    }
}

/* For rp2.StateMachine, whose loop waits for words that may come every microsecond. */
void weft_port_pass_on_in_loop(void) {
    mp_event_handle_nowait();
    weft_gil_pass_on_in_loop();
}

void __wrap_mp_event_wait_indefinite(void) {
    mp_event_handle_nowait();
    wait_a_moment();
}

void __wrap_mp_event_wait_ms(mp_uint_t timeout_ms) {
    mp_event_handle_nowait();
    if (timeout_ms > 0) {
        wait_a_moment();
    }
}

/* For machine.idle(). */
void __wrap_mp_wfe_or_timeout(uint32_t timeout_ms) {
    (void)timeout_ms;
    wait_a_moment();
}

static void sleep_thread_until(int64_t deadline) {
    weft_status status;
    do {
        mp_event_handle_nowait();
        MP_THREAD_GIL_EXIT();
        status = weft_sleep_until(deadline);
        MP_THREAD_GIL_ENTER();
    } while (status == WEFT_INTERRUPTED);
    mp_handle_pending(true);
}

void __wrap_mp_hal_delay_us(mp_uint_t us) {
    uint64_t end = time_us_64() + us;
    if (us > SPIN_US && weft_port_may_wait()) {
        sleep_thread_until((int64_t)(end - SPIN_US / 2) * NS_PER_US);
    }
    while (time_us_64() < end) {
    }
}

void __wrap_mp_hal_delay_ms(mp_uint_t ms) {
    if (weft_port_may_wait()) {
        sleep_thread_until(weft_clock_deadline((int64_t)ms * NS_PER_MS));
    } else {
        busy_wait_us((uint64_t)ms * 1000);
    }
}

static int read_byte(void) {
    mp_usbd_cdc_poll_interfaces(0);
    int byte = ringbuf_get(&stdin_ringbuf);
    return byte >= 0 ? byte : mp_os_dupterm_rx_chr();
}

int __wrap_mp_hal_stdin_rx_chr(void) {
    for (;;) {
        uint32_t seen = atomic_load_explicit(&weft_port_events, memory_order_acquire);
        mp_event_handle_nowait();
        int byte = read_byte();
        if (byte >= 0) {
            return byte;
        }
        weft_port_wait_events(seen, WEFT_FOREVER);
    }
}
