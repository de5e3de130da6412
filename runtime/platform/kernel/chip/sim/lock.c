/* The spinlocks: the kernel's, that of atomic sections, and that of parking. A core that finds one
 * taken lets another core go on. */
#include "platform/kernel/chip/sim/inside.h"

static void take(sim_spinlock *lock, const char *what) {
    SIM_EXPECT(sim.cores[sim.core].masked, "%s is taken with interrupts not masked", what);
    SIM_EXPECT(!lock->held || lock->owner != sim.core, "core %u takes %s twice", sim.core, what);
    sim_point(POINT_LOCK);
    for (unsigned looks = 0; lock->held; looks++) {
        sim_spin(what, looks);
    }
    lock->held = true;
    lock->owner = sim.core;
}

static void let_go(sim_spinlock *lock, const char *what) {
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
    if (sim.running) {
        sim_check();
    }
    let_go(&sim.kernel_lock, "the kernel's lock");
}

uint32_t weft_chip_begin_atomic(void) {
    uint32_t state = weft_arch_mask();
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
        let_go(&sim.atomic_lock, "the lock of atomic sections");
    }
    weft_arch_unmask(state);
}

/* ---- Parking ----------------------------------------------------------------------------------
 */

static bool is_to_stand_still(void) {
    return sim.park_lock.held && sim.park_lock.owner != sim.core;
}

/* While another core wants it, or one after the other. */
static void stand_still(void) {
    for (unsigned looks = 0; is_to_stand_still(); looks++) {
        sim.parked[sim.core] = sim.parking;
        sim_spin("the end of parking", looks);
    }
    sim.parked[sim.core] = 0;
}

void sim_stand_still_if_parked(void) {
    if (is_to_stand_still()) {
        uint32_t state = weft_arch_mask();
        stand_still();
        weft_arch_unmask(state);
    }
}

void weft_chip_park_others(void) {
    SIM_EXPECT(!sim.cores[sim.core].masked, "parking with interrupts masked");
    uint32_t state = weft_arch_mask(); /* so that this stays one core */
    SIM_EXPECT(!sim.park_lock.held || sim.park_lock.owner != sim.core, "parking inside parking");
    stand_still();
    sim.park_lock = (sim_spinlock){true, sim.core};
    sim.parking++;
    for (unsigned core = 0; core < CORES; core++) {
        sim.cores[core].called |= core != sim.core;
    }
    for (unsigned core = 0; core < CORES; core++) {
        for (unsigned looks = 0; core != sim.core && sim.parked[core] != sim.parking; looks++) {
            sim_spin("a core that has to stand still", looks);
        }
    }
    weft_arch_unmask(state);
}

void weft_chip_unpark_others(void) {
    SIM_EXPECT(sim.park_lock.held && sim.park_lock.owner == sim.core, "unparking another's cores");
    sim.park_lock.held = false;
    sim_point(POINT_OTHER);
}
