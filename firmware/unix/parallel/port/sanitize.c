/* What AddressSanitizer and ThreadSanitizer are told, in a build with one of them. Each race that
 * is not reported has its reason here; all else that is read without a lock is C11's atomics.
 */
#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);

/* The collector finds references on the threads' own stacks; what is left at the end is the
 * system's.
 */
const char *__asan_default_options(void) {
    return "detect_stack_use_after_return=0:detect_leaks=0";
}
#elif defined(__SANITIZE_THREAD__)
#include "py/qstr.h"
#include "wrap.h"

const char *__tsan_default_options(void);
const char *__tsan_default_suppressions(void);

const char *__tsan_default_options(void) {
    return "halt_on_error=1:exitcode=66:report_signal_unsafe=0:history_size=4";
}

const char *__tsan_default_suppressions(void) {
    /* len(): the length of a list is one word, which MicroPython's functions write with the lock.
     */
    return "race_top:length_of\n"
           /* Bytecode shares words with other threads that are whole at any time: a closure's
            * variables, whether a callback is pending, what nobody reads (modules/weft/handled.c).
            */
           "race_top:mp_execute_bytecode\n"
           /* Whether a generator has ended; one that another thread runs has not. */
           "race_top:mp_obj_gen_resume\n"
           /* A new class marks its bases, in a word of flags that it writes with the lock. */
           "race_top:mp_obj_new_type\n"
           /* Strings' names are looked up without the lock: a pool of them is published once it is
            * whole, and never changed but for what comes after its length. */
           "race_top:find_qstr\n"
           /* The collector looks at the stacks of those who stand still. One that has not begun
            * waits for the lock meanwhile, and is linked to another waiter, on that one's stack. */
           "race_top:mark_inner\n";
}

/* Without the lock elsewhere: pools of interned strings only grow, and their length is written
 * last. ThreadSanitizer does not see that order. */
WEFT_LOCKED(qstr, qstr_find_strn, (const char *text, size_t length), text, length)
#else
typedef int nothing; /* a file is never empty */
#endif
