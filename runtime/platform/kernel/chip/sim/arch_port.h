/* What arch/arch.h needs of a processor, for the simulated cores. All of it may let another core go
 * on, or an interrupt come: see sim.h. */
#ifndef WEFT_SIM_ARCH_PORT_H
#define WEFT_SIM_ARCH_PORT_H

#define WEFT_ARCH_UNMASKED 0u

uint32_t weft_arch_mask(void);
void weft_arch_unmask(uint32_t state);
bool weft_arch_may_block(void);
void weft_arch_request_switch(void);

/* By a call or by the switch interrupt, as the seed decides: so both ways are tried in one run. */
#define WEFT_ARCH_LEAVES
void weft_arch_leave(void);

_Noreturn void weft_arch_idle(void);

#endif
