/* Python threads over POSIX threads; in place of ports/unix/mpthreadport.c.
 *
 * What always holds: the list of threads and its entries are changed with the interpreter's lock.
 * So a collector of garbage finds the list whole: it has that lock. A thread that has not begun has
 * only the argument of its entry.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>

#include "emergency.h"
#include "port.h"
#include "py/runtime.h"

/* C may use the last MARGIN_BYTES of a thread's stack, below the limit of recursion. A sanitizer
 * makes frames larger, and has data of its own on a thread's stack. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { MARGIN_BYTES = 1 << 20 };
#else
enum { MARGIN_BYTES = 8192 };
#endif
enum { DEFAULT_STACK_WORDS = 8192 };

port_thread weft_port_main;
_Thread_local port_thread *weft_port_self;
_Thread_local mp_state_thread_t *weft_port_state;
_Thread_local uint32_t weft_port_depth;

static pthread_mutex_t atomic_section;

void mp_thread_init(void) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&atomic_section, &attributes);
    pthread_mutexattr_destroy(&attributes);
    weft_port_main.id = pthread_self();
    weft_port_main.is_ready = true;
    weft_port_self = &weft_port_main;
    mp_thread_set_state(&mp_state_ctx.thread);
    weft_kernel_init();
}

/* The process ends: the main thread keeps both locks, so the others stop where they need one. */
void mp_thread_deinit(void) {
    weft_interp_take(WEFT_INTERP_HEAP);
    weft_set_depth(weft_depth() + WEFT_DEPTH_PINNED);
}

void mp_thread_set_state(mp_state_thread_t *state) {
    weft_port_self->kernel.owner = state;
    weft_port_state = state;
}

mp_uint_t mp_thread_get_id(void) {
    return (mp_uint_t)pthread_self();
}

/* Never sleeps: ThreadSanitizer would keep a signal back until the sleep ends. The thread that has
 * the mutex may stand still for a collection, and the collection waits for this thread too. */
void mp_thread_unix_begin_atomic_section(void) {
    while (pthread_mutex_trylock(&atomic_section) != 0) {
        sched_yield();
    }
}

void mp_thread_unix_end_atomic_section(void) {
    pthread_mutex_unlock(&atomic_section);
}

typedef struct {
    port_thread *thread;
    void *(*entry)(void *);
} beginning;

static void *thread_main(void *argument) {
    beginning start = *(beginning *)argument;
    free(argument);
    weft_port_self = start.thread;
    start.entry(start.thread->argument);
    weft_port_self = NULL; /* a late signal to stop finds no thread */
    free(start.thread);
    return NULL;
}

/* With the interpreter's lock. */
void mp_thread_start(void) {
    weft_port_self->id = pthread_self();
    weft_port_self->is_ready = true;
}

/* With the interpreter's lock. After this the thread only gives that lock up. */
void mp_thread_finish(void) {
    port_thread *before = &weft_port_main;
    while (before->next != weft_port_self) {
        before = before->next;
    }
    before->next = weft_port_self->next;
    weft_port_self->is_ready = false;
}

static int start(beginning *given, size_t stack_bytes, pthread_t *id) {
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error == 0) {
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        error = pthread_attr_setstacksize(&attributes, stack_bytes);
        if (error == 0) {
            error = pthread_create(id, &attributes, thread_main, given);
        }
        pthread_attr_destroy(&attributes);
    }
    return error;
}

/* The new thread takes the limit of its recursion from *stack_size, once it has the interpreter's
 * lock. */
mp_uint_t mp_thread_create(void *(*entry)(void *), void *argument, size_t *stack_size) {
    size_t whole = *stack_size != 0 ? *stack_size : DEFAULT_STACK_WORDS * sizeof(void *);
    whole = MAX(MAX(whole, (size_t)PTHREAD_STACK_MIN), 2 * (size_t)MARGIN_BYTES);
    *stack_size = whole - MARGIN_BYTES;
    struct weft_emergency *emergency = weft_emergency_new();
    port_thread *thread = calloc(1, sizeof *thread);
    beginning *given = malloc(sizeof *given);
    pthread_t id = 0;
    int error = ENOMEM;
    if (thread != NULL && given != NULL) {
        *thread = (port_thread){
            .argument = argument, .depth = 1, .emergency = emergency, .next = weft_port_main.next};
        *given = (beginning){thread, entry};
        weft_port_main.next = thread;
        error = start(given, whole, &id);
    }
    if (error != 0) {
        if (weft_port_main.next == thread) {
            weft_port_main.next = thread == NULL ? NULL : thread->next;
        }
        free(thread);
        free(given);
        mp_raise_OSError(error);
    }
    return (mp_uint_t)id;
}

static bool is_interpreters(const mp_thread_mutex_t *mutex) {
    return mutex == &MP_STATE_VM(gil_mutex);
}

void mp_thread_mutex_init(mp_thread_mutex_t *mutex) {
    if (is_interpreters(mutex)) {
        weft_gil_init();
    } else {
        mutex->lock = (weft_lock)WEFT_LOCK_INIT;
    }
}

int mp_thread_mutex_lock(mp_thread_mutex_t *mutex, int wait) {
    if (is_interpreters(mutex)) {
        weft_gil_enter();
        return 1;
    }
    if (!wait) {
        return weft_lock_try(&mutex->lock);
    }
    while (weft_lock_acquire_until(&mutex->lock, WEFT_FOREVER) == WEFT_INTERRUPTED) {
    }
    return 1;
}

void mp_thread_mutex_unlock(mp_thread_mutex_t *mutex) {
    if (is_interpreters(mutex)) {
        weft_gil_exit();
    } else {
        weft_lock_release(&mutex->lock);
    }
}
