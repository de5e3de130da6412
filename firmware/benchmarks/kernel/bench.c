#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t kept[ROUNDS];

void keep(int round, uint32_t cycles) {
    kept[round] = cycles;
}

static int compare(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

uint32_t median(void) {
    qsort(kept, ROUNDS, sizeof kept[0], compare);
    return kept[ROUNDS / 2];
}

uint32_t most(void) {
    uint32_t largest = 0;
    for (int i = 0; i < ROUNDS; i++) {
        largest = kept[i] > largest ? kept[i] : largest;
    }
    return largest;
}

void report(const char *name, uint32_t number) {
    printf("%s: %lu\n", name, (unsigned long)number);
}
