# weft's firmware: the module _weft over the runtime, and threading, queue and logging frozen in.
# WEFT_RUNTIME names the runtime's folder.

include $(VARIANT_DIR)/../common/variant.mk
FROZEN_MANIFEST = $(VARIANT_DIR)/manifest.py
WEFT_PLATFORM_SRC = $(WEFT_RUNTIME)/platform/linux/linux.c $(WEFT_RUNTIME)/platform/posix/thread.c
