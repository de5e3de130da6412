/* Python threads over the kernel's.
 *
 * A thread's stack and control block are one block of MicroPython's heap. The collector finds it by
 * the kernel's list of threads, and scans all of it. A thread that has ended leaves the list, and
 * its block is swept like any other. No core still uses that block: the collector stops the others
 * first, and by then a thread that has ended has left its core.
 */
#include <string.h>

#include "hardware/uart.h"
#include "port.h"
#include "py/cstack.h"
#include "py/runtime.h"
#include "uart.h"

extern uint8_t __StackTop[], __StackBottom[];

/* The main thread can recurse as deep as on stock firmware. There C has only 256 bytes, and frames
 * are a little smaller. So all that C has here comes from the end of the heap, next to the stack.
 */
enum { MORE_STACK_BYTES = WEFT_PORT_C_BYTES + WEFT_KERNEL_CONTEXT_BYTES + WEFT_KERNEL_GUARD_BYTES };

static uint8_t *main_stack_low(void) {
    return (uint8_t *)(((uintptr_t)__StackBottom - MORE_STACK_BYTES) & ~(uintptr_t)63);
}

const char weft_kernel_stack_advice[] = " (threading.stack_size(n) before start() gives more)";

port_thread weft_port_main;

static void *never_called(void *argument) {
    return argument;
}

core_entry_func_t core1_entry; /* set once core 1 runs */

void mp_thread_init(void) {
    weft_port_set_state(&mp_state_ctx.thread);
    uint8_t *low = main_stack_low();
    weft_kernel_start(&weft_port_main.kernel, "MainThread", low, __StackTop - low);
    weft_port_main.kernel.owner = &mp_state_ctx.thread;
    weft_kernel_pin(0); /* where the devices' interrupts are */
    core1_entry = never_called;
}

void __real_gc_init(void *start, void *end);
void __wrap_gc_init(void *start, void *end);

/* The port's main() has set the limit of recursion just before. */
void __wrap_gc_init(void *start, void *end) {
    uint8_t *low = main_stack_low();
    __real_gc_init(start, MIN((uint8_t *)end, low));
    mp_cstack_init_with_top(__StackTop, weft_port_python_stack(__StackTop - low));
}

NORETURN void __real_mp_raise_recursion_depth(void);
NORETURN void __wrap_mp_raise_recursion_depth(void);

void __wrap_mp_raise_recursion_depth(void) {
    const port_thread *self = port_self();
    if (self == &weft_port_main || self->kernel.owner != mp_thread_get_state()) {
        __real_mp_raise_recursion_depth(); /* in an interrupt's handler too */
    }
    mp_raise_msg(&mp_type_RuntimeError,
                 MP_ERROR_TEXT("maximum recursion depth exceeded; "
                               "threading.stack_size(n) before start() gives more"));
}

void mp_thread_deinit(void) {
    /* weft_port_end_threads was called before, while the devices still worked. */
}

void weft_port_end_threads(void) {
    weft_gil_stop_others();
    weft_kernel_end_others();
    weft_gil_forget_waiters();
    weft_console_renew();
    weft_stacks_forget_all();
    weft_port_forget_stack_size();
    weft_kernel_resume_others();
}

void mp_thread_set_state(struct _mp_state_thread_t *state) {
    port_self()->kernel.owner = state;
    weft_port_set_state(state);
}

mp_uint_t mp_thread_get_id(void) {
    return (mp_uint_t)weft_kernel_self();
}

uint32_t mp_thread_begin_atomic_section(void) {
    return weft_kernel_begin_atomic();
}

void mp_thread_end_atomic_section(uint32_t state) {
    weft_kernel_end_atomic(state);
}

/* The UART needs no thread and no interrupt; the chip is reset after this. */
void weft_kernel_on_panic(const char *message) {
    const char *parts[] = {"\r\nweft: ", message, "; the board restarts\r\n"};
    for (size_t i = 0; i < MP_ARRAY_SIZE(parts); i++) {
        mp_uart_write_strn(parts[i], strlen(parts[i]));
    }
    uart_tx_wait_blocking(uart_default);
}
