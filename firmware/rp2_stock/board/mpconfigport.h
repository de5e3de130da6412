// Found before the port's own file, which it takes over; Debian's source has no mbedtls.
#include "ports/rp2/mpconfigport.h"
#undef MICROPY_SSL_MBEDTLS
#undef MICROPY_PY_HASHLIB_SHA1
#define MICROPY_PY_HASHLIB_SHA1 (0)
#undef MICROPY_PY_CRYPTOLIB
#define MICROPY_PY_CRYPTOLIB (0)
