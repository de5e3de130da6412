/* What the parallel interpreter uses of weft_kernel.h, over POSIX threads.
 *
 * A signal stops a thread, wherever it is: the thread saves its registers on its stack, and sleeps
 * in the handler. weft_port_stops is odd while threads are to stand still. Each change adds one.
 *
 * Partners: the add to `stopped` and the stopper's load of it, so the stopper sees all that the
 * thread has done; the add to weft_port_stops that ends a stop and the stopped thread's load of it,
 * for the way back.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "port.h"

#define STOP_SIGNAL (SIGRTMIN + 5) /* as in ports/unix/mpthreadport.c */
#define AGAIN_NS 20000000

weft_word weft_port_stops;
static weft_word stopped; /* how many threads have stopped, in this stop */
weft_interp_word weft_interp_words[WEFT_INTERP_LOCKS];

void weft_interp_init_locks(void) {
}

weft_kernel_thread *weft_kernel_self(void) {
    return &weft_port_self->kernel;
}

bool weft_kernel_may_wait(void) {
    return true;
}

bool weft_kernel_hold_interrupts(bool hold) {
    (void)hold;
    return false; /* an interrupted waiter waits again */
}

uint32_t weft_kernel_begin_atomic(void) {
    mp_thread_unix_begin_atomic_section();
    return 0;
}

void weft_kernel_end_atomic(uint32_t state) {
    (void)state;
    mp_thread_unix_end_atomic_section();
}

static int futex_wait(weft_word *word, uint32_t expected, const struct timespec *limit) {
    return (int)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, limit, NULL, 0);
}

/* Ignores the deadline: no caller has one. */
weft_status weft_kernel_wait(weft_word *word, uint32_t expected, int64_t deadline_ns) {
    (void)deadline_ns;
    bool interrupted = futex_wait(word, expected, NULL) != 0 && errno == EINTR;
    return interrupted ? WEFT_INTERRUPTED : WEFT_OK;
}

void weft_kernel_wake_from_isr(weft_word *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

/* All registers are on the stack above this function's frame. */
static __attribute__((noinline)) void stand_still(port_thread *self, uint32_t stop) {
    self->kernel.stack_pointer = __builtin_frame_address(0);
    __atomic_store_n(&self->stopped_at, stop, __ATOMIC_RELAXED);
    atomic_fetch_add(&stopped, 1);
    weft_kernel_wake_from_isr(&stopped);
    while (atomic_load(&weft_port_stops) == stop) {
        futex_wait(&weft_port_stops, stop, NULL);
    }
}

static void on_stop(int signal) {
    (void)signal;
    int error = errno;
    port_thread *self = weft_port_self;
    uint32_t stop = atomic_load(&weft_port_stops);
    __builtin_unwind_init();
    if ((stop & 1) != 0 && self != NULL && self->stopped_at != stop) {
        stand_still(self, stop);
    }
    errno = error;
}

void weft_kernel_init(void) {
    struct sigaction action = {.sa_handler = on_stop};
    sigemptyset(&action.sa_mask);
    sigaction(STOP_SIGNAL, &action, NULL);
}

/* Signals each thread that does not stand still yet; returns how many others there are. A second
 * signal is for a thread that got the first just before a sleep: a sanitizer keeps that one back.
 */
static uint32_t tell_others(uint32_t stop, bool again) {
    uint32_t others = 0;
    for (port_thread *at = &weft_port_main; at != NULL; at = at->next) {
        if (at != weft_port_self && at->is_ready) {
            others++;
            if (!again || __atomic_load_n(&at->stopped_at, __ATOMIC_RELAXED) != stop) {
                pthread_kill(at->id, STOP_SIGNAL);
            }
        }
    }
    return others;
}

/* The caller has the interpreter's lock: so no thread begins or ends. */
void weft_kernel_stop_others(void) {
    static const struct timespec again = {0, AGAIN_NS};
    atomic_store(&stopped, 0);
    uint32_t stop = atomic_fetch_add(&weft_port_stops, 1) + 1;
    uint32_t others = tell_others(stop, false);
    for (uint32_t now; (now = atomic_load(&stopped)) < others;) {
        if (futex_wait(&stopped, now, &again) != 0 && errno == ETIMEDOUT) {
            tell_others(stop, true);
        }
    }
}

void weft_kernel_resume_others(void) {
    atomic_fetch_add(&weft_port_stops, 1);
    weft_kernel_wake_from_isr(&weft_port_stops);
}

weft_kernel_thread *weft_kernel_next(const weft_kernel_thread *after) {
    port_thread *next = after == NULL ? &weft_port_main : ((const port_thread *)after)->next;
    return next == NULL ? NULL : &next->kernel;
}

/* A thread that has not begun has only its argument. */
void weft_kernel_stack_in_use(const weft_kernel_thread *thread, void **from, void **to) {
    port_thread *at = (port_thread *)(uintptr_t)thread;
    if (at->is_ready) {
        *from = at->kernel.stack_pointer;
        *to = ((mp_state_thread_t *)at->kernel.owner)->stack_top;
    } else {
        *from = &at->argument;
        *to = &at->argument + 1;
    }
}
