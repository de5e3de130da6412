// What the processor and the boot ROM compute: carry and overflow, float and double, divider,
// interpolator.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "hardware/divider.h"
#include "hardware/interp.h"
#include "pico/multicore.h"
#include "pico/stdlib.h"

// APSR's NZCV after an instruction on (a, b) with the carry set or clear.
#define FLAGS_AFTER(instruction, a, b, carry)                                                      \
    ({                                                                                             \
        uint32_t x = (a), flags;                                                                   \
        __asm volatile(".syntax unified\n movs %1, %3\n lsrs %1, %1, #1\n " instruction            \
                       " %0, %2\n mrs %1, apsr\n"                                                  \
                       : "+l"(x), "=&l"(flags)                                                     \
                       : "l"((uint32_t)(b)), "l"((uint32_t)(carry))                                \
                       : "cc");                                                                    \
        flags >> 28;                                                                               \
    })

static void print_flags(void) {
    printf("adcs %lx %lx %lx\n", FLAGS_AFTER("adcs", 0x7fffffff, 0, 1),
           FLAGS_AFTER("adcs", 0xffffffff, 0xffffffff, 1), FLAGS_AFTER("adcs", 0xffffffff, 0, 1));
    printf("sbcs %lx %lx %lx\n", FLAGS_AFTER("sbcs", 0x80000000, 0, 0),
           FLAGS_AFTER("sbcs", 0, 0xffffffff, 0), FLAGS_AFTER("sbcs", 5, 5, 1));
    printf("lsls %lx %lx %lx\n", FLAGS_AFTER("lsls", 1, 0, 1), FLAGS_AFTER("lsls", 1, 32, 0),
           FLAGS_AFTER("lsls", 0xffffffff, 33, 1));
    printf("lsrs %lx %lx %lx\n", FLAGS_AFTER("lsrs", 1, 0, 1),
           FLAGS_AFTER("lsrs", 0x80000000, 32, 0), FLAGS_AFTER("lsrs", 0xffffffff, 33, 1));
    printf("asrs %lx %lx\n", FLAGS_AFTER("asrs", 0x80000000, 40, 0), FLAGS_AFTER("asrs", 1, 0, 1));
    printf("rors %lx %lx\n", FLAGS_AFTER("rors", 0x80000000, 32, 0), FLAGS_AFTER("rors", 1, 1, 0));
}

static void print_floats(void) {
    volatile float f = 1.5f, g = -0.3f;
    volatile double d = 1.5, e = -0.3;
    printf("float %.6f %.6f %.6f %.6f\n", f + g, f - g, f * g, f / g);
    printf("float %.5f %.5f %.5f %.5f %.5f\n", sqrtf(f), sinf(f), cosf(f), expf(f), logf(f));
    printf("double %.12f %.12f %.12f %.12f\n", d + e, d - e, d * e, d / e);
    printf("double %.10f %.10f %.10f %.10f %.10f\n", sqrt(d), sin(d), cos(d), exp(d), log(d));
    printf("convert %d %d %lld %lu %.3f\n", (int)(f * 1e6f), (int)(g * 10), (long long)(d * 1e12),
           (unsigned long)(d * 2e9), (double)(float)e);
    printf("compare %d %d %d\n", f > g, d < e, f == (float)d);
}

static void divide(int32_t a, int32_t b) {
    divmod_result_t result = hw_divider_divmod_s32(a, b);
    printf("divide %ld / %ld = %ld rest %ld\n", a, b, (long)to_quotient_s32(result),
           (long)to_remainder_s32(result));
}

static uint32_t interpolate(uint32_t start) {
    interp_config config = interp_default_config();
    interp_set_config(interp0, 0, &config);
    interp0->accum[0] = start;
    interp0->base[0] = 3;
    interp0->pop[0];
    return interp0->pop[0];
}

static void core1_main(void) {
    sio_hw->div_udividend = 1000;
    sio_hw->div_udivisor = 7;
    uint32_t interpolated = interpolate(100);
    multicore_fifo_pop_blocking(); // core 0 has used its own meanwhile
    multicore_fifo_push_blocking(sio_hw->div_quotient);
    multicore_fifo_push_blocking(interpolated);
    for (;;) {
        __wfi();
    }
}

int main(void) {
    stdio_init_all();
    print_flags();
    print_floats();
    divide(7, -2);
    divide(-7, 2);
    divide(-7, 0);
    divide(7, 0);
    multicore_launch_core1(core1_main);
    sleep_ms(1);
    divide(99, 10);
    uint32_t mine = interpolate(200);
    multicore_fifo_push_blocking(1);
    uint32_t quotient = multicore_fifo_pop_blocking(), theirs = multicore_fifo_pop_blocking();
    printf("core 1 divides %lu, interpolators %lu %lu\n", quotient, mine, theirs);

    uint8_t from[100], to[100];
    for (int i = 0; i < 100; i++) {
        from[i] = (uint8_t)(i * 3);
    }
    memset(to, 0xaa, sizeof to);
    memcpy(to + 1, from, 98);
    printf("memory %d\n", to[0] == 0xaa && to[99] == 0xaa && !memcmp(to + 1, from, 98));
    printf("bits %d %d %d\n", __builtin_popcount(0xf0f0), __builtin_clz(0x00ffff00),
           __builtin_ctz(0x00ffff00));
    puts("DONE");
}
