# The module _weft for ports that are built by make. WEFT_VERSION is weft's version. WEFT_RUNTIME
# names the runtime's folder and WEFT_PLATFORM_SRC the sources of the platform under it, which the port chooses.

WEFT_MODULE_DIR := $(USERMOD_DIR)

SRC_USERMOD_C += \
	$(WEFT_MODULE_DIR)/clock.c \
	$(WEFT_MODULE_DIR)/condition.c \
	$(WEFT_MODULE_DIR)/event.c \
	$(WEFT_MODULE_DIR)/handled.c \
	$(WEFT_MODULE_DIR)/import.c \
	$(WEFT_MODULE_DIR)/lock.c \
	$(WEFT_MODULE_DIR)/may_wait.c \
	$(WEFT_MODULE_DIR)/module.c \
	$(WEFT_MODULE_DIR)/print.c \
	$(WEFT_MODULE_DIR)/semaphore.c \
	$(WEFT_MODULE_DIR)/wait.c

# The runtime is plain C11 and has no qstr: a library as far as MicroPython is concerned.
WEFT_RUNTIME_SRC := $(wildcard $(WEFT_RUNTIME)/sync/*.c) $(WEFT_PLATFORM_SRC)
SRC_USERMOD_LIB_C += $(WEFT_RUNTIME_SRC)
$(WEFT_RUNTIME_SRC:%.c=$(BUILD)/%.o): CFLAGS += -D_GNU_SOURCE

CFLAGS_USERMOD += -I$(WEFT_MODULE_DIR) -I$(WEFT_RUNTIME)/include -I$(WEFT_RUNTIME)
CFLAGS_USERMOD += -DWEFT_VERSION=$(WEFT_VERSION)
# weft_config.h: the virtual machine tells the module of exceptions that a frame handles.
$(BUILD)/py/vm.o: CFLAGS += -DWEFT_IN_VM=1
