/* Output to the console: each call comes out whole, whatever other threads write.
 *
 * What always holds:
 *  - A writer holds `console` from its first byte to its last. It may hold `console` already: a
 *    stream of os.dupterm() is written in Python, and may print.
 *  - A write runs no callback, except what a stream of os.dupterm() does. Ctrl-C ends a write that
 *    waits for room.
 *  - Where no wait is allowed (in an interrupt, with interrupts masked), bytes are kept. The next
 *    write sends them, or the main thread where it would run callbacks.
 *
 * Locks: first `console`, then the interpreter's lock. No thread waits for `console` with the other
 * held. A collection keeps the interpreter's lock, but its finalisers are C, and write nothing.
 */
#include <stdio.h>
#include <string.h>

#include "port.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"

enum { KEPT_BYTES = 512, PIECE_BYTES = 64, NS_PER_MS = 1000000 };

extern struct _mp_dummy_t mp_sys_stdout_obj, mp_sys_stderr_obj;

mp_uint_t __real_mp_hal_stdout_tx_strn(const char *text, size_t length);
void __real_mp_hal_stdout_tx_strn_cooked(const char *text, size_t length);
void __real_mp_obj_print_exception(const mp_print_t *print, mp_obj_t exception);
void weft_console_wait_for_room(mp_uint_t timeout_ms);

static weft_rlock console = WEFT_RLOCK_INIT;

/* Guarded by atomic sections. */
static char kept[KEPT_BYTES];
static size_t kept_bytes;
static size_t lost_bytes; /* there was no room for them */
static mp_sched_node_t kept_node;

void weft_console_renew(void) {
    console = (weft_rlock)WEFT_RLOCK_INIT;
    kept_bytes = lost_bytes = 0; /* the node stays in the list of callbacks, if it is there */
}

static void release(void *unused) {
    (void)unused;
    weft_rlock_release(&console);
}

/* `own` lies on the writer's stack: by it an exception in the write releases the lock too. */
static void lock(nlr_jump_callback_node_t *own) {
    if (weft_rlock_try(&console) != WEFT_OK) {
        bool held = weft_kernel_hold_interrupts(true);
        MP_THREAD_GIL_EXIT();
        weft_rlock_acquire_until(&console, WEFT_FOREVER);
        MP_THREAD_GIL_ENTER();
        weft_kernel_hold_interrupts(held);
    }
    nlr_push_jump_callback(own, release);
}

static void unlock(void) {
    nlr_pop_jump_callback(true);
}

/* Takes the oldest bytes that were kept, at most PIECE_BYTES. */
static size_t take_kept(char *piece) {
    uint32_t state = weft_kernel_begin_atomic();
    size_t count = MIN(kept_bytes, PIECE_BYTES);
    memcpy(piece, kept, count);
    kept_bytes -= count;
    memmove(kept, kept + count, kept_bytes);
    if (count == 0 && lost_bytes > 0) {
        count =
            (size_t)snprintf(piece, PIECE_BYTES, "[%u bytes printed in interrupts are lost]\r\n",
                             (unsigned)lost_bytes);
        lost_bytes = 0;
    }
    weft_kernel_end_atomic(state);
    return count;
}

static void write_kept_locked(void) {
    char piece[PIECE_BYTES];
    for (size_t count; (count = take_kept(piece)) > 0;) {
        __real_mp_hal_stdout_tx_strn(piece, count);
    }
}

static void write_kept(mp_sched_node_t *node) {
    (void)node;
    nlr_jump_callback_node_t own;
    lock(&own);
    write_kept_locked();
    unlock();
}

static void keep(const char *text, size_t length) {
    uint32_t state = weft_kernel_begin_atomic();
    size_t count = MIN(length, KEPT_BYTES - kept_bytes);
    memcpy(kept + kept_bytes, text, count);
    kept_bytes += count;
    lost_bytes += length - count;
    weft_kernel_end_atomic(state);
    mp_sched_schedule_node(&kept_node, write_kept);
}

mp_uint_t __wrap_mp_hal_stdout_tx_strn(const char *text, size_t length) {
    if (!weft_port_may_wait()) {
        keep(text, length);
        return length;
    }
    nlr_jump_callback_node_t own;
    lock(&own);
    write_kept_locked();
    mp_uint_t written = __real_mp_hal_stdout_tx_strn(text, length);
    unlock();
    return written;
}

void __wrap_mp_hal_stdout_tx_strn_cooked(const char *text, size_t length) {
    if (!weft_port_may_wait()) {
        __real_mp_hal_stdout_tx_strn_cooked(text, length);
        return;
    }
    nlr_jump_callback_node_t own;
    lock(&own);
    __real_mp_hal_stdout_tx_strn_cooked(text, length);
    unlock();
}

void weft_console_raise_pending(void) {
    if (MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL) {
        mp_handle_pending(true); /* an exception comes before callbacks */
    }
}

/* Replaces mp_event_wait_ms in mp_usbd_cdc.c. Callbacks that come meanwhile interrupt the program's
 * next wait. */
void weft_console_wait_for_room(mp_uint_t timeout_ms) {
    if (!weft_port_may_wait()) {
        return;
    }
    bool held = weft_kernel_hold_interrupts(true);
    uint32_t seen = atomic_load_explicit(&weft_port_events, memory_order_acquire);
    weft_port_wait_events(seen, weft_clock_deadline((int64_t)timeout_ms * NS_PER_MS));
    weft_kernel_hold_interrupts(held);
    weft_console_raise_pending();
}

static bool is_console(const mp_print_t *print) {
    return print == &mp_plat_print || print->data == (void *)&mp_sys_stdout_obj ||
           print->data == (void *)&mp_sys_stderr_obj;
}

/* A report comes whole too, if there is memory for it. */
void __wrap_mp_obj_print_exception(const mp_print_t *print, mp_obj_t exception) {
    nlr_buf_t nlr;
    if (is_console(print) && weft_port_may_wait() && nlr_push(&nlr) == 0) {
        vstr_t text;
        mp_print_t into_text;
        vstr_init_print(&text, 128, &into_text);
        __real_mp_obj_print_exception(&into_text, exception);
        nlr_pop();
        print->print_strn(print->data, text.buf, text.len);
        vstr_clear(&text);
        return;
    }
    __real_mp_obj_print_exception(print, exception);
}
