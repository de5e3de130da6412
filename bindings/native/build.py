"""Generates the C source of the extension weft._native with cffi: `build.py OUTPUT`.

Most of weft's calls are shorter than what cffi does around a call, so three of the things that the
generated code does are redefined for it:

- letting go of the GIL: blocking.h and turn.h do that, only where a call blocks or wakes
  somebody;
- carrying errno from call to call: no call of weft's uses it;
- finding the pointer in an argument: arguments.h.

tests/bindings/test_native.py fails if cffi's code ever stops fitting that.
"""

import sys
from pathlib import Path

import cffi

DECLARATIONS = """
#define WEFT_OK ...
#define WEFT_TIMEDOUT ...
#define WEFT_INTERRUPTED ...
#define WEFT_NOT_HELD ...
#define WEFT_FOREVER ...

typedef struct { ...; } bound_condition;
typedef struct { ...; } weft_semaphore;
typedef struct { ...; } condition_ticket;
typedef struct { ...; } thread_handle;

int64_t weft_clock_now(void);
bool gil_is_held(void);
void set_main_thread(unsigned long ident);
void define_types(void);

void condition_enqueue(bound_condition *, condition_ticket *);
int condition_sleep(condition_ticket *, int64_t deadline_ns);
bool condition_cancel(bound_condition *, condition_ticket *);
void condition_notify(bound_condition *, uint32_t count);

void semaphore_init(weft_semaphore *, uint32_t count, uint32_t limit);
bool weft_semaphore_try(weft_semaphore *);
int semaphore_acquire(weft_semaphore *, int64_t deadline_ns);
int semaphore_release(weft_semaphore *, uint32_t count);
uint32_t weft_semaphore_count(weft_semaphore *);
uint32_t weft_semaphore_waiting(weft_semaphore *);

int thread_start(thread_handle *, uintptr_t bootstrap, const char *name, size_t stack_bytes,
                 bool daemon);
bool thread_is_alive(thread_handle *);
uintptr_t thread_ident(thread_handle *);
void keep_order(void);
int thread_join(thread_handle *, int64_t deadline_ns);
void thread_release(thread_handle *);
int thread_join_all(int64_t deadline_ns);

void weft_fork_prepare(void);
void weft_fork_parent(void);
void fork_child(void);
"""

SOURCE = """
#undef Py_BEGIN_ALLOW_THREADS
#undef Py_END_ALLOW_THREADS
#define Py_BEGIN_ALLOW_THREADS {
#define Py_END_ALLOW_THREADS }
#undef _cffi_restore_errno
#undef _cffi_save_errno
#define _cffi_restore_errno() ((void)0)
#define _cffi_save_errno() ((void)0)
#include "arguments.h"
#include "threads.h"
#include "types.h"
"""


def generate(path: Path) -> None:
    """Write the C source of weft._native to `path`."""
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    ffi.set_source("weft._native", SOURCE)
    ffi.emit_c_code(str(path))


if __name__ == "__main__":
    generate(Path(sys.argv[1]))
