"""What the stock board freezes, less the modules of micropython-lib, which Debian leaves out."""

freeze("$(PORT_DIR)/modules")  # noqa: F821
include("$(MPY_DIR)/extmod/asyncio")  # noqa: F821
