/* What AddressSanitizer and ThreadSanitizer are told, in a build with one of them. Each race that
 * is not reported has its reason here; all else that is read without a lock is C11's atomics.
 */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <string.h>

#include "py/gc.h"
#include "py/mpstate.h"

const char *__asan_default_options(void);

/* The collector finds references on the threads' own stacks; what is left at the end is the
 * system's.
 */
const char *__asan_default_options(void) {
    return "detect_stack_use_after_return=0:detect_leaks=0";
}

/* What a collector has found to be garbage may not be touched until it is given out again: then
 * py/gc.c clears it, by weft_clear_block in place of memset. */
void *weft_clear_block(void *from, int value, size_t bytes);
void __real_gc_collect_end(void);
void __wrap_gc_collect_end(void);

void *weft_clear_block(void *from, int value, size_t bytes) {
    ASAN_UNPOISON_MEMORY_REGION(from, bytes);
    return memset(from, value, bytes);
}

void __wrap_gc_collect_end(void) {
    enum { BLOCKS_PER_BYTE = 4, KIND_BITS = 2, KIND_MASK = 3, FREE = 0 }; /* as in py/gc.c */
    __real_gc_collect_end();
    const mp_state_mem_area_t *area = &MP_STATE_MEM(area);
    for (size_t block = 0; block < area->gc_alloc_table_byte_len * BLOCKS_PER_BYTE; block++) {
        unsigned kinds = area->gc_alloc_table_start[block / BLOCKS_PER_BYTE];
        if ((kinds >> KIND_BITS * (block % BLOCKS_PER_BYTE) & KIND_MASK) == FREE) {
            ASAN_POISON_MEMORY_REGION(area->gc_pool_start + block * MICROPY_BYTES_PER_GC_BLOCK,
                                      MICROPY_BYTES_PER_GC_BLOCK);
        }
    }
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
           /* popitem() writes a map's count and the place of a key with the lock, each a word that
            * readers take as it is: they find the key with its value, or without, or not. */
           "race_top:dict_popitem\n"
           /* pop() forgets the value, with the lock, after its key: a reader that still had the key
            * takes a place without a value for none. */
           "race_top:dict_get_helper\n"
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
