/* A doubly linked list with a head. Only an element that is in a list may be removed; callers know
 * whether it is. */
#ifndef WEFT_KERNEL_LIST_H
#define WEFT_KERNEL_LIST_H

#include <stddef.h>

#include "weft_kernel.h"

typedef weft_kernel_link weft_list; /* its head; empty when it points to itself */

/* Before the first use; zero bytes are no list. */
static inline void weft_list_init(weft_list *list) {
    list->next = list->previous = list;
}

static inline bool weft_list_is_empty(const weft_list *list) {
    return list->next == list;
}

/* Puts the link in front of `place`: at the end of the list if that is its head. */
static inline void weft_list_insert(weft_kernel_link *place, weft_kernel_link *link) {
    link->next = place;
    link->previous = place->previous;
    place->previous->next = link;
    place->previous = link;
}

static inline void weft_list_remove(weft_kernel_link *link) {
    link->previous->next = link->next;
    link->next->previous = link->previous;
}

/* The thread that a link belongs to. */
#define WEFT_THREAD_OF(link_, field_)                                                              \
    ((weft_kernel_thread *)((char *)(link_)-offsetof(weft_kernel_thread, field_)))

#endif
