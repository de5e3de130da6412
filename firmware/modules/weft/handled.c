/* The exception that the calling thread handles, as CPython's sys.exc_info() tells it. MicroPython
 * tells it for one thread only, and only until the next `try` ends.
 *
 * The virtual machine keeps what a frame handles in its stack of exception blocks. It tells this
 * file of a frame whenever an exception comes or a block ends (weft_config.h defines cur_exception
 * so). The table remembers the frames that have blocks. An entry may outlive its frame: it counts
 * only while its `nlr` is in the calling thread's chain, and its word counts only if that is an
 * exception. If the table is full, a frame replaces another one, and the other's exception is not
 * told. The interpreter's lock guards the table: where bytecode runs without the lock, it is taken
 * here. Only the calling thread adds and removes its own frames: so it may ask without the lock
 * whether the table is empty.
 */

#include <string.h>

#include "module.h"
#include "py/bc.h"
#include "py/builtin.h"
#include "py/gc.h"
#include "py/nlr.h"
#include "wait.h"

/* The virtual machine assigns the exception to this; nobody reads it. */
MP_REGISTER_ROOT_POINTER(mp_obj_base_t *weft_handled[1]);

enum { FRAMES = 12, DEEPEST = 16 };

static struct frame {
    const nlr_buf_t *nlr; /* NULL: free */
    mp_exc_stack_t *const volatile *top;
    const mp_exc_stack_t *bottom;
} frames[FRAMES];
static unsigned used, next_victim;

static struct frame *place_of(const nlr_buf_t *nlr) {
    struct frame *unused = NULL;
    for (struct frame *frame = frames; frame < frames + FRAMES; frame++) {
        if (frame->nlr == nlr) {
            return frame;
        }
        if (frame->nlr == NULL) {
            unused = frame;
        }
    }
    return unused;
}

unsigned weft_module_frame_handles(const void *nlr, const volatile void *top, const void *bottom) {
    mp_exc_stack_t *const volatile *blocks = (mp_exc_stack_t *const volatile *)top;
    bool has_blocks = *blocks >= (const mp_exc_stack_t *)bottom;
    if (!has_blocks && __atomic_load_n(&used, __ATOMIC_RELAXED) == 0) {
        return 0;
    }
    WEFT_MODULE_ENTER();
    struct frame *frame = place_of(nlr);
    if (has_blocks) {
        if (frame == NULL) {
            frame = &frames[next_victim++ % FRAMES];
        } else if (frame->nlr == NULL) {
            __atomic_store_n(&used, used + 1, __ATOMIC_RELAXED);
        }
        *frame = (struct frame){nlr, blocks, bottom};
    } else if (frame != NULL && frame->nlr == nlr) {
        frame->nlr = NULL;
        __atomic_store_n(&used, used - 1, __ATOMIC_RELAXED);
    }
    WEFT_MODULE_LEAVE();
    return 0;
}

void weft_module_forget_frames(void) {
    memset(frames, 0, sizeof(frames));
    used = 0;
}

static bool is_builtin(mp_const_obj_t value) {
    const mp_map_t *builtins = &mp_module_builtins.globals->map;
    for (size_t i = 0; i < builtins->alloc; i++) {
        if (mp_map_slot_is_filled(builtins, i) && builtins->table[i].value == value) {
            return true;
        }
    }
    return false;
}

/* Whether a word is surely an exception. A stale entry's word may be anything: so only objects of
 * the heap are read, and the state, where a memory error's exception lies. */
static bool is_exception(const mp_obj_base_t *word) {
    bool in_state = (const void *)word >= (const void *)&mp_state_ctx &&
                    (const void *)(word + 1) <= (const void *)(&mp_state_ctx + 1);
    if ((uintptr_t)word % sizeof(uintptr_t) != 0 || !(in_state || gc_nbytes(word) > 0)) {
        return false;
    }
    const mp_obj_type_t *type = word->type;
    bool is_type = is_builtin(MP_OBJ_FROM_PTR(type)) ||
                   (gc_nbytes(type) > 0 && type->base.type == &mp_type_type);
    return is_type && mp_obj_is_exception_instance(MP_OBJ_FROM_PTR(word));
}

static mp_obj_t exception_in(const struct frame *frame) {
    const mp_exc_stack_t *block = *frame->top;
    if (block >= frame->bottom && block - frame->bottom < DEEPEST) {
        for (; block >= frame->bottom; block--) {
            if (is_exception(block->prev_exc)) {
                return MP_OBJ_FROM_PTR(block->prev_exc);
            }
        }
    }
    return MP_OBJ_NULL;
}

static mp_obj_t module_handled(void) {
    for (const nlr_buf_t *nlr = MP_STATE_THREAD(nlr_top); nlr != NULL && used > 0;
         nlr = nlr->prev) {
        const struct frame *frame = place_of(nlr);
        mp_obj_t exception = frame != NULL && frame->nlr == nlr ? exception_in(frame) : MP_OBJ_NULL;
        if (exception != MP_OBJ_NULL) {
            return exception;
        }
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_0(weft_module_handled_obj, module_handled);
