/* What the collector of garbage must know of the other threads. */
#include "port.h"
#include "py/gc.h"

/* The collector has the interpreter's lock. So the other threads are outside of the interpreter,
 * and no reference comes or goes. Once they have stopped, their registers are on their stacks. */
void mp_thread_gc_others(void) {
    weft_kernel_thread *self = weft_kernel_self();
    weft_stacks_forget_spares();
    weft_kernel_stop_others();
    for (weft_kernel_thread *at = weft_kernel_next(NULL); at != NULL; at = weft_kernel_next(at)) {
        if (at != &weft_port_main.kernel) {
            void *block = at->stack_low;
            gc_collect_root(&block, 1);
        } else if (at != self) {
            void *from, *to;
            weft_kernel_stack_in_use(at, &from, &to);
            gc_collect_root(from, ((char *)to - (char *)from) / sizeof(void *));
        }
    }
    weft_kernel_resume_others();
}
