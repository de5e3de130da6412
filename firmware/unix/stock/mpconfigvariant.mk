# Stock MicroPython as a board: _thread, nothing of weft's but the console.

include $(VARIANT_DIR)/../common/variant.mk
FROZEN_MANIFEST = $(VARIANT_DIR)/manifest.py
