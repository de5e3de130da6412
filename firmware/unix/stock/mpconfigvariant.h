/* Stock MicroPython as a board: _thread, nothing of weft's but the console. */
#include "variant.h"
