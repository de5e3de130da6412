/* Makes the Pico SDK's locks work between threads: a thread owns them, and a wait lets other
 * threads run. The functions are in sdk_locks.c; pico/lock_core.h says what each macro must do. A
 * build with the SDK and the kernel defines PICO_CONFIG_RTOS_ADAPTER_HEADER as this file, for every
 * source. */
#ifndef WEFT_RTOS_ADAPTER_H
#define WEFT_RTOS_ADAPTER_H

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

struct lock_core;

void *weft_sdk_lock_owner(void);
void weft_sdk_lock_wait(struct lock_core *lock, uint32_t save);
bool weft_sdk_lock_wait_until_us(struct lock_core *lock, uint32_t save, uint64_t until_us);
void weft_sdk_lock_notify(struct lock_core *lock, uint32_t save);

#define lock_owner_id_t intptr_t
#define LOCK_INVALID_OWNER_ID ((lock_owner_id_t)-1)
#define lock_get_caller_owner_id() ((lock_owner_id_t)weft_sdk_lock_owner())
#define lock_is_owner_id_valid(id) ((id) != LOCK_INVALID_OWNER_ID)
#define lock_internal_spin_unlock_with_wait(lock, save) weft_sdk_lock_wait(lock, save)
#define lock_internal_spin_unlock_with_notify(lock, save) weft_sdk_lock_notify(lock, save)
#define lock_internal_spin_unlock_with_best_effort_wait_or_timeout(lock, save, until)              \
    weft_sdk_lock_wait_until_us(lock, save, to_us_since_boot(until))

#endif

#endif
