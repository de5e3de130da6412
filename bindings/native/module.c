/* The module weft._types: the C types, and the functions that need the GIL.
 *
 * It lies in the shared library of weft._native, the module that cffi generates, which binds what
 * needs no GIL (build.py): there is one runtime in a process, so there is one library.
 */
#include <Python.h>

#include "blocking.h"
#include "types.h"
#include "wake_order.h"

static PyObject *keep_order(PyObject *module, PyObject *unused) {
    native_keep_order();
    Py_RETURN_NONE;
}

static PyObject *await_last_start(PyObject *module, PyObject *unused) {
    native_launch_await_last();
    Py_RETURN_NONE;
}

static PyObject *set_main_thread(PyObject *module, PyObject *ident) {
    unsigned long main_thread = PyLong_AsUnsignedLong(ident);
    if (PyErr_Occurred()) {
        return NULL;
    }
    native_set_main_thread(main_thread);
    Py_RETURN_NONE;
}

/* The GIL is kept over a fork: a thread that had it could wait for the locks that are held then. */
static PyObject *before_fork(PyObject *module, PyObject *unused) {
    native_thread_before_fork();
    weft_fork_prepare();
    Py_RETURN_NONE;
}

static PyObject *after_fork_in_parent(PyObject *module, PyObject *unused) {
    weft_fork_parent();
    native_thread_after_fork(false);
    Py_RETURN_NONE;
}

/* The child has only the thread that forked, with the GIL. */
static PyObject *after_fork_in_child(PyObject *module, PyObject *unused) {
    weft_fork_child();
    native_thread_after_fork(true);
    native_order_forget();
    native_set_main_thread(PyThread_get_thread_ident());
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"keep_order", keep_order, METH_NOARGS, NULL},
    {"await_last_start", await_last_start, METH_NOARGS, NULL},
    {"set_main_thread", set_main_thread, METH_O, NULL},
    {"before_fork", before_fork, METH_NOARGS, NULL},
    {"after_fork_in_parent", after_fork_in_parent, METH_NOARGS, NULL},
    {"after_fork_in_child", after_fork_in_child, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int add_types(PyObject *module) {
    PyType_Spec *const specs[] = {
        &native_condition_type, &native_event_type,        &native_lock_type,   &native_rlock_type,
        &native_semaphore_type, &native_simple_queue_type, &native_thread_type,
    };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        PyObject *type = PyType_FromSpec(specs[i]);
        int status = type == NULL ? -1 : PyModule_AddType(module, (PyTypeObject *)type);
        Py_XDECREF(type);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, add_types}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "weft._types",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__types(void) {
    return PyModuleDef_Init(&definition);
}
