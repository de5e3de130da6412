# weft's firmware for the Pico and the Pico 2, laid over MicroPython's own board folder. Here are
# the paths of Debian's split sources. ../micropython.cmake does the rest.
if(MICROPY_BOARD STREQUAL "RPI_PICO2")
  set(PICO_BOARD "pico2")
  set(PICO_PLATFORM "rp2350")
else()
  set(PICO_BOARD "pico")
  set(PICO_PLATFORM "rp2040")
endif()
set(PICO_TINYUSB_PATH ${WEFT_TINYUSB})
# micropython-lib is not packaged. The manifest needs nothing of it; the port looks for a README.
set(MICROPY_LIB_DIR ${WEFT_EMPTY_LIB})
set(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest.py)
