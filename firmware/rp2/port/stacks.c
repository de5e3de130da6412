/* The memory of threads. One block of MicroPython's heap has the stack and, above it, the control
 * block: so a stack that overflows leaves its thread's name intact.
 *
 * What always holds: a block is a thread's, from weft_stacks_take until the thread has left its
 * core for good; or it is spare; or it is garbage. Finding and clearing so much room takes ten
 * times as long as starting a thread. So a new thread takes a spare block of its size, if there is
 * one. The collector takes spare blocks as garbage: so they never keep memory from a program.
 *
 * The interpreter's lock guards all here.
 */
#include <string.h>

#include "port.h"
#include "py/runtime.h"

/* MOST_LARGE_STACKS threads at a time have a stack that ordinary code does not fill (a logged line
 * with its time, 12 calls deep). The others have less (a logged traceback, fib(11)), so that 32
 * fit. A program may choose a size by threading.stack_size(). The least size is enough to start a
 * thread and to report its exception. */
enum {
    LARGE_STACK_BYTES = 7136 + WEFT_PORT_C_BYTES,
    MOST_LARGE_STACKS = 3,
    SMALL_STACK_BYTES = 5632,
    LEAST_STACK_BYTES = 1888 + WEFT_PORT_C_BYTES,
    MOST_SPARES = 4,
};

static size_t large_stacks; /* of threads that live */
static port_thread *spares[MOST_SPARES];
static unsigned next_spare;

static bool is_large(const port_thread *thread) {
    return thread->kernel.stack_bytes == LARGE_STACK_BYTES;
}

#if !MICROPY_GC_CONSERVATIVE_CLEAR
#error "the heap has to clear what it hands out"
#endif

/* A spare block with a stack of that size; NULL if there is none. Its thread has left its core. The
 * block is cleared: else old references there would keep objects from the collector. */
static void *take_spare(size_t stack_bytes) {
    for (size_t i = 0; i < MOST_SPARES; i++) {
        port_thread *thread = spares[i];
        if (thread != NULL && thread->kernel.stack_bytes == stack_bytes &&
            weft_kernel_is_gone(&thread->kernel)) {
            spares[i] = NULL;
            void *block = thread->kernel.stack_low;
            memset(block, 0, stack_bytes + sizeof *thread);
            return block;
        }
    }
    return NULL;
}

/* The memory for a stack of that size, NULL if there is none. */
static port_thread *take(size_t stack_bytes) {
    char *block = take_spare(stack_bytes);
    if (block == NULL) {
        block = m_malloc_maybe(stack_bytes + sizeof(port_thread));
    }
    if (block == NULL) {
        return NULL;
    }
    port_thread *thread = (port_thread *)(block + stack_bytes);
    thread->kernel.stack_low = block;
    thread->kernel.stack_bytes = stack_bytes;
    return thread;
}

port_thread *weft_stacks_take(size_t stack_bytes) {
    port_thread *thread = NULL;
    size_t bytes = SMALL_STACK_BYTES;
    if (stack_bytes != 0) {
        bytes = MAX(stack_bytes, LEAST_STACK_BYTES) & ~(size_t)7;
    } else if (large_stacks < MOST_LARGE_STACKS) {
        thread = take(LARGE_STACK_BYTES);
    }
    if (thread == NULL) {
        thread = take(bytes);
    }
    if (thread == NULL) {
        m_malloc_fail(bytes);
    }
    large_stacks += is_large(thread);
    return thread;
}

void weft_stacks_give_back(port_thread *thread) {
    large_stacks -= is_large(thread);
    spares[next_spare++ % MOST_SPARES] = thread; /* the spare that was there is garbage */
}

void weft_stacks_forget_spares(void) {
    memset(spares, 0, sizeof spares);
}

void weft_stacks_forget_all(void) {
    weft_stacks_forget_spares();
    large_stacks = 0;
}
