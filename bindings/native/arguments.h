/* Finding the pointer in an argument, faster than cffi does.
 *
 * The generated code calls _cffi_prepare_pointer_call_argument for every pointer that it is given;
 * that call accepts lists, bytes, null and more, and costs more than most of weft's calls. The
 * argument is nearly always what ffi.new() returned, of exactly the type that is wanted: then two
 * comparisons find the pointer. All else goes cffi's way.
 *
 * How cffi lays out such an object (CDataObject in its _cffi_backend.c) is no promise of cffi's. So
 * it is checked: the short way is taken only once cffi's way has shown it to give the same pointer.
 */
#ifndef WEFT_ARGUMENTS_H
#define WEFT_ARGUMENTS_H

#include <Python.h>

typedef struct {
    PyObject_HEAD void *c_type;
    char *c_data;
} cdata_object;

/* The Python type of what ffi.new() returns; NULL until the layout has been checked on one. */
static PyTypeObject *checked_type;

static Py_ssize_t cffi_way(struct _cffi_ctypedescr *wanted, PyObject *argument, char **pointer) {
    Py_ssize_t size = _cffi_prepare_pointer_call_argument(wanted, argument, pointer);
    PyTypeObject *type = Py_TYPE(argument);
    if (checked_type == NULL && size == 0 && *pointer != NULL &&
        type->tp_basicsize >= (Py_ssize_t)sizeof(cdata_object)) {
        const cdata_object *object = (const cdata_object *)argument;
        if (object->c_type == (void *)wanted && object->c_data == *pointer) {
            checked_type = type;
        }
    }
    return size;
}

static inline Py_ssize_t short_way(struct _cffi_ctypedescr *wanted, PyObject *argument,
                                   char **pointer) {
    if (Py_TYPE(argument) == checked_type) {
        const cdata_object *object = (const cdata_object *)argument;
        if (object->c_type == (void *)wanted) {
            *pointer = object->c_data;
            return 0;
        }
    }
    return cffi_way(wanted, argument, pointer);
}

#undef _cffi_prepare_pointer_call_argument
#define _cffi_prepare_pointer_call_argument short_way

#endif
