/* Names. Reading a name takes no lock. A name that gets a new value is found without the lock. */
#include "operations.h"
#include "py/builtin.h"
#include "py/runtime.h"

WEFT_WRAPPED(mp_obj_t, mp_load_name, qstr name);
WEFT_WRAPPED(mp_obj_t, mp_load_global, qstr name);
WEFT_WRAPPED(void, mp_store_global, qstr name, mp_obj_t value);
WEFT_WRAPPED(void, mp_store_name, qstr name, mp_obj_t value);

mp_obj_t __wrap_mp_load_global(qstr name) {
    mp_obj_t value = weft_map_find(&mp_globals_get()->map, MP_OBJ_NEW_QSTR(name));
    if (value == MP_OBJ_NULL && MP_STATE_VM(mp_module_builtins_override_dict) == NULL) {
        value = weft_map_find_ordered(&mp_module_builtins_globals.map, MP_OBJ_NEW_QSTR(name));
    }
    if (value == MP_OBJ_NULL || value == WEFT_MAP_IN_DOUBT) {
        weft_c_enter();
        value = __real_mp_load_global(name);
        weft_c_leave();
    }
    return value;
}

mp_obj_t __wrap_mp_load_name(qstr name) {
    mp_obj_t value = MP_OBJ_NULL;
    if (mp_locals_get() != mp_globals_get()) {
        value = weft_map_find(&mp_locals_get()->map, MP_OBJ_NEW_QSTR(name));
    }
    if (value == MP_OBJ_NULL) {
        return __wrap_mp_load_global(name);
    }
    if (value == WEFT_MAP_IN_DOUBT) {
        weft_c_enter();
        value = __real_mp_load_name(name);
        weft_c_leave();
    }
    return value;
}

static bool replace(mp_obj_dict_t *dict, qstr name, mp_obj_t value) {
    return weft_depth() == 0 && weft_map_replace(&dict->map, MP_OBJ_NEW_QSTR(name), value);
}

void __wrap_mp_store_global(qstr name, mp_obj_t value) {
    if (!replace(mp_globals_get(), name, value)) {
        weft_c_enter();
        __real_mp_store_global(name, value);
        weft_c_leave();
    }
}

void __wrap_mp_store_name(qstr name, mp_obj_t value) {
    if (!replace(mp_locals_get(), name, value)) {
        weft_c_enter();
        __real_mp_store_name(name, value);
        weft_c_leave();
    }
}
