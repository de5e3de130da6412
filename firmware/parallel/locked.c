/* Functions that bytecode and native code call with the interpreter's lock. So they have the same
 * guarantees as where one thread runs Python at a time. The last two kinds can often do without.
 */
#include <string.h>

#include "py/bc.h"
#include "py/obj.h"
#include "py/objtype.h"
#include "py/runtime.h"
#include "wrap.h"

WEFT_LOCKED(mp_obj_t, mp_call_method_n_kw_var, (bool have_self, size_t n, const mp_obj_t *args),
            have_self, n, args)
WEFT_LOCKED_VOID(mp_load_super_method, (qstr attr, mp_obj_t *dest), attr, dest)
WEFT_LOCKED_VOID(mp_load_method_maybe, (mp_obj_t base, qstr attr, mp_obj_t *dest), base, attr, dest)
WEFT_LOCKED(mp_obj_t, mp_load_build_class, (void))
WEFT_LOCKED_VOID(mp_delete_name, (qstr name), name)
WEFT_LOCKED_VOID(mp_delete_global, (qstr name), name)
WEFT_LOCKED(mp_obj_t, mp_iternext, (mp_obj_t iterator), iterator)
WEFT_LOCKED(mp_obj_t, mp_obj_dict_store, (mp_obj_t dict, mp_obj_t key, mp_obj_t value), dict, key,
            value)
WEFT_LOCKED_VOID(mp_obj_set_store, (mp_obj_t set, mp_obj_t item), set, item)
WEFT_LOCKED(mp_obj_t, mp_obj_new_set, (size_t n, mp_obj_t *items), n, items)
WEFT_LOCKED_VOID(mp_unpack_sequence, (mp_obj_t sequence, size_t n, mp_obj_t *items), sequence, n,
                 items)
WEFT_LOCKED_VOID(mp_unpack_ex, (mp_obj_t sequence, size_t n, mp_obj_t *items), sequence, n, items)
WEFT_LOCKED(mp_vm_return_kind_t, mp_resume,
            (mp_obj_t self, mp_obj_t send, mp_obj_t thrown, mp_obj_t *result), self, send, thrown,
            result)
WEFT_LOCKED(mp_obj_t, mp_import_name, (qstr name, mp_obj_t from, mp_obj_t level), name, from, level)
WEFT_LOCKED(mp_obj_t, mp_import_from, (mp_obj_t module, qstr name), module, name)
WEFT_LOCKED_VOID(mp_import_all, (mp_obj_t module), module)
WEFT_LOCKED_VOID(mp_obj_exception_add_traceback,
                 (mp_obj_t self, qstr file, size_t line, qstr block), self, file, line, block)
WEFT_LOCKED(bool, mp_get_buffer, (mp_obj_t object, mp_buffer_info_t *buffer, mp_uint_t flags),
            object, buffer, flags)

/* What is raised. An exception needs no lock; a new one of a C type needs memory only. */
WEFT_WRAPPED(mp_obj_t, mp_make_raise_obj, mp_obj_t object);

mp_obj_t __wrap_mp_make_raise_obj(mp_obj_t object) {
    if (mp_obj_is_native_exception_instance(object) ||
        (mp_obj_is_exception_type(object) &&
         !mp_obj_is_instance_type((const mp_obj_type_t *)MP_OBJ_TO_PTR(object)))) {
        return __real_mp_make_raise_obj(object);
    }
    weft_c_enter();
    mp_obj_t exception = __real_mp_make_raise_obj(object);
    weft_c_leave();
    return exception;
}

/* Interned strings. A search needs no lock: pools only grow, and a pool's new strings are written
 * before its length counts them. */
WEFT_WRAPPED(qstr, qstr_from_strn, const char *text, size_t length);
WEFT_WRAPPED(qstr, qstr_from_str, const char *text);

qstr __wrap_qstr_from_strn(const char *text, size_t length) {
    qstr found = qstr_find_strn(text, length);
    if (found == MP_QSTRnull) {
        weft_c_enter();
        found = __real_qstr_from_strn(text, length);
        weft_c_leave();
    }
    return found;
}

qstr __wrap_qstr_from_str(const char *text) {
    return __wrap_qstr_from_strn(text, strlen(text));
}
