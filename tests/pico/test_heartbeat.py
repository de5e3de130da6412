"""An emulated hour of heartbeat threads: no beat is lost, no time and no memory."""

from __future__ import annotations

from emulated_board import Start
from heartbeat import watch


def test_an_hour_of_heartbeats(start: Start) -> None:
    watch(start(seed=1), 60)
