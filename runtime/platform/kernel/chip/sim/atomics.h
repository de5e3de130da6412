/* C11's atomics for the simulator: there is a point (sim.h) before each step. This is included
 * before every source of the runtime and of its tests, which stay as they are.
 *
 * All simulated cores are one native thread. So what lies between two points is atomic, and every
 * order is sequentially consistent: the effects of weaker orders do not show here.
 */
#ifndef WEFT_SIM_ATOMICS_H
#define WEFT_SIM_ATOMICS_H

#include <stdatomic.h>
#include <stdbool.h>

void weft_sim_atomic_point(void);

/* Whether a weak compare-and-exchange fails although the values are the same. */
bool weft_sim_fails_weakly(void);

#undef atomic_thread_fence
#undef atomic_load
#undef atomic_load_explicit
#undef atomic_store
#undef atomic_store_explicit
#undef atomic_exchange
#undef atomic_exchange_explicit
#undef atomic_compare_exchange_strong
#undef atomic_compare_exchange_strong_explicit
#undef atomic_compare_exchange_weak
#undef atomic_compare_exchange_weak_explicit
#undef atomic_fetch_add
#undef atomic_fetch_add_explicit
#undef atomic_fetch_sub
#undef atomic_fetch_sub_explicit
#undef atomic_fetch_and
#undef atomic_fetch_and_explicit
#undef atomic_fetch_or
#undef atomic_fetch_or_explicit

#define atomic_thread_fence(order_) ((void)(order_))

/* The object's type without _Atomic and const. */
#define WEFT_SIM_TYPE(object_) __typeof__((void)0, *(object_))

/* Replaces the value by that of an expression in `old_` and `by_`, and yields the old one. Operands
 * are evaluated before the point: a checker may make each access to memory a point, and there must
 * be none between the read and the write. */
#define WEFT_SIM_CHANGE(object_, operand_, new_)                                                   \
    __extension__({                                                                                \
        __auto_type at_ = (object_);                                                               \
        WEFT_SIM_TYPE(object_) by_ = (operand_);                                                   \
        weft_sim_atomic_point();                                                                   \
        WEFT_SIM_TYPE(object_) old_ = *at_;                                                        \
        *at_ = (new_);                                                                             \
        old_;                                                                                      \
    })

#define WEFT_SIM_COMPARE(object_, expected_, new_, fails_)                                         \
    __extension__({                                                                                \
        __auto_type at_ = (object_);                                                               \
        __auto_type wanted_ = (expected_);                                                         \
        WEFT_SIM_TYPE(object_) expect_ = *wanted_;                                                 \
        WEFT_SIM_TYPE(object_) by_ = (new_);                                                       \
        bool weakly_ = (fails_);                                                                   \
        weft_sim_atomic_point();                                                                   \
        WEFT_SIM_TYPE(object_) old_ = *at_;                                                        \
        bool same_ = old_ == expect_ && !weakly_;                                                  \
        if (same_) {                                                                               \
            *at_ = by_;                                                                            \
        } else {                                                                                   \
            *wanted_ = old_;                                                                       \
        }                                                                                          \
        same_;                                                                                     \
    })

#define atomic_load(o) (weft_sim_atomic_point(), *(o))
#define atomic_load_explicit(o, m) atomic_load(o)
#define atomic_store(o, v) (weft_sim_atomic_point(), (void)(*(o) = (v)))
#define atomic_store_explicit(o, v, m) atomic_store(o, v)
#define atomic_exchange(o, v) WEFT_SIM_CHANGE(o, v, by_)
#define atomic_exchange_explicit(o, v, m) atomic_exchange(o, v)
#define atomic_compare_exchange_strong(o, e, v) WEFT_SIM_COMPARE(o, e, v, false)
#define atomic_compare_exchange_strong_explicit(o, e, v, m, n)                                     \
    atomic_compare_exchange_strong(o, e, v)
#define atomic_compare_exchange_weak(o, e, v) WEFT_SIM_COMPARE(o, e, v, weft_sim_fails_weakly())
#define atomic_compare_exchange_weak_explicit(o, e, v, m, n) atomic_compare_exchange_weak(o, e, v)
#define atomic_fetch_add(o, v) WEFT_SIM_CHANGE(o, v, old_ + by_)
#define atomic_fetch_add_explicit(o, v, m) atomic_fetch_add(o, v)
#define atomic_fetch_sub(o, v) WEFT_SIM_CHANGE(o, v, old_ - by_)
#define atomic_fetch_sub_explicit(o, v, m) atomic_fetch_sub(o, v)
#define atomic_fetch_and(o, v) WEFT_SIM_CHANGE(o, v, old_ &by_)
#define atomic_fetch_and_explicit(o, v, m) atomic_fetch_and(o, v)
#define atomic_fetch_or(o, v) WEFT_SIM_CHANGE(o, v, old_ | by_)
#define atomic_fetch_or_explicit(o, v, m) atomic_fetch_or(o, v)

#endif
