/* Attributes. Attributes of modules and of instances of Python classes are found without a lock.
 *
 * A class may get a new member at any time. If the member is a special accessor, the class's flag
 * for that is set first. So an access without a lock sees all of the change, or acts as before it.
 */
#include "operations.h"
#include "py/objmodule.h"
#include "py/objtype.h"
#include "py/runtime.h"

WEFT_WRAPPED(mp_obj_t, mp_load_attr, mp_obj_t base, qstr name);
WEFT_WRAPPED(void, mp_load_method, mp_obj_t base, qstr name, mp_obj_t *dest);
WEFT_WRAPPED(void, mp_store_attr, mp_obj_t base, qstr name, mp_obj_t value);

/* Makes an instance's attribute of a class's member. */
static enum weft_member bind(mp_obj_t instance, const mp_obj_type_t *own, mp_obj_t member,
                             mp_obj_t dest[2]) {
    dest[0] = member;
    dest[1] = MP_OBJ_NULL;
    if (!mp_obj_is_obj(member)) {
        return WEFT_FOUND;
    }
    const mp_obj_type_t *kind = weft_type_of(member);
    if (kind->flags & MP_TYPE_FLAG_BINDS_SELF) {
        if (!(kind->flags & MP_TYPE_FLAG_BUILTIN_FUN)) {
            dest[1] = instance;
        }
        return WEFT_FOUND;
    }
    bool is_special = (own->flags & MP_TYPE_FLAG_HAS_SPECIAL_ACCESSORS) ||
                      kind == &mp_type_staticmethod || kind == &mp_type_classmethod;
    return is_special ? WEFT_IN_DOUBT : WEFT_FOUND;
}

/* Searches depth first, from left to right, as MicroPython does: the first base that has the member
 * decides. `object` has nothing that matters here. */
static enum weft_member find_in(mp_obj_t instance, const mp_obj_type_t *own,
                                const mp_obj_type_t *type, qstr name, mp_obj_t dest[2]) {
    for (;;) {
        if (!mp_obj_is_instance_type(type)) {
            return type == &mp_type_object ? WEFT_ABSENT : WEFT_IN_DOUBT;
        }
        if (MP_OBJ_TYPE_HAS_SLOT(type, locals_dict)) {
            mp_obj_t member =
                weft_map_find(&MP_OBJ_TYPE_GET_SLOT(type, locals_dict)->map, MP_OBJ_NEW_QSTR(name));
            if (member == WEFT_MAP_IN_DOUBT) {
                return WEFT_IN_DOUBT;
            }
            if (member != MP_OBJ_NULL) {
                return bind(instance, own, member, dest);
            }
        }
        if (!MP_OBJ_TYPE_HAS_SLOT(type, parent)) {
            return WEFT_ABSENT;
        }
        const void *parent = MP_OBJ_TYPE_GET_SLOT(type, parent);
        if (((const mp_obj_base_t *)parent)->type != &mp_type_tuple) {
            type = parent;
            continue;
        }
        const mp_obj_tuple_t *parents = parent;
        size_t i = 0;
        for (; i + 1 < parents->len; i++) {
            enum weft_member found =
                find_in(instance, own, MP_OBJ_TO_PTR(parents->items[i]), name, dest);
            if (found != WEFT_ABSENT) {
                return found;
            }
        }
        type = MP_OBJ_TO_PTR(parents->items[i]);
    }
}

enum weft_member weft_find_member(mp_obj_t instance, const mp_obj_type_t *type, qstr name,
                                  mp_obj_t dest[2]) {
    return find_in(instance, type, type, name, dest);
}

/* As mp_load_method, if that can be done without the lock. */
static inline bool load(mp_obj_t base, qstr name, mp_obj_t dest[2]) {
    if (!mp_obj_is_obj(base)) {
        return false;
    }
    const mp_obj_type_t *type = weft_type_of(base);
    const mp_map_t *own = NULL;
    if (mp_obj_is_instance_type(type)) {
        own = &((mp_obj_instance_t *)MP_OBJ_TO_PTR(base))->members;
    } else if (type == &mp_type_module) {
        own = &((mp_obj_module_t *)MP_OBJ_TO_PTR(base))->globals->map;
    } else {
        return false;
    }
    mp_obj_t value = weft_map_find(own, MP_OBJ_NEW_QSTR(name));
    if (value == MP_OBJ_NULL) {
        return type != &mp_type_module && name != MP_QSTR___dict__ && name != MP_QSTR___class__ &&
               weft_find_member(base, type, name, dest) == WEFT_FOUND;
    }
    dest[0] = value;
    dest[1] = MP_OBJ_NULL;
    return value != WEFT_MAP_IN_DOUBT;
}

/* Whether the type is C's: all its methods are in a table in ROM. */
static inline bool has_fixed_methods(mp_obj_t base) {
    if (!mp_obj_is_obj(base)) {
        return true;
    }
    const mp_obj_type_t *type = weft_type_of(base);
    return !mp_obj_is_instance_type(type) && !MP_OBJ_TYPE_HAS_SLOT(type, attr);
}

mp_obj_t __wrap_mp_load_attr(mp_obj_t base, qstr name) {
    mp_obj_t dest[2];
    if (load(base, name, dest)) {
        return dest[1] == MP_OBJ_NULL ? dest[0] : mp_obj_new_bound_meth(dest[0], dest[1]);
    }
    weft_c_enter();
    mp_obj_t value = __real_mp_load_attr(base, name);
    weft_c_leave();
    return value;
}

void __wrap_mp_load_method(mp_obj_t base, qstr name, mp_obj_t *dest) {
    mp_obj_t found[2];
    if (load(base, name, found)) {
        dest[0] = found[0];
        dest[1] = found[1];
    } else if (has_fixed_methods(base)) {
        __real_mp_load_method(base, name, dest);
    } else {
        weft_c_enter();
        __real_mp_load_method(base, name, dest);
        weft_c_leave();
    }
}

/* Stores an instance's own attribute, if its class has no special accessors; else false. */
static inline bool store(mp_obj_t base, qstr name, mp_obj_t value) {
    if (weft_depth() != 0 || !mp_obj_is_obj(base) || value == MP_OBJ_NULL) {
        return false;
    }
    uint16_t flags = weft_type_of(base)->flags;
    if (!(flags & MP_TYPE_FLAG_INSTANCE_TYPE) || (flags & MP_TYPE_FLAG_HAS_SPECIAL_ACCESSORS)) {
        return false;
    }
    mp_obj_instance_t *self = MP_OBJ_TO_PTR(base);
    mp_obj_t key = MP_OBJ_NEW_QSTR(name);
    return weft_map_replace(&self->members, key, value) || weft_map_add(&self->members, key, value);
}

void __wrap_mp_store_attr(mp_obj_t base, qstr name, mp_obj_t value) {
    if (!store(base, name, value)) {
        weft_c_enter();
        __real_mp_store_attr(base, name, value);
        weft_c_leave();
    }
}
