/* Hash tables that are read without a lock.
 *
 * A reader looks for a key that is an interned string or a small int, so it compares words only and
 * calls nothing. What it has found counts if no table has been changed meanwhile in a way that
 * could mislead it: weft_maps_epoch is odd while one is, and each time greater by two. Whoever is
 * in doubt takes the interpreter's lock and asks again.
 *
 * What always holds for a table that readers may see, and that no holder of the lock does
 * otherwise:
 *  - A new key is put where no key has been since the last step of the epoch, its value (NULL at
 *    first) before it. So a key's value is its own, or NULL: then the reader is in doubt.
 *  - A new table is full of all that the old one had before it takes its place, and is bigger: with
 *    the old number of places, which is read first, a reader stays inside of it. After a table was
 *    given up there may be a smaller one: so a reader looks at the epoch before it goes through it.
 *  - A key is taken out, its place used again, and a table given up, in a step of the epoch.
 * An old table may be freed under a reader: the memory stays, and its words are only compared.
 *
 * Partners: each step's end with the reader's second look at the epoch, each store of a key, table
 * or value with its load.
 */
#ifndef WEFT_MAP_H
#define WEFT_MAP_H

#include <string.h>

#include "py/mpstate.h"
#include "py/obj.h"
#include "py/objstr.h"

/* A word that is read or written without a lock. What READS_IN_ORDER or WRITES_IN_ORDER stands
 * between is done in that order. */
#if defined(__ARM_ARCH_6M__)
/* Its cores do not reorder accesses to memory; the order is the compiler's business only. */
#define WEFT_READ(word_) __atomic_load_n(&(word_), __ATOMIC_RELAXED)
#define WEFT_WRITE(word_, value_) __atomic_store_n(&(word_), (value_), __ATOMIC_RELAXED)
#define WEFT_READS_IN_ORDER() __asm volatile("" ::: "memory")
#define WEFT_WRITES_IN_ORDER() __asm volatile("" ::: "memory")
#else
/* Each read comes before what follows, each write after what precedes: no fence is needed, which
 * ThreadSanitizer does not follow. */
#define WEFT_READ(word_) __atomic_load_n(&(word_), __ATOMIC_ACQUIRE)
#define WEFT_WRITE(word_, value_) __atomic_store_n(&(word_), (value_), __ATOMIC_RELEASE)
#define WEFT_READS_IN_ORDER() ((void)0)
#define WEFT_WRITES_IN_ORDER() ((void)0)
#endif

/* In place of a value: whether the key is there is to be found out with the lock. */
#define WEFT_MAP_IN_DOUBT MP_OBJ_SENTINEL

extern uint32_t weft_maps_epoch; /* changed by the holder of the lock */

/* A map's flags and the count of its keys: one word, of which readers look at the flags. */
static inline mp_map_t weft_map_head(const mp_map_t *map) {
    mp_map_t head;
    size_t word = WEFT_READ(*(const size_t *)(const void *)map);
    memcpy(&head, &word, sizeof word);
    return head;
}

/* With the lock. */
static inline void weft_map_set_head(mp_map_t *map, mp_map_t head) {
    size_t word;
    memcpy(&word, &head, sizeof word);
    WEFT_WRITE(*(size_t *)(void *)map, word);
}

/* With the lock: counts keys that come or go, and whether they are all strings. */
static inline void weft_map_count(mp_map_t *map, mp_int_t by, bool all_strings) {
    mp_map_t head = *map;
    head.used += by;
    if (!all_strings) {
        head.all_keys_are_qstrs = 0;
    }
    weft_map_set_head(map, head);
}

static inline bool weft_map_is_simple(mp_obj_t key) {
    return mp_obj_is_small_int(key) || mp_obj_is_qstr(key);
}

/* Where a key was found last: a hint. It is one byte for all tables, which anybody changes. */
static inline uint8_t *weft_map_hint(mp_obj_t key) {
    return &MP_STATE_VM(
        map_lookup_cache)[((uintptr_t)key >> 2) % MICROPY_OPT_MAP_LOOKUP_CACHE_SIZE];
}

static inline size_t weft_map_hinted(mp_obj_t key) {
    return __atomic_load_n(weft_map_hint(key), __ATOMIC_RELAXED);
}

static inline void weft_map_found_at(mp_obj_t key, size_t at) {
    __atomic_store_n(weft_map_hint(key), (uint8_t)at, __ATOMIC_RELAXED);
}

/* Without the lock: the place of a simple key in a table, NULL if it is not there for sure,
 * WEFT_MAP_NO_PLACE if it may be there under a key that is no simple one. */
#define WEFT_MAP_NO_PLACE ((mp_map_elem_t *)1)
mp_map_elem_t *weft_map_probe(mp_map_elem_t *table, size_t alloc, mp_obj_t key);

/* The same for an ordered map: of those, only what nobody changes is read without the lock. */
mp_obj_t weft_map_find_ordered(const mp_map_t *map, mp_obj_t key);

/* Without the lock: a simple key's value, MP_OBJ_NULL, or WEFT_MAP_IN_DOUBT. */
static inline __attribute__((always_inline)) mp_obj_t weft_map_find(const mp_map_t *map,
                                                                    mp_obj_t key) {
    uint32_t epoch = WEFT_READ(weft_maps_epoch);
    WEFT_READS_IN_ORDER();
    size_t alloc = WEFT_READ(map->alloc);
    WEFT_READS_IN_ORDER();
    mp_map_elem_t *table = WEFT_READ(map->table);
    if ((epoch & 1) != 0) {
        return WEFT_MAP_IN_DOUBT;
    }
    size_t hint = weft_map_hinted(key);
    mp_map_elem_t *place = &table[hint];
    if (hint >= alloc || table == NULL || WEFT_READ(place->key) != key) {
        if (weft_map_head(map).is_ordered) {
            return weft_map_find_ordered(map, key);
        }
        WEFT_READS_IN_ORDER();
        if (WEFT_READ(weft_maps_epoch) != epoch) {
            return WEFT_MAP_IN_DOUBT; /* the table may be smaller than `alloc` */
        }
        place = alloc == 0 || table == NULL ? NULL : weft_map_probe(table, alloc, key);
    }
    mp_obj_t value = MP_OBJ_NULL;
    if (place == WEFT_MAP_NO_PLACE) {
        return WEFT_MAP_IN_DOUBT;
    }
    if (place != NULL) {
        WEFT_READS_IN_ORDER();
        value = WEFT_READ(place->value);
        if (value == MP_OBJ_NULL) {
            return WEFT_MAP_IN_DOUBT;
        }
    }
    WEFT_READS_IN_ORDER();
    return WEFT_READ(weft_maps_epoch) == epoch ? value : WEFT_MAP_IN_DOUBT;
}

/* By who does not hold the lock: gives a simple key that is there a new value. False if it is not
 * there, or in doubt. */
bool weft_map_replace(mp_map_t *map, mp_obj_t key, mp_obj_t value);

/* The same for a key that may be new. False if MicroPython's own function has to do it. */
bool weft_map_add(mp_map_t *map, mp_obj_t key, mp_obj_t value);

#endif
