/* sim: random programs, or cases, on the simulated kernel; each seed in a process of its own.
 *
 *   sim [--seed FIRST] [--count HOW_MANY] [--case NAME] [--hash] [--verbose] [--list]
 *
 * Prints a line now and then, and stops at the first seed that fails, with the command that shows
 * it again. --verbose prints what happens, --hash a number that is the same for the same run.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cases.h"
#include "program.h"

enum { LIMIT_SECONDS = 60, PROGRESS_SECONDS = 5 };

typedef struct {
    const char *program;
    uint64_t seed, count;
    const test_case *wanted; /* NULL for random programs */
    bool hash, verbose;
} options;

static void run_case(void *wanted) {
    ((const test_case *)wanted)->run();
}

static void run_seed(const options *line, uint64_t seed) {
    static char again[300];
    snprintf(again, sizeof again, "%s%s%s --seed %" PRIu64 " --verbose", line->program,
             line->wanted != NULL ? " --case " : "", line->wanted != NULL ? line->wanted->name : "",
             seed);
    weft_sim_options sim = {
        .seed = seed, .verbose = line->verbose, .again = again, .hooks = &checker_hooks};
    if (line->wanted != NULL) {
        weft_sim_expect_panic(line->wanted->panic);
        weft_sim_run(&sim, run_case, (void *)line->wanted);
    } else {
        weft_sim_run(&sim, run_program, &seed);
    }
    if (line->hash) {
        printf("seed %" PRIu64 ": %016" PRIx64 "\n", seed, weft_sim_hash());
    }
    fflush(stdout);
}

/* Whether it ended well. */
static bool run_in_child(const options *line, uint64_t seed) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(LIMIT_SECONDS);
        run_seed(line, seed);
        _Exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("sim");
        return false;
    }
    if (WIFSIGNALED(status)) {
        printf("FAILED seed %" PRIu64 ": %s\n  see it again: %s%s%s --seed %" PRIu64 " --verbose\n",
               seed,
               WTERMSIG(status) == SIGALRM ? "no end within a minute" : strsignal(WTERMSIG(status)),
               line->program, line->wanted != NULL ? " --case " : "",
               line->wanted != NULL ? line->wanted->name : "", seed);
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int run_all(const options *line) {
    double start = seconds_now(), told = start;
    for (uint64_t i = 0; i < line->count; i++) {
        if (!run_in_child(line, line->seed + i)) {
            return 1;
        }
        double now = seconds_now();
        if (now - told > PROGRESS_SECONDS || i + 1 == line->count) {
            told = now;
            printf("seeds %" PRIu64 " to %" PRIu64 ": ok, %.0f a second\n", line->seed,
                   line->seed + i, (double)(i + 1) / (now - start));
            fflush(stdout);
        }
    }
    return 0;
}

static int misused(const char *word) {
    fprintf(stderr, "sim: %s is not known; main.c tells what is, --list shows the cases\n", word);
    return 2;
}

static const test_case *case_among(const test_case *at, const char *name) {
    while (at->name != NULL && strcmp(at->name, name) != 0) {
        at++;
    }
    return at->name != NULL ? at : NULL;
}

static const test_case *case_of(const char *name) {
    const test_case *found = case_among(cases, name);
    return found != NULL ? found : case_among(failing_cases, name);
}

int main(int argc, char **argv) {
    options line = {.program = argv[0], .seed = 1, .count = 1};
    for (int at = 1; at < argc; at++) {
        const char *word = argv[at], *value = at + 1 < argc ? argv[at + 1] : "";
        if (strcmp(word, "--hash") == 0) {
            line.hash = true;
        } else if (strcmp(word, "--verbose") == 0) {
            line.verbose = true;
        } else if (strcmp(word, "--list") == 0) {
            for (const test_case *one = cases; one->name != NULL; one++) {
                printf("%s\n", one->name);
            }
            return 0;
        } else if (strcmp(word, "--seed") == 0) {
            line.seed = strtoull(value, NULL, 10);
            at++;
        } else if (strcmp(word, "--count") == 0) {
            line.count = strtoull(value, NULL, 10);
            at++;
        } else if (strcmp(word, "--case") == 0 && (line.wanted = case_of(value)) != NULL) {
            at++;
        } else {
            return misused(word);
        }
    }
    if (line.count == 1) {
        run_seed(&line, line.seed);
        return 0;
    }
    return run_all(&line);
}
