/* ARMv6-M (Cortex-M0+): a thread can also leave its core by a call. */
#ifndef WEFT_ARMV6M_PORT_H
#define WEFT_ARMV6M_PORT_H

#include "platform/kernel/arch/cortex_m.h"

/* As arch.h says: without an interrupt. */
#define WEFT_ARCH_LEAVES
void weft_arch_leave(void);

/* Sleeps between interrupts, for ever, with nothing in registers: so an idle thread can always be
 * gone on with as if it had left by itself. */
_Noreturn void weft_arch_idle(void);

#endif
