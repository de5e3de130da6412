/* Failures, the names of words and threads, the trace. */
#include "platform/kernel/chip/sim/inside.h"
#include "platform/platform.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = 64 };

static struct {
    uintptr_t low, high;
    const char *name;
} names[NAMES];

void weft_sim_name(const void *low, size_t bytes, const char *name) {
    for (int i = 0; i < NAMES; i++) {
        if (names[i].name == NULL || names[i].low == (uintptr_t)low) {
            names[i].low = (uintptr_t)low;
            names[i].high = (uintptr_t)low + bytes;
            names[i].name = name;
            return;
        }
    }
}

const char *sim_name_of(const void *address) {
    for (int i = 0; i < NAMES && names[i].name != NULL; i++) {
        if ((uintptr_t)address >= names[i].low && (uintptr_t)address < names[i].high) {
            return names[i].name;
        }
    }
    return "a word without a name";
}

static const char *thread_name(const weft_kernel_thread *thread) {
    if (thread == NULL) {
        return "nobody";
    }
    if (thread->state == THREAD_IDLE) {
        return "idle";
    }
    return thread->name != NULL ? thread->name : "it has no name";
}

static void print_place(void) {
    printf("%10.3f us  core %u %-8s ", (double)sim_now() / 1000, sim.core,
           thread_name(weft_kernel_cores[sim.core].current));
    for (unsigned depth = 0; depth < sim.cores[sim.core].in_isr; depth++) {
        printf("> ");
    }
}

void weft_sim_note(const char *format, ...) {
    if (!sim.options.verbose) {
        return;
    }
    va_list arguments;
    print_place();
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
}

static void print_cores(void) {
    for (unsigned core = 0; core < CORES; core++) {
        const sim_core *at = &sim.cores[core];
        printf("  core %u runs %s%s%s%s%s%s%s%s\n", core,
               thread_name(weft_kernel_cores[core].current), at->asleep ? ", asleep" : "",
               at->masked ? ", interrupts masked" : "", at->in_isr > 0 ? ", in an interrupt" : "",
               at->wants_switch ? ", switch pending" : "", at->called ? ", called" : "",
               sim.kernel_lock.held && sim.kernel_lock.owner == core ? ", has the kernel's lock"
                                                                     : "",
               sim.parked[core] != 0 ? ", parked" : "");
    }
}

void sim_print_threads(void) {
    static const char *states[] = {"READY", "RUNNING", "WAITING", "ENDED", "IDLE"};
    enum { MOST = 100 };
    int count = 0;
    for (const weft_kernel_thread *at = NULL; (at = sim_next_thread(at)) != NULL && count < MOST;
         count++) {
        printf("  thread %s: %s%s%s", thread_name(at), states[at->state],
               at->on_core ? ", on a core" : "", at->interrupted ? ", interrupted" : "");
        if (at->cores != WEFT_KERNEL_ALL_CORES) {
            printf(", on cores %#x only", at->cores);
        }
        if (at->state == THREAD_WAITING) {
            printf(", waits on %s", sim_name_of(at->word));
            sim_print_wait(at);
            if (at->timed) {
                printf(", until %.3f us", (double)at->deadline / 1000);
            }
        }
        printf("\n");
    }
}

void weft_sim_fail(const char *format, ...) {
    static bool failing;
    if (failing) {
        _Exit(1); /* the report itself fails: what it has printed is all there is */
    }
    failing = true;
    va_list arguments;
    print_place();
    printf("\nFAILED seed %" PRIu64 ": ", sim.options.seed);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    if (sim.options.again != NULL) {
        printf("  see it again: %s\n", sim.options.again);
    }
    print_cores();
    fflush(stdout);
    if (sim.running) {
        sim_print_threads();
    }
    fflush(stdout);
    _Exit(1);
}

void weft_sim_expect_panic(const char *message) {
    sim.expected_panic = message;
}

void weft_chip_panic(const char *message) {
    if (sim.expected_panic != NULL && strcmp(sim.expected_panic, message) == 0) {
        fflush(stdout);
        _Exit(0);
    }
    weft_sim_fail("panic: %s", message);
}
