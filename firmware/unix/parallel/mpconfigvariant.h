/* weft's firmware; its threads run Python on all cores at once.
 *
 * The configuration keeps MicroPython's lock of the interpreter. Here that is the lock C of
 * ../../parallel/lock.h: C code holds it, bytecode does not.
 */
#include "variant.h"

#include "../../modules/weft/weft_config.h"

#define MICROPY_MPTHREADPORT_H "mpthreadport_weft.h"
#undef MICROPY_PY_THREAD_RECURSIVE_MUTEX
#define MICROPY_PY_THREAD_RECURSIVE_MUTEX (0)
#define MICROPY_PY_THREAD_GIL_VM_DIVISOR (0)
#define MICROPY_VM_HOOK_LOOP WEFT_VM_HOOK

/* Its counters would be changed without a lock. */
#undef MICROPY_MEM_STATS
#define MICROPY_MEM_STATS (0)

/* ThreadSanitizer follows setjmp() and longjmp() only. handlers.h says where a handler's depth goes
 * otherwise. */
#if defined(__SANITIZE_THREAD__) || !defined(__x86_64__)
#define MICROPY_NLR_SETJMP (1)
#endif
