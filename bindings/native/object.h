/* What the C types share: how their objects begin in memory, and how their methods get arguments.
 *
 * Every method has the GIL, and lets go of it only where a call blocks (blocking.h) or wakes a
 * thread (wake_order.h): letting go and taking it again costs more than most of these calls. A wait
 * that a signal ends runs the signal's handler and goes on, so an exception of a handler
 * (KeyboardInterrupt) never leaves with a lock or an item taken.
 *
 * Objects begin as zero bytes, from object.__new__, and work without any __init__: a subclass may
 * forget to call it.
 */
#ifndef NATIVE_OBJECT_H
#define NATIVE_OBJECT_H

#include <Python.h>
#include <stdbool.h>
#include <structmember.h>

/* How every object begins. */
typedef struct {
    PyObject object;
    PyObject *weak_references;
} native_head;

/* What a type's slots are, if it adds nothing of its own that they have to see. */
void native_head_dealloc(PyObject *self);
int native_head_traverse(PyObject *self, visitproc visit, void *arg);
extern PyMemberDef native_head_members[];

#define NATIVE_HEAD_SLOTS                                                                          \
    {Py_tp_dealloc, native_head_dealloc}, {Py_tp_traverse, native_head_traverse}, {                \
        Py_tp_members, native_head_members                                                         \
    }
#define NATIVE_SPEC(name_, object_, slots_)                                                        \
    {                                                                                              \
        .name = (name_), .basicsize = sizeof(object_), .slots = (slots_),                          \
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC                     \
    }

/* How a method that takes keywords, or positions only, stands in a PyMethodDef. */
#define NATIVE_KEYWORDS(function_)                                                                 \
    (PyCFunction)(void (*)(void))(function_), METH_FASTCALL | METH_KEYWORDS
#define NATIVE_POSITIONS(function_) (PyCFunction)(void (*)(void))(function_), METH_FASTCALL

enum { NATIVE_MOST_PARAMETERS = 3 };

typedef struct {
    const char *method;
    Py_ssize_t required; /* the first so many have no default */
    Py_ssize_t count;
    const char *parameters[NATIVE_MOST_PARAMETERS];
} native_signature;

/* Puts what the caller gave over the defaults in `values`; the references are borrowed. False with
 * a TypeError set. */
bool native_arguments(const native_signature *called, PyObject *const *arguments, Py_ssize_t count,
                      PyObject *names, PyObject **values);

#endif
