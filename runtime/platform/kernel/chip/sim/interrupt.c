/* Masking, interrupts, the switch interrupt, and leaving a core by a call.
 *
 * Interrupts run on the core's interrupt stack; only devices nest. The switch interrupt has the
 * lowest priority: it comes when no other is pending or runs, as soon as interrupts are unmasked.
 * The others may be late, if the seed wants it.
 */
#include "platform/kernel/chip/sim/internal.h"

enum { DEVICES = 64, MOST_DEFERRED = 30, MOST_NESTED = 3 };

typedef struct {
    void (*handler)(void *); /* NULL: not in use */
    void *argument;
    int64_t time_ns;
    unsigned core;
} device;

static device devices[DEVICES];
static unsigned running; /* handlers */

static device *due_device(unsigned core) {
    for (int i = 0; i < DEVICES; i++) {
        device *at = &devices[i];
        if (at->handler != NULL && at->core == core && at->time_ns <= sim.now_ns) {
            return at;
        }
    }
    return NULL;
}

void weft_sim_interrupt_at(int64_t time_ns, void (*handler)(void *), void *argument) {
    for (int i = 0; i < DEVICES; i++) {
        if (devices[i].handler == NULL) {
            devices[i] = (device){handler, argument, time_ns, weft_sim_random(CORES)};
            return;
        }
    }
    weft_sim_fail("too many interrupts are to come");
}

void weft_sim_cancel_interrupts(void) {
    for (int i = 0; i < DEVICES; i++) {
        devices[i].handler = NULL;
    }
    while (running > 0) { /* meanwhile they may park this core */
        weft_sim_point();
    }
}

int64_t sim_next_event_ns(void) {
    int64_t next = sim.alarm_ns;
    for (int i = 0; i < DEVICES; i++) {
        if (devices[i].handler != NULL && devices[i].time_ns < next) {
            next = devices[i].time_ns;
        }
    }
    return next;
}

void sim_check_alarm(void) {
    if (sim.alarm_ns <= sim_now()) {
        sim.alarm_ns = WEFT_FOREVER;
        sim.alarm_pending = true;
    }
}

static bool has_line(unsigned core) {
    return sim.cores[core].call_pending || (sim.alarm_pending && core == sim_policy.alarm_core) ||
           due_device(core) != NULL;
}

bool sim_is_pending(unsigned core) {
    return sim.cores[core].switch_pending || has_line(core);
}

static void run_device(sim_core *core) {
    device *due = due_device(sim.core);
    device one = *due;
    due->handler = NULL;
    sim_hash('d');
    weft_sim_note("interrupt: device");
    core->in_isr++;
    running++;
    one.handler(one.argument);
    running--;
    core->in_isr--;
    SIM_EXPECT(!core->masked, "an interrupt ends with interrupts masked");
}

static void run_call(sim_core *core) {
    core->call_pending = false;
    sim_hash('c');
    weft_sim_note("interrupt: called");
    core->in_isr++;
    sim_park_if_asked();
    weft_schedule_called_from_isr();
    core->in_isr--;
}

static void run_alarm(sim_core *core) {
    sim.alarm_pending = false;
    sim.in_alarm = true;
    sim_hash('a');
    weft_sim_note("interrupt: alarm");
    core->in_isr++;
    weft_wait_alarm_from_isr();
    core->in_isr--;
    sim.in_alarm = false;
}

/* Runs one pending interrupt, if there is any. Which goes first is not promised. */
static bool run_line(sim_core *core) {
    bool device = due_device(sim.core) != NULL;
    bool alarm = sim.alarm_pending && sim.core == sim_policy.alarm_core;
    unsigned count = core->call_pending + alarm + device;
    unsigned choice = count > 1 ? weft_sim_random(count) : 0;
    core->deferred = 0;
    if (count == 0) {
        return false;
    }
    if (core->call_pending && choice-- == 0) {
        run_call(core);
    } else if (alarm && choice-- == 0) {
        run_alarm(core);
    } else {
        run_device(core);
    }
    return true;
}

static weft_sim_context *run_switch(sim_core *core, weft_sim_context *preempted) {
    bool resume_only = core->resume_only;
    core->switch_pending = core->resume_only = false;
    core->in_switch = true;
    core->in_isr++;
    core->masked = true;
    sim_point(POINT_MASK);
    preempted->by_call = false; /* also if one switch follows another */
    weft_sim_context *next = weft_schedule_switch(preempted, resume_only)->stack_pointer;
    core->masked = false;
    core->in_isr--;
    core->in_switch = false;
    return next;
}

/* Runs all interrupts that are pending on this core, one by one; on its interrupt stack. */
static weft_sim_context *run_interrupts(weft_sim_context *preempted) {
    sim_core *core = &sim.cores[sim.core];
    weft_sim_context *next = preempted;
    core->in_isr++;
    for (bool more = true; more;) {
        more = run_line(core);
        if (!more && core->switch_pending) {
            next = run_switch(core, next);
            more = true;
        }
        sim_point(POINT_OTHER);
    }
    core->in_isr--;
    return next;
}

/* A resumed context does this first, maybe on another core than before. If a thread left the core
 * by a call just before, that thread's hold of the kernel's lock is released here. Returns whether
 * the switch interrupt has to come at once. (Callers loop, so that the stack does not grow.) */
static bool resumed(void) {
    if (sim.cores[sim.core].masked) {
        weft_chip_unlock();
        sim.cores[sim.core].masked = false;
    }
    return sim.cores[sim.core].switch_pending;
}

static void take_interrupts(void) {
    do {
        weft_sim_context here;
        weft_sim_context_switch(&here, &sim.cores[sim.core].interrupt_stack, run_interrupts);
    } while (resumed());
}

void weft_sim_context_begins(void) {
    if (resumed()) {
        take_interrupts();
    }
}

void sim_maybe_interrupt(bool must) {
    sim_core *core = &sim.cores[sim.core];
    if (core->masked || core->in_switch || core->interrupt_stack.low == NULL) {
        return;
    }
    if (core->in_isr > 0) {
        if (due_device(sim.core) != NULL && core->in_isr < MOST_NESTED && weft_sim_random(4) == 0) {
            run_device(core);
        }
        return;
    }
    bool comes = has_line(sim.core) && (must || weft_sim_random(sim_policy.interrupt_one_in) == 0 ||
                                        ++core->deferred > MOST_DEFERRED);
    if (comes || core->switch_pending) {
        take_interrupts();
    }
}

void weft_chip_call(unsigned core) {
    SIM_EXPECT(core < CORES && core != sim.core, "core %u calls core %u", sim.core, core);
    weft_sim_note("calls core %u", core);
    sim.cores[core].call_pending = true;
    sim_point(POINT_OTHER);
}

bool weft_sim_in_interrupt(void) {
    return sim.cores[sim.core].in_isr > 0;
}

uint32_t weft_arch_irq_save(void) {
    sim_point(POINT_MASK);
    sim_core *core = &sim.cores[sim.core];
    uint32_t state = core->masked;
    core->masked = true;
    return state;
}

void weft_arch_irq_disable(void) {
    uint32_t state = weft_arch_irq_save();
    SIM_EXPECT(state == WEFT_ARCH_IRQ_ENABLED, "interrupts are masked already");
}

void weft_arch_irq_restore(uint32_t state) {
    sim_core *core = &sim.cores[sim.core];
    core->masked = state != WEFT_ARCH_IRQ_ENABLED;
    if (!core->masked) {
        SIM_EXPECT(!sim.kernel_lock.held || sim.kernel_lock.owner != sim.core,
                   "interrupts are unmasked inside the kernel's lock");
        if (core->switch_pending) {
            sim_maybe_interrupt(false);
        }
    }
    sim_point(POINT_UNMASK);
}

uint32_t weft_arch_interrupt(void) {
    return sim.cores[sim.core].in_isr;
}

bool weft_arch_may_block(void) {
    const sim_core *core = &sim.cores[sim.core];
    return core->in_isr == 0 && !core->masked;
}

void weft_arch_request_switch(void) {
    sim.cores[sim.core].switch_pending = true;
    if (weft_arch_may_block()) {
        sim_maybe_interrupt(false);
    }
    sim_point(POINT_OTHER);
}

bool weft_arch_swaps(void) {
#ifdef WEFT_ARCH_ALWAYS_SWAPS
    return true;
#else
    return weft_sim_random(4) < sim_policy.swaps_of_4;
#endif
}

const void *weft_arch_stack_pointer(void) {
    return __builtin_frame_address(0);
}

static struct {
    weft_kernel_thread *from;
    const weft_kernel_thread *to;
} swapping;

static weft_sim_context *swap(weft_sim_context *here) {
    here->by_call = true;
    swapping.from->stack_pointer = here;
    weft_sim_context *next = swapping.to->stack_pointer;
    SIM_EXPECT_OF(swapping.to, next->by_call == (swapping.to->context == CONTEXT_CALLED),
                  "its saved context is not of the kind that the kernel has noted");
    if (!next->by_call) {
        sim.cores[sim.core].switch_pending = sim.cores[sim.core].resume_only = true;
    }
    return next;
}

weft_kernel_thread *weft_arch_swap(weft_kernel_thread *from, weft_kernel_thread *to) {
    SIM_EXPECT(sim.cores[sim.core].in_isr == 0, "an interrupt leaves its core");
    weft_sim_context here;
    swapping.from = from;
    swapping.to = to;
    weft_sim_context_switch(&here, NULL, swap);
    if (resumed()) {
        take_interrupts();
    }
    sim_point(POINT_UNMASK);
    return from;
}

void *weft_arch_first_context(void *stack_low, size_t stack_bytes, void (*entry)(void *),
                              void *argument) {
    return weft_sim_context_init((weft_sim_stack){stack_low, stack_bytes}, entry, argument);
}

void weft_arch_enter(const weft_kernel_thread *thread, void *interrupt_stack_low,
                     size_t interrupt_stack_bytes) {
    (void)thread;
    sim.cores[sim.core].interrupt_stack =
        (weft_sim_stack){interrupt_stack_low, interrupt_stack_bytes};
}
