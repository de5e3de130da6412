/* print() that writes a whole call at once: the lines of several threads never mix. A short line
 * takes no memory of the heap: so an interrupt handler may print it.
 */

#include <string.h>

#include "module.h"
#include "py/builtin.h"
#include "py/gc.h"
#include "py/objstr.h"
#include "py/stream.h"
#include "wait.h"

typedef struct {
    size_t length;  /* of what is in `bytes` */
    vstr_t *longer; /* all of it, once it does not fit there; NULL before */
    char bytes[96];
} line_t;

static void flush(line_t *line) {
    mp_print_strn(&mp_sys_stdout_print, line->bytes, line->length, 0, 0, 0);
    line->length = 0;
}

static void add(void *data, const char *text, size_t length) {
    line_t *line = data;
    if (line->longer == NULL && length > sizeof(line->bytes) - line->length) {
        if (gc_is_locked()) { /* there is no memory: in pieces rather than not at all */
            flush(line);
            if (length > sizeof(line->bytes)) {
                mp_print_strn(&mp_sys_stdout_print, text, length, 0, 0, 0);
                return;
            }
        } else {
            line->longer = vstr_new(4 * sizeof(line->bytes));
            vstr_add_strn(line->longer, line->bytes, line->length);
        }
    }
    if (line->longer != NULL) {
        vstr_add_strn(line->longer, text, length);
    } else {
        memcpy(line->bytes + line->length, text, length);
        line->length += length;
    }
}

static void add_text(line_t *line, mp_obj_t text, const char *otherwise) {
    if (text == mp_const_none) {
        add(line, otherwise, 1);
        return;
    }
    size_t length;
    const char *data = mp_obj_str_get_data(text, &length);
    add(line, data, length);
}

static mp_obj_t module_print(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args) {
    enum { ARG_sep, ARG_end, ARG_file, ARG_flush };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_sep, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_end, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_file, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_flush, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_FALSE}},
    };
    mp_arg_val_t options[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(0, NULL, kw_args, MP_ARRAY_SIZE(allowed), allowed, options);
    line_t line = {.length = 0, .longer = NULL};
    const mp_print_t print = {&line, add};
    for (size_t i = 0; i < n_args; i++) {
        if (i > 0) {
            add_text(&line, options[ARG_sep].u_obj, " ");
        }
        mp_obj_print_helper(&print, args[i], PRINT_STR);
    }
    add_text(&line, options[ARG_end].u_obj, "\n");
    const char *text = line.longer != NULL ? line.longer->buf : line.bytes;
    size_t length = line.longer != NULL ? line.longer->len : line.length;
    mp_obj_t file = options[ARG_file].u_obj;
    if (file == mp_const_none) {
        mp_print_strn(&mp_sys_stdout_print, text, length, 0, 0, 0);
    } else {
        mp_get_stream_raise(file, MP_STREAM_OP_WRITE);
        mp_stream_write_adaptor(MP_OBJ_TO_PTR(file), text, length);
    }
    if (line.longer != NULL) {
        vstr_free(line.longer);
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_KW(weft_module_print_obj, 0, module_print);
