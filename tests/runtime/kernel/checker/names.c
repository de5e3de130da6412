/* The names of words, and the list of threads for reports. */
#include "checks.h"

#include <stdio.h>

enum { NAMES = 64 };

static struct {
    uintptr_t low, high;
    const char *name;
} names[NAMES];

void checker_name(const void *low, size_t bytes, const char *name) {
    for (int i = 0; i < NAMES; i++) {
        if (names[i].name == NULL || names[i].low == (uintptr_t)low) {
            names[i].low = (uintptr_t)low;
            names[i].high = (uintptr_t)low + bytes;
            names[i].name = name;
            return;
        }
    }
}

const char *checker_name_of(const void *address) {
    for (int i = 0; i < NAMES && names[i].name != NULL; i++) {
        if ((uintptr_t)address >= names[i].low && (uintptr_t)address < names[i].high) {
            return names[i].name;
        }
    }
    return "a word without a name";
}

void checker_print_threads(void) {
    static const char *states[] = {"READY", "RUNNING", "WAITING", "ENDED", "IDLE"};
    enum { MOST = 100 };
    int count = 0;
    for (const weft_kernel_thread *at = NULL;
         (at = checker_next_thread(at)) != NULL && count < MOST; count++) {
        printf("  thread %s: %s%s%s", sim_thread_name(at), states[at->state],
               at->on_core ? ", on a core" : "", at->interrupted ? ", interrupted" : "");
        if (at->cores != WEFT_KERNEL_ALL_CORES) {
            printf(", on cores %#x only", at->cores);
        }
        if (at->state == THREAD_WAITING) {
            printf(", waits on %s", checker_name_of(at->word));
            checker_print_wait(at);
            if (at->timed) {
                printf(", until %.3f us", (double)at->deadline / 1000);
            }
        }
        printf("\n");
    }
}
