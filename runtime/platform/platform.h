/* The seam: all that weft needs from an operating system, or from a kernel of our own.
 *
 * A platform is one folder that implements these functions; what is done above them (sync/) is
 * written once, for all. A new platform is done when the conformance suite is green over it.
 *
 * A platform may bring its own Event, if it can do better than sync/event.c: the build takes the
 * event.c of its folder instead. It implements weft_event_* of weft.h, and a model in tests/runtime
 * checks its protocol. Our kernel does so.
 *
 * What a platform promises:
 *  - wait compares and sleeps in one step: if the word changes and wake is called after the caller
 *    looked at it, the caller does not stay asleep.
 *  - wait may return WEFT_OK without a wake; callers loop.
 *  - wake never reads or writes the word, only its address: the word may be gone already.
 *  - All are legal in any thread, none in an interrupt.
 */
#ifndef WEFT_PLATFORM_H
#define WEFT_PLATFORM_H

#include "weft.h"

/* Whether a signal ends a wait. */
extern const bool weft_platform_signals_end_waits;

/* Monotonic nanoseconds, never negative. */
int64_t weft_platform_now(void);

/* If *word is `expected`, blocks until a wake of the word, the deadline or a signal: WEFT_OK (also
 * if it differed, or for no reason), WEFT_TIMEDOUT or WEFT_INTERRUPTED. */
weft_status weft_platform_wait(weft_word *word, uint32_t expected, int64_t deadline_ns);

void weft_platform_wake_one(weft_word *word);
void weft_platform_wake_all(weft_word *word);

/* Starts entry(argument) in a new native thread, detached. stack_bytes 0 is the default. *ident
 * becomes what weft_platform_thread_ident() returns in it. WEFT_OK, WEFT_NO_MEMORY or
 * WEFT_NO_THREAD. */
weft_status weft_platform_thread_start(weft_thread_entry entry, void *argument, size_t stack_bytes,
                                       uintptr_t *ident);

/* The calling thread's ident: not 0, unique among live threads. */
uintptr_t weft_platform_thread_ident(void);

/* Names the calling thread for the system's tools, as far as there are any. */
void weft_platform_thread_set_name(const char *name);

/* One pointer for each thread, NULL at first. */
void *weft_platform_local_get(void);
void weft_platform_local_set(void *value);

/* What a new thread takes over from its starter (on Unix, the signal mask), for a native thread
 * that already runs: capture in the starter, adopt in the thread. */
typedef struct weft_platform_inheritance {
    _Alignas(8) unsigned char bytes[128];
} weft_platform_inheritance;

void weft_platform_capture(weft_platform_inheritance *inheritance);
void weft_platform_adopt(const weft_platform_inheritance *inheritance);

/* Prints one line and stops the program: misuse, or a broken platform. */
_Noreturn void weft_platform_panic(const char *message);

#endif
