/* What the tests need from Windows. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <psapi.h>

#include "harness.h"

static volatile LONG64 limit_ms; /* of GetTickCount64; written by host_watchdog */

static DWORD WINAPI watch(LPVOID unused) {
    (void)unused;
    while ((LONG64)GetTickCount64() < InterlockedCompareExchange64(&limit_ms, 0, 0)) {
        Sleep(100);
    }
    test_hangs();
}

void host_watchdog(unsigned seconds) {
    static HANDLE watchdog;
    InterlockedExchange64(&limit_ms, (LONG64)GetTickCount64() + 1000 * (LONG64)seconds);
    if (watchdog == NULL) {
        watchdog = CreateThread(NULL, 0, watch, NULL, 0, NULL);
        EXPECT(watchdog != NULL);
    }
}

int64_t host_memory_bytes(void) {
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof counters};
    return K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters)
               ? (int64_t)counters.PagefileUsage
               : 0;
}

int64_t host_handles(void) {
    DWORD count = 0;
    return GetProcessHandleCount(GetCurrentProcess(), &count) ? (int64_t)count : 0;
}

int64_t host_native_threads(void) {
    return 0;
}
