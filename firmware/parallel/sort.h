/* Before py/objlist.c alone: its list.sort() is sort.c's, which calls the one that is there. What
 * is a name there, without parentheses, stays: the method. */
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
