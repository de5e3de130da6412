/* The module _weft: the primitives under `threading`, each one object of weft.h.
 *
 * firmware/python/pure/_weft.py offers the same names on stock firmware.
 */

#include "module.h"
#include "py/objstr.h"
#include "wait.h"

#define TEXT_OF(words) #words
#define TEXT_OF_VALUE(name) TEXT_OF(name)

/* WEFT_VERSION comes from the build, which knows the package's version. */
static const MP_DEFINE_STR_OBJ(version_obj, TEXT_OF_VALUE(WEFT_VERSION));

void weft_module_init(void) {
    weft_module_forget_claims();
    weft_module_forget_frames();
}

static const mp_rom_map_elem_t module_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__weft)},
    {MP_ROM_QSTR(MP_QSTR_version), MP_ROM_PTR(&version_obj)},
#if WEFT_PARALLEL
    {MP_ROM_QSTR(MP_QSTR_is_parallel), MP_ROM_TRUE},
#else
    {MP_ROM_QSTR(MP_QSTR_is_parallel), MP_ROM_FALSE},
#endif
    {MP_ROM_QSTR(MP_QSTR_TIMEOUT_MAX), MP_ROM_PTR(&weft_module_timeout_max_obj)},
    {MP_ROM_QSTR(MP_QSTR_monotonic), MP_ROM_PTR(&weft_module_monotonic_obj)},
    {MP_ROM_QSTR(MP_QSTR_monotonic_ns), MP_ROM_PTR(&weft_module_monotonic_ns_obj)},
    {MP_ROM_QSTR(MP_QSTR_time), MP_ROM_PTR(&weft_module_time_obj)},
#ifndef MICROPY_PY_TIME_CUSTOM_SLEEP
    {MP_ROM_QSTR(MP_QSTR_sleep), MP_ROM_PTR(&weft_module_sleep_obj)},
#endif
    {MP_ROM_QSTR(MP_QSTR_print), MP_ROM_PTR(&weft_module_print_obj)},
    {MP_ROM_QSTR(MP_QSTR_handled), MP_ROM_PTR(&weft_module_handled_obj)},
    {MP_ROM_QSTR(MP_QSTR_Lock), MP_ROM_PTR(&weft_lock_type)},
    {MP_ROM_QSTR(MP_QSTR_deferring_lock), MP_ROM_PTR(&weft_deferring_lock_obj)},
    {MP_ROM_QSTR(MP_QSTR_RLock), MP_ROM_PTR(&weft_rlock_type)},
    {MP_ROM_QSTR(MP_QSTR_Event), MP_ROM_PTR(&weft_event_type)},
    {MP_ROM_QSTR(MP_QSTR_Condition), MP_ROM_PTR(&weft_condition_type)},
    {MP_ROM_QSTR(MP_QSTR_Semaphore), MP_ROM_PTR(&weft_semaphore_type)},
};
static MP_DEFINE_CONST_DICT(module_globals, module_globals_table);

const mp_obj_module_t weft_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&module_globals,
};
MP_REGISTER_MODULE(MP_QSTR__weft, weft_module);
