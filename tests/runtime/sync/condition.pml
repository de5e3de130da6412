/* The lock of runtime/sync/lock.c and the condition of condition.c over it, for spin.
 *
 * Checked: one holder at a time; no release is lost on a sleeper; each notification ends just one
 * wait, although deadlines come at any moment; a signal never touches a waiter that is gone. The
 * release wakes the notified waiters (the deferred wake) or notify does (a NULL lock), as it comes.
 * One thread notifies without the lock, whenever it finds it held by anybody: the queue is then
 * guarded by the interpreter's lock, whose turns are single steps here.
 * A thread that somebody forgot stays blocked: an invalid end state, which spin reports.
 *
 * One step here is one atomic step there. These mistakes prove that the model can fail:
 * -DFORGETS_SLEEPERS   takes the lock as HELD after a wait
 * -DLEAVES_EARLY       lets a waiter whose deadline came go although its signal is on its way
 * -DAWAITS_ITSELF      such a waiter does not signal those that are left to its own release
 * -DFORGETS_TO_LOOK    who defers a waiter does not look whether the lock has become free
 */
#define WAITERS_MAX 2
#define FREE 0
#define HELD 1
#define DEFERRED 2
#define CONTENDED 3

#ifdef FORGETS_SLEEPERS
#define AFTER_WAIT HELD
#else
#define AFTER_WAIT CONTENDED
#endif

mtype = { GONE, QUEUED, NOTIFIED, SIGNALED };

byte lock_state;
byte asleep;  /* on the lock's word */
byte called;  /* of those, reached by a wake */
byte holders; /* of the lock */

mtype waiter_state[WAITERS_MAX] = GONE;
bool deferred[WAITERS_MAX];             /* the lock's stack */
chan queue = [WAITERS_MAX] of { byte }; /* the condition's; guarded by the lock */

byte notified;
byte woken;
byte ended;

/* What a thread has on its stack. */
#define FRAME                                                                                      \
    bool got, sleeps, gave_up, timed_out, is_free;                                                 \
    bool taken[WAITERS_MAX];                                                                       \
    byte old, at

/* weft_lock_acquire_until; an impatient caller may find its deadline past at any moment */
inline acquire(impatient) {
    gave_up = false;
    atomic { /* weft_lock_try */
        got = (lock_state == FREE);
        lock_state = (got -> HELD : lock_state)
    };
    do
    :: got || gave_up -> break
    :: else ->
        sleeps = false;
        atomic { /* take_contended */
            got = (lock_state == FREE);
            lock_state = (got -> AFTER_WAIT : CONTENDED)
        };
        if
        :: got
        :: else ->
            /* weft_platform_wait: compares and falls asleep in one step */
            atomic { if :: lock_state == CONTENDED -> asleep++; sleeps = true :: else fi };
            if
            :: !sleeps
            :: atomic { sleeps && called > 0 -> called-- }
            :: atomic { sleeps && impatient && asleep > 0 -> asleep-- };
               atomic { /* the last try before it gives up */
                   got = (lock_state == FREE);
                   lock_state = (got -> AFTER_WAIT : CONTENDED);
                   gave_up = !got
               }
            fi
        fi
    od;
    if
    :: got -> holders++; assert(holders == 1)
    :: else
    fi
}

/* weft_waiter_signal: the wake that follows the store uses the address only */
inline signal(who) {
    d_step { assert(waiter_state[who] == NOTIFIED); waiter_state[who] = SIGNALED }
}

/* weft_lock_signal_deferred: takes the stack, then signals it */
inline signal_deferred() {
    d_step {
        at = 0;
        do
        :: at < WAITERS_MAX -> taken[at] = deferred[at]; deferred[at] = false; at++
        :: else -> break
        od;
        at = 0
    };
    do
    :: atomic {
        at = 0;
        do
        :: at < WAITERS_MAX && !taken[at] -> at++
        :: else -> break
        od;
        if
        :: at < WAITERS_MAX -> signal(at); taken[at] = false; at = 0
        :: else -> at = 0; break
        fi
    }
    od
}

/* weft_lock_release: frees the lock, wakes a sleeper, signals the stack */
inline release() {
    d_step { holders--; old = lock_state; lock_state = FREE };
    if
    :: old == CONTENDED -> d_step { if :: asleep > 0 -> asleep--; called++ :: else fi }
    :: else
    fi;
    if
    :: old > HELD -> old = FREE; signal_deferred()
    :: else -> old = FREE
    fi
}

/* What weft_lock_defer does after the push. */
inline mark() {
    d_step {
        is_free = (lock_state == FREE);
        lock_state = (lock_state == HELD -> DEFERRED : lock_state)
    };
#ifndef FORGETS_TO_LOOK
    if
    :: is_free -> signal_deferred()
    :: else
    fi
#endif
}

/* weft_condition_wait_until */
proctype waiter(byte self; bool has_deadline) {
    FRAME;

    acquire(false);
    d_step { waiter_state[self] = QUEUED; queue!self };
    release();
    if
    :: waiter_state[self] == SIGNALED
    :: has_deadline -> timed_out = true
    fi;
    acquire(false);
    /* weft_condition_cancel_locked */
    if
    :: atomic { timed_out && waiter_state[self] == QUEUED -> queue??eval(self) }
    :: else ->
#ifndef AWAITS_ITSELF
        if
        :: waiter_state[self] == NOTIFIED -> signal_deferred()
        :: else
        fi;
#endif
#ifndef LEAVES_EARLY
        (waiter_state[self] == SIGNALED);
#endif
        woken++
    fi;
    waiter_state[self] = GONE;
    release();
    ended++
}

/* Notifies while somebody waits: any number, woken by the release or at once. */
proctype notifier() {
    FRAME;
    bool defers;
    byte who;

    do
    :: ended == WAITERS_MAX -> break
    :: nempty(queue) ->
        acquire(false);
        if :: defers = true :: defers = false fi;
        do
        :: atomic {
            nempty(queue) -> queue?who;
            waiter_state[who] = NOTIFIED;
            notified++
        } ->
            if
            :: defers -> deferred[who] = true; mark()
            :: else -> signal(who)
            fi
        :: break
        od;
        release()
    od
}

/* Notifies once without the lock. */
proctype stranger() {
    FRAME;
    byte who;

    if
    :: lock_state != FREE ->
        atomic {
            if
            :: nempty(queue) -> queue?who;
                waiter_state[who] = NOTIFIED;
                notified++;
                deferred[who] = true;
                is_free = false
            :: empty(queue) -> who = WAITERS_MAX
            fi
        };
        if
        :: who < WAITERS_MAX -> mark()
        :: else
        fi
    :: ended == WAITERS_MAX
    fi
}

/* A bystander that may give up. */
proctype passer_by() {
    FRAME;

    acquire(true);
    if
    :: got -> release()
    :: else
    fi
}

init {
    pid first = _nr_pr;
    atomic {
        run waiter(0, true);
        run waiter(1, false);
        run notifier();
        if
        :: run stranger()
        :: run passer_by()
        fi
    };
    (_nr_pr == first);
    assert(notified == woken);
    assert(lock_state == FREE && holders == 0 && asleep == 0);
    assert(empty(queue))
}
