// Mutex, recursive mutex, semaphore and queue of the Pico SDK between threads of the kernel, by the
// RTOS adapter header: owned by threads, not by cores, and whoever waits lets others run.
#include <stdio.h>

#include "pico/mutex.h"
#include "pico/sem.h"
#include "pico/stdlib.h"
#include "pico/util/queue.h"
#include "weft.h"
#include "weft_kernel.h"

enum { THREADS = 6, ROUNDS = 200, STACK_BYTES = 1024 };

static weft_kernel_thread main_thread, threads[THREADS];
static _Alignas(8) unsigned char main_stack[4096], stacks[THREADS][STACK_BYTES];
static mutex_t mutex;
static recursive_mutex_t recursive;
static semaphore_t two, finished;
static queue_t values;
static volatile int inside, most_inside, counted, counted_twice;

static void work(void *argument) {
    for (int i = 0; i < ROUNDS; i++) {
        mutex_enter_blocking(&mutex);
        int seen = counted;
        if (i % 16 == 0) {
            weft_kernel_yield(); // others of this core must not get in
        }
        counted = seen + 1;
        mutex_exit(&mutex);
        recursive_mutex_enter_blocking(&recursive);
        recursive_mutex_enter_blocking(&recursive);
        counted_twice = counted_twice + 1;
        recursive_mutex_exit(&recursive);
        recursive_mutex_exit(&recursive);
    }
    sem_acquire_blocking(&two);
    mutex_enter_blocking(&mutex);
    inside = inside + 1;
    most_inside = inside > most_inside ? inside : most_inside;
    mutex_exit(&mutex);
    sleep_ms(5);
    mutex_enter_blocking(&mutex);
    inside = inside - 1;
    mutex_exit(&mutex);
    sem_release(&two);
    int value = (int)(intptr_t)argument;
    queue_add_blocking(&values, &value);
    sem_release(&finished);
}

int main(void) {
    stdio_init_all();
    mutex_init(&mutex);
    recursive_mutex_init(&recursive);
    sem_init(&two, 2, 2);
    sem_init(&finished, 0, THREADS);
    queue_init(&values, sizeof(int), 2);
    weft_kernel_start(&main_thread, "main", main_stack, sizeof main_stack);
    for (int i = 0; i < THREADS; i++) {
        weft_kernel_thread_start(&threads[i], work, (void *)(intptr_t)(i + 1), stacks[i],
                                 STACK_BYTES);
    }
    int sum = 0;
    for (int i = 0; i < THREADS; i++) {
        int value;
        queue_remove_blocking(&values, &value);
        sum += value;
    }
    for (int i = 0; i < THREADS; i++) {
        sem_acquire_blocking(&finished);
    }
    printf("mutex %d, recursive %d\n", counted, counted_twice);
    printf("semaphore let in %d\n", most_inside);
    printf("queue %d\n", sum);
    mutex_enter_blocking(&mutex);
    uint32_t owner;
    printf("try %d\n", mutex_try_enter(&mutex, &owner));
    absolute_time_t start = get_absolute_time();
    bool got = mutex_enter_timeout_ms(&mutex, 20);
    int waited = (int)(absolute_time_diff_us(start, get_absolute_time()) / 1000);
    printf("timeout %d after %d ms\n", got, waited);
    printf("DONE\n");
    for (;;) {
        weft_sleep_until(WEFT_FOREVER);
    }
}
