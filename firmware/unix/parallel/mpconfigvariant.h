/* weft's firmware, of which threads run Python on all cores at once.
 *
 * The configuration keeps MicroPython's lock of the interpreter: it is ../../parallel/lock.h's,
 * held by C code and not by bytecode.
 */
#include "variant.h"

#include "../../modules/weft/weft_config.h"

#define MICROPY_MPTHREADPORT_H "mpthreadport_weft.h"
#undef MICROPY_PY_THREAD_RECURSIVE_MUTEX
#define MICROPY_PY_THREAD_RECURSIVE_MUTEX (0)
#define MICROPY_PY_THREAD_GIL_VM_DIVISOR (0)
#define MICROPY_VM_HOOK_LOOP WEFT_VM_HOOK

/* Its counters are changed without a lock. */
#undef MICROPY_MEM_STATS
#define MICROPY_MEM_STATS (0)

/* ThreadSanitizer follows setjmp() and longjmp() only; where the depth of a handler goes otherwise
 * is said in handlers.h. */
#if defined(__SANITIZE_THREAD__) || !defined(__x86_64__)
#define MICROPY_NLR_SETJMP (1)
#endif
