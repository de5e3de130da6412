/* Included before py/objlist.c only. list.sort() is sort.c's, and that calls objlist.c's own. A
 * name without parentheses there is not replaced: the method. */
#ifndef WEFT_SORT_H
#define WEFT_SORT_H

#include "py/obj.h"

mp_obj_t mp_obj_list_sort(size_t n_args, const mp_obj_t *args, mp_map_t *keywords);
mp_obj_t weft_list_sort_in_place(size_t n_args, const mp_obj_t *args, mp_map_t *keywords);

#ifdef WEFT_IN_OBJLIST
#define mp_obj_list_sort(n_args_, args_, keywords_)                                                \
    weft_list_sort_in_place(n_args_, args_, keywords_)
#endif

#endif
