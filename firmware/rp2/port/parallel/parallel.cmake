# What the parallel build has besides the sources in this folder and in firmware/parallel.
include(${WEFT_FIRMWARE}/parallel/calls.cmake)
set(weft_parallel_wrapped
  ${weft_calls}
  gc_alloc
  gc_collect
  gc_free
  gc_info
  gc_nbytes
  mp_execute_bytecode
  mp_type_fun_asm
)

# map.c and set.c replace py/map.c.
list(REMOVE_ITEM MICROPY_SOURCE_PY ${MICROPY_PY_DIR}/map.c)

target_compile_definitions(usermod_weft INTERFACE WEFT_PARALLEL=1)

# r9 and r10 are a thread's own: interpreter.h, lock.h.
set(weft_compile_options -ffixed-r9 -ffixed-r10 -DWEFT_ARCH_R9_R10_ARE_THREADS)
file(GLOB weft_parallel_sources ${CMAKE_CURRENT_LIST_DIR}/*.c ${WEFT_FIRMWARE}/parallel/*.c)
set_source_files_properties(${weft_parallel_sources} PROPERTIES COMPILE_OPTIONS "-O2")

# The fast path takes a place in a table of names that other threads change.
list(APPEND weft_in_vm MICROPY_OPT_LOAD_ATTR_FAST_PATH=0)

# For collect.c, buffer.c, emergency.c, popitem.h, sort.c, native.c and inline_asm.c.
set_source_files_properties(${MICROPY_PY_DIR}/gc.c PROPERTIES
  COMPILE_DEFINITIONS gc_collect=weft_collect_in_alloc)
set_source_files_properties(${MICROPY_PY_DIR}/objarray.c PROPERTIES
  COMPILE_OPTIONS "-include;${WEFT_FIRMWARE}/parallel/buffer.h")
set_source_files_properties(${MICROPY_PY_DIR}/objdict.c PROPERTIES
  COMPILE_OPTIONS "-include;${WEFT_FIRMWARE}/parallel/popitem.h")
set_source_files_properties(${MICROPY_PY_DIR}/objexcept.c PROPERTIES
  COMPILE_DEFINITIONS WEFT_IN_OBJEXCEPT=1
  COMPILE_OPTIONS "-include;${WEFT_FIRMWARE}/parallel/emergency.h")
set_source_files_properties(${MICROPY_PY_DIR}/objlist.c PROPERTIES
  COMPILE_DEFINITIONS WEFT_IN_OBJLIST=1
  COMPILE_OPTIONS "-include;${WEFT_FIRMWARE}/parallel/sort.h")
set_source_files_properties(${MICROPY_PY_DIR}/objfun.c PROPERTIES
  COMPILE_DEFINITIONS "WEFT_IN_OBJFUN=1;mp_native_to_obj=weft_native_to_obj"
  COMPILE_OPTIONS "-include;${WEFT_FIRMWARE}/parallel/native.h")
set_source_files_properties(${MICROPY_PY_DIR}/objgenerator.c PROPERTIES
  COMPILE_DEFINITIONS WEFT_IN_OBJGENERATOR=1
  COMPILE_OPTIONS "-include;${WEFT_FIRMWARE}/parallel/native.h")

# A thread that has disabled interrupts keeps the interpreter's lock: disable_irq.c.
set_source_files_properties(${MICROPY_EXTMOD_DIR}/modmachine.c PROPERTIES COMPILE_DEFINITIONS
  "mp_thread_begin_atomic_section=weft_port_disable_irq;mp_thread_end_atomic_section=weft_port_enable_irq")
