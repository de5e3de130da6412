/* New simple keys in hash tables, by bytecode: the interpreter's lock is held for a moment only.
 *
 * A search without the lock finds the place of a key. A new table for a map to grow into is filled
 * without the lock. Then, with the lock, each is used if the map has not changed (map.h).
 */
#include "map_table.h"
#include "port.h"

/* A map's table at one moment, and how many changes had been counted then. */
typedef struct {
    mp_map_elem_t *table;
    size_t alloc;
    uint32_t changes;
} view;

/* Without the lock: puts a table's keys into a new one, each with the index of its old place as its
 * value. False if a key is not simple, or after a change. */
static bool place_keys(const view *seen, const uint32_t *changes, mp_map_elem_t *table,
                       size_t alloc) {
    for (size_t i = 0; i < seen->alloc; i++) {
        mp_obj_t key = WEFT_READ(seen->table[i].key);
        WEFT_READS_IN_ORDER();
        if (WEFT_READ(*changes) != seen->changes) {
            return false; /* `key` may be no key: the table may have been freed */
        }
        if (key == MP_OBJ_NULL || key == MP_OBJ_SENTINEL) {
            continue;
        }
        if (!weft_map_is_simple(key)) {
            return false;
        }
        size_t at = weft_map_hash(key) % alloc;
        while (table[at].key != MP_OBJ_NULL) {
            at = weft_map_after(at, alloc);
        }
        table[at] = (mp_map_elem_t){key, (mp_obj_t)i};
    }
    return true;
}

/* As weft_map_grow(), but the lock is held for a moment only. If the map changes meanwhile, calls
 * weft_map_grow(). The caller does not hold the lock. */
static void grow_outside(mp_map_t *map, const view *seen) {
    size_t alloc = weft_hash_places(seen->alloc + 1), old_alloc = alloc;
    mp_map_elem_t *table = m_new0(mp_map_elem_t, alloc), *old_table = table;
    bool are_placed = place_keys(seen, weft_hash_changes(map), table, alloc);
    weft_c_enter();
    if (are_placed && map->table == seen->table && map->alloc == seen->alloc &&
        weft_map_take_values(map, table, alloc)) {
        weft_map_publish(map, table, alloc, map->all_keys_are_qstrs);
        old_table = seen->table;
        old_alloc = seen->alloc;
    } else if (map->table == seen->table) {
        weft_map_grow(map);
    }
    weft_c_leave();
    weft_map_free_table(old_table, old_alloc);
}

enum put { DONE, NO_ROOM, NOT_SIMPLE };

/* With the lock: puts a new key where no key has been. */
static void put_at(mp_map_t *map, mp_map_elem_t *place, mp_obj_t key, mp_obj_t value) {
    WEFT_WRITE(place->value, value);
    weft_map_count(map, 1, mp_obj_is_qstr(key));
    WEFT_WRITES_IN_ORDER();
    WEFT_WRITE(place->key, key);
    weft_hash_count_change(map);
}

static enum put put(mp_map_t *map, mp_obj_t key, mp_obj_t value) {
    size_t alloc = map->alloc;
    size_t at = alloc == 0 ? 0 : weft_map_hash(key) % alloc;
    for (size_t i = 0; i < alloc; i++, at = weft_map_after(at, alloc)) {
        mp_map_elem_t *place = &map->table[at];
        mp_obj_t found = place->key;
        if (found == key) {
            WEFT_WRITE(place->value, value);
            return DONE;
        }
        if (found == MP_OBJ_NULL) {
            put_at(map, place, key, value);
            return DONE;
        }
        if (!weft_map_is_simple(found)) { /* it may be equal, or a key was taken out here */
            return NOT_SIMPLE;
        }
    }
    return NO_ROOM;
}

/* Searches for a place without the lock; the caller does not hold it. The place is good if there
 * was no step of the epoch: then the keys before it are the keys that were compared. */
static enum put try_to_add(mp_map_t *map, mp_obj_t key, mp_obj_t value, view *seen) {
    uint32_t epoch = WEFT_READ(weft_maps_epoch);
    WEFT_READS_IN_ORDER();
    size_t alloc = WEFT_READ(map->alloc);
    WEFT_READS_IN_ORDER();
    mp_map_elem_t *table = WEFT_READ(map->table), *room = NULL;
    WEFT_READS_IN_ORDER();
    if (alloc != 0 && table != NULL && (epoch & 1) == 0 && WEFT_READ(weft_maps_epoch) == epoch) {
        weft_map_probe_for(table, alloc, key, &room);
    }
    weft_c_enter();
    enum put result = DONE;
    if (room != NULL && WEFT_READ(weft_maps_epoch) == epoch && map->table == table &&
        room->key == MP_OBJ_NULL) {
        put_at(map, room, key, value);
    } else {
        result = put(map, key, value);
    }
    *seen = (view){map->table, map->alloc, *weft_hash_changes(map)};
    weft_c_leave();
    return result;
}

bool weft_map_add(mp_map_t *map, mp_obj_t key, mp_obj_t value) {
    if (weft_map_head(map).is_ordered) {
        return false;
    }
    for (;;) {
        view seen;
        enum put result = try_to_add(map, key, value, &seen);
        if (result != NO_ROOM) {
            return result == DONE;
        }
        grow_outside(map, &seen);
    }
}
