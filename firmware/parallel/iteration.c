/* Iteration. A step over a list takes the lock for a few instructions, a step over a range none.
 *
 * The iterator of a loop over a list, a range or a tuple is in the loop's frame. If threads share
 * an iterator object instead, two of them may get the same item; nothing worse happens.
 */
#include "operations.h"
#include "py/objlist.h"
#include "py/runtime.h"

WEFT_WRAPPED(mp_obj_t, mp_getiter, mp_obj_t object, mp_obj_iter_buf_t *buffer);
WEFT_WRAPPED(mp_obj_t, mp_iternext_allow_raise, mp_obj_t iterator);
WEFT_WRAPPED(mp_obj_t, mp_obj_list_append, mp_obj_t list, mp_obj_t item);

/* mp_obj_list_it_t of py/objlist.c. */
typedef struct {
    mp_obj_base_t base;
    mp_fun_1_t iternext;
    mp_obj_t list;
    size_t next;
} list_iterator;

static mp_fun_1_t list_iternext;
static const mp_obj_type_t *range_iterator;

void weft_iteration_init(void) {
    static const struct {
        mp_obj_base_t base;
        mp_int_t start, stop, step;
    } range = {{&mp_type_range}, 0, 1, 1};
    static const mp_obj_list_t list = {{&mp_type_list}, 0, 0, NULL};
    mp_obj_iter_buf_t buffer;
    range_iterator = weft_type_of(__real_mp_getiter(MP_OBJ_FROM_PTR(&range), &buffer));
    const list_iterator *iterator =
        MP_OBJ_TO_PTR(__real_mp_getiter(MP_OBJ_FROM_PTR(&list), &buffer));
    list_iternext = iterator->iternext;
}

/* Whether making the iterator reads nothing that may change. */
static inline bool begins_without_lock(mp_obj_t object) {
    if (!mp_obj_is_obj(object)) {
        return false;
    }
    const mp_obj_type_t *type = weft_type_of(object);
    return type == &mp_type_list || type == &mp_type_tuple || type == &mp_type_range ||
           type == &mp_type_dict || type == &mp_type_str || type == &mp_type_bytes;
}

mp_obj_t __wrap_mp_getiter(mp_obj_t object, mp_obj_iter_buf_t *buffer) {
    if (begins_without_lock(object)) {
        return __real_mp_getiter(object, buffer);
    }
    weft_c_enter();
    mp_obj_t iterator = __real_mp_getiter(object, buffer);
    weft_c_leave();
    return iterator;
}

static inline mp_obj_t next_of_list(list_iterator *self) {
    const mp_obj_list_t *list = MP_OBJ_TO_PTR(self->list);
    mp_obj_t item = MP_OBJ_STOP_ITERATION;
    weft_interp_take(WEFT_INTERP_C);
    size_t at = self->next;
    if (at < list->len) {
        item = list->items[at];
        self->next = at + 1;
    }
    weft_interp_drop(WEFT_INTERP_C);
    return item;
}

mp_obj_t __wrap_mp_iternext_allow_raise(mp_obj_t object) {
    if (mp_obj_is_obj(object) && weft_depth() == 0) {
        const mp_obj_type_t *type = weft_type_of(object);
        if (type == range_iterator) {
            return __real_mp_iternext_allow_raise(object);
        }
        if (type == &mp_type_polymorph_iter) {
            list_iterator *iterator = MP_OBJ_TO_PTR(object);
            if (iterator->iternext == list_iternext) {
                return next_of_list(iterator);
            }
        }
    }
    weft_c_enter();
    mp_obj_t item = __real_mp_iternext_allow_raise(object);
    weft_c_leave();
    return item;
}

/* Takes no lock: bytecode appends to a list that no other thread has yet, C code has the lock. */
mp_obj_t __wrap_mp_obj_list_append(mp_obj_t list, mp_obj_t item) {
    return __real_mp_obj_list_append(list, item);
}
