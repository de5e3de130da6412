# weft_kernel_sources(VARIABLE RUNTIME): the sources of the runtime over our kernel for RP2040 and
# RP2350, for a build with the Pico SDK. The include path needs RUNTIME and RUNTIME/include.
function(weft_kernel_sources variable runtime)
  if(PICO_RP2040)
    set(arch armv6m)
  else()
    set(arch armv8m)
  endif()
  file(GLOB sync ${runtime}/sync/*.c)
  list(REMOVE_ITEM sync ${runtime}/sync/event.c) # the kernel brings its own (platform.h)
  set(kernel ${runtime}/platform/kernel)
  set(sources ${sync} ${kernel}/event.c ${kernel}/kernel.c ${kernel}/schedule.c
      ${kernel}/thread.c ${kernel}/wait.c ${kernel}/arch/${arch}/${arch}.c
      ${kernel}/chip/rp2/rp2.c ${kernel}/chip/rp2/sdk_locks.c)
  set(options -O2)
  if(PICO_RP2040)
    # Constants are cheap, and high registers are not.
    list(APPEND options -include ${kernel}/arch/armv6m/atomics.h -fno-move-loop-invariants)
  endif()
  set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS "${options}")
  set(${variable} ${sources} PARENT_SCOPE)
endfunction()
