/* MicroPython's deferred work (soft timers). The rp2 port does it in PendSV, but here PendSV
 * switches threads: so a spare interrupt of core 0 at the lowest priority does the work. This file
 * replaces ports/rp2/pendsv.c.
 *
 * pendsv_suspend keeps the work out by an atomic section. In this build the section lasts a few
 * microseconds: a change to the list of timers.
 */
#include "port.h"

#include "hardware/irq.h"
#include "pendsv.h"

#define WORK_IRQ FIRST_USER_IRQ

static pendsv_dispatch_t volatile work[PENDSV_DISPATCH_NUM_SLOTS];
static uint32_t suspended_state; /* the outermost section's; guarded by it */
static uint32_t suspensions;

static void do_work(void) {
    for (size_t i = 0; i < PENDSV_DISPATCH_NUM_SLOTS; i++) {
        pendsv_dispatch_t item = work[i];
        work[i] = NULL;
        if (item != NULL) {
            item();
        }
    }
}

void pendsv_init(void) {
    irq_set_exclusive_handler(WORK_IRQ, do_work);
    irq_set_priority(WORK_IRQ, PICO_LOWEST_IRQ_PRIORITY);
    irq_set_enabled(WORK_IRQ, true);
}

void pendsv_suspend(void) {
    uint32_t state = weft_kernel_begin_atomic();
    if (suspensions++ == 0) {
        suspended_state = state;
    }
}

void pendsv_resume(void) {
    bool outermost = --suspensions == 0;
    uint32_t state = outermost ? suspended_state : 1;
    weft_kernel_end_atomic(state);
}

bool pendsv_is_pending(size_t slot) {
    return work[slot] != NULL;
}

/* Called in interrupts, which come to core 0. */
void pendsv_schedule_dispatch(size_t slot, pendsv_dispatch_t item) {
    work[slot] = item;
    irq_set_pending(WORK_IRQ);
}
