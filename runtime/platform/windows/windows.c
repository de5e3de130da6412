/* Windows 8 and later: WaitOnAddress and CreateThread. Link with synchronization.lib.
 *
 * WaitOnAddress counts in milliseconds: a deadline is rounded up to the next one.
 */
#define WIN32_LEAN_AND_MEAN
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0602
#endif
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

#include "platform/platform.h"

/* Ctrl-C runs a handler in a thread of its own. */
const bool weft_platform_signals_end_waits = false;

static const int64_t SECOND_NS = 1000000000;
static const int64_t MILLISECOND_NS = 1000000;

int64_t weft_platform_now(void) {
    LARGE_INTEGER frequency;
    LARGE_INTEGER ticks;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&ticks);
    int64_t seconds = ticks.QuadPart / frequency.QuadPart;
    int64_t rest = ticks.QuadPart % frequency.QuadPart;
    return seconds * SECOND_NS + rest * SECOND_NS / frequency.QuadPart;
}

weft_status weft_platform_wait(weft_word *word, uint32_t expected, int64_t deadline_ns) {
    DWORD timeout_ms = INFINITE;
    if (deadline_ns != WEFT_FOREVER) {
        int64_t now = weft_platform_now();
        if (deadline_ns <= now) { /* compared first: the difference of the two may overflow */
            return atomic_load(word) == expected ? WEFT_TIMEDOUT : WEFT_OK;
        }
        int64_t remaining_ns = deadline_ns - now;
        int64_t ms = (remaining_ns - 1) / MILLISECOND_NS + 1;
        timeout_ms = ms >= INFINITE ? INFINITE - 1 : (DWORD)ms;
    }
    /* A time-out is not reported here: the next round finds the deadline past. */
    WaitOnAddress((volatile VOID *)word, &expected, sizeof *word, timeout_ms);
    return WEFT_OK;
}

void weft_platform_wake_one(weft_word *word) {
    WakeByAddressSingle((PVOID)word);
}

void weft_platform_wake_all(weft_word *word) {
    WakeByAddressAll((PVOID)word);
}

typedef struct {
    weft_thread_entry entry;
    void *argument;
} start;

static DWORD WINAPI trampoline(LPVOID argument) {
    start given = *(start *)argument;
    free(argument);
    given.entry(given.argument);
    return 0;
}

weft_status weft_platform_thread_start(weft_thread_entry entry, void *argument, size_t stack_bytes,
                                       uintptr_t *ident) {
    start *given = malloc(sizeof *given);
    if (given == NULL) {
        return WEFT_NO_MEMORY;
    }
    *given = (start){entry, argument};
    DWORD id;
    HANDLE thread =
        CreateThread(NULL, stack_bytes, trampoline, given, STACK_SIZE_PARAM_IS_A_RESERVATION, &id);
    if (thread == NULL) {
        free(given);
        return WEFT_NO_THREAD;
    }
    CloseHandle(thread);
    *ident = id;
    return WEFT_OK;
}

uintptr_t weft_platform_thread_ident(void) {
    return GetCurrentThreadId();
}

/* SetThreadDescription came with Windows 10 1607, there in KernelBase.dll only: it is looked up. */
void weft_platform_thread_set_name(const char *name) {
    typedef HRESULT(WINAPI * set_description)(HANDLE, PCWSTR);
    union {
        FARPROC found;
        set_description call;
    } function;
    function.found = GetProcAddress(GetModuleHandleA("kernelbase.dll"), "SetThreadDescription");
    wchar_t wide[64];
    if (function.found != NULL && MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, 64) > 0) {
        function.call(GetCurrentThread(), wide);
    }
}

static _Thread_local void *local;

void *weft_platform_local_get(void) {
    return local;
}

void weft_platform_local_set(void *value) {
    local = value;
}

void weft_platform_capture(weft_platform_inheritance *inheritance) {
    (void)inheritance;
}

void weft_platform_adopt(const weft_platform_inheritance *inheritance) {
    (void)inheritance;
}

void weft_platform_panic(const char *message) {
    fprintf(stderr, "weft: %s\n", message);
    abort();
}
