/* Letting go of the GIL around a call that blocks. */
#include "blocking.h"

/* Where signals do not end waits, the main thread, which runs their handlers, blocks for no longer
 * than this at a time. */
static const int64_t SLICE_NS = 40000000;
static unsigned long main_thread_ident;

void native_set_main_thread(unsigned long ident) {
    main_thread_ident = ident;
}

int64_t native_block_limit(int64_t deadline_ns) {
    if (weft_signals_end_waits() || PyThread_get_thread_ident() != main_thread_ident) {
        return deadline_ns;
    }
    int64_t slice_end_ns = weft_clock_deadline(SLICE_NS);
    return slice_end_ns < deadline_ns ? slice_end_ns : deadline_ns;
}

native_block native_block_begin(int64_t deadline_ns) {
    int64_t limit_ns = native_block_limit(deadline_ns);
    return (native_block){PyEval_SaveThread(), limit_ns, limit_ns != deadline_ns};
}

int native_block_end(native_block block, int status) {
    PyEval_RestoreThread(block.thread_state);
    return status == WEFT_TIMEDOUT && block.is_slice ? WEFT_INTERRUPTED : status;
}

bool native_should_retry(int status) {
    return status == WEFT_INTERRUPTED && PyErr_CheckSignals() == 0;
}

PyObject *native_wait_result(int status) {
    switch (status) {
    case WEFT_OK:
        Py_RETURN_TRUE;
    case WEFT_TIMEDOUT:
        Py_RETURN_FALSE;
    case WEFT_OVERFLOW:
        PyErr_SetString(PyExc_OverflowError, "internal lock count overflowed");
        return NULL;
    case WEFT_NO_MEMORY:
        return PyErr_NoMemory();
    default:
        return NULL;
    }
}
