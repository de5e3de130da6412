/* What the tests need from every Unix, the simulator's too. The figure comes from Linux's /proc. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "harness.h"

/* The program ends here, so that the handler may print with stdio does no harm. */
static void on_alarm(int signal_number) {
    (void)signal_number;
    test_hangs();
}

void host_watchdog(unsigned seconds) {
    signal(SIGALRM, on_alarm);
    alarm(seconds);
}

int64_t host_memory_bytes(void) {
    long all = 0;
    long resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%ld %ld", &all, &resident) != 2) {
            resident = 0;
        }
        fclose(file);
    }
    return (int64_t)resident * sysconf(_SC_PAGESIZE);
}
