// The stock Pico, with the REPL on UART0 as well as on USB.
#include "ports/rp2/boards/RPI_PICO/mpconfigboard.h"
#define MICROPY_HW_ENABLE_UART_REPL (1)
