/* Imports from several threads, as in CPython. One thread runs a module, others wait until it is
 * complete. After a failed import the next thread tries again. If modules import each other, two
 * threads would wait for each other: then one of them goes on with the incomplete module.
 *
 * Before a thread looks for a module, it claims the module and its packages. A claim ends with the
 * import statement. A loaded module that nobody claims costs two looks. Claims are objects of the
 * heap: a waiter may outlive a claim. The interpreter's lock guards the list.
 */

#include "module.h"
#include "py/builtin.h"
#include "py/objmodule.h"
#include "py/objstr.h"
#include "wait.h"

typedef struct claim {
    struct claim *next;
    struct claim *outer; /* the claim before, of the same import statement */
    const void *owner;   /* the thread's state */
    qstr name;
    weft_event ended;
} claim_t;

/* An import statement, and a thread that waits for a claim. Both lie on the thread's stack; `node`
 * has the function to call if an exception passes. */
typedef struct {
    nlr_jump_callback_node_t node; /* first */
    claim_t *claims;
} import_t;

typedef struct waiting {
    nlr_jump_callback_node_t node;
    struct waiting *next;
    const void *thread;
    const claim_t *claim;
} waiting_t;

MP_REGISTER_ROOT_POINTER(struct claim *weft_claims);
static waiting_t *waiting;

void weft_module_forget_claims(void) {
    MP_STATE_VM(weft_claims) = NULL;
    waiting = NULL;
}

static claim_t *claim_on(qstr name) {
    claim_t *claim = MP_STATE_VM(weft_claims);
    while (claim != NULL && claim->name != name) {
        claim = claim->next;
    }
    return claim;
}

static bool is_loaded(qstr name) {
    return mp_map_lookup(&MP_STATE_VM(mp_loaded_modules_dict).map, MP_OBJ_NEW_QSTR(name),
                         MP_MAP_LOOKUP) != NULL;
}

/* Whether the claim's owner waits, directly or not, for a claim of this thread. */
static bool would_wait_for_itself(const claim_t *claim, const void *me) {
    const waiting_t *w = waiting;
    while (w != NULL) {
        if (w->thread == claim->owner) {
            if (w->claim->owner == me) {
                return true;
            }
            claim = w->claim;
            w = waiting;
        } else {
            w = w->next;
        }
    }
    return false;
}

static void end_wait(void *node) {
    for (waiting_t **link = &waiting; *link != NULL; link = &(*link)->next) {
        if (&(*link)->node == node) {
            *link = (*link)->next;
            return;
        }
    }
}

static void wait_for(claim_t *claim, const void *me) {
    waiting_t self = {.next = waiting, .thread = me, .claim = claim};
    waiting = &self;
    nlr_push_jump_callback(&self.node, end_wait);
    weft_status status;
    WEFT_WAIT(status, WEFT_FOREVER, weft_event_wait_until(&claim->ended, WEFT_FOREVER));
    nlr_pop_jump_callback(true);
}

/* Ends the claims of one import statement, also if an exception leaves the statement. */
static void end_claims(void *node) {
    for (claim_t *claim = ((import_t *)node)->claims; claim != NULL; claim = claim->outer) {
        claim_t **link = &MP_STATE_VM(weft_claims);
        while (*link != claim) {
            link = &(*link)->next;
        }
        *link = claim->next;
        weft_event_set(&claim->ended);
    }
}

static void claim_module(import_t *import, qstr name) {
    const void *me = mp_thread_get_state();
    claim_t *claim;
    while ((claim = claim_on(name)) != NULL && claim->owner != me &&
           !would_wait_for_itself(claim, me)) {
        wait_for(claim, me);
    }
    if (claim == NULL && !is_loaded(name)) {
        claim = m_new_obj(claim_t);
        *claim = (claim_t){MP_STATE_VM(weft_claims), import->claims, me, name, WEFT_EVENT_INIT};
        MP_STATE_VM(weft_claims) = import->claims = claim;
    }
}

/* Puts a relative import's "package." in front of a name: see MicroPython's
 * evaluate_relative_import(). Adds nothing if that is no package: the import itself says so. */
static void add_package(vstr_t *full, mp_int_t level) {
    const mp_map_t *globals = &mp_globals_get()->map;
    const mp_map_elem_t *own =
        mp_map_lookup((mp_map_t *)globals, MP_OBJ_NEW_QSTR(MP_QSTR___name__), MP_MAP_LOOKUP);
    if (own == NULL || !mp_obj_is_str(own->value)) {
        return;
    }
    size_t length;
    const char *name = mp_obj_str_get_data(own->value, &length);
    if (mp_map_lookup((mp_map_t *)globals, MP_OBJ_NEW_QSTR(MP_QSTR___path__), MP_MAP_LOOKUP)) {
        level--; /* this module is a package itself */
    }
    while (level > 0 && length > 0) {
        if (name[--length] == '.') {
            level--;
        }
    }
    vstr_add_strn(full, name, length);
}

/* Claims each package of a dotted name and the module in it, from the outside in. Not in line: so
 * its buffer is off the stack before the import goes deep. */
__attribute__((noinline)) static void claim_all(import_t *import, const mp_obj_t *args,
                                                mp_int_t level) {
    size_t length;
    const char *name = mp_obj_str_get_data(args[0], &length);
    VSTR_FIXED(full, MICROPY_ALLOC_PATH_MAX);
    if (length + 1 > MICROPY_ALLOC_PATH_MAX / 2) {
        return; /* longer than the import itself can find */
    }
    if (level > 0) {
        add_package(&full, level);
        if (full.len > 0 && length > 0) {
            vstr_add_char(&full, '.');
        }
    }
    vstr_add_strn(&full, name, length);
    for (size_t end = 1; end <= full.len; end++) {
        if (end == full.len || full.buf[end] == '.') {
            claim_module(import, qstr_from_strn(full.buf, end));
        }
    }
}

mp_obj_t weft_module_import(size_t n_args, const mp_obj_t *args) {
    mp_int_t level = n_args >= 5 ? mp_obj_get_int(args[4]) : 0;
    if (level == 0 && MP_STATE_VM(weft_claims) == NULL && mp_obj_is_qstr(args[0]) &&
        is_loaded(MP_OBJ_QSTR_VALUE(args[0]))) {
        return mp_builtin___import___default(n_args, args);
    }
    import_t import = {.claims = NULL};
    nlr_push_jump_callback(&import.node, end_claims);
    claim_all(&import, args, level);
    mp_obj_t module = mp_builtin___import___default(n_args, args);
    nlr_pop_jump_callback(true);
    return module;
}
