/* What a port's configuration takes from the module. MicroPython has no types yet here. */
#ifndef WEFT_MODULE_CONFIG_H
#define WEFT_MODULE_CONFIG_H

/* import.c: import with a lock for each module. */
#define mp_builtin___import__ weft_module_import
#define MICROPY_PORT_INIT_FUNC weft_module_init()
void weft_module_init(void);

/* handled.c: only in the virtual machine (WEFT_IN_VM), MicroPython's code for sys.exc_info()
 * becomes a call with the frame's own variables. */
#undef MICROPY_PY_SYS_EXC_INFO
#ifdef WEFT_IN_VM
#define MICROPY_PY_SYS_EXC_INFO (1)
#define cur_exception weft_handled[weft_module_frame_handles(&nlr, &exc_sp, exc_stack)]
#endif
unsigned weft_module_frame_handles(const void *nlr, const volatile void *top, const void *bottom);

#endif
