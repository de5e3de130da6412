/* MicroPython's hash tables: this file and set.c replace py/map.c. map.h says what readers without
 * a lock may count on. All else here is done with the interpreter's lock, or to a map that no other
 * thread knows. Data that all maps share are changed with the lock only.
 *
 * Comparing keys and hashing a key may run Python. Python gives the lock up: another thread, or the
 * comparison itself, may change the map. So each change is counted (weft_hash_changes). A lookup
 * begins again if the count of its map has changed after a comparison. No step of the epoch calls
 * anything.
 */
#include "map_table.h"

#include <string.h>

#include "hash.h"
#include "mask.h"
#include "port.h"
#include "py/runtime.h"

uint32_t weft_maps_epoch;

/* A change of a table takes the lock, even if no other thread knows the map. A change that could
 * mislead a reader is a step of the epoch, with interrupts masked. So a handler in Python finds no
 * step half done: the other core stands still for it. */
static uint32_t begin_change(bool misleads) {
    weft_c_enter();
    if (!misleads) {
        return 0;
    }
    uint32_t state = weft_mask_handlers();
    WEFT_WRITE(weft_maps_epoch, weft_maps_epoch + 1);
    WEFT_WRITES_IN_ORDER();
    return state;
}

static void end_change(const mp_map_t *map, bool misleads, uint32_t state) {
    weft_hash_count_change(map);
    if (misleads) {
        WEFT_WRITES_IN_ORDER();
        WEFT_WRITE(weft_maps_epoch, weft_maps_epoch + 1);
        weft_unmask_handlers(state);
    }
    weft_c_leave();
}

mp_map_elem_t *weft_map_probe(mp_map_elem_t *table, size_t alloc, mp_obj_t key) {
    mp_map_elem_t *room;
    return weft_map_probe_for(table, alloc, key, &room);
}

mp_obj_t weft_map_find_ordered(const mp_map_t *map, mp_obj_t key) {
    if (!weft_map_head(map).is_fixed) {
        return WEFT_MAP_IN_DOUBT;
    }
    size_t hint = weft_map_hinted(key);
    if (hint < map->used && map->table[hint].key == key) {
        return map->table[hint].value;
    }
    for (size_t i = 0; i < map->used; i++) {
        if (map->table[i].key == key) {
            weft_map_found_at(key, i);
            return map->table[i].value;
        }
    }
    return map->all_keys_are_qstrs ? MP_OBJ_NULL : WEFT_MAP_IN_DOUBT;
}

bool weft_map_replace(mp_map_t *map, mp_obj_t key, mp_obj_t value) {
    if (weft_map_head(map).is_ordered) {
        return false;
    }
    uint32_t epoch = WEFT_READ(weft_maps_epoch);
    WEFT_READS_IN_ORDER();
    size_t alloc = WEFT_READ(map->alloc);
    WEFT_READS_IN_ORDER();
    mp_map_elem_t *table = WEFT_READ(map->table);
    if (alloc == 0 || table == NULL || (epoch & 1) != 0) {
        return false;
    }
    size_t hint = weft_map_hinted(key);
    mp_map_elem_t *place = &table[hint];
    if (hint >= alloc || WEFT_READ(place->key) != key) {
        WEFT_READS_IN_ORDER();
        if (WEFT_READ(weft_maps_epoch) != epoch) {
            return false;
        }
        place = weft_map_probe(table, alloc, key);
        if (place == NULL || place == WEFT_MAP_NO_PLACE) {
            return false;
        }
    }
    weft_interp_take(WEFT_INTERP_C);
    bool is_there = map->table == table && place < table + map->alloc && place->key == key;
    if (is_there) {
        WEFT_WRITE(place->value, value);
    }
    weft_interp_drop(WEFT_INTERP_C);
    return is_there;
}

void mp_map_init(mp_map_t *map, size_t n) {
    map->alloc = n;
    map->table = n == 0 ? NULL : m_new0(mp_map_elem_t, n);
    map->used = 0;
    map->all_keys_are_qstrs = 1;
    map->is_fixed = 0;
    map->is_ordered = 0;
}

void mp_map_init_fixed_table(mp_map_t *map, size_t n, const mp_obj_t *table) {
    map->alloc = n;
    map->used = n;
    map->all_keys_are_qstrs = 1;
    map->is_fixed = 1;
    map->is_ordered = 1;
    map->table = (mp_map_elem_t *)table;
}

/* Readers may still look at the table (map.h), and a sanitizer would report them. So with a
 * sanitizer the collector frees the table: it finds the readers. */
void weft_map_free_table(mp_map_elem_t *table, size_t alloc) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    (void)table, (void)alloc;
#else
    m_del(mp_map_elem_t, table, alloc);
#endif
}

static void give_up_table(mp_map_t *map, bool is_like_new) {
    mp_map_elem_t *table = map->table;
    size_t alloc = map->alloc;
    bool is_fixed = map->is_fixed;
    uint32_t state = begin_change(true);
    WEFT_WRITE(map->alloc, 0);
    mp_map_t head = *map;
    head.used = 0;
    if (is_like_new) {
        head.all_keys_are_qstrs = 1;
        head.is_fixed = 0;
        WEFT_WRITE(map->table, NULL);
    }
    weft_map_set_head(map, head);
    end_change(map, true, state);
    if (!is_fixed) {
        weft_map_free_table(table, alloc);
    }
}

void mp_map_deinit(mp_map_t *map) {
    give_up_table(map, false);
}

void mp_map_clear(mp_map_t *map) {
    give_up_table(map, true);
}

bool weft_map_take_values(const mp_map_t *map, mp_map_elem_t *table, size_t alloc) {
    size_t count = 0;
    for (size_t i = 0; i < alloc; i++) {
        if (table[i].key != MP_OBJ_NULL) {
            const mp_map_elem_t *old = &map->table[(size_t)table[i].value];
            if (old->key != table[i].key) {
                return false;
            }
            table[i].value = old->value;
            count++;
        }
    }
    return count == map->used;
}

/* Fills a new table with the map's keys and values. False if the map changes meanwhile. A replaced
 * value is not counted as a change: so the values are copied after all hashes are known. */
static bool fill(const mp_map_t *map, mp_map_elem_t *table, size_t alloc, bool *all_qstrs) {
    uint32_t before = *weft_hash_changes(map);
    for (size_t i = 0; i < map->alloc; i++) {
        mp_obj_t key = map->table[i].key;
        if (key == MP_OBJ_NULL || key == MP_OBJ_SENTINEL) {
            continue;
        }
        size_t hash = weft_map_is_simple(key) ? weft_map_hash(key) : weft_hash(key);
        if (*weft_hash_changes(map) != before) {
            return false;
        }
        size_t at = hash % alloc;
        while (table[at].key != MP_OBJ_NULL) {
            at = weft_map_after(at, alloc);
        }
        table[at] = (mp_map_elem_t){key, (mp_obj_t)i};
        *all_qstrs = *all_qstrs && mp_obj_is_qstr(key);
    }
    return weft_map_take_values(map, table, alloc);
}

void weft_map_publish(mp_map_t *map, mp_map_elem_t *table, size_t alloc, bool all_qstrs) {
    bool has_readers = map->alloc != 0;
    uint32_t state = begin_change(has_readers);
    mp_map_t head = *map;
    head.all_keys_are_qstrs = all_qstrs;
    weft_map_set_head(map, head);
    WEFT_WRITE(map->table, table);
    WEFT_WRITES_IN_ORDER();
    WEFT_WRITE(map->alloc, alloc);
    end_change(map, has_readers, state);
}

void weft_map_grow(mp_map_t *map) {
    size_t old_alloc = map->alloc;
    size_t alloc = weft_hash_places(old_alloc + 1);
    mp_map_elem_t *old_table = map->table;
    mp_map_elem_t *table = m_new0(mp_map_elem_t, alloc);
    bool all_qstrs = true;
    if (map->table == old_table && map->alloc == old_alloc && fill(map, table, alloc, &all_qstrs)) {
        weft_map_publish(map, table, alloc, all_qstrs);
        table = old_table;
        alloc = old_alloc;
    }
    weft_map_free_table(table, alloc);
}

/* Whether `found`, a key of the map, is equal to `key`. *changed: begin the lookup again. */
static inline bool is_same(const mp_map_t *map, mp_obj_t found, mp_obj_t key, bool by_word,
                           bool *changed) {
    if (found == key) {
        return true;
    }
    if (by_word || (weft_map_is_simple(found) && weft_map_is_simple(key))) {
        return false;
    }
    uint32_t before = *weft_hash_changes(map);
    bool same = mp_obj_equal(found, key);
    *changed = *weft_hash_changes(map) != before;
    return same;
}

/* The later elements move down. The removed value stays after them, for the caller to look at. */
static mp_map_elem_t *remove_ordered(mp_map_t *map, mp_map_elem_t *element) {
    mp_map_elem_t removed = *element;
    uint32_t state = begin_change(true);
    weft_map_count(map, -1, true);
    mp_map_elem_t *last = &map->table[map->used];
    for (; element < last; element++) {
        WEFT_WRITE(element->key, element[1].key);
        WEFT_WRITE(element->value, element[1].value);
    }
    WEFT_WRITE(last->key, MP_OBJ_NULL);
    WEFT_WRITE(last->value, removed.value);
    end_change(map, true, state);
    return last;
}

/* Does nothing if the map has been changed meanwhile. */
static void grow_ordered(mp_map_t *map) {
    enum { MORE = 4 };
    size_t old_alloc = map->alloc, alloc = old_alloc + old_alloc / 2 + MORE;
    mp_map_elem_t *old_table = map->table;
    mp_map_elem_t *table = m_new0(mp_map_elem_t, alloc);
    if (map->table == old_table && map->alloc == old_alloc) {
        memcpy(table, old_table, map->used * sizeof *table);
        weft_map_publish(map, table, alloc, map->all_keys_are_qstrs);
        table = old_table;
        alloc = old_alloc;
    }
    weft_map_free_table(table, alloc);
}

static mp_map_elem_t *add_ordered(mp_map_t *map, mp_obj_t key) {
    while (map->used == map->alloc) {
        grow_ordered(map);
    }
    uint32_t state = begin_change(true); /* popitem() leaves a place to be used again */
    mp_map_elem_t *element = &map->table[map->used];
    WEFT_WRITE(element->value, MP_OBJ_NULL);
    WEFT_WRITE(element->key, key);
    weft_map_count(map, 1, mp_obj_is_qstr(key));
    end_change(map, true, state);
    return element;
}

static mp_map_elem_t *lookup_ordered(mp_map_t *map, mp_obj_t key, mp_map_lookup_kind_t kind,
                                     bool by_word) {
    for (size_t i = 0; i < map->used; i++) {
        bool changed = false;
        if (is_same(map, map->table[i].key, key, by_word, &changed) && !changed) {
            if (kind == MP_MAP_LOOKUP_REMOVE_IF_FOUND) {
                return remove_ordered(map, &map->table[i]);
            }
            weft_map_found_at(key, i);
            return &map->table[i];
        }
        if (changed) {
            i = (size_t)-1;
        }
    }
    return kind == MP_MAP_LOOKUP_ADD_IF_NOT_FOUND ? add_ordered(map, key) : NULL;
}

/* Puts a key into a place. A reader may still know a used place as that of the key before. */
static mp_map_elem_t *use(mp_map_t *map, mp_map_elem_t *place, mp_obj_t key) {
    bool is_used_again = place->key == MP_OBJ_SENTINEL;
    uint32_t state = begin_change(is_used_again);
    WEFT_WRITE(place->value, MP_OBJ_NULL);
    weft_map_count(map, 1, mp_obj_is_qstr(key));
    WEFT_WRITES_IN_ORDER();
    WEFT_WRITE(place->key, key);
    end_change(map, is_used_again, state);
    return place;
}

/* Takes a key out. Its value stays, for the caller to look at. */
static void take_out(mp_map_t *map, size_t at) {
    uint32_t state = begin_change(true);
    bool last = map->table[weft_map_after(at, map->alloc)].key == MP_OBJ_NULL;
    WEFT_WRITE(map->table[at].key, last ? MP_OBJ_NULL : MP_OBJ_SENTINEL);
    weft_map_count(map, -1, true);
    end_change(map, true, state);
}

enum answer { ABSENT, FOUND, CHANGED };

/* *place: where the key is, or where it may be put, or NULL if there is no room. */
static enum answer search(mp_map_t *map, mp_obj_t key, size_t hash, bool by_word,
                          mp_map_elem_t **place) {
    *place = NULL;
    size_t alloc = map->alloc, at = hash % alloc;
    for (size_t i = 0; i < alloc; i++, at = weft_map_after(at, alloc)) {
        mp_map_elem_t *here = &map->table[at];
        if (here->key == MP_OBJ_NULL || here->key == MP_OBJ_SENTINEL) {
            *place = *place == NULL ? here : *place;
            if (here->key == MP_OBJ_NULL) {
                return ABSENT;
            }
            continue;
        }
        bool changed = false;
        bool same = is_same(map, here->key, key, by_word, &changed);
        if (changed) {
            return CHANGED;
        }
        if (same) {
            *place = here;
            return FOUND;
        }
    }
    return ABSENT;
}

static mp_map_elem_t *lookup_hashed(mp_map_t *map, mp_obj_t key, mp_map_lookup_kind_t kind) {
    size_t hash = weft_map_is_simple(key) ? weft_map_hash(key) : weft_hash(key);
    for (;;) {
        mp_map_elem_t *place = NULL;
        bool by_word = map->all_keys_are_qstrs && mp_obj_is_qstr(key);
        enum answer answer = map->alloc == 0 ? ABSENT : search(map, key, hash, by_word, &place);
        if (answer == FOUND) {
            size_t at = (size_t)(place - map->table);
            if (kind == MP_MAP_LOOKUP_REMOVE_IF_FOUND) {
                take_out(map, at);
            }
            weft_map_found_at(key, at);
            return place;
        }
        if (answer == ABSENT && kind != MP_MAP_LOOKUP_ADD_IF_NOT_FOUND) {
            return NULL;
        }
        if (answer == ABSENT && place != NULL) {
            return use(map, place, key);
        }
        if (answer == ABSENT) {
            weft_map_grow(map);
        }
    }
}

mp_map_elem_t *mp_map_lookup(mp_map_t *map, mp_obj_t key, mp_map_lookup_kind_t kind) {
    if (kind != MP_MAP_LOOKUP_REMOVE_IF_FOUND && map->alloc != 0) {
        mp_map_elem_t *hinted = &map->table[weft_map_hinted(key) % map->alloc];
        if (hinted->key == key) {
            return hinted;
        }
    }
    bool by_word = map->all_keys_are_qstrs && mp_obj_is_qstr(key);
    if (map->all_keys_are_qstrs && !by_word && kind != MP_MAP_LOOKUP_ADD_IF_NOT_FOUND &&
        !mp_obj_is_exact_type(key, &mp_type_str)) {
        return NULL; /* equal to no string */
    }
    if (map->is_ordered) {
        return lookup_ordered(map, key, kind, by_word);
    }
    if (map->alloc == 0 && kind != MP_MAP_LOOKUP_ADD_IF_NOT_FOUND) {
        return NULL;
    }
    return lookup_hashed(map, key, kind);
}
