/* The event word of runtime/sync/event.c: SET, WAITERS and the epoch, for spin.
 *
 * Waiters that are counted in `waiting` must be released by one set(), although clear() follows at
 * once: the program then ends. A waiter that stays asleep is an invalid end state, which spin
 * reports. One of them gives up at a deadline, at any moment.
 *
 * One step here is one atomic step there. -DNO_EPOCH takes the epoch away: spin must find the lost
 * wake-up, which proves that the model can. The epoch counts modulo 4; set() runs up
 * to SETS times.
 */
#define WAITERS_MAX 2
#define SETS 2

typedef word {
    bool set;
    bool waiters;
    byte epoch
};

word state;          /* the event */
byte waiting;        /* weft_event.waiting, for the setter's precondition */
byte wakes;          /* how often the word was woken; a sleeper goes on when it changes */
byte released;
byte gave_up;

#define is_same(a) (state.set == a.set && state.waiters == a.waiters && state.epoch == a.epoch)
#define load(a) a.set = state.set; a.waiters = state.waiters; a.epoch = state.epoch

#ifdef NO_EPOCH
#define is_over(seen, from) (seen.set)
#define NEXT(epoch) (epoch)
#else
#define is_over(seen, from) (seen.set || seen.epoch != from)
#define NEXT(epoch) ((epoch + 1) % 4)
#endif

/* weft_event_wait_until */
proctype waiter(bool has_deadline) {
    word seen;
    byte observation;
    byte woken_at;
    bool timed_out = false;

    d_step { load(seen); observation = seen.epoch }
    atomic { load(seen); if :: is_over(seen, observation) -> goto done :: else fi }
    waiting++;
    do
    :: is_over(seen, observation) -> break
    :: !is_over(seen, observation) && timed_out -> break
    :: else ->
        if
        :: !seen.waiters ->
            /* the compare-and-exchange that announces a waiter */
            atomic {
                if
                :: is_same(seen) -> state.waiters = true; seen.waiters = true
                :: else -> load(seen); goto look
                fi
            }
        :: else
        fi;
        /* weft_platform_wait: compares and falls asleep in one step */
        atomic {
            if
            :: is_same(seen) -> woken_at = wakes
            :: else -> goto awake
            fi
        }
        if
        :: wakes != woken_at
        :: has_deadline -> timed_out = true
        fi;
awake:  atomic { load(seen) }
look:   skip
    od;
    waiting--;
done:
    atomic {
        if
        :: timed_out && !is_over(seen, observation) -> gave_up++
        :: else -> released++
        fi
    }
}

/* weft_event_set, then weft_event_clear */
proctype setter() {
    bool somebody;
    byte times = 0;
    do
    :: times > 0 -> break
    :: times < SETS ->
        d_step {
            somebody = state.waiters;
            if
            :: !state.set -> state.set = true; state.waiters = false;
                             state.epoch = NEXT(state.epoch)
            :: else
            fi
        }
        if
        :: somebody -> wakes++ /* only the address is used: the event may be gone */
        :: else
        fi;
        d_step { state.set = false };
        times++
    od
}

init {
    atomic { run waiter(false); run waiter(false); run waiter(true) }
    /* weft_event_waiting: these two are released by a set() from now on */
    (waiting + gave_up + released >= WAITERS_MAX + 1);
    run setter();
    (released + gave_up == WAITERS_MAX + 1);
    assert(released >= WAITERS_MAX);
    assert(waiting == 0)
}
