// The compiler finds this file first. It includes the port's own and changes what concerns threads.

// What port/ does in the port's main loop.
void weft_port_end_threads(void);
#define MICROPY_BOARD_START_SOFT_RESET weft_port_end_threads

#include "ports/rp2/mpconfigport.h"

// Any number of threads share lists and dicts, so the interpreter has a lock: port/gil/ if one
// thread runs Python at a time, port/parallel/ if only C code needs the lock (WEFT_PARALLEL).
#define MICROPY_MPTHREADPORT_H "mpthreadport_weft.h"
#undef MICROPY_PY_THREAD_GIL
#define MICROPY_PY_THREAD_GIL (1)
// The lock changes hands on request. The virtual machine looks for a request at every branch, also
// while a scheduled callback runs: a callback that waits has given the lock up.
#define MICROPY_PY_THREAD_GIL_VM_DIVISOR (0)
#define MICROPY_VM_HOOK_LOOP WEFT_VM_HOOK
// The main thread runs scheduled callbacks also while it waits.
void weft_port_scheduled_from_isr(void);
#define MICROPY_SCHED_HOOK_SCHEDULED weft_port_scheduled_from_isr()

// The bytes below the limit of recursion that C may use in an interrupt's handler before it looks
// at the limit again. A thread has more: WEFT_PORT_C_BYTES.
#undef MICROPY_STACK_CHECK_MARGIN
#define MICROPY_STACK_CHECK_MARGIN (768)

// Debian's source has no mbedtls.
#undef MICROPY_SSL_MBEDTLS
#undef MICROPY_PY_HASHLIB_SHA1
#define MICROPY_PY_HASHLIB_SHA1 (0)
#undef MICROPY_PY_CRYPTOLIB
#define MICROPY_PY_CRYPTOLIB (0)

// The module _weft: imports, and the exception that a thread handles.
#include "weft_config.h"

// Floats of 64 bits, as CPython's: seconds since the start or the epoch keep their microseconds for
// centuries, where 32 bits lose them within a minute. They take the same 16 bytes of the heap.
#undef MICROPY_FLOAT_IMPL
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_DOUBLE)
