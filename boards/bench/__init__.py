"""Measures boards for `weft bench --board`: `rows` says what, `places` where,
`measure` does it, `table` shows it, and `command` is the command.

The programs that measure are in firmware/bench (Python, for any board with weft's firmware) and in
firmware/rp2040/bench (C, for the Pico SDK). Each prints lines `name: number`.
"""
