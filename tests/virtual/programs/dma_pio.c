// DMA from memory to memory, and into and out of a PIO state machine; PIO's clock divider and its
// pins.
#include <stdio.h>
#include <string.h>

#include "hardware/clocks.h"
#include "hardware/dma.h"
#include "hardware/pio.h"
#include "pico/stdlib.h"

enum { WORDS = 64, SQUARE_PIN = 6 };

static uint32_t source[WORDS], target[WORDS];

static void copy_by_dma(void) {
    int channel = dma_claim_unused_channel(true);
    dma_channel_config config = dma_channel_get_default_config(channel);
    channel_config_set_read_increment(&config, true);
    channel_config_set_write_increment(&config, true);
    dma_channel_configure(channel, &config, target, source, WORDS, true);
    dma_channel_wait_for_finish_blocking(channel);
    printf("copied %d\n", !memcmp(source, target, sizeof source));
    dma_channel_unclaim(channel);
}

// pull; mov isr, ~osr; push
static void invert_by_pio(void) {
    uint16_t code[] = {pio_encode_pull(false, true), pio_encode_mov_not(pio_isr, pio_osr),
                       pio_encode_push(false, true)};
    pio_program_t program = {.instructions = code, .length = count_of(code), .origin = 0};
    uint offset = pio_add_program(pio0, &program);
    pio_sm_config config = pio_get_default_sm_config();
    sm_config_set_wrap(&config, offset, offset + count_of(code) - 1);
    pio_sm_init(pio0, 0, offset, &config);
    pio_sm_set_enabled(pio0, 0, true);

    int in = dma_claim_unused_channel(true), out = dma_claim_unused_channel(true);
    dma_channel_config to_pio = dma_channel_get_default_config(in);
    channel_config_set_dreq(&to_pio, pio_get_dreq(pio0, 0, true));
    dma_channel_config from_pio = dma_channel_get_default_config(out);
    channel_config_set_dreq(&from_pio, pio_get_dreq(pio0, 0, false));
    channel_config_set_read_increment(&from_pio, false);
    channel_config_set_write_increment(&from_pio, true);
    memset(target, 0, sizeof target);
    dma_channel_configure(out, &from_pio, target, &pio0->rxf[0], WORDS, true);
    dma_channel_configure(in, &to_pio, &pio0->txf[0], source, WORDS, true);
    dma_channel_wait_for_finish_blocking(out);
    bool inverted = true;
    for (int i = 0; i < WORDS; i++) {
        inverted &= target[i] == ~source[i];
    }
    printf("inverted %d\n", inverted);
}

// set pins, 1 [31]; set pins, 0 [31]: a square wave of 64 PIO cycles
static void square_wave(void) {
    uint16_t code[] = {pio_encode_set(pio_pins, 1) | pio_encode_delay(31),
                       pio_encode_set(pio_pins, 0) | pio_encode_delay(31)};
    pio_program_t program = {.instructions = code, .length = count_of(code), .origin = -1};
    uint offset = pio_add_program(pio1, &program);
    pio_sm_config config = pio_get_default_sm_config();
    sm_config_set_wrap(&config, offset, offset + 1);
    sm_config_set_set_pins(&config, SQUARE_PIN, 1);
    sm_config_set_clkdiv(&config, 125.0f); // 1 us a PIO cycle
    pio_gpio_init(pio1, SQUARE_PIN);
    pio_sm_set_consecutive_pindirs(pio1, 0, SQUARE_PIN, 1, true);
    pio_sm_init(pio1, 0, offset, &config);
    puts("SQUARE");
    pio_sm_set_enabled(pio1, 0, true);
    sleep_ms(10);
    pio_sm_set_enabled(pio1, 0, false);
}

int main(void) {
    stdio_init_all();
    for (int i = 0; i < WORDS; i++) {
        source[i] = 0x01010101u * i;
    }
    copy_by_dma();
    invert_by_pio();
    square_wave();
    puts("DONE");
}
