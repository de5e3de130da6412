/* weft's part of the rp2 port, inside: a Python thread, and what the files here do for each other.
 *
 *   gil/            the interpreter's lock, if one thread runs Python at a time
 *   parallel/       the same, if threads run Python on both cores at once (over ../../parallel)
 *   thread.c        Python threads: start, end, soft reset
 *   modthread.c     the module _thread
 *   stacks.c        the memory of threads
 *   callbacks.c     scheduled callbacks and Ctrl-C: in the main thread only
 *   wait.c          what MicroPython waits in: sleeps, events, the console's input
 *   console.c       what is written to the console, whole
 *   uart.c          the console's bytes on the UART
 *   pendsv.c        MicroPython's deferred work, which the port does in PendSV
 *   interrupts.c    devices' interrupts go to core 0; handlers in Python; writes to the flash
 *   fault.c         hard faults
 */
#ifndef WEFT_PORT_H
#define WEFT_PORT_H

#include "py/mpstate.h"
#include "py/mpthread.h"
#include "weft.h"
#include "weft_kernel.h"

typedef struct {
    weft_kernel_thread kernel; /* first: the kernel's thread is a Python thread; its owner is the
                                * interpreter's state of the thread, on the thread's stack */
    char name[16];             /* cut to what fits; the kernel's name points here */
#if WEFT_PARALLEL
    uint16_t depth; /* parallel/lock.h: the depth before the lock was given up for a wait */
    struct weft_emergency *emergency; /* parallel/emergency.c; NULL for the main thread */
#endif
} port_thread;

extern port_thread weft_port_main;

/* The bytes of a stack that lie above the limit of recursion, as mp_cstack_init_with_top takes
 * them. Below lie what C may use (interpreter.h), a context, and the guard. */
static inline size_t weft_port_python_stack(size_t stack_bytes) {
    return stack_bytes + MICROPY_STACK_CHECK_MARGIN - WEFT_PORT_C_BYTES -
           WEFT_KERNEL_CONTEXT_BYTES - WEFT_KERNEL_GUARD_BYTES;
}

/* modthread.c: the default again; for a soft reset. */
void weft_port_forget_stack_size(void);

/* stacks.c: memory for a new thread, all zero but stack_low and stack_bytes; 0 is the default size.
 * Raises MemoryError. */
port_thread *weft_stacks_take(size_t stack_bytes);

/* The calling thread ends. A later thread may get its memory, once it has left its core. */
void weft_stacks_give_back(port_thread *thread);

/* A collection begins: memory of threads that have ended is garbage. */
void weft_stacks_forget_spares(void);

/* All threads but the main one have ended, and the heap is renewed. */
void weft_stacks_forget_all(void);

/* gil/ or parallel/, besides what mpthreadport_weft.h declares. */
bool weft_gil_is_held(void); /* by the caller */

/* The caller has the lock. The first stops the other threads, to be ended: none is inside of the
 * interpreter or its heap. The second, after their end, forgets the waiters for the lock. */
void weft_gil_stop_others(void);
void weft_gil_forget_waiters(void);

/* A callback or an exception is pending for the main thread. If that thread waits for the lock, it
 * gets the lock next, and soon. ISR. */
void weft_gil_hurry_main_from_isr(void);

/* Counts the events that end a wait for "something": a byte, a callback, room on a line. */
extern weft_word weft_port_events;

/* Something has happened. ISR. */
void weft_port_wake_from_isr(void);

/* Waits for an event since `seen`, until a deadline, without the interpreter's lock. */
weft_status weft_port_wait_events(uint32_t seen, int64_t deadline_ns);

/* Whether the caller can let others run while it waits: a thread with the interpreter's lock, and
 * interrupts not masked. */
bool weft_port_may_wait(void);

/* wait.c: lets USB go on where no callbacks run. */
void weft_port_poll_usb(void);

/* console.c: renews the lock and drops the kept bytes; for a soft reset. */
void weft_console_renew(void);

/* console.c: raises what is pending for the calling thread, such as KeyboardInterrupt. */
void weft_console_raise_pending(void);

static inline port_thread *port_self(void) {
    return (port_thread *)weft_kernel_self();
}

#endif
