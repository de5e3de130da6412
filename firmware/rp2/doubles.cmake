# Floats of 64 bits. The arithmetic is the RP2040's boot ROM's, the functions are MicroPython's own
# libm_dbl; the port does the same for 32 bits. Others do not fit: the SDK's pow() reads 1e-5 as
# 9.999999999999996e-06, and the linker's script has the C library's functions in RAM.
#
# On the RP2350 the arithmetic is the compiler's. The SDK's arithmetic uses a coprocessor, and a
# switch of threads does not save the coprocessor's registers.
pico_add_library(pico_double_weft)
target_link_libraries(pico_double_weft INTERFACE pico_bootrom pico_double_headers hardware_divider)

file(GLOB weft_libm ${MICROPY_DIR}/lib/libm_dbl/*.c)
list(FILTER weft_libm EXCLUDE REGEX thumb_vfp_sqrt)
set_source_files_properties(${weft_libm} PROPERTIES COMPILE_OPTIONS "-w")
target_sources(pico_double_weft INTERFACE ${weft_libm})

if(PICO_RP2040)
  target_compile_definitions(pico_double_weft INTERFACE PICO_DOUBLE_PROPAGATE_NANS=1)
  set(weft_sdk_double ${PICO_SDK_PATH}/src/rp2_common/pico_double)
  target_sources(pico_double_weft INTERFACE
    ${weft_sdk_double}/double_aeabi_rp2040.S
    ${weft_sdk_double}/double_init_rom_rp2040.c
    ${weft_sdk_double}/double_v1_rom_shim_rp2040.S
  )
  foreach(operation
    dadd ddiv dmul drsub dsub cdcmpeq cdrcmple cdcmple dcmpeq dcmplt dcmple dcmpge dcmpgt dcmpun
    i2d l2d ui2d ul2d d2iz d2lz d2uiz d2ulz d2f
  )
    pico_wrap_function(pico_double_weft __aeabi_${operation})
  endforeach()
endif()

pico_set_double_implementation(${MICROPY_TARGET} weft)
