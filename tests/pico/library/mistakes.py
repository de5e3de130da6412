"""The mistakes that test_parallel_mistakes.py makes in the parallel interpreter, and who notices.

A change is right and wrong text by turns; WRONG is true while the mistake is made. They are applied
in this order, so one may change a line that another has changed before.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """Changes in one file of port/parallel, the program that notices, and where cores are held."""

    file: str
    changes: tuple[tuple[str, str], ...]
    program: str
    stalls: tuple[str, ...] = ()

    def applied_to(self, text: str, number: int) -> str:
        """Return the file's text with the mistake in it, made while weft_mistake is its number."""
        for right, wrong in self.changes:
            assert text.count(right) == 1, f"{self.file} has changed: {right}"
            text = text.replace(right, wrong.replace("WRONG", f"(weft_mistake == {number})"))
        return text


def mistake(file: str, *changes: str, by: str, stalls: tuple[str, ...] = ()) -> Mistake:
    """Right and wrong by turns."""
    pairs = tuple(zip(changes[::2], changes[1::2], strict=True))
    return Mistake(file, pairs, by, stalls)


COME_AND_GO = "keys_that_come_and_go"
STORES = "stores_to_keys_that_go"
ADD = "keys_that_both_add"
GROW = "stores_while_tables_grow"
GIVEN_UP = "tables_given_up"
EQ = "keys_with_eq_in_python"
INSTANCES = "instances_while_tables_change"
EXCEPTIONS = "exceptions_through_c"
MEMORY = "memory_of_two_threads"
GRAPHS = "graphs_while_others_collect"
LISTS = "lists_that_shrink"
GENERATORS = "generators_and_new_names"
SORTS = "sorts_that_others_see"
NATIVE = "native_and_masked"

TABLES = {
    "reader-takes-no-second-look": mistake(
        "map.h",
        "    return WEFT_READ(weft_maps_epoch) == epoch ? value : WEFT_MAP_IN_DOUBT;\n",
        "    return WRONG || WEFT_READ(weft_maps_epoch) == epoch ? value : WEFT_MAP_IN_DOUBT;\n",
        by=COME_AND_GO,
        stalls=("__wrap_mp_obj_subscr*,chance=300",),
    ),
    "reader-compares-no-key": mistake(
        "map.h",
        "WEFT_READ(place->key) != key) {\n        if (weft_map_head(map)",
        "(!WRONG && WEFT_READ(place->key) != key)) {\n        if (weft_map_head(map)",
        by=COME_AND_GO,
    ),
    "used-again-without-a-step": mistake(
        "map.c",
        "begin_change(is_used_again);\n",
        "begin_change(is_used_again && !WRONG);\n",
        "end_change(map, is_used_again, state);\n",
        "end_change(map, is_used_again && !WRONG, state);\n",
        by=COME_AND_GO,
    ),
    "taken-out-without-a-step": mistake(
        "map.c",
        "begin_change(true);\n    bool last",
        "begin_change(!WRONG);\n    bool last",
        "    weft_map_count(map, -1, true);\n    end_change(map, true, state);\n}\n\nenum answer",
        "    weft_map_count(map, -1, true);\n    end_change(map, !WRONG, state);\n}\n\nenum answer",
        by=COME_AND_GO,
        stalls=("__wrap_mp_obj_subscr*,chance=300",),
    ),
    "simple-key-before-value": mistake(
        "map_add.c",
        "    WEFT_WRITE(place->value, value);\n    weft_map_count",
        "    if (WRONG) {\n        WEFT_WRITE(place->key, key);\n    } else {\n"
        "        WEFT_WRITE(place->value, value);\n    }\n    weft_map_count",
        "    WEFT_WRITE(place->key, key);\n    weft_hash_count",
        "    if (WRONG) {\n        WEFT_WRITE(place->value, value);\n    }\n"
        "    WEFT_WRITE(place->key, key);\n    weft_hash_count",
        by=COME_AND_GO,
        stalls=("weft_map_add*,chance=300",),
    ),
    "adds-where-another-key-is": mistake(
        "map_add.c",
        " &&\n        room->key == MP_OBJ_NULL) {\n",
        " &&\n        (WRONG || room->key == MP_OBJ_NULL)) {\n",
        by=ADD,
        stalls=("weft_map_add*,chance=300",),
    ),
    "adds-in-an-old-table": mistake(
        "map_add.c",
        "    if (room != NULL && WEFT_READ(weft_maps_epoch) == epoch && map->table == table &&\n",
        "    if (room != NULL && (WRONG || (WEFT_READ(weft_maps_epoch) == epoch &&"
        " map->table == table)) &&\n",
        by=ADD,
        stalls=("weft_map_add*,chance=300",),
    ),
    "grows-from-an-old-table": mistake(
        "map_add.c",
        "map->table == seen->table && map->alloc == seen->alloc &&\n        weft_map_take_values",
        "(WRONG || (map->table == seen->table && map->alloc == seen->alloc)) &&\n"
        "        weft_map_take_values",
        by=ADD,
        stalls=("weft_map_add*,chance=300",),
    ),
    "grows-without-all-keys": mistake(
        "map.c",
        "    return count == map->used;\n",
        "    return WRONG || count == map->used;\n",
        by=ADD,
        stalls=("weft_map_add*,chance=300",),
    ),
    "table-given-up-without-a-step": mistake(
        "map.c",
        "begin_change(true);\n    WEFT_WRITE(map->alloc, 0);\n",
        "begin_change(!WRONG);\n    WEFT_WRITE(map->alloc, 0);\n",
        "    end_change(map, true, state);\n    if (!is_fixed) {\n",
        "    end_change(map, !WRONG, state);\n    if (!is_fixed) {\n",
        by=GIVEN_UP,
        stalls=("__wrap_mp_obj_subscr*,chance=300",),
    ),
    "published-before-it-is-built": mistake(
        "map.c",
        "    mp_map_elem_t *table = m_new0(mp_map_elem_t, alloc);\n    bool",
        "    mp_map_elem_t *table = m_new0(mp_map_elem_t, alloc);\n"
        "    mp_map_t old = *map;\n    if (WRONG) {\n"
        "        map->table = table;\n        map->alloc = alloc;\n    }\n    bool",
        "    if (map->table == old_table && map->alloc == old_alloc && fill(map, table",
        "    if ((WRONG || (map->table == old_table && map->alloc == old_alloc)) &&\n"
        "        fill(WRONG ? &old : map, table",
        by=GROW,
    ),
    "grown-without-a-step": mistake(
        "map.c",
        "has_readers = map->alloc != 0;\n",
        "has_readers = map->alloc != 0 && !WRONG;\n",
        by=GROW,
    ),
    "replaces-in-an-old-table": mistake(
        "map.c",
        "map->table == table && place < table + map->alloc && place->key",
        "(WRONG || (map->table == table && place < table + map->alloc)) && place->key",
        by=GROW,
    ),
    "replaces-another-keys-value": mistake(
        "map.c",
        "&& place->key == key;\n    if (is_there)",
        "&& (WRONG || place->key == key);\n    if (is_there)",
        by=STORES,
    ),
    "replaces-without-the-lock": mistake(
        "map.c",
        "    weft_interp_take(WEFT_INTERP_C);\n    bool is_there",
        "    if (!WRONG) {\n        weft_interp_take(WEFT_INTERP_C);\n    }\n    bool is_there",
        "    weft_interp_drop(WEFT_INTERP_C);\n    return is_there;\n",
        "    if (!WRONG) {\n        weft_interp_drop(WEFT_INTERP_C);\n    }\n"
        "    return is_there;\n",
        by=STORES,
        stalls=("weft_map_replace*,chance=200",),
    ),
    "change-is-not-counted": mistake(
        "map_add.c",
        "    weft_hash_count_change(map);\n",
        "    if (!WRONG) {\n        weft_hash_count_change(map);\n    }\n",
        by=EQ,
    ),
    "comparison-lets-nobody-in": mistake(
        "map.c",
        "    *changed = *weft_hash_changes(map) != before;\n",
        "    *changed = !WRONG && *weft_hash_changes(map) != before;\n",
        by=EQ,
    ),
    "set-goes-on-after-a-change": mistake(
        "set.c",
        "        if (*weft_hash_changes(set) != before) {\n            return CHANGED;\n",
        "        if (!WRONG && *weft_hash_changes(set) != before) {\n            return CHANGED;\n",
        by=EQ,
    ),
    "class-in-doubt-has-no-member": mistake(
        "attributes.c",
        "                return WEFT_IN_DOUBT;\n            }\n"
        "            if (member != MP_OBJ_NULL)",
        "                return WRONG ? WEFT_ABSENT : WEFT_IN_DOUBT;\n            }\n"
        "            if (member != MP_OBJ_NULL)",
        by=INSTANCES,
    ),
}

LOCKS = {
    "lock-kept-by-an-exception": mistake(
        "exceptions.c",
        "        if (depth != 0 && handlers == 0) {\n",
        "        if (!WRONG && depth != 0 && handlers == 0) {\n",
        by=EXCEPTIONS,
    ),
    "handler-in-c-without-the-lock": mistake(
        "exceptions.c",
        "        if (depth == 0 && handlers != 0) {\n",
        "        if (!WRONG && depth == 0 && handlers != 0) {\n",
        by=EXCEPTIONS,
    ),
    "depth-not-restored": mistake(
        "exceptions.c",
        "        weft_jump_with_depth(top, handlers);\n",
        "        weft_jump_with_depth(top, WRONG ? depth : handlers);\n",
        by=EXCEPTIONS,
    ),
    "taken-back-at-depth-one": mistake(
        "exceptions.c",
        "    weft_c_take_back(depth);\n    return kind;\n",
        "    weft_c_take_back(WRONG ? 1 : depth);\n    return kind;\n",
        by=EXCEPTIONS,
    ),
    "mask-forgotten-by-an-exception": mistake(
        "exceptions.c",
        "        handlers = (handlers & ~WEFT_DEPTH_MASKED) | (depth & WEFT_DEPTH_MASKED);\n",
        "        if (!WRONG) {\n"
        "            handlers = (handlers & ~WEFT_DEPTH_MASKED) | (depth & WEFT_DEPTH_MASKED);\n"
        "        }\n",
        by=NATIVE,
    ),
    "masked-without-the-heap": mistake(
        "disable_irq.c",
        "    if (weft_depth() < WEFT_DEPTH_PINNED) {\n"
        "        weft_interp_take(WEFT_INTERP_HEAP);\n",
        "    if (!WRONG && weft_depth() < WEFT_DEPTH_PINNED) {\n"
        "        weft_interp_take(WEFT_INTERP_HEAP);\n",
        "        weft_interp_drop(WEFT_INTERP_HEAP);\n",
        "        if (!WRONG) {\n            weft_interp_drop(WEFT_INTERP_HEAP);\n        }\n",
        by=NATIVE,
    ),
    "assembly-keeps-the-registers": mistake(
        "inline_asm.c",
        "        weft_set_depth(self->depth);\n        weft_port_set_state(self->kernel.owner);\n",
        "        if (!WRONG) {\n            weft_set_depth(self->depth);\n"
        "            weft_port_set_state(self->kernel.owner);\n        }\n",
        by=NATIVE,
    ),
    "native-code-called-with-the-lock": mistake(
        "native.c",
        "    if (!gives_up(depth)) {\n        return call(",
        "    if (WRONG || !gives_up(depth)) {\n        return call(",
        by=NATIVE,
    ),
}

MEMORIES = {
    "allocates-without-the-lock": mistake(
        "heap.c",
        "    weft_interp_take(WEFT_INTERP_HEAP);\n"
        "    void *block = __real_gc_alloc(bytes, flags);\n"
        "    weft_interp_drop(WEFT_INTERP_HEAP);\n",
        "    if (WRONG) {\n        return __real_gc_alloc(bytes, flags);\n    }\n"
        "    weft_interp_take(WEFT_INTERP_HEAP);\n"
        "    void *block = __real_gc_alloc(bytes, flags);\n"
        "    weft_interp_drop(WEFT_INTERP_HEAP);\n",
        by=MEMORY,
    ),
    "frees-without-the-lock": mistake(
        "heap.c",
        "    weft_interp_take(WEFT_INTERP_HEAP);\n    __real_gc_free(block);\n",
        "    if (WRONG) {\n        __real_gc_free(block);\n        return;\n    }\n"
        "    weft_interp_take(WEFT_INTERP_HEAP);\n    __real_gc_free(block);\n",
        by=MEMORY,
        stalls=("gc_free*,chance=200,cycles=5000",),
    ),
    "reallocates-without-the-lock": mistake(
        "heap.c",
        "    weft_interp_take(WEFT_INTERP_HEAP);\n    void *moved",
        "    if (WRONG) {\n        return __real_gc_realloc(block, bytes, may_move);\n    }\n"
        "    weft_interp_take(WEFT_INTERP_HEAP);\n    void *moved",
        by=MEMORY,
    ),
    "collects-while-others-run": mistake(
        "collect.c",
        "    weft_kernel_stop_others();\n    __real_gc_collect();",
        "    if (!WRONG) {\n        weft_kernel_stop_others();\n    }\n    __real_gc_collect();",
        "    weft_kernel_resume_others();\n",
        "    if (!WRONG) {\n        weft_kernel_resume_others();\n    }\n",
        by=GRAPHS,
    ),
    "others-go-on-before-all-is-marked": mistake(
        "collect.c",
        "    finish_marking();\n",
        "    if (WRONG) {\n        weft_kernel_resume_others();\n        return;\n    }\n"
        "    finish_marking();\n",
        by=GRAPHS,
    ),
    "others-stacks-not-marked": mistake(
        "collect.c",
        "            mark_inner(at, from, to);\n",
        "            if (!WRONG) {\n                mark_inner(at, from, to);\n            }\n",
        by=GRAPHS,
    ),
    "inner-pointers-not-kept": mistake(
        "collect.c",
        "        while (block > 0 && kind_of(area, block) == TAIL) {\n",
        "        if (WRONG && kind_of(area, block) == TAIL) {\n            continue;\n        }\n"
        "        while (block > 0 && kind_of(area, block) == TAIL) {\n",
        by=GRAPHS,
    ),
    "collects-without-the-heap": mistake(
        "collect.c",
        "        weft_interp_take(WEFT_INTERP_HEAP);\n        collect();\n"
        "        weft_interp_drop(WEFT_INTERP_HEAP);\n",
        "        if (!WRONG) {\n            weft_interp_take(WEFT_INTERP_HEAP);\n        }\n"
        "        collect();\n"
        "        if (!WRONG) {\n            weft_interp_drop(WEFT_INTERP_HEAP);\n        }\n",
        by=GRAPHS,
    ),
}

OBJECTS = {
    "item-without-the-lock": mistake(
        "items.c",
        "    weft_interp_take(WEFT_INTERP_C);\n    size_t length",
        "    if (!WRONG) {\n        weft_interp_take(WEFT_INTERP_C);\n    }\n    size_t length",
        "    weft_interp_drop(WEFT_INTERP_C);\n    return result;\n",
        "    if (!WRONG) {\n        weft_interp_drop(WEFT_INTERP_C);\n    }\n    return result;\n",
        by=LISTS,
        stalls=("__wrap_mp_obj_subscr*,chance=100",),
    ),
    "next-item-without-the-lock": mistake(
        "iteration.c",
        "    weft_interp_take(WEFT_INTERP_C);\n    size_t at",
        "    if (!WRONG) {\n        weft_interp_take(WEFT_INTERP_C);\n    }\n    size_t at",
        "    weft_interp_drop(WEFT_INTERP_C);\n    return item;\n",
        "    if (!WRONG) {\n        weft_interp_drop(WEFT_INTERP_C);\n    }\n    return item;\n",
        by=LISTS,
        stalls=("__wrap_mp_iternext_allow_raise*,chance=100",),
    ),
    "snapshot-without-the-lock": mistake(
        "snapshot.c",
        "    weft_interp_take(WEFT_INTERP_C);\n    size_t length",
        "    if (!WRONG) {\n        weft_interp_take(WEFT_INTERP_C);\n    }\n    size_t length",
        "    weft_interp_drop(WEFT_INTERP_C);\n    copy",
        "    if (!WRONG) {\n        weft_interp_drop(WEFT_INTERP_C);\n    }\n    copy",
        by=LISTS,
        stalls=("weft_call_with_snapshot*,chance=100",),
    ),
    "lists-need-no-lock": mistake(
        "operators.c",
        "    if (needs_no_lock(op, left, right)) {\n",
        "    if (WRONG || needs_no_lock(op, left, right)) {\n",
        by=LISTS,
    ),
    "sorts-in-sight": mistake(
        "sort.c",
        "{MP_OBJ_FROM_PTR(&sorted)};\n    *list = empty;\n",
        "{WRONG ? args[0] : MP_OBJ_FROM_PTR(&sorted)};\n"
        "    if (!WRONG) {\n        *list = empty;\n    }\n",
        "    bool is_empty = list->len == 0 && list->items == empty.items;\n"
        "    mp_obj_list_t left = *list;\n    *list = sorted;\n",
        "    bool is_empty = WRONG || (list->len == 0 && list->items == empty.items);\n"
        "    mp_obj_list_t left = WRONG ? empty : *list;\n"
        "    if (!WRONG) {\n        *list = sorted;\n    }\n",
        by=SORTS,
    ),
    "unsorted-after-an-exception": mistake(
        "sort.c",
        "        *list = sorted;\n",
        "        if (!WRONG || raised == NULL) {\n            *list = sorted;\n        }\n",
        by=EXCEPTIONS,
    ),
    "generator-entered-twice": mistake(
        "iteration.c",
        "    weft_c_enter();\n    mp_obj_t item = __real_mp_iternext_allow_raise(object);\n",
        "    if (WRONG) {\n        return __real_mp_iternext_allow_raise(object);\n    }\n"
        "    weft_c_enter();\n    mp_obj_t item = __real_mp_iternext_allow_raise(object);\n",
        by=GENERATORS,
        stalls=("mp_obj_gen_resume*,chance=100,cycles=3000",),
    ),
    "interns-without-the-lock": mistake(
        "locked.c",
        "        weft_c_enter();\n        found = __real_qstr_from_strn(text, length);\n",
        "        if (WRONG) {\n            return __real_qstr_from_strn(text, length);\n        }\n"
        "        weft_c_enter();\n        found = __real_qstr_from_strn(text, length);\n",
        by=GENERATORS,
    ),
}

MISTAKES = TABLES | LOCKS | MEMORIES | OBJECTS

NOT_NOTICED = {
    "used-again-without-a-step": "makes no difference: the step of take_out() came before",
    "interns-without-the-lock": "makes no difference so far: who makes new names has the lock",
    "published-before-it-is-built": "no program yet: in map.c, where keys are no simple ones",
    "grows-from-an-old-table": "no program yet",
    "grows-without-all-keys": "no program yet",
    "taken-out-without-a-step": "by chance only: once in some seeds",
    "collects-while-others-run": "no program yet",
    "simple-key-before-value": "no program yet",
    "change-is-not-counted": "no program yet: needs __hash__ in Python while a table grows",
    "handler-in-c-without-the-lock": "no program yet",
    "native-code-called-with-the-lock": "no program yet: others wait, nothing is wrong",
    "others-go-on-before-all-is-marked": "no program yet: gc.c's stack has to overflow",
    "inner-pointers-not-kept": "no program yet",
    "item-without-the-lock": "no program yet",
    "lists-need-no-lock": "no program yet",
}
"""Why a mistake is not among those that have to be noticed."""
