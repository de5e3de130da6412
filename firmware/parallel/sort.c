/* list.sort(). A key function or a comparison in Python lets other threads run. So the items are
 * sorted where no other thread sees them, and the list is empty meanwhile. If the list is not left
 * empty, the sort raises ValueError, as CPython's does.
 */
#include "sort.h"

#include "py/objlist.h"
#include "py/runtime.h"

mp_obj_t mp_obj_list_sort(size_t n_args, const mp_obj_t *args, mp_map_t *keywords) {
    mp_check_self(mp_obj_is_type(args[0], &mp_type_list));
    mp_obj_list_t *list = MP_OBJ_TO_PTR(args[0]);
    mp_obj_list_t empty;
    mp_obj_list_init(&empty, 0);
    mp_obj_list_t sorted = *list; /* on the stack: the collector keeps the items */
    const mp_obj_t own[] = {MP_OBJ_FROM_PTR(&sorted)};
    *list = empty;
    nlr_buf_t nlr;
    void *raised = NULL;
    if (nlr_push(&nlr) == 0) {
        weft_list_sort_in_place(n_args, own, keywords);
        nlr_pop();
    } else {
        raised = nlr.ret_val;
    }
    bool is_empty = list->len == 0 && list->items == empty.items;
    mp_obj_list_t left = *list;
    *list = sorted;
    m_del(mp_obj_t, left.items, left.alloc);
    if (raised != NULL) {
        nlr_jump(raised);
    }
    if (!is_empty) {
        mp_raise_ValueError(MP_ERROR_TEXT("list modified during sort"));
    }
    return mp_const_none;
}
