/* What every variant of the unix board shares: a thread-safe interpreter and a board's console. */

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#include "ports/unix/variants/mpconfigvariant_common.h"

/* Several threads that share a dict or a list crash an interpreter without a lock. The port's
 * Makefile switches it off. */
#undef MICROPY_PY_THREAD_GIL
#define MICROPY_PY_THREAD_GIL (1)
#define MICROPY_PY_THREAD_RECURSIVE_MUTEX (1) /* the port's atomic section needs it either way */

/* With that lock an exception can't be raised inside a signal handler. */
#undef MICROPY_ASYNC_KBD_INTR
#define MICROPY_ASYNC_KBD_INTR (0)

/* sleep_ms() and select.poll() wait in steps. The port's own step would keep the interpreter's lock
 * and starve every other thread. */
void console_wait_a_moment(void);
#define MICROPY_EVENT_POLL_HOOK console_wait_a_moment();

/* The console's receive buffer takes this much; raw paste sends half of it at a time. */
#define MICROPY_REPL_STDIN_BUFFER_MAX (2048)

/* What the banner and sys.implementation._machine say. */
#define MICROPY_HW_BOARD_NAME "unix"
#define MICROPY_HW_MCU_NAME "a process"
