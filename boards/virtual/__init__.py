"""Boards without hardware: emulated chips that run real firmware, for CI and for trying things out.

pico.py is the virtual Raspberry Pi Pico as an object; emulated_line.py reads and writes a port of
it in emulated time; ports.py shows its ports to other programs, and live.py runs it for them;
pico_process.py makes it a kind of board. rp2040/ holds the emulator itself, in JavaScript.
"""
