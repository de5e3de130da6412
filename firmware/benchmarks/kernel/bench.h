/* What the programs that measure share: a counter of cycles, rounds, and a line for each figure.
 *
 * A figure is a line `name: number` on the UART. A time is in cycles of the processor. It is the
 * median of ROUNDS rounds, and includes two looks at the counter: `overhead` is their cost. The
 * cycles of a microsecond are `clock mhz`.
 */
#ifndef WEFT_BENCH_H
#define WEFT_BENCH_H

#include <stdint.h>

#include "hardware/structs/systick.h"

enum { ROUNDS = 500 };

#define COUNTER_MASK 0xFFFFFFu

/* SysTick is each core's own and counts down from 2^24 - 1: both looks are made on one core. */
static inline void counter_start(void) {
    systick_hw->rvr = COUNTER_MASK;
    systick_hw->cvr = 0;
    systick_hw->csr = M0PLUS_SYST_CSR_ENABLE_BITS | M0PLUS_SYST_CSR_CLKSOURCE_BITS;
}

static inline uint32_t counter(void) {
    return systick_hw->cvr;
}

static inline uint32_t since(uint32_t start) {
    return (start - counter()) & COUNTER_MASK;
}

/* Keeps the cycles of a round; `round` counts from 0 to ROUNDS - 1. */
void keep(int round, uint32_t cycles);

/* What was kept: the one in the middle, or the largest. */
uint32_t median(void);
uint32_t most(void);

void report(const char *name, uint32_t number);

#endif
