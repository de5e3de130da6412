/* The Pico SDK's locks between threads: the functions behind an RTOS adapter header (pico-sdk,
 * pico/lock_core.h, says what each must do).
 *
 * All waiters of all such locks wait on one word, which every notification changes. They are few,
 * and each checks its lock again. No notification is missed: a waiter counts itself and reads the
 * word under the lock's spinlock, and the state that it waits for changes under that spinlock.
 */
#include "pico/lock_core.h"
#include "pico/time.h"
#include "platform/kernel/kernel.h"

enum { NS_PER_US = 1000 };

void *weft_sdk_lock_owner(void);
void weft_sdk_lock_wait(lock_core_t *lock, uint32_t save);
bool weft_sdk_lock_wait_until_us(lock_core_t *lock, uint32_t save, uint64_t until_us);
void weft_sdk_lock_notify(lock_core_t *lock, uint32_t save);

static weft_word notifications;
static weft_word waiting;

void *weft_sdk_lock_owner(void) {
    return weft_kernel_self();
}

static void wait_until(lock_core_t *lock, uint32_t save, int64_t deadline_ns) {
    atomic_fetch_add(&waiting, 1);
    uint32_t seen = atomic_load(&notifications);
    spin_unlock(lock->spin_lock, save);
    if (weft_kernel_may_wait()) {
        bool held = weft_kernel_hold_interrupts(true);
        weft_kernel_wait(&notifications, seen, deadline_ns);
        weft_kernel_hold_interrupts(held);
    }
    atomic_fetch_sub(&waiting, 1);
}

void weft_sdk_lock_wait(lock_core_t *lock, uint32_t save) {
    wait_until(lock, save, WEFT_FOREVER);
}

bool weft_sdk_lock_wait_until_us(lock_core_t *lock, uint32_t save, uint64_t until_us) {
    bool for_ever = until_us > (uint64_t)INT64_MAX / NS_PER_US;
    wait_until(lock, save, for_ever ? WEFT_FOREVER : (int64_t)until_us * NS_PER_US);
    return time_us_64() >= until_us;
}

void weft_sdk_lock_notify(lock_core_t *lock, uint32_t save) {
    spin_unlock(lock->spin_lock, save);
    if (atomic_load(&waiting) > 0) {
        atomic_fetch_add(&notifications, 1);
        weft_kernel_wake_from_isr(&notifications);
    }
}
