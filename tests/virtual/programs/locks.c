// Spinlock, mutex, semaphore and queue of the SDK, with both cores at them.
#include <stdio.h>

#include "hardware/sync.h"
#include "pico/multicore.h"
#include "pico/mutex.h"
#include "pico/sem.h"
#include "pico/stdlib.h"
#include "pico/util/queue.h"

enum { ROUNDS = 5000 };

static spin_lock_t *spin;
static mutex_t mutex;
static semaphore_t ready, finished;
static queue_t to_core1, to_core0;
static volatile uint32_t under_spinlock, under_mutex;

static void count(void) {
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t saved = spin_lock_blocking(spin);
        under_spinlock = under_spinlock + 1;
        spin_unlock(spin, saved);
        mutex_enter_blocking(&mutex);
        under_mutex = under_mutex + 1;
        mutex_exit(&mutex);
    }
}

static void core1_main(void) {
    sem_acquire_blocking(&ready);
    count();
    sem_release(&finished);
    for (;;) {
        uint32_t value;
        queue_remove_blocking(&to_core1, &value);
        value += 1000;
        queue_add_blocking(&to_core0, &value);
    }
}

int main(void) {
    stdio_init_all();
    spin = spin_lock_instance(spin_lock_claim_unused(true));
    mutex_init(&mutex);
    sem_init(&ready, 0, 1);
    sem_init(&finished, 0, 1);
    queue_init(&to_core1, sizeof(uint32_t), 4);
    queue_init(&to_core0, sizeof(uint32_t), 4);
    multicore_launch_core1(core1_main);

    sem_release(&ready);
    count();
    sem_acquire_blocking(&finished);
    printf("spinlock %lu\n", (unsigned long)under_spinlock);
    printf("mutex %lu\n", (unsigned long)under_mutex);

    uint32_t sum = 0;
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t value = i;
        queue_add_blocking(&to_core1, &value);
        queue_remove_blocking(&to_core0, &value);
        sum += value;
    }
    printf("queue %lu\n", (unsigned long)sum);
    printf("timeout %d\n", !sem_acquire_timeout_ms(&finished, 20));
    puts("DONE");
}
