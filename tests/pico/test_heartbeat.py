"""Heartbeat threads: no beat is lost, no time, no memory. library/heartbeat.py runs for hours."""

from __future__ import annotations

from emulated_board import Start
from heartbeat import watch

MINUTES = 20


def test_emulated_minutes_of_heartbeats(start: Start) -> None:
    watch(start(seed=1), MINUTES)
