# Laid over the stock Pico board of MicroPython's rp2 port: names Debian's split sources.
set(PICO_BOARD "pico")
set(PICO_PLATFORM "rp2040")
set(PICO_TINYUSB_PATH ${WEFT_TINYUSB})
# micropython-lib is not packaged; the manifest needs nothing of it, the port only looks for a README.
set(MICROPY_LIB_DIR ${WEFT_EMPTY_LIB})
set(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest.py)
