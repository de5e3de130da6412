"""How often an example's lines come in the order of its listing, on either side.

No program guarantees that order: which of two threads that have just been started prints first is
the machine's to say, and so is who goes on first once an event is set. It is what one sees on a
quiet machine all the same, so many runs at once show how it stands on a busy one.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from weft import examples

EXAMPLE = "threading_event"
LISTING = """\
(block     ) wait_for_event starting
(non-block ) wait_for_event_timeout starting
(MainThread) Waiting before calling Event.set()
(non-block ) event set: False
(non-block ) doing other work
(non-block ) wait_for_event_timeout starting
(MainThread) Event is set
(block     ) event set: True
(non-block ) event set: True
(non-block ) processing event
"""
AT_ONCE = 20
LIMIT_S = 300

COMMANDS = {
    "threading": [sys.executable, str(examples.FOLDER / f"{EXAMPLE}.py")],
    "weft": [sys.executable, "-m", "weft", "run", EXAMPLE],
}


def count(rounds: int, progress: Callable[[], object], at_once: int = AT_ONCE) -> dict[str, int]:
    """Return how many runs of each side came in order: of `at_once` / 2 in each round.

    A round runs both sides at once; `progress` is called after each. RuntimeError if a run fails.
    """
    in_order = dict.fromkeys(COMMANDS, 0)
    for _ in range(rounds):
        processes = [
            (side, _start(command))
            for _ in range(at_once // 2)
            for side, command in COMMANDS.items()
        ]
        try:
            for side, process in processes:
                output, _ = process.communicate(timeout=LIMIT_S)
                if process.returncode != 0:
                    raise RuntimeError(f"{EXAMPLE} over {side} failed: {output}")
                in_order[side] += output == LISTING
        finally:
            for _, process in processes:
                process.kill()
                process.communicate()
        progress()
    return in_order


def _start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
