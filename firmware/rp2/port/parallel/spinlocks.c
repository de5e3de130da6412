/* The locks of the parallel interpreter, which lock_port.h takes and frees. */
#include "hardware/sync.h"
#include "port.h"

#if PICO_RP2040
void weft_interp_init_locks(void) {
    for (unsigned id = 0; id < WEFT_INTERP_LOCKS; id++) {
        if (!spin_lock_is_claimed(WEFT_INTERP_FIRST_SPINLOCK + id)) {
            spin_lock_claim(WEFT_INTERP_FIRST_SPINLOCK + id);
        }
    }
}
#else
weft_interp_word weft_interp_words[WEFT_INTERP_LOCKS];

void weft_interp_init_locks(void) {
}
#endif
