"""How late this computer is: whether it may be why lines came late, or in another order.

A thread sleeps again and again for a short time. By what each sleep is too long, any other thread
or process may be late. A lateness of L moves the start and the end of a pause by up to L each.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType

INTERVAL_S = 0.01


class LatenessGauge:
    """Measures from the start to the end of its `with` block."""

    def __init__(self) -> None:
        self.worst_s = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._measure, name="lateness", daemon=True)

    def __enter__(self) -> LatenessGauge:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def may_explain(self, tolerance: float) -> bool:
        """Whether a pause may be another by more than `tolerance` seconds because of it."""
        return self.worst_s > tolerance / 2

    def _measure(self) -> None:
        stopped = False
        while not stopped:
            due = time.monotonic() + INTERVAL_S
            stopped = self._stopping.wait(INTERVAL_S)
            self.worst_s = max(self.worst_s, time.monotonic() - due)
