/* What mp_init() has done for the operations. */
#include "operations.h"

void weft_operations_init(void) {
    weft_iteration_init();
    weft_calls_init();
}
