/* Settings of AddressSanitizer and ThreadSanitizer, for a build with one of them. Each race that is
 * not reported has its reason here. All other reads without a lock are C11's atomics.
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

/* A block that a collector has freed must not be touched until it is given out again. Then py/gc.c
 * clears it, by weft_clear_block in place of memset. */
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
    /* len(): the length of a list is one word. MicroPython's functions write it with the lock. */
    return "race_top:length_of\n"
           /* Bytecode shares words with other threads. Each word is whole at any time: a closure's
            * variables, whether a callback is pending, what nobody reads (modules/weft/handled.c).
            */
           "race_top:mp_execute_bytecode\n"
           /* Whether a generator has ended. A generator that another thread runs has not ended. */
           "race_top:mp_obj_gen_resume\n"
           /* popitem() writes a map's count and the place of a key with the lock. Each is one word:
            * readers find the key with its value, or without a value, or no key. */
           "race_top:dict_popitem\n"
           /* pop() clears the key, then the value, with the lock. A reader that still saw the key
            * takes a place without a value for no key. */
           "race_top:dict_get_helper\n"
           /* A new class marks its bases: it writes a word of flags with the lock. */
           "race_top:mp_obj_new_type\n"
           /* Interned strings are looked up without the lock. A pool of them is whole when it is
            * published. Later writes go only to the entries after its length. */
           "race_top:find_qstr\n"
           /* The collector reads the stacks of stopped threads. A thread that has not begun runs
            * on: it waits for the lock, linked to another waiter on that one's stack. */
           "race_top:mark_inner\n";
}

/* Other builds need no lock: pools of interned strings only grow, and their length is written last.
 * ThreadSanitizer does not see that order. */
WEFT_LOCKED(qstr, qstr_find_strn, (const char *text, size_t length), text, length)
#else
typedef int nothing; /* a file is never empty */
#endif
