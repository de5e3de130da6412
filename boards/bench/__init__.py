"""Measures boards for `weft bench --board`: `rows` says what, `places` where,
`measure` does it, and `report` shows it as a `table`. `emulator` measures the emulator itself.

The programs that measure are in firmware/benchmarks: python/ for any board with weft's firmware,
kernel/ in C, for the Pico SDK. Each prints lines `name: number`.
"""
