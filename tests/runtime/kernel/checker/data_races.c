/* Makes each access to memory a point, and finds data races, in a build with WEFT_CHECK_ACCESSES.
 *
 * The compiler's thread sanitizer calls a function before each access. These are the functions, in
 * place of its library's. An access that is not atomic is a watchpoint while others run at its
 * point: if another one touches the same bytes, and either writes, it is a race.
 */
#include "checks.h"

enum { WATCHPOINTS = 64 };

typedef struct {
    uintptr_t low, high; /* high 0: not in use */
    bool writes;
    const weft_kernel_thread *thread;
    const void *place; /* in the program */
} watchpoint;

static watchpoint watchpoints[WATCHPOINTS];
static unsigned in_use;

static void release(watchpoint *at) {
    at->high = 0;
    in_use--;
}

void checker_forget_accesses(const weft_kernel_thread *ended) {
    for (watchpoint *at = watchpoints; at < watchpoints + WATCHPOINTS; at++) {
        if (at->high != 0 && at->thread == ended) {
            release(at);
        }
    }
}

#ifdef WEFT_CHECK_ACCESSES

extern const char __executable_start[]; /* by the linker */

static void expect_no_conflict(uintptr_t low, uintptr_t high, bool writes, const void *place) {
    for (watchpoint *at = watchpoints; at < watchpoints + WATCHPOINTS; at++) {
        if (at->high <= low || at->low >= high || !(writes || at->writes)) {
            continue;
        }
        weft_sim_fail("data race on %s: %s at %#tx while %s %s at %#tx (addr2line tells where)",
                      checker_name_of((const void *)low), writes ? "written" : "read",
                      (const char *)place - __executable_start, sim_thread_name(at->thread),
                      at->writes ? "writes" : "reads",
                      (const char *)at->place - __executable_start);
    }
}

static watchpoint *new_watchpoint(void) {
    for (watchpoint *at = watchpoints; at < watchpoints + WATCHPOINTS; at++) {
        if (at->high == 0) {
            in_use++;
            return at;
        }
    }
    weft_sim_fail("too many accesses at a time");
}

static void access(void *address, size_t bytes, bool writes, const void *place) {
    if (!sim.running || checker_reads_kernel) {
        return;
    }
    uintptr_t low = (uintptr_t)address;
    if (in_use > 0) {
        expect_no_conflict(low, low + bytes, writes, place);
    }
    if (!sim_count_point(POINT_ACCESS)) {
        return;
    }
    watchpoint *own = new_watchpoint();
    *own = (watchpoint){low, low + bytes, writes, weft_kernel_cores[sim.core].current, place};
    sim_step();
    release(own);
}

#define HERE __builtin_return_address(0)

#define ACCESS(name_, bytes_, writes_)                                                             \
    void name_(void *address);                                                                     \
    void name_(void *address) {                                                                    \
        access(address, bytes_, writes_, HERE);                                                    \
    }
#define ACCESSES(bytes_)                                                                           \
    ACCESS(__tsan_read##bytes_, bytes_, false)                                                     \
    ACCESS(__tsan_write##bytes_, bytes_, true)                                                     \
    ACCESS(__tsan_unaligned_read##bytes_, bytes_, false)                                           \
    ACCESS(__tsan_unaligned_write##bytes_, bytes_, true)

ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)

void __tsan_read_range(void *address, long bytes);
void __tsan_write_range(void *address, long bytes);
void __tsan_func_entry(void *place);
void __tsan_func_exit(void *unused);
void __tsan_init(void);

void __tsan_read_range(void *address, long bytes) {
    access(address, (size_t)bytes, false, HERE);
}

void __tsan_write_range(void *address, long bytes) {
    access(address, (size_t)bytes, true, HERE);
}

void __tsan_func_entry(void *place) {
    (void)place;
}

void __tsan_func_exit(void *unused) {
    (void)unused;
}

void __tsan_init(void) {
}

/* Atomic accesses have had their point (atomics.h). */
#define ATOMIC(bits_)                                                                              \
    uint##bits_##_t __tsan_atomic##bits_##_load(const volatile void *at, int order);               \
    uint##bits_##_t __tsan_atomic##bits_##_load(const volatile void *at, int order) {              \
        (void)order;                                                                               \
        expect_no_conflict((uintptr_t)at, (uintptr_t)at + bits_ / 8, false, HERE);                 \
        return *(const volatile uint##bits_##_t *)at;                                              \
    }                                                                                              \
    void __tsan_atomic##bits_##_store(volatile void *at, uint##bits_##_t value, int order);        \
    void __tsan_atomic##bits_##_store(volatile void *at, uint##bits_##_t value, int order) {       \
        (void)order;                                                                               \
        expect_no_conflict((uintptr_t)at, (uintptr_t)at + bits_ / 8, true, HERE);                  \
        *(volatile uint##bits_##_t *)at = value;                                                   \
    }

ATOMIC(8)
ATOMIC(32)
ATOMIC(64)

#endif
