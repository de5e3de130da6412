/* What Linux, macOS and other Unixes share: POSIX threads, the signal mask, the last message. */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/platform.h"

_Static_assert(sizeof(sigset_t) <= sizeof(weft_platform_inheritance), "room for the signal mask");
_Static_assert(sizeof(pthread_t) <= sizeof(uintptr_t), "pthread_t serves as the ident");

typedef struct {
    weft_thread_entry entry;
    void *argument;
} start;

static void *trampoline(void *argument) {
    start given = *(start *)argument;
    free(argument);
    given.entry(given.argument);
    return NULL;
}

/* The size that pthread_attr_setstacksize accepts: whole pages, and not below its minimum. */
static size_t stack_size(size_t stack_bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t least = (size_t)PTHREAD_STACK_MIN;
    size_t wanted = stack_bytes < least ? least : stack_bytes;
    return (wanted + page - 1) / page * page;
}

weft_status weft_platform_thread_start(weft_thread_entry entry, void *argument, size_t stack_bytes,
                                       uintptr_t *ident) {
    start *given = malloc(sizeof *given);
    if (given == NULL) {
        return WEFT_NO_MEMORY;
    }
    *given = (start){entry, argument};
    pthread_t thread;
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error == 0) {
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        if (stack_bytes != 0) {
            error = pthread_attr_setstacksize(&attributes, stack_size(stack_bytes));
        }
        if (error == 0) {
            error = pthread_create(&thread, &attributes, trampoline, given);
        }
        pthread_attr_destroy(&attributes);
    }
    if (error != 0) {
        free(given);
        return WEFT_NO_THREAD;
    }
    *ident = (uintptr_t)thread;
    return WEFT_OK;
}

uintptr_t weft_platform_thread_ident(void) {
    return (uintptr_t)pthread_self();
}

static _Thread_local void *local;

void *weft_platform_local_get(void) {
    return local;
}

void weft_platform_local_set(void *value) {
    local = value;
}

void weft_platform_capture(weft_platform_inheritance *inheritance) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    memcpy(inheritance->bytes, &mask, sizeof mask);
}

void weft_platform_adopt(const weft_platform_inheritance *inheritance) {
    sigset_t mask;
    memcpy(&mask, inheritance->bytes, sizeof mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

void weft_platform_panic(const char *message) {
    fprintf(stderr, "weft: %s\n", message);
    abort();
}
