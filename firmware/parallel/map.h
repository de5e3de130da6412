/* Hash tables that are read without a lock.
 *
 * A reader looks for a key that is an interned string or a small int. So it compares words only,
 * and calls nothing. A change that could mislead a reader is a step of the epoch: weft_maps_epoch
 * is odd during a step, and greater by two after it. A result counts if there was no step
 * meanwhile. A reader in doubt takes the interpreter's lock and asks again.
 *
 * What always holds for a table that readers may see; the holder of the lock keeps to it too:
 *  - A new key is put where no key has been since the last step. Its value (NULL at first) is
 *    stored before the key. So a reader finds the key's own value, or finds NULL and is in doubt.
 *  - A new table has all the keys of the old one before it takes the old one's place. It is bigger.
 *    A reader reads the number of places first: with the old number it stays inside of the new
 *    table. After a table was given up the next may be smaller: so a reader looks at the epoch
 *    before it goes through a table.
 *  - A key is taken out in a step. Its place is used again, and a table is given up, in a step too.
 * An old table may be freed under a reader: the memory stays, and its words are only compared.
 *
 * Partners: each step's end and the reader's second look at the epoch; each store of a key, a table
 * or a value and its load. tests/runtime/parallel/map.pml is a model of all this.
 */
#ifndef WEFT_MAP_H
#define WEFT_MAP_H

#include <string.h>

#include "py/mpstate.h"
#include "py/obj.h"
#include "py/objstr.h"

/* Accesses to a word without a lock. What stands before READS_IN_ORDER or WRITES_IN_ORDER is done
 * before what stands after it. */
#if defined(__ARM_ARCH_6M__)
/* The cores do not reorder accesses to memory. Only the compiler could. */
#define WEFT_READ(word_) __atomic_load_n(&(word_), __ATOMIC_RELAXED)
#define WEFT_WRITE(word_, value_) __atomic_store_n(&(word_), (value_), __ATOMIC_RELAXED)
#define WEFT_READS_IN_ORDER() __asm volatile("" ::: "memory")
#define WEFT_WRITES_IN_ORDER() __asm volatile("" ::: "memory")
#else
/* Each read comes before all that follows, each write after all that precedes. So no fence is
 * needed. (ThreadSanitizer does not follow fences.) */
#define WEFT_READ(word_) __atomic_load_n(&(word_), __ATOMIC_ACQUIRE)
#define WEFT_WRITE(word_, value_) __atomic_store_n(&(word_), (value_), __ATOMIC_RELEASE)
#define WEFT_READS_IN_ORDER() ((void)0)
#define WEFT_WRITES_IN_ORDER() ((void)0)
#endif

/* In place of a value: only a look with the lock can tell whether the key is there. */
#define WEFT_MAP_IN_DOUBT MP_OBJ_SENTINEL

extern uint32_t weft_maps_epoch; /* changed by the holder of the lock */

/* A map's flags and the count of its keys, as one word. Most readers look at the flags. */
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

/* A hint: where a key was found last. One byte serves all tables, and any thread changes it. */
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

/* Without the lock: the place of a simple key in a table. NULL if the key is surely not there,
 * WEFT_MAP_NO_PLACE if a key that is not simple may be equal. */
#define WEFT_MAP_NO_PLACE ((mp_map_elem_t *)1)
mp_map_elem_t *weft_map_probe(mp_map_elem_t *table, size_t alloc, mp_obj_t key);

/* Without the lock: the value, as weft_map_find. An ordered map must be fixed, else in doubt. */
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

/* Gives a simple key of the map a new value. False if the key is not there, or in doubt. The caller
 * does not hold the lock. */
bool weft_map_replace(mp_map_t *map, mp_obj_t key, mp_obj_t value);

/* The same for a key that may be new. False if MicroPython's own function has to do it. */
bool weft_map_add(mp_map_t *map, mp_obj_t key, mp_obj_t value);

#endif
