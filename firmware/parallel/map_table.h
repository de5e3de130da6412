/* What map.c and map_add.c share: where a simple key is in a table, and how a table is changed. */
#ifndef WEFT_MAP_TABLE_H
#define WEFT_MAP_TABLE_H

#include "hash.h"

static inline size_t weft_map_hash(mp_obj_t key) {
    return mp_obj_is_qstr(key) ? qstr_hash(MP_OBJ_QSTR_VALUE(key))
                               : (size_t)MP_OBJ_SMALL_INT_VALUE(key);
}

static inline size_t weft_map_after(size_t at, size_t alloc) {
    return at + 1 == alloc ? 0 : at + 1;
}

/* *room: where to put a key that is surely not there; else NULL. Not set if the key is found. */
static inline __attribute__((always_inline)) mp_map_elem_t *
weft_map_probe_for(mp_map_elem_t *table, size_t alloc, mp_obj_t key, mp_map_elem_t **room) {
    size_t start = weft_map_hash(key) % alloc, at = start;
    mp_map_elem_t *absent = NULL;
    do {
        mp_obj_t found = WEFT_READ(table[at].key);
        if (found == key) {
            weft_map_found_at(key, at);
            return &table[at];
        }
        if (found == MP_OBJ_NULL) {
            *room = absent == NULL ? &table[at] : NULL;
            return absent;
        }
        if (!weft_map_is_simple(found) && found != MP_OBJ_SENTINEL) {
            absent = WEFT_MAP_NO_PLACE;
        }
        at = weft_map_after(at, alloc);
    } while (at != start);
    *room = NULL;
    return absent;
}

/* With the interpreter's lock: a new table, with all the keys of the old one, takes its place. */
void weft_map_publish(mp_map_t *map, mp_map_elem_t *table, size_t alloc, bool all_qstrs);

/* With the interpreter's lock: copies the map's values into a new table. There each key has the
 * index of its place in the map's table as its value. False if the keys are not the map's. */
bool weft_map_take_values(const mp_map_t *map, mp_map_elem_t *table, size_t alloc);

/* Frees a table that has been given up, or was not needed. */
void weft_map_free_table(mp_map_elem_t *table, size_t alloc);

/* With the interpreter's lock: makes room. Does nothing if the map changes meanwhile. */
void weft_map_grow(mp_map_t *map);

#endif
