/* Starting a thread of the unix port with its stack limit known from the start.
 *
 * A new thread takes the limit of its recursion from *stack_size. The port's mp_thread_create
 * lowers *stack_size only after the thread runs. A quick thread takes the whole stack for its
 * limit: then a deep recursion is a crash in place of a RuntimeError. Here *stack_size is lowered
 * before the start; the port works on a copy.
 */
#include <limits.h>
#include <pthread.h>

#include "py/mpthread.h"

/* As in ports/unix/mpthreadport.c. */
enum { DEFAULT_STACK_WORDS = 8192, MARGIN_BYTES = 8192 };

mp_uint_t __real_mp_thread_create(void *(*entry)(void *), void *argument, size_t *stack_size);

mp_uint_t __wrap_mp_thread_create(void *(*entry)(void *), void *argument, size_t *stack_size) {
    size_t whole = *stack_size != 0 ? *stack_size : DEFAULT_STACK_WORDS * sizeof(void *);
    if (whole < (size_t)PTHREAD_STACK_MIN) {
        whole = (size_t)PTHREAD_STACK_MIN;
    }
    if (whole < 2 * MARGIN_BYTES) {
        whole = 2 * MARGIN_BYTES;
    }
    *stack_size = whole - MARGIN_BYTES;
    return __real_mp_thread_create(entry, argument, &whole);
}
