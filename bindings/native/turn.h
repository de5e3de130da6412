/* Whose turn it is: the order in which threads go on, where programs could see it.
 *
 * Two things here are faster than in threading, and programs could see it in the order of what they
 * print: start() does not wait until the new thread runs, and a call that wakes a thread lets go of
 * the GIL, so that thread may go on before the call returns. Both are made up for where the order
 * shows (keep_order): before a thread takes an RLock, which logging does for each line, and before
 * print() under `weft run`. There
 *  - a new thread runs before its starter goes on (also at the next start(), and at exit);
 *  - who has woken others goes on before they do;
 *  - those that an event has released go on in the order in which they came to wait.
 * In each case "before" means: it has had the GIL, until it blocked or had used up its turn.
 *
 * All of this is guarded by the GIL. What other threads look at lies on the heap, since a thread
 * may end at any wait for the GIL once the interpreter goes down.
 */
#ifndef WEFT_TURN_H
#define WEFT_TURN_H

#include <Python.h>
#include <stdlib.h>

#include "blocking.h"
#include "weft.h"

typedef struct {
    PyObject *bootstrap;
    PyInterpreterState *interpreter;
    PyThreadState *starter;
    weft_event running; /* set once the new thread has the GIL */
    int references;     /* the new thread's, and that of `newcomer` or of who waits for it */
} launch;

/* The thread started last, unless it has had the GIL since. */
static launch *newcomer;

/* Threads that have woken another and wait for the GIL to go on. */
static int returning;

/* A thread that waits for an event; from the release on, one that waits for the GIL to go on. */
typedef struct sleeper {
    struct sleeper *next;
    struct sleeper *previous;
    uint64_t place; /* in the order of all releases; 0 before the release */
} sleeper;

typedef struct {
    sleeper *first;
    sleeper *last;
} sleepers;

static sleepers released;
static uint64_t releases;
static _Thread_local uint64_t own_place; /* at the last release of this thread */

/* Set for a moment when a returning or released thread has got the GIL and somebody awaits that.
 * Who does is counted before it lets go of the GIL: no moment goes by it. */
static weft_event came_back;
static int awaiting;

static void append_sleeper(sleepers *list, sleeper *added) {
    added->next = NULL;
    added->previous = list->last;
    if (list->last != NULL) {
        list->last->next = added;
    } else {
        list->first = added;
    }
    list->last = added;
}

static void remove_sleeper(sleepers *list, sleeper *removed) {
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

static void release_sleepers(sleepers *waiting) {
    while (waiting->first != NULL) {
        sleeper *at = waiting->first;
        remove_sleeper(waiting, at);
        at->place = ++releases;
        append_sleeper(&released, at);
    }
}

static void come_back(void) {
    if (awaiting > 0) {
        weft_event_set(&came_back);
        weft_event_clear(&came_back);
    }
}

static void drop_launch(launch *launched, int references) {
    launched->references -= references;
    if (launched->references == 0) {
        free(launched);
    }
}

static void await_newcomer(void) {
    launch *awaited = newcomer;
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
    return returning > 0 || (released.first != NULL && released.first->place < own_place);
}

static void await_somebody(void) {
    uint32_t observation = weft_event_observe(&came_back);
    awaiting++;
    PyThreadState *thread_state = PyEval_SaveThread();
    while (weft_event_resume_until(&came_back, observation, WEFT_FOREVER) != WEFT_OK) {
    }
    PyEval_RestoreThread(thread_state);
    awaiting--;
}

#if PY_VERSION_HEX < 0x030D0000
#define Py_IsFinalizing _Py_IsFinalizing
#endif

static void keep_order(void) {
    if (newcomer == NULL && returning == 0 && released.first == NULL) {
        return;
    }
    if (Py_IsFinalizing()) {
        return; /* whoever should come first may never come */
    }
    if (newcomer != NULL && newcomer->starter == PyThreadState_Get()) {
        await_newcomer();
    }
    /* Not for ever: of those who keep coming, as many as there are now. */
    for (int most = 64; most > 0 && somebody_comes_first(); most--) {
        await_somebody();
    }
}

/* Around a call that wakes a thread. */
static PyThreadState *begin_wake(void) {
    returning++;
    return PyEval_SaveThread();
}

static void end_wake(PyThreadState *thread_state) {
    PyEval_RestoreThread(thread_state);
    returning--;
    come_back();
}

/* The child has only the thread that forked, with the GIL: nobody else's turn comes first. */
static void fork_child(void) {
    weft_fork_child();
    newcomer = NULL;
    returning = 0;
    released = (sleepers){NULL, NULL};
    came_back = (weft_event)WEFT_EVENT_INIT;
    awaiting = 0;
    main_thread_ident = PyThread_get_thread_ident();
}

#endif
