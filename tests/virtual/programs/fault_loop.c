// A HardFault handler that returns to what faulted, for ever.
#include <stdio.h>

#include "hardware/exception.h"
#include "pico/stdlib.h"

static void hard_fault(void) {
}

int main(void) {
    stdio_init_all();
    puts("READY");
    stdio_flush();
    exception_set_exclusive_handler(HARDFAULT_EXCEPTION, hard_fault);
    (void)*(volatile uint32_t *)0x30000000;
    puts("DONE");
}
