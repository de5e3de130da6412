/* What a checker has to see of the kernel besides its headers. Compiled for the simulator only. */
#ifndef WEFT_KERNEL_INSPECT_H
#define WEFT_KERNEL_INSPECT_H

#include "platform/kernel/kernel.h"

typedef struct weft_wait_lists {
    const weft_list *queues;
    unsigned queue_count;
    const weft_list *deadlines;
} weft_wait_lists;

weft_wait_lists weft_wait_inspect(void);

#endif
