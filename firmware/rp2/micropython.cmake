# weft in MicroPython's rp2 port: its kernel and runtime, the module _weft, and port/ in place of four
# of the port's sources. No tree is changed. WEFT_RUNTIME and WEFT_FIRMWARE name our folders,
# WEFT_VERSION is weft's version.
#
# WEFT_PARALLEL: threads run Python on both cores at once (port/parallel over ../parallel), else one at a
# time (port/gil).
option(WEFT_PARALLEL "Threads run Python on both cores at once")
set(weft_folder ${CMAKE_CURRENT_LIST_DIR})
set(weft_port ${weft_folder}/port)
set(weft_module ${WEFT_FIRMWARE}/modules/weft)

include(${WEFT_RUNTIME}/platform/kernel/kernel.cmake)
weft_kernel_sources(weft_sources ${WEFT_RUNTIME})
if(WEFT_PARALLEL)
  set(weft_interpreter ${weft_port}/parallel ${WEFT_FIRMWARE}/parallel)
else()
  set(weft_interpreter ${weft_port}/gil)
endif()
list(TRANSFORM weft_interpreter APPEND /*.c OUTPUT_VARIABLE weft_interpreter_sources)
file(GLOB weft_port_sources ${weft_port}/*.c ${weft_interpreter_sources})
file(GLOB weft_module_sources ${weft_module}/*.c)

add_library(usermod_weft INTERFACE)
target_sources(usermod_weft INTERFACE ${weft_module_sources} ${weft_port_sources})
target_include_directories(usermod_weft INTERFACE
  ${weft_port} ${weft_interpreter} ${weft_module} ${WEFT_RUNTIME} ${WEFT_RUNTIME}/include)
target_compile_definitions(usermod_weft INTERFACE WEFT_VERSION=${WEFT_VERSION})
target_link_libraries(usermod INTERFACE usermod_weft)

# py/modthread.c: port/modthread.c gives locks a timeout and threads a name.
list(REMOVE_ITEM MICROPY_SOURCE_PY ${MICROPY_PY_DIR}/modthread.c)
set_source_files_properties(mpthreadport.c pendsv.c uart.c PROPERTIES HEADER_FILE_ONLY ON)
# Only in the virtual machine, leaving and entering the interpreter's lock is a look at a flag.
set(weft_in_vm WEFT_IN_VM=1)
if(WEFT_PARALLEL)
  include(${weft_port}/parallel/parallel.cmake)
endif()
set_source_files_properties(${MICROPY_PY_DIR}/vm.c PROPERTIES COMPILE_DEFINITIONS "${weft_in_vm}")

# Loops that ask for events and keep the interpreter's lock. port/wait.c gives the lock up.
set_source_files_properties(${MICROPY_EXTMOD_DIR}/machine_uart.c PROPERTIES
  COMPILE_DEFINITIONS mp_event_handle_nowait=mp_event_wait_indefinite)
set_source_files_properties(rp2_pio.c PROPERTIES
  COMPILE_DEFINITIONS mp_event_handle_nowait=weft_port_pass_on_in_loop)

# Between two blocks of a file the flash driver would run callbacks. A callback may let another
# thread into the file system. Only USB has to go on there.
set_source_files_properties(rp2_flash.c PROPERTIES
  COMPILE_DEFINITIONS mp_event_handle_nowait=weft_port_poll_usb)

# While the console waits for USB it runs no callbacks: port/console.c.
set_source_files_properties(${MICROPY_DIR}/shared/tinyusb/mp_usbd_cdc.c PROPERTIES
  COMPILE_DEFINITIONS mp_event_wait_ms=weft_console_wait_for_room)

# Debian leaves the mbedtls target's sources out.
set_property(TARGET micropy_lib_mbedtls PROPERTY INTERFACE_SOURCES "")
set_property(TARGET micropy_lib_mbedtls PROPERTY INTERFACE_INCLUDE_DIRECTORIES "")

set(weft_wrapped
  gc_init
  gpio_set_irq_enabled
  irq_set_enabled
  mp_event_handle_nowait
  mp_event_wait_indefinite
  mp_event_wait_ms
  mp_hal_delay_ms
  mp_hal_delay_us
  mp_hal_stdin_rx_chr
  mp_hal_stdout_tx_strn
  mp_hal_stdout_tx_strn_cooked
  mp_handle_pending
  mp_irq_handler
  mp_obj_print_exception
  mp_raise_recursion_depth
  mp_sched_keyboard_interrupt
  mp_wfe_or_timeout
  multicore_lockout_end_blocking
  multicore_lockout_start_blocking
  multicore_lockout_victim_is_initialized
)

if(WEFT_PARALLEL)
  list(APPEND weft_wrapped ${weft_parallel_wrapped})
  list(REMOVE_DUPLICATES weft_wrapped)
endif()

function(weft_finish)
  include(${weft_folder}/doubles.cmake)
  # The runtime is plain C11 and has no qstr: it joins the target after MicroPython has read its list.
  target_sources(${MICROPY_TARGET} PRIVATE ${weft_sources})
  foreach(name ${weft_wrapped})
    target_link_options(${MICROPY_TARGET} PRIVATE -Wl,--wrap=${name})
  endforeach()
  target_compile_options(${MICROPY_TARGET} PRIVATE ${weft_compile_options})
  target_compile_definitions(${MICROPY_TARGET} PRIVATE
    # A switch of threads in the middle of a division must not lose the division.
    PICO_DIVIDER_DISABLE_INTERRUPTS=1
    PICO_CONFIG_RTOS_ADAPTER_HEADER=${WEFT_RUNTIME}/platform/kernel/chip/rp2/rtos_adapter.h
  )
endfunction()
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL weft_finish)
