/* Failures and the trace. */
#include "platform/kernel/chip/sim/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *sim_thread_name(const weft_kernel_thread *thread) {
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
           sim_thread_name(weft_kernel_cores[sim.core].current));
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
        bool locks = sim.kernel_lock.held && sim.kernel_lock.owner == core;
        printf("  core %u runs %s%s%s%s%s%s%s%s\n", core,
               sim_thread_name(weft_kernel_cores[core].current), at->asleep ? ", asleep" : "",
               at->masked ? ", interrupts masked" : "", at->in_isr > 0 ? ", in an interrupt" : "",
               at->switch_pending ? ", switch pending" : "", at->call_pending ? ", called" : "",
               locks ? ", has the kernel's lock" : "", sim.parked_in[core] != 0 ? ", parked" : "");
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
    if (sim.running && sim.hooks.failed != NULL) {
        sim.hooks.failed();
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
