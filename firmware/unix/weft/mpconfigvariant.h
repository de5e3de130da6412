/* weft's firmware: the module _weft over the runtime, and threading, queue and logging frozen in.
 */
#include "variant.h"

#include "../../modules/weft/weft_config.h"
