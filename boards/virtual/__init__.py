"""Boards without hardware: emulated chips that run real firmware, for CI and for trying things out.

pico.py is the virtual Raspberry Pi Pico as an object; ports.py shows its serial ports to other
programs; command.py is `weft virtual`; rp2040/ holds the emulator itself, in JavaScript.
"""
