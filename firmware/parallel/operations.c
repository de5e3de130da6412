/* Sets the operations up, for mp_init(). */
#include "operations.h"

void weft_operations_init(void) {
    weft_iteration_init();
    weft_calls_init();
}
