/* Signals: they end a wait where the platform says so, and masks pass from starter to thread. */
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "harness.h"

static _Atomic(int) handled;

static void count_signal(int number) {
    (void)number;
    atomic_fetch_add(&handled, 1);
}

/* One thread in a wait of some kind, and what it takes to wait. */
typedef struct {
    weft_status (*wait)(void *self);
    _Atomic(int) result; /* -1 until the wait has ended */
    weft_event event;
    weft_lock lock;
    weft_condition condition;
    weft_semaphore semaphore;
    weft_thread *other;
} sleeper;

static weft_status wait_event(void *self) {
    return weft_event_wait_until(&((sleeper *)self)->event, WEFT_FOREVER);
}

static weft_status wait_event_with_deadline(void *self) {
    return weft_event_wait_until(&((sleeper *)self)->event,
                                 weft_clock_deadline(INT64_C(3600000000000)));
}

static weft_status wait_lock(void *self) {
    return weft_lock_acquire_until(&((sleeper *)self)->lock, WEFT_FOREVER);
}

static weft_status wait_condition(void *self) {
    weft_lock own = WEFT_LOCK_INIT;
    EXPECT(weft_lock_try(&own));
    weft_status status =
        weft_condition_wait_until(&((sleeper *)self)->condition, &own, WEFT_FOREVER);
    EXPECT_IS(WEFT_OK, weft_lock_release(&own));
    return status;
}

static weft_status wait_semaphore(void *self) {
    return weft_semaphore_acquire_until(&((sleeper *)self)->semaphore, WEFT_FOREVER);
}

static weft_status wait_join(void *self) {
    return weft_thread_join_until(((sleeper *)self)->other, WEFT_FOREVER);
}

static weft_status wait_join_all(void *self) {
    (void)self;
    return weft_thread_join_all_until(WEFT_FOREVER);
}

static weft_status wait_sleep(void *self) {
    (void)self;
    return weft_sleep_until(WEFT_FOREVER);
}

static void fall_asleep(void *argument) {
    sleeper *self = argument;
    atomic_store(&self->result, (int)self->wait(self));
}

static void stay(void *event) {
    while (weft_event_wait_until(event, WEFT_FOREVER) != WEFT_OK) {
    }
}

/* A signal that comes before the thread sleeps ends no wait, so it is sent until one does. */
static void interrupt(weft_status (*wait)(void *), weft_thread *other) {
    sleeper self = {.wait = wait, .result = -1, .lock = WEFT_LOCK_INIT, .other = other};
    self.semaphore = (weft_semaphore)WEFT_SEMAPHORE_INIT(0, 1);
    EXPECT(weft_lock_try(&self.lock));
    weft_thread *thread = test_start(fall_asleep, &self);
    AWAIT(atomic_load(&self.result) != -1 ||
          (pthread_kill((pthread_t)weft_thread_ident(thread), SIGUSR1), false));
    EXPECT_IS(WEFT_INTERRUPTED, self.result);
    test_join(thread);
    EXPECT_IS(0, weft_event_waiting(&self.event));
    EXPECT_IS(0, weft_semaphore_waiting(&self.semaphore));
    EXPECT_IS(0, self.condition.waiting);
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = count_signal}; /* without SA_RESTART */
    EXPECT_IS(0, sigaction(SIGUSR1, &action, NULL));
}

static void end_every_kind_of_wait(void) {
    weft_status (*const waits[])(void *) = {
        wait_event,     wait_event_with_deadline, wait_lock,
        wait_condition, wait_semaphore,           wait_join,
        wait_join_all,
    };
    if (!weft_signals_end_waits()) {
        test_note("this platform says that signals end no wait: see end_no_wait");
        return;
    }
    catch_signals();
    weft_event go = WEFT_EVENT_INIT;
    weft_thread *other = test_start(stay, &go);
    for (size_t w = 0; w < sizeof waits / sizeof *waits; w++) {
        interrupt(waits[w], other);
    }
    interrupt(wait_sleep, other);
    weft_event_set(&go);
    test_join(other);
    EXPECT(handled > 0);
}

/* Where signals end no wait, a wait under their fire still ends with what it waits for. */
static void end_no_wait(void) {
    catch_signals();
    sleeper self = {.wait = wait_event, .result = -1, .lock = WEFT_LOCK_INIT};
    weft_thread *thread = test_start(fall_asleep, &self);
    if (weft_signals_end_waits()) {
        test_note("this platform says that signals end waits: see end_every_kind_of_wait");
    } else {
        AWAIT(weft_event_waiting(&self.event) == 1);
        int before = handled;
        AWAIT(handled > before + 5 ||
              (pthread_kill((pthread_t)weft_thread_ident(thread), SIGUSR1), false));
        EXPECT_IS(-1, self.result);
    }
    weft_event_set(&self.event);
    test_join(thread);
    EXPECT_IS(WEFT_OK, self.result);
}

/* An interrupted wait goes on where it was: a set() in between is not lost. */
static void an_interrupted_wait_goes_on(void) {
    catch_signals();
    for (int i = 0; i < test_stress(200); i++) {
        weft_event event = WEFT_EVENT_INIT;
        uint32_t observation = weft_event_observe(&event);
        weft_event_set(&event);
        weft_event_clear(&event);
        pthread_kill(pthread_self(), SIGUSR1);
        EXPECT_IS(WEFT_OK, weft_event_resume_until(&event, observation, WEFT_FOREVER));
    }
}

static void read_mask(void *mask) {
    pthread_sigmask(SIG_SETMASK, NULL, mask);
}

static void spoil_mask(void *unused) {
    (void)unused;
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGALRM);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
}

/* By a new native thread, by a pooled one, and by a pooled one whose last job changed its own. */
static void masks_pass_from_starter_to_thread(void) {
    sigset_t before, blocked, seen;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    for (int i = 0; i < 4; i++) {
        bool blocks = i % 2 == 0;
        pthread_sigmask(blocks ? SIG_BLOCK : SIG_UNBLOCK, &blocked, NULL);
        memset(&seen, 0, sizeof seen);
        test_run_threads(1, read_mask, &seen);
        EXPECT_IS(blocks, sigismember(&seen, SIGUSR2));
        EXPECT_IS(0, sigismember(&seen, SIGUSR1));
        test_run_threads(1, spoil_mask, NULL);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

const test_case signal_tests[] = {
    {"end_every_kind_of_wait", end_every_kind_of_wait},
    {"end_no_wait", end_no_wait},
    {"an_interrupted_wait_goes_on", an_interrupted_wait_goes_on},
    {"masks_pass_from_starter_to_thread", masks_pass_from_starter_to_thread},
    {NULL, NULL},
};
