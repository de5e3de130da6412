/* The spinlocks: the kernel's, that of atomic sections, and that of parking. A core that spins lets
 * another core run. */
#include "platform/kernel/chip/sim/internal.h"

static void take(sim_spinlock *lock, const char *what) {
    SIM_EXPECT(sim.cores[sim.core].masked, "%s is taken with interrupts not masked", what);
    SIM_EXPECT(!lock->held || lock->owner != sim.core, "core %u takes %s twice", sim.core, what);
    sim_point(POINT_LOCK);
    for (unsigned spins = 0; lock->held; spins++) {
        sim_spin(what, spins);
    }
    lock->held = true;
    lock->owner = sim.core;
}

static void give(sim_spinlock *lock, const char *what) {
    SIM_EXPECT(lock->held && lock->owner == sim.core, "core %u releases %s, which it does not hold",
               sim.core, what);
    SIM_EXPECT(sim.cores[sim.core].masked, "%s is released with interrupts not masked", what);
    lock->held = false;
    sim_point(POINT_LOCK);
}

void weft_chip_lock(void) {
    take(&sim.kernel_lock, "the kernel's lock");
}

void weft_chip_unlock(void) {
    if (sim.running && sim.hooks.lock_is_free != NULL) {
        sim.hooks.lock_is_free();
    }
    give(&sim.kernel_lock, "the kernel's lock");
}

uint32_t weft_chip_begin_atomic(void) {
    uint32_t state = weft_arch_irq_save();
    if (!sim.atomic_lock.held || sim.atomic_lock.owner != sim.core) {
        SIM_EXPECT(!sim.kernel_lock.held || sim.kernel_lock.owner != sim.core,
                   "an atomic section begins inside the kernel's lock");
        take(&sim.atomic_lock, "the lock of atomic sections");
    }
    sim.atomic_depth++;
    return state;
}

void weft_chip_end_atomic(uint32_t state) {
    if (--sim.atomic_depth == 0) {
        give(&sim.atomic_lock, "the lock of atomic sections");
    }
    weft_arch_irq_restore(state);
}

static bool is_asked_to_park(void) {
    return sim.park_lock.held && sim.park_lock.owner != sim.core;
}

/* Until no other core wants this one parked: one request may follow the other. */
static void park(void) {
    for (unsigned spins = 0; is_asked_to_park(); spins++) {
        sim.parked_in[sim.core] = sim.park_round;
        sim_spin("the end of parking", spins);
    }
    sim.parked_in[sim.core] = 0;
}

void sim_park_if_asked(void) {
    if (is_asked_to_park()) {
        uint32_t state = weft_arch_irq_save();
        park();
        weft_arch_irq_restore(state);
    }
}

void weft_chip_park_others(void) {
    SIM_EXPECT(!sim.cores[sim.core].masked, "parking with interrupts masked");
    uint32_t state = weft_arch_irq_save(); /* the caller stays on this core */
    SIM_EXPECT(!sim.park_lock.held || sim.park_lock.owner != sim.core, "parking inside parking");
    park();
    sim.park_lock = (sim_spinlock){true, sim.core};
    sim.park_round++;
    for (unsigned core = 0; core < CORES; core++) {
        sim.cores[core].call_pending |= core != sim.core;
    }
    for (unsigned core = 0; core < CORES; core++) {
        for (unsigned spins = 0; core != sim.core && sim.parked_in[core] != sim.park_round;
             spins++) {
            sim_spin("a core that has to park", spins);
        }
    }
    weft_arch_irq_restore(state);
}

void weft_chip_unpark_others(void) {
    SIM_EXPECT(sim.park_lock.held && sim.park_lock.owner == sim.core, "unparking another's cores");
    sim.park_lock.held = false;
    sim_point(POINT_OTHER);
}
