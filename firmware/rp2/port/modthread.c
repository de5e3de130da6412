/* The module _thread: MicroPython's, with locks that know timeouts.
 *
 * This file replaces py/modthread.c. In addition, _set_name() gives the calling thread a name for
 * reports.
 */
#include <string.h>

#include "port.h"
#include "py/runtime.h"
#if WEFT_PARALLEL
#include "emergency.h"
#endif
#include "wait.h"

/* What a new thread begins with. It lies at the far end of the new stack until the thread has taken
 * it. */
typedef struct {
    uint32_t canary; /* the kernel's */
    mp_obj_t function;
    mp_obj_t arguments; /* a tuple, then the pairs of keywords */
    uint16_t n_args, n_kw;
    mp_obj_dict_t *locals, *globals;
} beginning;

static size_t stack_bytes_of_new; /* 0: the default; guarded by the interpreter's lock */

static mp_obj_t get_ident(void) {
    return mp_obj_new_int_from_uint(mp_thread_get_id());
}
static MP_DEFINE_CONST_FUN_OBJ_0(get_ident_obj, get_ident);

static mp_obj_t stack_size(size_t n_args, const mp_obj_t *args) {
    mp_obj_t old = mp_obj_new_int_from_uint(stack_bytes_of_new);
    stack_bytes_of_new = n_args == 0 ? 0 : mp_obj_get_int(args[0]);
    return old;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(stack_size_obj, 0, 1, stack_size);

static void report(mp_obj_t function, mp_obj_base_t *exception) {
    if (mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(exception->type),
                                MP_OBJ_FROM_PTR(&mp_type_SystemExit))) {
        return;
    }
    mp_printf(MICROPY_ERROR_PRINTER, "Unhandled exception in thread started by ");
    mp_obj_print_helper(MICROPY_ERROR_PRINTER, function, PRINT_REPR);
    mp_printf(MICROPY_ERROR_PRINTER, "\n");
    mp_obj_print_exception(MICROPY_ERROR_PRINTER, MP_OBJ_FROM_PTR(exception));
}

static void call(const beginning *start) {
    mp_obj_t *items;
    size_t length;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_get_array(start->arguments, &length, &items);
        mp_call_function_n_kw(start->function, start->n_args, start->n_kw, items);
        nlr_pop();
    } else {
        report(start->function, nlr.ret_val);
    }
}

static void thread_main(void *stack_low) {
    beginning start = *(beginning *)stack_low;
    mp_state_thread_t state;
    size_t room = (char *)(&state + 1) - (char *)stack_low;
    weft_gil_begin();
    mp_thread_init_state(&state, weft_port_python_stack(room), start.locals, start.globals);
    call(&start);
    weft_stacks_give_back(port_self());
    weft_gil_exit();
}

/* The positional arguments and the pairs of keywords, in one tuple. */
static mp_obj_t join_arguments(beginning *start, mp_obj_t positional, mp_obj_t keywords) {
    size_t n_args;
    mp_obj_t *args;
    mp_obj_get_array(positional, &n_args, &args);
    mp_map_t *map = NULL;
    if (keywords != MP_OBJ_NULL) {
        if (mp_obj_get_type(keywords) != &mp_type_dict) {
            mp_raise_TypeError(MP_ERROR_TEXT("expecting a dict for keyword args"));
        }
        map = mp_obj_dict_get_map(keywords);
    }
    start->n_args = n_args;
    start->n_kw = map == NULL ? 0 : map->used;
    mp_obj_tuple_t *all = MP_OBJ_TO_PTR(mp_obj_new_tuple(n_args + 2 * start->n_kw, NULL));
    memcpy(all->items, args, n_args * sizeof(mp_obj_t));
    for (size_t i = 0, at = n_args; map != NULL && i < map->alloc; i++) {
        if (mp_map_slot_is_filled(map, i)) {
            all->items[at++] = map->table[i].key;
            all->items[at++] = map->table[i].value;
        }
    }
    return MP_OBJ_FROM_PTR(all);
}

static mp_obj_t start_new_thread(size_t n_args, const mp_obj_t *args) {
#if WEFT_PARALLEL
    struct weft_emergency *emergency = weft_emergency_new();
#endif
    port_thread *thread = weft_stacks_take(stack_bytes_of_new);
#if WEFT_PARALLEL
    thread->emergency = emergency;
#endif
    void *stack = thread->kernel.stack_low;
    beginning *start = stack;
    start->function = args[0];
    start->arguments = join_arguments(start, args[1], n_args > 2 ? args[2] : MP_OBJ_NULL);
    start->locals = mp_locals_get();
    start->globals = mp_globals_get();
    weft_kernel_thread_start(&thread->kernel, thread_main, stack, stack,
                             thread->kernel.stack_bytes);
    return mp_obj_new_int_from_uint((mp_uint_t)thread);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(start_new_thread_obj, 2, 3, start_new_thread);

void weft_port_forget_stack_size(void) {
    stack_bytes_of_new = 0;
}

static mp_obj_t exit_thread(void) {
    mp_raise_type(&mp_type_SystemExit);
}
static MP_DEFINE_CONST_FUN_OBJ_0(exit_obj, exit_thread);

static mp_obj_t allocate_lock(void) {
    return mp_call_function_0(MP_OBJ_FROM_PTR(&weft_lock_type));
}
static MP_DEFINE_CONST_FUN_OBJ_0(allocate_lock_obj, allocate_lock);

static mp_obj_t set_name(mp_obj_t name) {
    port_thread *self = port_self();
    strncpy(self->name, mp_obj_str_get_str(name), sizeof self->name - 1);
    self->kernel.name = self->name;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(set_name_obj, set_name);

static const mp_rom_map_elem_t thread_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__thread)},
    {MP_ROM_QSTR(MP_QSTR_LockType), MP_ROM_PTR(&weft_lock_type)},
    {MP_ROM_QSTR(MP_QSTR_get_ident), MP_ROM_PTR(&get_ident_obj)},
    {MP_ROM_QSTR(MP_QSTR_stack_size), MP_ROM_PTR(&stack_size_obj)},
    {MP_ROM_QSTR(MP_QSTR_start_new_thread), MP_ROM_PTR(&start_new_thread_obj)},
    {MP_ROM_QSTR(MP_QSTR_exit), MP_ROM_PTR(&exit_obj)},
    {MP_ROM_QSTR(MP_QSTR_allocate_lock), MP_ROM_PTR(&allocate_lock_obj)},
    {MP_ROM_QSTR(MP_QSTR__set_name), MP_ROM_PTR(&set_name_obj)},
};
static MP_DEFINE_CONST_DICT(thread_globals, thread_globals_table);

const mp_obj_module_t weft_thread_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&thread_globals,
};
MP_REGISTER_MODULE(MP_QSTR__thread, weft_thread_module);
