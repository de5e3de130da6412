/* Included before py/objdict.c only. Its popitem() takes a key out of a table by itself: so the
 * change is counted first. A name without parentheses there is not replaced: the method. */
#ifndef WEFT_POPITEM_H
#define WEFT_POPITEM_H

#include "hash.h"
#include "py/obj.h"

static mp_obj_t weft_dict_popitem(mp_obj_t self);

static inline mp_obj_t dict_popitem(mp_obj_t self) {
    if (mp_obj_is_dict_or_ordereddict(self)) {
        weft_hash_count_change(mp_obj_dict_get_map(self));
    }
    return weft_dict_popitem(self);
}

#define dict_popitem(self_) weft_dict_popitem(self_)

#endif
