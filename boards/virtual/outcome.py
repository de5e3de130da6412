"""How a run of a virtual board ended, and the sentence that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Answer = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """How a run ended.

    reason: "text" (it came), "time" (the emulated limit), "real-time" (the host's limit), "idle"
    (everything sleeps, and nothing but the outside could wake it), "lockup" (core 0 has crashed for
    good), "fault-loop", or "bootsel" (nothing bootable, or the program asked for it).
    text: what came out of the port that was waited on. state: counts, cores, faults.
    """

    reason: str
    text: bytes
    state: Answer

    @property
    def seconds(self) -> float:
        """Emulated time since power-on."""
        return float(self.state["nanos"]) / 1e9

    def explain(self) -> str:
        """Say in one sentence why the run ended, with the core and the address where it helps."""
        if self.state["lockups"] and self.reason != "text":
            lockup = self.state["lockups"][0]
            first = next((f for f in self.state["faults"] if f["core"] == lockup["core"]), lockup)
            return f"core {lockup['core']} has crashed: {_describe(first)}"
        if self.reason == "fault-loop":
            fault = self.state["faults"][0]
            return f"core {fault['core']} loops in a fault: {_describe(fault)}"
        if self.reason == "bootsel":
            return f"the board waits in BOOTSEL mode: {self.state['bootsel']}"
        where = ", ".join(
            f"core {i} {core['sleep']} at 0x{core['pc']:08x}"
            for i, core in enumerate(self.state["cores"])
        )
        ends = {
            "text": "the text has come",
            "time": "the emulated time is up",
            "real-time": "the real time is up",
            "idle": "both cores sleep and nothing is due to wake them",
        }
        return f"{ends[self.reason]} after {self.seconds:.6f} s ({where})"


def _describe(fault: Answer) -> str:
    at = f" (0x{fault['address']:08x})" if fault.get("address") is not None else ""
    return f"{fault['what']}{at} at 0x{fault['pc']:08x}"
