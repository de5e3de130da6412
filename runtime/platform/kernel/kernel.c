/* The seam over weft's own kernel; waiting itself is in wait.c.
 *
 * weft_thread_start takes control block and stack from malloc. The next start frees those of
 * threads that are gone. A program that brings its own memory calls weft_kernel_thread_start
 * instead, and then nothing here needs malloc.
 */
#include "platform/kernel/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "platform/platform.h"

const bool weft_platform_signals_end_waits = true;

typedef struct started {
    weft_kernel_thread thread; /* first */
    struct started *next;
    char name[16]; /* a copy: the given text may be gone before the thread */
    _Alignas(8) unsigned char stack[];
} started;

static started *started_first; /* guarded by the kernel's lock */

int64_t weft_platform_now(void) {
    return weft_chip_now();
}

static void free_gone(void) {
    started *gone = NULL;
    uint32_t state = weft_kernel_lock();
    for (started **link = &started_first; *link != NULL;) {
        started *at = *link;
        if (weft_kernel_is_gone_locked(&at->thread)) {
            *link = at->next;
            at->next = gone;
            gone = at;
        } else {
            link = &at->next;
        }
    }
    weft_kernel_unlock(state);
    while (gone != NULL) {
        started *next = gone->next;
        free(gone);
        gone = next;
    }
}

weft_status weft_platform_thread_start(weft_thread_entry entry, void *argument, size_t stack_bytes,
                                       uintptr_t *ident) {
    free_gone();
    size_t bytes = stack_bytes != 0 ? stack_bytes : WEFT_CHIP_STACK_BYTES;
    if (bytes < WEFT_CHIP_LEAST_STACK_BYTES) {
        bytes = WEFT_CHIP_LEAST_STACK_BYTES;
    }
    if (bytes > UINT32_MAX / 2) {
        return WEFT_NO_THREAD;
    }
    bytes = (bytes + 7) & ~(size_t)7;
    started *new = calloc(1, sizeof *new + bytes);
    if (new == NULL) {
        return WEFT_NO_THREAD;
    }
    *ident = (uintptr_t) & new->thread;
    uint32_t state = weft_kernel_lock();
    new->next = started_first;
    started_first = new;
    weft_kernel_unlock(state);
    weft_kernel_thread_start(&new->thread, entry, argument, new->stack, bytes);
    return WEFT_OK;
}

uintptr_t weft_platform_thread_ident(void) {
    return (uintptr_t)weft_kernel_self();
}

/* sync/ names only threads that weft_platform_thread_start has started. */
void weft_platform_thread_set_name(const char *name) {
    started *self = (started *)weft_kernel_self();
    strncpy(self->name, name, sizeof self->name - 1);
    self->thread.name = self->name;
}

void *weft_platform_local_get(void) {
    return weft_kernel_self()->local;
}

void weft_platform_local_set(void *value) {
    weft_kernel_self()->local = value;
}

void weft_platform_capture(weft_platform_inheritance *inheritance) {
    (void)inheritance;
}

void weft_platform_adopt(const weft_platform_inheritance *inheritance) {
    (void)inheritance;
}

void weft_platform_panic(const char *message) {
    (void)weft_arch_irq_save();
    weft_kernel_on_panic(message);
    weft_chip_panic(message);
}
