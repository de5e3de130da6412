/* What the tests need from the simulator, besides host_posix.c: weft_tests as a program of the
 * kernel's main thread. The seed of the tests is that of the simulator too. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#ifdef WEFT_CHECKED
#include "checker.h"
#endif
#include "platform/kernel/chip/sim/sim.h"
#include "weft_kernel.h"

int64_t host_handles(void) {
    return 0;
}

int64_t host_native_threads(void) {
    int64_t count = 0;
    weft_kernel_stop_others();
    for (weft_kernel_thread *at = NULL; (at = weft_kernel_next(at)) != NULL;) {
        count++;
    }
    weft_kernel_resume_others();
    return count;
}

int weft_tests_main(int argc, char **argv);

typedef struct {
    int count;
    char **words;
    int status;
} command;

static void run_tests(void *argument) {
    command *line = argument;
    line->status = weft_tests_main(line->count, line->words);
}

int main(int argc, char **argv) {
    enum { STACKS_FROM = 65536 };
    mallopt(M_MMAP_THRESHOLD, STACKS_FROM); /* so that memory of a stack that is gone goes back */
    command line = {argc, argv, 0};
    weft_sim_options options = {.seed = 1};
    for (int at = 1; at + 1 < argc; at++) {
        if (strcmp(argv[at], "--seed") == 0) {
            options.seed = strtoull(argv[at + 1], NULL, 10);
        }
    }
#ifdef WEFT_CHECKED
    options.hooks = &checker_hooks;
#endif
    options.verbose = getenv("WEFT_SIM_VERBOSE") != NULL;
    weft_sim_run(&options, run_tests, &line);
    return line.status;
}
