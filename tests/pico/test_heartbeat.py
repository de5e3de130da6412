"""An emulated hour of heartbeat threads: no beat is lost, no time and no memory."""

from __future__ import annotations

from heartbeat import watch
from lab import Start


def test_an_hour_of_heartbeats(start: Start) -> None:
    watch(start(seed=1), 60)
