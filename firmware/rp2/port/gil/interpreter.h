/* The interpreter's lock (gil.c) as the files of both builds see it, where one thread runs Python
 * at a time. parallel/interpreter.h is the other build's.
 *
 * Only the holder of the lock touches the interpreter. So one pointer serves all cores: the state
 * of the holder.
 */
#ifndef WEFT_INTERPRETER_H
#define WEFT_INTERPRETER_H

extern struct _mp_state_thread_t *volatile weft_port_state;
extern volatile bool weft_gil_wanted;

void weft_gil_pass_on(void);

/* What C may use below the limit of recursion before it looks at the limit again. */
#define WEFT_PORT_C_BYTES 1696

/* In the virtual machine, at each branch. */
#define WEFT_VM_HOOK                                                                               \
    if (weft_gil_wanted) {                                                                         \
        weft_gil_pass_on();                                                                        \
    }

static inline struct _mp_state_thread_t *mp_thread_get_state(void) {
    return weft_port_state;
}

static inline void weft_port_set_state(struct _mp_state_thread_t *state) {
    weft_port_state = state;
}

/* In a loop of C code that does not wait: lets others have the lock. */
static inline void weft_gil_pass_on_in_loop(void) {
    if (weft_gil_wanted) {
        weft_gil_pass_on();
    }
}

/* C code begins, and ends. The virtual machine that calls it has the lock already. */
static inline void weft_c_enter(void) {
}

static inline void weft_c_leave(void) {
}

/* The first thing that a new thread does. */
static inline void weft_gil_begin(void) {
    weft_gil_enter();
}

/* An interrupt's handler in Python begins, and ends with the value that it got then. A handler has
 * no lock, and gives none up. */
typedef struct {
    struct _mp_state_thread_t *state;
} weft_interrupted;

static inline weft_interrupted weft_gil_begin_handler(struct _mp_state_thread_t *own) {
    weft_interrupted interrupted = {weft_port_state};
    weft_port_state = own;
    return interrupted;
}

static inline void weft_gil_end_handler(weft_interrupted interrupted) {
    weft_port_state = interrupted.state;
}

#endif
