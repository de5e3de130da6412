# What MicroPython's rp2 port freezes in itself, without micropython-lib, which Debian leaves out.
freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
