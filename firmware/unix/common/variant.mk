# What every variant of the unix board shares: the console, and no library that the board can't use.
# Included by a variant's mpconfigvariant.mk; WEFT_UNIX is the folder of this file.

WEFT_UNIX := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

MICROPY_PY_BTREE = 0
MICROPY_PY_FFI = 0
MICROPY_PY_SSL = 0
MICROPY_SSL_MBEDTLS = 0
MICROPY_VFS_FAT = 0
MICROPY_VFS_LFS1 = 0
MICROPY_VFS_LFS2 = 0
MICROPY_PY_THREAD = 1

CFLAGS_EXTRA += -I$(WEFT_UNIX) -std=gnu11
SRC_C += $(WEFT_UNIX)/console.c
SHARED_SRC_C_EXTRA += runtime/pyexec.c

comma := ,
WEFT_WRAPPED = \
	mp_hal_stdin_rx_chr \
	mp_hal_stdout_tx_str \
	mp_hal_stdout_tx_strn \
	mp_hal_stdout_tx_strn_cooked \
	mp_hal_set_interrupt_char \
	mp_stderr_print \
	mp_sys_stdin_obj \
	mp_sys_stdout_obj \
	mp_sys_stderr_obj
ifndef WEFT_PARALLEL # which has threads of its own
SRC_C += $(WEFT_UNIX)/thread.c
WEFT_WRAPPED += mp_thread_create
endif
LDFLAGS_EXTRA += $(addprefix -Wl$(comma)--wrap=,$(WEFT_WRAPPED))
