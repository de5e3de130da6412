/* Fork: the child has one thread, and a runtime that works; misuse ends with a message. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

enum { CHILD_SECONDS = 60 };

/* Runs `child` in a forked child and returns how that ended: its exit status, or minus a signal. */
static int run_forked(void (*child)(void *), void *argument) {
    fflush(NULL);
    weft_fork_prepare();
    pid_t pid = fork();
    if (pid == 0) {
        /* Alarms are not inherited (fork(2)). Without a handler: sanitizers hold handlers back. */
        signal(SIGALRM, SIG_DFL);
        alarm(CHILD_SECONDS);
        weft_fork_child();
        child(argument);
        fflush(NULL);
        _exit(0);
    }
    weft_fork_parent();
    EXPECT(pid > 0);
    int status = 0;
    AWAIT(waitpid(pid, &status, WNOHANG) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void wait_for_event(void *event) {
    EXPECT_IS(WEFT_OK, weft_event_wait_until(event, WEFT_FOREVER));
}

static void add_one(void *sum) {
    *(int *)sum += 1;
}

static void use_everything(void) {
    int sum = 0;
    for (int i = 0; i < 20; i++) {
        test_run_threads(3, wait_for_event, &(weft_event){1, 0});
        test_run_threads(1, add_one, &sum);
        EXPECT_IS(i + 1, sum);
    }
    EXPECT_IS(WEFT_OK, weft_thread_join_all_until(WEFT_FOREVER));
    EXPECT_IS(0, weft_thread_count());
}

static void expect_alone(void *thread) {
    EXPECT_IS(0, weft_thread_count());
    EXPECT(!weft_thread_is_alive(thread));
    EXPECT_IS(WEFT_OK, weft_thread_join_until(thread, WEFT_FOREVER));
    EXPECT_IS(WEFT_OK, weft_thread_join_all_until(WEFT_FOREVER));
    use_everything();
}

static void the_child_is_alone(void) {
    weft_event go = WEFT_EVENT_INIT;
    int ignored = 0;
    test_run_threads(1, add_one,
                     &ignored); /* leaves an idle native thread, which the child lacks */
    weft_thread *thread = test_start(wait_for_event, &go);
    AWAIT(weft_event_waiting(&go) == 1);
    EXPECT_IS(0, run_forked(expect_alone, thread));
    EXPECT(weft_thread_is_alive(thread));
    weft_event_set(&go);
    test_join(thread);
    use_everything();
}

static void expect_self_only(void *self) {
    EXPECT(weft_thread_self() == self);
    EXPECT_IS(1, weft_thread_count());
    EXPECT(weft_thread_is_alive(self));
    EXPECT_IS(WEFT_OK, weft_thread_join_all_until(WEFT_FOREVER));
    int sum = 0;
    test_run_threads(1, add_one, &sum);
    EXPECT_IS(1, sum);
    EXPECT_IS(1, weft_thread_count());
}

static void fork_here(void *unused) {
    (void)unused;
    EXPECT_IS(0, run_forked(expect_self_only, weft_thread_self()));
}

static void a_thread_of_weft_may_fork(void) {
    test_run_threads(1, fork_here, NULL);
}

static void fork_again(void *unused) {
    (void)unused;
    weft_event go = WEFT_EVENT_INIT;
    weft_thread *thread = test_start(wait_for_event, &go);
    AWAIT(weft_event_waiting(&go) == 1);
    EXPECT_IS(0, run_forked(expect_alone, thread));
}

static void a_child_may_fork(void) {
    EXPECT_IS(0, run_forked(fork_again, NULL));
}

/* Threads that come and go, wait and wake while the program forks. */
typedef struct {
    weft_event ping;
    _Atomic(bool) stop;
    weft_lock lock;
    weft_thread *latest; /* guarded by lock */
} bustle;

static void come_and_go(void *argument) {
    bustle *town = argument;
    int sum = 0;
    while (!atomic_load(&town->stop)) {
        weft_thread *thread = test_start(add_one, &sum);
        EXPECT_IS(WEFT_OK, weft_lock_acquire_until(&town->lock, WEFT_FOREVER));
        town->latest = thread;
        EXPECT_IS(WEFT_OK, weft_lock_release(&town->lock));
        EXPECT_IS(WEFT_OK, weft_thread_join_until(thread, WEFT_FOREVER));
        EXPECT_IS(WEFT_OK, weft_lock_acquire_until(&town->lock, WEFT_FOREVER));
        town->latest = NULL;
        EXPECT_IS(WEFT_OK, weft_lock_release(&town->lock));
        weft_thread_release(thread);
    }
}

static void ring(void *argument) {
    bustle *town = argument;
    while (!atomic_load(&town->stop)) {
        weft_event_set(&town->ping);
        weft_event_clear(&town->ping);
        weft_event_wait_until(&town->ping, weft_clock_deadline(20000));
    }
}

static void live_on(void *argument) {
    bustle *town = argument;
    EXPECT_IS(0, weft_thread_count());
    if (town->latest != NULL) {
        EXPECT_IS(WEFT_OK, weft_thread_join_until(town->latest, WEFT_FOREVER));
        EXPECT(!weft_thread_is_alive(town->latest));
    }
    use_everything();
}

static void forks_amid_the_bustle(void) {
    bustle town = {.lock = WEFT_LOCK_INIT};
    weft_thread *threads[] = {test_start(come_and_go, &town), test_start(ring, &town),
                              test_start(ring, &town)};
    for (int i = 0; i < test_stress(200); i++) {
        EXPECT_IS(WEFT_OK, weft_lock_acquire_until(&town.lock, WEFT_FOREVER));
        int ended = run_forked(live_on, &town);
        EXPECT_IS(WEFT_OK, weft_lock_release(&town.lock));
        EXPECT_IS(0, ended);
    }
    atomic_store(&town.stop, true);
    for (int t = 0; t < 3; t++) {
        test_join(threads[t]);
    }
}

static void wait_without_the_lock(void *unused) {
    (void)unused;
    weft_lock lock = WEFT_LOCK_INIT;
    weft_condition condition = WEFT_CONDITION_INIT;
    weft_condition_wait_until(&condition, &lock, PAST);
}

static void exit_outside_a_thread(void *unused) {
    (void)unused;
    weft_thread_exit();
}

typedef struct {
    void (*misuse)(void *);
    int write_end;
} offence;

static void say_into_pipe(void *argument) {
    offence *given = argument;
    signal(SIGABRT, SIG_DFL);
    dup2(given->write_end, STDERR_FILENO);
    given->misuse(NULL);
}

static void expect_panic(void (*misuse)(void *), const char *message) {
    int ends[2];
    char said[200] = "";
    EXPECT_IS(0, pipe(ends));
    offence given = {misuse, ends[1]};
    EXPECT_IS(-SIGABRT, run_forked(say_into_pipe, &given));
    close(ends[1]);
    EXPECT(read(ends[0], said, sizeof said - 1) > 0);
    close(ends[0]);
    EXPECT_TEXT(message, said);
}

static void misuse_ends_with_a_message(void) {
    expect_panic(wait_without_the_lock,
                 "weft: weft_condition_wait_until: the caller does not hold the lock\n");
    expect_panic(exit_outside_a_thread,
                 "weft: weft_thread_exit: weft did not start the calling thread\n");
}

const test_case fork_tests[] = {
    {"the_child_is_alone", the_child_is_alone},
    {"a_thread_of_weft_may_fork", a_thread_of_weft_may_fork},
    {"a_child_may_fork", a_child_may_fork},
    {"forks_amid_the_bustle", forks_amid_the_bustle},
    {"misuse_ends_with_a_message", misuse_ends_with_a_message},
    {NULL, NULL},
};
