/* weft.queue.SimpleQueue: a ring of items, and a semaphore that counts them for who waits.
 *
 * The ring is guarded by the GIL. `unclaimed` says how many items no get() has a claim to: an
 * item is in the ring before it is counted, and get() takes from the count before it takes from the
 * ring, so who has taken from the count finds an item. Nothing here runs Python between two changes
 * that belong together: put() may be called by a signal handler or a destructor at any moment.
 */
#include "blocking.h"
#include "deadline.h"
#include "object.h"
#include "types.h"

typedef struct {
    native_head head;
    weft_semaphore unclaimed;
    PyObject **items; /* the ring; NULL while capacity is 0 */
    size_t capacity;  /* a power of two */
    size_t first;     /* index of the oldest item */
    size_t count;
} queue_object;

enum { LEAST_CAPACITY = 8 };

/* False, and nothing has changed, if there is no memory. The capacity is at least the count. */
static bool ring_resize(queue_object *queue, size_t capacity) {
    PyObject **items = PyMem_New(PyObject *, capacity);
    if (items == NULL) {
        return false;
    }
    for (size_t i = 0; i < queue->count; i++) {
        items[i] = queue->items[(queue->first + i) & (queue->capacity - 1)];
    }
    PyMem_Free(queue->items);
    queue->items = items;
    queue->capacity = capacity;
    queue->first = 0;
    return true;
}

/* Keeps a reference of its own. */
static bool ring_append(queue_object *queue, PyObject *item) {
    if (queue->count == queue->capacity) {
        size_t capacity = queue->capacity == 0 ? LEAST_CAPACITY : 2 * queue->capacity;
        if (capacity > WEFT_SEMAPHORE_LIMIT || !ring_resize(queue, capacity)) {
            return false;
        }
    }
    queue->items[(queue->first + queue->count) & (queue->capacity - 1)] = Py_NewRef(item);
    queue->count++;
    return true;
}

/* Hands the ring's reference over. There is an item. */
static PyObject *ring_take(queue_object *queue) {
    PyObject *item = queue->items[queue->first];
    queue->first = (queue->first + 1) & (queue->capacity - 1);
    queue->count--;
    if (queue->capacity > LEAST_CAPACITY && queue->count < queue->capacity / 8) {
        ring_resize(queue, queue->capacity / 2); /* without memory it stays as large as it is */
    }
    return item;
}

static PyObject *add(PyObject *self, PyObject *item) {
    queue_object *queue = (queue_object *)self;
    if (!ring_append(queue, item)) {
        return PyErr_NoMemory();
    }
    queue->unclaimed.limit = WEFT_SEMAPHORE_LIMIT; /* objects begin as zero bytes */
    native_semaphore_release(&queue->unclaimed, 1);
    Py_RETURN_NONE;
}

static PyObject *queue_put(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                           PyObject *names) {
    static const native_signature put = {"put", 1, 3, {"item", "block", "timeout"}};
    PyObject *values[] = {NULL, Py_True, Py_None};
    return native_arguments(&put, arguments, count, names, values) ? add(self, values[0]) : NULL;
}

static PyObject *queue_put_nowait(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                  PyObject *names) {
    static const native_signature put_nowait = {"put_nowait", 1, 1, {"item"}};
    PyObject *item = NULL;
    return native_arguments(&put_nowait, arguments, count, names, &item) ? add(self, item) : NULL;
}

static PyObject *take(PyObject *self, int64_t deadline_ns) {
    queue_object *queue = (queue_object *)self;
    int status = native_semaphore_acquire(&queue->unclaimed, deadline_ns);
    if (status == WEFT_OK) {
        return ring_take(queue);
    }
    if (status == WEFT_TIMEDOUT) {
        PyObject *error = PyObject_GetAttrString((PyObject *)Py_TYPE(self), "_empty");
        if (error != NULL) {
            PyErr_SetNone(error);
            Py_DECREF(error);
        }
    }
    return NULL;
}

static PyObject *queue_get(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                           PyObject *names) {
    static const native_signature get = {"get", 0, 2, {"block", "timeout"}};
    PyObject *values[] = {Py_True, Py_None};
    if (!native_arguments(&get, arguments, count, names, values)) {
        return NULL;
    }
    int64_t deadline_ns = native_get_deadline(values[0], values[1]);
    return deadline_ns < 0 ? NULL : take(self, deadline_ns);
}

static PyObject *queue_get_nowait(PyObject *self, PyObject *unused) {
    return take(self, NATIVE_PAST);
}

static PyObject *queue_is_empty(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(((queue_object *)self)->count == 0);
}

static PyObject *queue_size(PyObject *self, PyObject *unused) {
    return PyLong_FromSize_t(((queue_object *)self)->count);
}

static int queue_traverse(PyObject *self, visitproc visit, void *arg) {
    queue_object *queue = (queue_object *)self;
    for (size_t i = 0; i < queue->count; i++) {
        Py_VISIT(queue->items[(queue->first + i) & (queue->capacity - 1)]);
    }
    return native_head_traverse(self, visit, arg);
}

/* The queue is empty and whole before the first item goes, since a destructor may use it. */
static int queue_clear(PyObject *self) {
    queue_object *queue = (queue_object *)self;
    queue_object old = *queue;
    *queue = (queue_object){.head = old.head};
    for (size_t i = 0; i < old.count; i++) {
        Py_DECREF(old.items[(old.first + i) & (old.capacity - 1)]);
    }
    PyMem_Free(old.items);
    return 0;
}

/* With the trashcan, so that a long chain of queues in queues does not use up the stack. */
static void queue_dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, queue_dealloc) if (((native_head *)self)->weak_references != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    queue_clear(self);
    native_head_dealloc(self);
    Py_TRASHCAN_END
}

static PyMethodDef methods[] = {
    {"put", NATIVE_KEYWORDS(queue_put),
     "put($self, item, block=True, timeout=None)\n--\n\n"
     "Add an item. It never blocks; block and timeout are there for likeness to Queue."},
    {"get", NATIVE_KEYWORDS(queue_get),
     "get($self, block=True, timeout=None)\n--\n\n"
     "Take an item; wait for one if need be. Empty if there is none (in time)."},
    {"put_nowait", NATIVE_KEYWORDS(queue_put_nowait),
     "put_nowait($self, item)\n--\n\nAdd an item."},
    {"get_nowait", queue_get_nowait, METH_NOARGS,
     "get_nowait($self)\n--\n\nTake an item; Empty if there is none."},
    {"empty", queue_is_empty, METH_NOARGS,
     "empty($self)\n--\n\n"
     "Return whether there is no item, which may have changed by the time it is known."},
    {"qsize", queue_size, METH_NOARGS,
     "qsize($self)\n--\n\n"
     "Return how many items there are, which may have changed by the time it is known."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, queue_dealloc},
    {Py_tp_traverse, queue_traverse},
    {Py_tp_clear, queue_clear},
    {Py_tp_members, native_head_members},
    {Py_tp_methods, methods},
    {Py_tp_doc, "First in, first out, without limit or tasks, as `queue.SimpleQueue`.\n\n"
                "put() may be called in a signal handler or a destructor, whatever its thread was "
                "doing."},
    {0, NULL},
};

PyType_Spec native_simple_queue_type = NATIVE_SPEC("weft.queue.SimpleQueue", queue_object, slots);
