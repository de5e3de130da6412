# The kernel over simulated cores, for runtime/CMakeLists.txt.
#
#   WEFT_SIM_CORES          how many
#   WEFT_SIM_UCONTEXT       change stacks by ucontext also where there is a quicker way
#   WEFT_SIM_ALWAYS_SWAPS   threads leave by a call only, as on ARMv6-M
#   WEFT_SIM_OPTIONS        compile options for all that runs on the simulated cores
set(WEFT_SIM_CORES 3 CACHE STRING "How many cores are simulated")
option(WEFT_SIM_UCONTEXT "Let the simulator change stacks by ucontext" OFF)
option(WEFT_SIM_ALWAYS_SWAPS "Let threads leave simulated cores by a call only" OFF)

set(weft_sim ${CMAKE_CURRENT_LIST_DIR})
list(APPEND sources
  platform/kernel/schedule.c
  platform/kernel/thread.c
  platform/kernel/wait.c
)
set(weft_simulated ${sources})
file(GLOB weft_simulator CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${weft_sim}/*.c)
list(APPEND sources ${weft_simulator})

# What the sources of `target` need to run on the simulator, as its own options say (PUBLIC, ...).
function(weft_simulate target)
  set_source_files_properties(${weft_simulated} PROPERTIES
    COMPILE_OPTIONS "-include;${weft_sim}/atomics.h;${WEFT_SIM_OPTIONS}")
  target_compile_definitions(${target}
    PUBLIC WEFT_CHIP_SIM WEFT_SIM_CORES=${WEFT_SIM_CORES}
    $<$<BOOL:${WEFT_SIM_ALWAYS_SWAPS}>:WEFT_SIM_ALWAYS_SWAPS>
    $<$<BOOL:${WEFT_SIM_UCONTEXT}>:WEFT_SIM_UCONTEXT>)
  target_include_directories(${target} INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_options(${target}
    INTERFACE "SHELL:-include ${weft_sim}/atomics.h" ${WEFT_SIM_OPTIONS})
endfunction()
