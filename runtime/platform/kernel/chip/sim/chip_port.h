/* What chip/chip.h needs of a chip, for the simulated cores. WEFT_SIM_CORES says how many. */
#ifndef WEFT_SIM_CHIP_PORT_H
#define WEFT_SIM_CHIP_PORT_H

#ifdef WEFT_SIM_CORES
#define WEFT_CHIP_CORES WEFT_SIM_CORES
#else
#define WEFT_CHIP_CORES 3
#endif

/* Large enough for a C library, and for the frames of a sanitizer. */
#define WEFT_CHIP_STACK_BYTES 131072
#define WEFT_CHIP_LEAST_STACK_BYTES 32768
#define WEFT_CHIP_IDLE_STACK_BYTES 32768
#define WEFT_CHIP_INTERRUPT_STACK_BYTES 65536
#define WEFT_CHIP_OTHER_INTERRUPT_STACK_BYTES 65536

unsigned weft_chip_core(void);
void weft_chip_lock(void);
void weft_chip_unlock(void);

#endif
