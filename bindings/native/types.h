/* The types of the module weft._types, which weft._types has made by calling define_types once. */
#ifndef WEFT_TYPES_H
#define WEFT_TYPES_H

#include "condition_type.h"
#include "event_type.h"
#include "lock_type.h"
#include "rlock_type.h"
#include "simple_queue_type.h"

static bool define_type(PyObject *module, const char *name, PyType_Spec *spec) {
    PyObject *type = PyType_FromSpec(spec);
    bool defined = type != NULL && PyObject_SetAttrString(module, name, type) == 0;
    Py_XDECREF(type);
    return defined;
}

/* Makes the types attributes of weft._types, which is being imported. An error is left set, and
 * cffi's caller raises it. */
static void define_types(void) {
    PyObject *module = PyImport_ImportModule("weft._types");
    if (module == NULL) {
        return;
    }
    (void)(define_type(module, "ConditionBase", &condition_type) &&
           define_type(module, "EventBase", &event_type) &&
           define_type(module, "LockBase", &lock_type) &&
           define_type(module, "RLockBase", &rlock_type) &&
           define_type(module, "SimpleQueue", &queue_type));
    Py_DECREF(module);
}

#endif
