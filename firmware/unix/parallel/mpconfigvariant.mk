# weft's firmware, of which threads run Python on all cores at once: ../../parallel over POSIX threads.
# WEFT_RUNTIME names the runtime's folder; WEFT_SANITIZE is "thread", "address" or nothing.

WEFT_PARALLEL := $(abspath $(VARIANT_DIR)/../../parallel)
WEFT_PORT := $(abspath $(VARIANT_DIR)/port)

include $(VARIANT_DIR)/../common/variant.mk
FROZEN_MANIFEST = $(VARIANT_DIR)/../weft/manifest.py
WEFT_PLATFORM_SRC = $(WEFT_RUNTIME)/platform/linux/linux.c $(WEFT_RUNTIME)/platform/posix/thread.c

CFLAGS_EXTRA += -DWEFT_PARALLEL=1 -I$(WEFT_PORT) -I$(WEFT_PARALLEL) -I$(WEFT_RUNTIME)/include

# Of ours, two files take the place of MicroPython's.
$(BUILD)/py/map.o: $(WEFT_PARALLEL)/map.c
	$(call compile_c)
$(BUILD)/mpthreadport.o: $(WEFT_PORT)/thread.c
	$(call compile_c)
WEFT_PARALLEL_SRC := $(filter-out %/map.c,$(wildcard $(WEFT_PARALLEL)/*.c))
WEFT_PARALLEL_SRC += $(filter-out %/thread.c,$(wildcard $(WEFT_PORT)/*.c))
SRC_C += $(WEFT_PARALLEL_SRC)
$(BUILD)/py/map.o $(WEFT_PARALLEL_SRC:%.c=$(BUILD)/%.o): CFLAGS += -O2

# As in ../../rp2/port/parallel/parallel.cmake, which says why.
WEFT_WRAPPED += $(shell sed -n 's/^  \([a-z_]*\)$$/\1/p' $(WEFT_PARALLEL)/calls.cmake)
WEFT_WRAPPED += gc_alloc gc_collect gc_free gc_info gc_nbytes mp_execute_bytecode nlr_push_tail
$(BUILD)/py/vm.o: CFLAGS += -DMICROPY_OPT_LOAD_ATTR_FAST_PATH=0
$(BUILD)/py/gc.o: CFLAGS += -Dgc_collect=weft_collect_in_alloc
$(BUILD)/py/objarray.o: CFLAGS += -include $(WEFT_PARALLEL)/buffer.h
$(BUILD)/py/objdict.o: CFLAGS += -include $(WEFT_PARALLEL)/popitem.h
$(BUILD)/py/objexcept.o: CFLAGS += -DWEFT_IN_OBJEXCEPT=1 -include $(WEFT_PARALLEL)/emergency.h
$(BUILD)/py/objlist.o: CFLAGS += -DWEFT_IN_OBJLIST=1 -include $(WEFT_PARALLEL)/sort.h
$(BUILD)/py/objfun.o: CFLAGS += -DWEFT_IN_OBJFUN=1 -include $(WEFT_PARALLEL)/native.h
$(BUILD)/py/objgenerator.o: CFLAGS += -DWEFT_IN_OBJGENERATOR=1 -include $(WEFT_PARALLEL)/native.h

ifneq ($(WEFT_SANITIZE),)
STRIP = true
CFLAGS_EXTRA += -fsanitize=$(WEFT_SANITIZE) -fno-omit-frame-pointer
LDFLAGS_EXTRA += -fsanitize=$(WEFT_SANITIZE)
endif
ifeq ($(WEFT_SANITIZE),thread)
CFLAGS_EXTRA += -Wno-clobbered # setjmp(): mpconfigvariant.h
WEFT_WRAPPED += qstr_find_strn # sanitize.c
endif
ifeq ($(WEFT_SANITIZE),address)
WEFT_WRAPPED += gc_collect_end # sanitize.c
$(BUILD)/py/gc.o: CFLAGS += -Dmemset=weft_clear_block
endif
