/* A hash table of firmware/parallel (map.h): one process changes it with the lock, and another reads
 * without it (weft_map_find), or adds a key (weft_map_add).
 *
 * All changes are made with the lock, one after the other. So one process that chooses among them
 * stands for any number. It also changes other maps, whose steps are of the same epoch.
 *
 * What has to hold:
 *  - A value that the reader takes was the key's own while it read; if it finds none, the key was
 *    not there at some moment while it read.
 *  - Neither leaves the memory of a table when it goes through one.
 *  - Whenever the lock is free, a search finds each key of the table, and no key is there twice.
 *
 * The memory is that of an RP2040: the cores do not reorder accesses. Both keys have one hash, the
 * worst case. A freed table holds garbage that looks like the key.
 */

#define CHANGES 4

#define NO_KEY 0
#define GONE 1 /* a key was taken out here */
#define KEY 2  /* the one that is looked for */
#define OTHER 3

/* Values: NULL, two that KEY may have (the adder's is the second), OTHER's. */
#define NO_VALUE 0
#define FIRST 1
#define ADDED 2
#define OTHERS 3
#define GARBAGE 4

#define NO_TABLE 2
#define PLACES(table_) (2 + (table_)) /* of table 0 and 1 */
#define AT(table_, place_) ((table_) * 3 + (place_))

byte key[6], value[6];
byte map_table = NO_TABLE, map_places = 0;
byte epoch = 0, changes = 0;
byte hash;
bool locked = false;

/* What KEY's value is, and which it has had since the reader began: a bit for each. */
byte now = NO_VALUE;
byte had = 0;

inline note(new_value) {
    now = new_value;
    had = had | (1 << new_value)
}

inline lock() {
    atomic { !locked -> locked = true }
}

/* Searches each key as a reader would. */
inline unlock(i, count) {
    d_step {
        if
        :: map_places == 0 -> assert(now == NO_VALUE)
        :: else ->
            assert(map_places == PLACES(map_table));
            i = 0;
            count = 0;
            do
            :: i < map_places ->
                if
                :: key[AT(map_table, (hash + i) % map_places)] == KEY ->
                    count++;
                    assert(value[AT(map_table, (hash + i) % map_places)] == now)
                :: key[AT(map_table, (hash + i) % map_places)] == NO_KEY -> break
                :: else
                fi;
                i++
            :: else -> break
            od;
            assert(count == (now != NO_VALUE));
            /* None stands behind the end of the chain. */
            do
            :: i < map_places ->
                assert(key[AT(map_table, (hash + i) % map_places)] != KEY);
                i++
            :: else -> break
            od
        fi;
        i = 0;
        count = 0;
        locked = false
    }
}

inline begin_step() {
#ifndef NO_STEPS
    epoch++
#else
    skip
#endif
}

#define end_step begin_step

/* A table that nobody knows (but an old reader) is freed, and used for something else. */
inline free(table, i) {
    i = 0;
    do
    :: i < PLACES(table) ->
        d_step { key[AT(table, i)] = KEY; value[AT(table, i)] = GARBAGE };
        i++
    :: else -> i = 0; break
    od
}

/* Fills an empty table with the map's keys; old: the map's. The memory is zeroed first. */
inline fill(old, places, table, i, j) {
    d_step {
        i = 0;
        do
        :: i < PLACES(table) ->
            key[AT(table, i)] = NO_KEY;
            value[AT(table, i)] = NO_VALUE;
            i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < places ->
            if
            :: key[AT(old, i)] > GONE ->
                j = hash % PLACES(table);
                do
                :: key[AT(table, j)] != NO_KEY -> j = (j + 1) % PLACES(table)
                :: else -> break
                od;
                key[AT(table, j)] = key[AT(old, i)];
                value[AT(table, j)] = value[AT(old, i)]
            :: else
            fi;
            i++
        :: else -> break
        od;
        i = 0;
        j = 0
    }
}

inline publish(table) {
    if
    :: map_places != 0 ->
        begin_step();
        map_table = table;
        map_places = PLACES(table);
        changes++;
        end_step()
    :: else ->
        map_table = table;
        map_places = PLACES(table);
        changes++
    fi
}

/* use() of map.c: the caller stores the value later. */
inline use(place, new_key) {
    if
#ifndef USES_AGAIN_WITHOUT_A_STEP
    :: key[place] == GONE ->
        begin_step();
        value[place] = NO_VALUE;
        key[place] = new_key;
        changes++;
        end_step()
#endif
    :: else ->
#ifndef KEEPS_THE_OLD_VALUE
        value[place] = NO_VALUE;
#endif
        key[place] = new_key;
        changes++
    fi;
    atomic {
        value[place] = (new_key == KEY -> FIRST : OTHERS);
        if
        :: new_key == KEY -> note(FIRST)
        :: else
        fi
    }
}

/* put_at() of map_add.c. */
inline put_at(place, new_key, new_value) {
#ifndef KEY_BEFORE_VALUE
    value[place] = new_value;
#endif
    atomic {
        key[place] = new_key;
        if
        :: new_key == KEY -> note(new_value)
        :: else
        fi
    };
#ifdef KEY_BEFORE_VALUE
    value[place] = new_value;
#endif
    changes++
}

/* at: where `wanted` is, or where it may be put, or NOWHERE; with the lock. */
#define NOWHERE 6
inline search(wanted, at, i) {
    d_step {
        at = NOWHERE;
        i = 0;
        do
        :: i < map_places ->
            if
            :: key[AT(map_table, (hash + i) % map_places)] == wanted ->
                at = AT(map_table, (hash + i) % map_places);
                break
            :: key[AT(map_table, (hash + i) % map_places)] <= GONE ->
                if
                :: at == NOWHERE -> at = AT(map_table, (hash + i) % map_places)
                :: else
                fi;
                if
                :: key[AT(map_table, (hash + i) % map_places)] == NO_KEY -> break
                :: else
                fi
            :: else
            fi;
            i++
        :: else -> break
        od;
        i = 0
    }
}

/* With the lock: table 1 takes the place of table 0, or the map gets its first one. */
inline grow(i, j) {
    if
    :: map_places == 0 ->
        if
        :: fill(0, 0, 0, i, j); publish(0)
        :: fill(0, 0, 1, i, j); publish(1)
        fi
    :: map_places != 0 && map_table == 0 ->
        fill(0, 2, 1, i, j);
        publish(1);
        free(0, i)
    :: else -> assert(false) /* two keys have room in three places */
    fi
}

proctype changer() {
    byte at, i, j, left = CHANGES, wanted;
    do
    :: left > 0 ->
        left--;
        lock();
        if
        :: wanted = KEY
        :: wanted = OTHER
        fi;
        search(wanted, at, i);
        if
        :: at == NOWHERE -> grow(i, j)
        :: at != NOWHERE && key[at] == wanted ->
            if
            :: wanted == KEY -> /* a new value */
                atomic { value[at] = FIRST; note(FIRST) }
            :: /* take_out() */
#ifndef TAKES_OUT_WITHOUT_A_STEP
                begin_step();
#endif
                atomic {
                    key[at] = (key[AT(map_table, (at - AT(map_table, 0) + 1) % map_places)] ==
                               NO_KEY -> NO_KEY : GONE);
                    if
                    :: wanted == KEY -> note(NO_VALUE)
                    :: else
                    fi
                };
                changes++;
#ifndef TAKES_OUT_WITHOUT_A_STEP
                end_step()
#endif
            fi
        :: at != NOWHERE && key[at] != wanted -> use(at, wanted)
        :: at != NOWHERE && key[at] == NO_KEY ->
            put_at(at, wanted, (wanted == KEY -> FIRST : OTHERS))
        :: map_places != 0 -> /* give_up_table() */
            at = map_table;
            begin_step();
            map_places = 0;
            atomic { map_table = NO_TABLE; note(NO_VALUE) };
            changes++;
            end_step();
            free(at, i)
        :: begin_step(); end_step() /* of another map */
        fi;
        unlock(i, j)
    :: else -> break
    od
}

/* weft_map_probe_for(). at: where KEY is, else NOWHERE; room: where it may be put, else NOWHERE. */
inline probe(table, places, at, room, i) {
    i = 0;
    at = NOWHERE;
    room = NOWHERE;
    do
    :: i < places ->
        assert((hash + i) % places < PLACES(table));
        atomic {
            if
            :: key[AT(table, (hash + i) % places)] == KEY ->
                at = AT(table, (hash + i) % places);
                break
            :: key[AT(table, (hash + i) % places)] == NO_KEY ->
                room = AT(table, (hash + i) % places);
                break
            :: else
            fi;
            i++
        }
    :: else -> break
    od;
    i = 0
}

/* weft_map_find() */
proctype reader() {
    byte before, places, table, at, room, i, found = NO_VALUE, hint;
    atomic {
        had = 1 << now;
        before = epoch
    };
    places = map_places;
    table = map_table;
#ifndef READS_IN_A_STEP
    if
    :: before & 1 -> goto in_doubt
    :: else
    fi;
#endif
    atomic {
        if
        :: hint = 0
        :: hint = 1
        :: hint = 2
        fi
    };
    if
    :: hint >= places || table == NO_TABLE -> goto by_probe
    :: else ->
        if
        :: hint >= PLACES(table) -> at = NOWHERE; found = GARBAGE /* beyond the table's end */
        :: hint < PLACES(table) && key[AT(table, hint)] == KEY ->
            at = AT(table, hint);
            goto found_at
        :: hint < PLACES(table) && key[AT(table, hint)] != KEY -> goto by_probe
        fi
    fi;
    goto look;
by_probe:
#ifndef NO_LOOK_BEFORE_THE_SEARCH
    if
    :: epoch != before -> goto in_doubt
    :: else
    fi;
#endif
    if
    :: places == 0 || table == NO_TABLE -> goto look
    :: else -> probe(table, places, at, room, i)
    fi;
    if
    :: at == NOWHERE -> goto look
    :: else
    fi;
found_at:
    found = value[at];
    if
    :: found == NO_VALUE -> goto in_doubt
    :: else
    fi;
look:
    atomic {
        if
#ifndef NO_SECOND_LOOK
        :: epoch != before
#endif
        :: else -> assert(had & (1 << found))
        fi
    };
in_doubt:
    skip
}

/* weft_map_add() of KEY with the value ADDED. */
proctype adder() {
    byte before, places, table, at, room, i, j, seen;
again:
    before = epoch;
    places = map_places;
    table = map_table;
    room = NOWHERE;
    if
    :: places != 0 && table != NO_TABLE && !(before & 1) && epoch == before ->
        probe(table, places, at, room, i)
    :: else
    fi;
    lock();
    if
#ifndef NO_LOOK_WITH_THE_LOCK
    :: room != NOWHERE && epoch == before && map_table == table && key[room] == NO_KEY ->
#else
    :: room != NOWHERE && map_table == table && key[room] == NO_KEY ->
#endif
        put_at(room, KEY, ADDED);
        unlock(i, j);
        goto done
    :: else ->
        search(KEY, at, i);
        if
        :: at != NOWHERE && key[at] == KEY ->
            atomic { value[at] = ADDED; note(ADDED) };
            unlock(i, j);
            goto done
        :: at != NOWHERE && key[at] == NO_KEY ->
            put_at(at, KEY, ADDED);
            unlock(i, j);
            goto done
        :: at != NOWHERE && key[at] == GONE -> /* not simple: MicroPython's own function does it */
            unlock(i, j);
            goto done
        :: else
        fi
    fi;
    places = map_places;
    table = map_table;
    seen = changes;
    unlock(i, j);
    skip;
    /* grow_outside() */
    lock();
    if
    :: map_table == table && map_places == places -> grow(i, j)
    :: else
    fi;
    unlock(i, j);
    goto again;
done:
    skip
}

init {
    atomic {
        if
        :: hash = 0
        :: hash = 1
        :: hash = 2
        :: hash = 3
        fi;
        run changer();
        if
        :: run reader()
        :: run adder()
        fi
    }
}
