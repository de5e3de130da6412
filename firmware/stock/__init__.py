"""Firmware that is not weft's, built unmodified, for boards and tests: see rp2040.py."""
