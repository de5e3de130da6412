// The port's own Pico or Pico 2, with the REPL on UART0 as well as on USB.
#include "pico.h"
#if PICO_RP2040
#include "ports/rp2/boards/RPI_PICO/mpconfigboard.h"
#else
#include "ports/rp2/boards/RPI_PICO2/mpconfigboard.h"
#endif
#define MICROPY_HW_ENABLE_UART_REPL (1)
