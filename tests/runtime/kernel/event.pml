/* The event word of runtime/platform/kernel/event.c, for spin: SET, WAITERS and the epoch are
 * changed under the kernel's lock, but clear() writes SET without it.
 *
 * One set() releases all waiters that are in the queue, and those that observed the event before,
 * although others set and clear it meanwhile. A waiter that stays asleep is an invalid end state,
 * which spin reports. One of them gives up at a deadline, at any moment.
 *
 * One step here is one access to the word there. Mistakes that spin must find:
 *   -DCLEARS_ALL   clear() reads the word and writes all of it
 *   -DNO_MARK      a waiter does not set WAITERS
 *   -DNO_EPOCH     resume looks at the flag only
 */
#define WAITERS 3
#define CLEARS 1

typedef word {
    bool set;
    bool waiters;
    byte epoch
};

word state; /* the event */
bool locked;
bool queued[WAITERS];
byte ready; /* waiters that the second set() has to release, or that are released already */
byte released;
byte gave_up;

#define lock() atomic { !locked -> locked = true }
#define unlock() locked = false
#define load(a) d_step { a.set = state.set; a.waiters = state.waiters; a.epoch = state.epoch }
#define NEXT(epoch) ((epoch + 1) % 4)

#ifdef NO_EPOCH
#define was_set(seen, from) (seen.set)
#else
#define was_set(seen, from) (seen.set || seen.epoch != from)
#endif

/* weft_event_observe and weft_event_resume_until */
proctype observer(byte self) {
    word seen;
    byte observation;

    load(seen);
    observation = (seen.set -> (seen.epoch + 3) % 4 : seen.epoch);
    ready++;
    lock();
    load(seen);
    if
    :: was_set(seen, observation) -> unlock()
    :: else ->
        d_step {
            state.set = false;
            state.epoch = observation;
#ifndef NO_MARK
            state.waiters = true
#endif
        };
        queued[self] = true;
        unlock();
        !queued[self]
    fi;
    released++
}

/* weft_event_wait_until */
proctype waiter(byte self; bool has_deadline) {
    word seen;

    lock();
    load(seen);
    if
    :: seen.set -> ready++; unlock()
    :: else ->
        d_step {
            state.set = seen.set;
            state.epoch = seen.epoch;
#ifdef NO_MARK
            state.waiters = seen.waiters
#else
            state.waiters = true
#endif
        };
        queued[self] = true;
        ready++;
        unlock();
        if
        :: !queued[self]
        :: has_deadline ->
            lock();
            if
            :: queued[self] -> queued[self] = false; gave_up++; unlock(); goto done
            :: else -> unlock()
            fi
        fi
    fi;
    released++;
done: skip
}

/* weft_event_clear */
inline clear(seen) {
#ifdef CLEARS_ALL
    load(seen);
    d_step { state.set = false; state.waiters = seen.waiters; state.epoch = seen.epoch }
#else
    state.set = false
#endif
}

proctype clearer() {
    word seen;
    byte times;

    for (times : 1 .. CLEARS) {
        clear(seen)
    }
}

/* weft_event_set, then weft_event_clear */
proctype setter() {
    word seen;
    byte other;

    lock();
    load(seen);
    if
    :: seen.waiters ->
        d_step { state.set = true; state.waiters = false; state.epoch = NEXT(seen.epoch) };
        d_step { for (other : 0 .. WAITERS - 1) { queued[other] = false } }
    :: !seen.waiters && !seen.set ->
        d_step { state.set = true; state.epoch = NEXT(seen.epoch) }
    :: else
    fi;
    unlock();
    clear(seen)
}

init {
    atomic {
        run setter(); run clearer();
        run observer(0); run waiter(1, false); run waiter(2, true)
    }
    (ready == WAITERS);
    run setter();
    (released + gave_up == WAITERS);
    assert(released >= WAITERS - 1)
}
