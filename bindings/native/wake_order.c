/* The order in which threads go on, where a program can see it: as in CPython's threading.
 *
 * Why: two things are faster in weft than in threading, and a program could see that in the order
 * of the lines it prints. start() does not wait until the new thread runs. And a call that wakes a
 * thread lets go of the GIL, so the woken thread may go on before the call returns.
 *
 * Which order: "A before B" means that A has had the GIL, until it blocked or had used up its time,
 * when B goes on.
 *  - A new thread runs before its starter goes on (also at the next start(), and at exit).
 *  - A thread that has woken others goes on before they do.
 *  - The threads that an event has released go on in the order in which they came to wait.
 *
 * Where: in native_keep_order only, so that nobody waits where it does not show: before a thread
 * takes an RLock, which logging does for each line, and before print() under `weft run`.
 *
 * What always holds: all of this is guarded by the GIL. It decides who goes on first, never whether
 * somebody goes on: native_keep_order gives up after a number of waits, and while the interpreter
 * goes down. What other threads look at lies on the heap, since a thread may end at any wait for
 * the GIL once the interpreter goes down.
 */
#include "wake_order.h"

#include <stdlib.h>

/* The thread started last, unless it has had the GIL since. */
static native_launch *newcomer;

/* How many threads have woken another and wait for the GIL to go on. */
static int wakers;

/* The threads that an event has released and that wait for the GIL to go on. */
static native_sleepers released;
static uint64_t releases;
static _Thread_local uint64_t own_place; /* at the last release of this thread */

/* Set for a moment when a waker or a released thread has got the GIL and somebody awaits that. Who
 * does is counted before it lets go of the GIL: no moment goes by it. */
static weft_event went_on;
static int awaiting;

static void append(native_sleepers *list, native_sleeper *added) {
    added->next = NULL;
    added->previous = list->last;
    if (list->last != NULL) {
        list->last->next = added;
    } else {
        list->first = added;
    }
    list->last = added;
}

static void take_out(native_sleepers *list, native_sleeper *removed) {
    if (removed->previous != NULL) {
        removed->previous->next = removed->next;
    } else {
        list->first = removed->next;
    }
    if (removed->next != NULL) {
        removed->next->previous = removed->previous;
    } else {
        list->last = removed->previous;
    }
}

static void tell_that_one_went_on(void) {
    if (awaiting > 0) {
        weft_event_set(&went_on);
        weft_event_clear(&went_on);
    }
}

PyThreadState *native_wake_begin(void) {
    wakers++;
    return PyEval_SaveThread();
}

void native_wake_end(PyThreadState *thread_state) {
    PyEval_RestoreThread(thread_state);
    wakers--;
    tell_that_one_went_on();
}

void native_sleeper_enter(native_sleepers *waiting, native_sleeper *self) {
    self->place = 0;
    append(waiting, self);
}

void native_sleeper_leave(native_sleepers *waiting, native_sleeper *self) {
    if (self->place == 0) {
        take_out(waiting, self);
        return;
    }
    take_out(&released, self);
    own_place = self->place;
    tell_that_one_went_on();
}

void native_sleepers_release(native_sleepers *waiting) {
    while (waiting->first != NULL) {
        native_sleeper *first = waiting->first;
        take_out(waiting, first);
        first->place = ++releases;
        append(&released, first);
    }
}

static void drop_launch(native_launch *launch, int references) {
    launch->references -= references;
    if (launch->references == 0) {
        free(launch);
    }
}

void native_launch_begin(native_launch *launch) {
    launch->references = 2;
    newcomer = launch;
}

void native_launch_end(native_launch *launch) {
    own_place = 0; /* the native thread may have run another thread before */
    weft_event_set(&launch->running);
    int references = 1;
    if (newcomer == launch) {
        newcomer = NULL;
        references = 2;
    }
    drop_launch(launch, references);
}

void native_launch_await_last(void) {
    native_launch *awaited = newcomer;
    if (awaited == NULL) {
        return;
    }
    newcomer = NULL;
    PyThreadState *thread_state = PyEval_SaveThread();
    while (weft_event_wait_until(&awaited->running, WEFT_FOREVER) != WEFT_OK) {
    }
    PyEval_RestoreThread(thread_state);
    drop_launch(awaited, 1);
}

static bool somebody_comes_first(void) {
    return wakers > 0 || (released.first != NULL && released.first->place < own_place);
}

static void await_somebody(void) {
    uint32_t observation = weft_event_observe(&went_on);
    awaiting++;
    PyThreadState *thread_state = PyEval_SaveThread();
    while (weft_event_resume_until(&went_on, observation, WEFT_FOREVER) != WEFT_OK) {
    }
    PyEval_RestoreThread(thread_state);
    awaiting--;
}

static bool is_finalizing(void) {
#if PY_VERSION_HEX < 0x030D0000
    return _Py_IsFinalizing();
#else
    return Py_IsFinalizing();
#endif
}

void native_keep_order(void) {
    if (newcomer == NULL && wakers == 0 && released.first == NULL) {
        return;
    }
    if (is_finalizing()) {
        return; /* whoever should come first may never come */
    }
    if (newcomer != NULL && newcomer->starter == PyThreadState_Get()) {
        native_launch_await_last();
    }
    /* Not for ever: of those who keep coming, as many as there are now. */
    for (int most = 64; most > 0 && somebody_comes_first(); most--) {
        await_somebody();
    }
}

void native_order_forget(void) {
    newcomer = NULL;
    wakers = 0;
    released = (native_sleepers){NULL, NULL};
    went_on = (weft_event)WEFT_EVENT_INIT;
    awaiting = 0;
}
