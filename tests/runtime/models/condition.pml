/* The lock of runtime/sync/lock.c and the condition of condition.c over it, for spin.
 *
 * Checked: one holder at a time; no release is lost on a sleeper; each notification ends just one
 * wait, although deadlines come at any moment; a signal never touches a waiter that is gone. The
 * release wakes the notified waiters (the deferred wake) or notify does (a NULL lock), as it comes.
 * A thread that somebody forgot stays blocked: an invalid end state, which spin reports.
 *
 * One step here is one atomic step there. Two mistakes prove that the model can fail:
 * -DFORGETS_SLEEPERS takes the lock as HELD after a wait, and -DLEAVES_EARLY lets a waiter whose
 * deadline came go although its signal is still on its way.
 */
#define WAITERS_MAX 2
#define FREE 0
#define HELD 1
#define CONTENDED 2

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
#define FRAME bool got, sleeps, gave_up, timed_out; bool taken[WAITERS_MAX]; byte old, at

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
    atomic { assert(waiter_state[who] == NOTIFIED); waiter_state[who] = SIGNALED }
}

/* weft_lock_release: takes the stack, frees the lock, wakes a sleeper, signals the stack */
inline release() {
    d_step {
        at = 0;
        do
        :: at < WAITERS_MAX -> taken[at] = deferred[at]; deferred[at] = false; at++
        :: else -> break
        od;
        at = 0;
        holders--
    };
    d_step { old = lock_state; lock_state = FREE };
    if
    :: old == CONTENDED -> atomic { if :: asleep > 0 -> asleep--; called++ :: else fi }
    :: else
    fi;
    do
    :: at < WAITERS_MAX && taken[at] -> signal(at); taken[at] = false; at++
    :: at < WAITERS_MAX && !taken[at] -> at++
    :: else -> break
    od
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
    if
    :: timed_out && waiter_state[self] == QUEUED -> queue??eval(self)
    :: else ->
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
        :: nempty(queue) ->
            d_step { queue?who; waiter_state[who] = NOTIFIED; notified++ };
            if
            :: defers -> deferred[who] = true
            :: else -> signal(who)
            fi
        :: break
        od;
        release()
    od
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
    atomic { run waiter(0, true); run waiter(1, false); run notifier(); run passer_by() };
    (_nr_pr == first);
    assert(notified == woken);
    assert(lock_state == FREE && holders == 0 && asleep == 0);
    assert(empty(queue))
}
