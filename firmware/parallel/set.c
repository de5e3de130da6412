/* MicroPython's sets (the second half of py/map.c). All use has the interpreter's lock. As in
 * map.c, a comparison may give the lock up, and a lookup begins again if its set has changed
 * meanwhile.
 */
#include "hash.h"
#include "py/obj.h"

void mp_set_init(mp_set_t *set, size_t n) {
    set->alloc = n;
    set->used = 0;
    set->table = m_new0(mp_obj_t, n);
}

static inline bool is_filled(mp_obj_t element) {
    return element != MP_OBJ_NULL && element != MP_OBJ_SENTINEL;
}

/* Does nothing if the set has been changed meanwhile. */
static void grow(mp_set_t *set) {
    uint32_t *changes = weft_hash_changes(set), before = *changes;
    size_t old_alloc = set->alloc, alloc = weft_hash_places(old_alloc + 1);
    mp_obj_t *old_table = set->table, *table = m_new0(mp_obj_t, alloc);
    for (size_t i = 0; i < old_alloc && *changes == before; i++) {
        mp_obj_t element = old_table[i];
        if (is_filled(element)) {
            size_t at = weft_hash(element) % alloc;
            while (table[at] != MP_OBJ_NULL) {
                at = (at + 1) % alloc;
            }
            table[at] = element;
        }
    }
    if (*changes == before) {
        set->table = table;
        set->alloc = alloc;
        weft_hash_count_change(set);
        table = old_table;
        alloc = old_alloc;
    }
    m_del(mp_obj_t, table, alloc);
}

static void take_out(mp_set_t *set, size_t at) {
    bool last = set->table[(at + 1) % set->alloc] == MP_OBJ_NULL;
    set->table[at] = last ? MP_OBJ_NULL : MP_OBJ_SENTINEL;
    set->used--;
    weft_hash_count_change(set);
}

enum answer { ABSENT, FOUND, CHANGED };

/* *place: where an equal element is, or where the key may be put, or NULL if there is no room. */
static enum answer search(const mp_set_t *set, mp_obj_t key, size_t hash, mp_obj_t **place) {
    *place = NULL;
    for (size_t i = 0, at = hash % set->alloc; i < set->alloc; i++, at = (at + 1) % set->alloc) {
        mp_obj_t element = set->table[at];
        if (!is_filled(element)) {
            *place = *place == NULL ? &set->table[at] : *place;
            if (element == MP_OBJ_NULL) {
                return ABSENT;
            }
            continue;
        }
        uint32_t before = *weft_hash_changes(set);
        bool same = mp_obj_equal(element, key);
        if (*weft_hash_changes(set) != before) {
            return CHANGED;
        }
        if (same) {
            *place = &set->table[at];
            return FOUND;
        }
    }
    return ABSENT;
}

mp_obj_t mp_set_lookup(mp_set_t *set, mp_obj_t key, mp_map_lookup_kind_t kind) {
    if (set->alloc == 0 && !(kind & MP_MAP_LOOKUP_ADD_IF_NOT_FOUND)) {
        return MP_OBJ_NULL;
    }
    size_t hash = weft_hash(key);
    for (;;) {
        mp_obj_t *place = NULL;
        enum answer answer = set->alloc == 0 ? ABSENT : search(set, key, hash, &place);
        if (answer == FOUND) {
            mp_obj_t element = *place;
            if (kind & MP_MAP_LOOKUP_REMOVE_IF_FOUND) {
                take_out(set, (size_t)(place - set->table));
            }
            return element;
        }
        if (answer == ABSENT && !(kind & MP_MAP_LOOKUP_ADD_IF_NOT_FOUND)) {
            return MP_OBJ_NULL;
        }
        if (answer == ABSENT && place != NULL) {
            *place = key;
            set->used++;
            weft_hash_count_change(set);
            return key;
        }
        if (answer == ABSENT) {
            grow(set);
        }
    }
}

mp_obj_t mp_set_remove_first(mp_set_t *set) {
    for (size_t at = 0; at < set->alloc; at++) {
        mp_obj_t element = set->table[at];
        if (is_filled(element)) {
            take_out(set, at);
            return element;
        }
    }
    return MP_OBJ_NULL;
}

void mp_set_clear(mp_set_t *set) {
    mp_obj_t *table = set->table;
    size_t alloc = set->alloc;
    set->alloc = 0;
    set->used = 0;
    set->table = NULL;
    weft_hash_count_change(set);
    m_del(mp_obj_t, table, alloc);
}
