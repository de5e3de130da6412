"""A virtual Raspberry Pi Pico: starts the emulator, talks to it, and always ends it.

    with VirtualPico(Path("firmware.uf2")) as pico:
        pico.run_until("uart0", b">>> ", seconds=5)
        pico.send("uart0", b"print(1 + 1)\\r")
        print(pico.run_until("uart0", b">>> ", seconds=5).text)

Emulated time passes only in `run` (repeatable: the same image, seed, turns and calls give the same
output, cycle for cycle) or between `go` and `halt` (live, for people and for tools at a port).
Ports are "uart0", "uart1" and "usb". Every method that waits has a limit in real time; what goes
wrong is a BoardError. Objects may be used from several threads; listeners run in a thread
of their own and must not call methods that wait for an answer. What a listener raises is raised
by every method that waits for an answer then or later.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from weft.boards.errors import VirtualBoardError
from weft.boards.virtual import image as images
from weft.boards.virtual import node as nodes
from weft.boards.virtual.outcome import Answer, Run
from weft.boards.virtual.stalls import Stall

PORTS = ("uart0", "uart1", "usb")
DEFAULT_TURNS = "mix:4096"
# In the host's time, and long: the host may be busy. A process that ends is noticed at once.
START_TIMEOUT_S = 300.0
ANSWER_TIMEOUT_S = 120.0
DEFAULT_REAL_S = 600.0
SAVE_TIMEOUT_S = 60.0

Listener = Callable[[bytes, float], None]


class VirtualPico:
    """One emulated board; see the module's text. Also a context manager."""

    def __init__(
        self,
        image: Path | None,
        *,
        flash: Path | None = None,
        seed: int = 1,
        turns: str = DEFAULT_TURNS,
    ) -> None:
        """Power the board on, with `image` flashed.

        flash: a file that keeps the flash's 2 MB from one board to the next; made if missing.
        seed, turns: which core runs when; "exact", "fixed:N", "random:N" or "mix:N" (N cycles a
        turn at most), see rp2040/scheduler.mjs.
        """
        self._listeners: dict[str, list[Listener]] = defaultdict(list)
        self._event_listeners: list[Callable[[Answer], None]] = []
        self._end_listeners: list[Callable[[str], None]] = []
        self._captured: dict[str, bytearray] = {port: bytearray() for port in PORTS}
        self._answers: dict[int, queue.SimpleQueue[Answer]] = {}
        self._ids = itertools.count(1)
        self._lock = threading.Lock()  # guards _answers and writes to the process
        self._gone: str | None = None  # why the process is no more
        self._raised: BaseException | None = None  # by a listener
        self._ready: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._scratch = Path(tempfile.mkdtemp(prefix="weft-pico-"))
        try:
            self._prepare_flash(image, flash)
            self._start(seed, turns)
        except BaseException:
            shutil.rmtree(self._scratch, ignore_errors=True)
            raise

    # Running

    def run(
        self,
        seconds: float,
        *,
        port: str | None = None,
        texts: tuple[bytes, ...] = (),
        real_s: float = DEFAULT_REAL_S,
    ) -> Run:
        """Run for some emulated seconds, or until one of `texts` comes out of `port`."""
        start = {name: len(captured) for name, captured in self._captured.items()}
        request: Answer = {
            "until_us": float(self.state()["nanos"]) / 1000 + seconds * 1e6,
            "real_s": real_s,
        }
        if texts and port is not None:
            request |= {"port": port, "texts": [text.decode("latin-1") for text in texts]}
        state = self.request("run", timeout_s=real_s + ANSWER_TIMEOUT_S, **request)
        came = bytes(self._captured[port][start[port] :]) if port is not None else b""
        return Run(reason=state["reason"], text=came, state=state)

    def run_until(
        self, port: str, text: bytes, *, seconds: float, real_s: float = DEFAULT_REAL_S
    ) -> Run:
        """Run until `text` comes out of `port`; raise if it does not within `seconds` emulated."""
        result = self.run(seconds, port=port, texts=(text,), real_s=real_s)
        if result.reason != "text":
            tail = result.text[-300:].decode("utf-8", "replace")
            raise VirtualBoardError(
                f"{text!r} did not come from {port}: {result.explain()}; it ended with {tail!r}"
            )
        return result

    def go(self, *, pace: bool = True) -> None:
        """Run live from now on; with `pace`, no faster than real time."""
        self.request("go", pace=pace)

    def halt(self) -> Answer:
        """Stop running live; return the state."""
        return self.request("halt")

    # The outside world; `at_s` is emulated time since power-on, None means now

    def send(self, port: str, data: bytes, *, at_s: float | None = None) -> None:
        """Send bytes to the board; they take the time that the port's speed gives them."""
        self._post("send", port=port, text=data.decode("latin-1"), at_us=_micros(at_s))

    def inject(self, port: str, kind: str, *, byte: int = 0, at_s: float | None = None) -> None:
        """Damage a port: "framing", "parity", "break" on a UART; "disconnect", "connect" on USB."""
        self.request("inject", port=port, kind=kind, byte=byte, at_us=_micros(at_s))

    def drive(self, pin: int, level: bool | None, *, at_s: float | None = None) -> None:
        """Drive a GPIO from outside, high or low; None lets go of it."""
        self.request("gpio", pin=pin, level=level, at_us=_micros(at_s))

    def level(self, pin: int) -> bool:
        """Return the level of a GPIO."""
        return bool(self.request("gpio_read", pin=pin)["level"])

    def watch_pin(self, pin: int) -> None:
        """From now on, send an event {"event": "gpio", "pin", "level", "us"} for each change."""
        self.request("gpio_watch", pin=pin)

    def watch_addresses(self, *addresses: int) -> None:
        """From now on, send an event {"event": "execute", "core", "address", "cycle"} for each
        execution of these addresses; with none, stop. The board runs slowly meanwhile."""
        self.request("watch", addresses=addresses)

    def stall(self, *stalls: Stall) -> None:
        """From now on, hold a core at these places, and at no others."""
        self.request("stall", stalls=[stall.fields() for stall in stalls])

    def stalled(self) -> list[int]:
        """Return how often each stall has held a core since stall()."""
        return [int(stall["held"]) for stall in self.state()["stalls"]]

    def reset(self, cause: str = "run") -> None:
        """Reset: "run" is the RUN pin, "power" the supply."""
        self.request("reset", cause=cause)

    # Observing

    def state(self) -> Answer:
        """Return time, clock, per core cycles, instructions, pc and sleep, faults, resets."""
        return self.request("state")

    def instructions(self) -> int:
        """Return how many instructions the cores have executed, both together."""
        return sum(int(core["instructions"]) for core in self.state()["cores"])

    def processor_seconds(self) -> float:
        """Return how much of the host's processor time the emulator has used."""
        return float(self.request("usage")["cpu_us"]) / 1e6

    def output(self, port: str) -> bytes:
        """Return all that has come out of a port since power-on."""
        return bytes(self._captured[port])

    def on_output(self, port: str, listener: Listener) -> None:
        """Call `listener` with whatever comes out of a port from now on, and with the second since
        power-on at which it came, to a millisecond."""
        self._listeners[port].append(listener)

    def on_event(self, listener: Callable[[Answer], None]) -> None:
        """Call `listener` with each event but output: reset, core-reset, usb (attached or not),
        fault, lockup, gpio, execute, halted."""
        self._event_listeners.append(listener)

    def on_end(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the reason when the emulator's process has ended."""
        self._end_listeners.append(listener)

    # Lifetime

    @property
    def process_id(self) -> int:
        """The emulator's process."""
        return self._process.pid

    def close(self) -> None:
        """End the emulator; the flash file is complete when this returns."""
        process = self._process
        if process.poll() is None:
            try:
                self._post("quit")
                if process.stdin is not None:
                    process.stdin.close()
                process.wait(timeout=SAVE_TIMEOUT_S)
            except (VirtualBoardError, OSError, subprocess.TimeoutExpired):
                process.kill()
                process.wait()
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        self._reader.join(timeout=5)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self) -> VirtualPico:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # Talking to the emulator

    def request(self, operation: str, timeout_s: float = ANSWER_TIMEOUT_S, **fields: Any) -> Answer:
        """Ask the emulator for something and return its answer; see rp2040/server.mjs."""
        number, answers = next(self._ids), queue.SimpleQueue[Answer]()
        with self._lock:
            self._answers[number] = answers
        try:
            self._write({"id": number, "op": operation, **fields})
            answer = answers.get(timeout=timeout_s)
        except queue.Empty:
            raise VirtualBoardError(
                f"the emulator did not answer {operation!r} within {timeout_s:.0f} s"
            ) from None
        finally:
            with self._lock:
                self._answers.pop(number, None)
        if self._raised is not None:
            raise self._raised
        if "error" in answer:
            raise VirtualBoardError(str(answer["error"]))
        result: Answer = answer["ok"]
        return result

    def _post(self, operation: str, **fields: Any) -> None:
        """Ask for something without waiting for the answer."""
        self._write({"id": 0, "op": operation, **fields})

    def _write(self, message: Answer) -> None:
        line = json.dumps(message).encode() + b"\n"
        with self._lock:
            if self._gone is not None:
                raise VirtualBoardError(self._gone)
            assert self._process.stdin is not None
            try:
                self._process.stdin.write(line)
                self._process.stdin.flush()
            except OSError as error:
                raise VirtualBoardError("the emulator has ended") from error

    def _prepare_flash(self, image: Path | None, keep: Path | None) -> None:
        flash = bytearray(b"\xff" * images.FLASH_BYTES)
        self._flash_path = keep if keep is not None else self._scratch / "flash.bin"
        if keep is not None and keep.exists():
            flash = bytearray(keep.read_bytes())
            if len(flash) != images.FLASH_BYTES:
                raise VirtualBoardError(
                    f"the flash file {keep} has {len(flash)} bytes instead of {images.FLASH_BYTES}:"
                    " it was cut short or is something else; remove it to start with an empty flash"
                )
        if image is not None:
            images.write_into(flash, images.load(image))
        new = self._flash_path.with_name(self._flash_path.name + ".new")
        new.write_bytes(flash)
        new.replace(self._flash_path)

    def _start(self, seed: int, turns: str) -> None:
        node = nodes.find()
        environment = os.environ | {"WEFT_NODE_MODULES": str(nodes.modules(node))}
        words = [nodes.EMULATOR / "server.mjs", self._flash_path, seed, turns]
        if self._flash_path.parent != self._scratch:
            words.append("keep")
        self._errors = (self._scratch / "errors.txt").open("w+b")
        self._process = subprocess.Popen(
            [node.node, *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
        )
        self._reader = threading.Thread(target=self._read, name="virtual-pico", daemon=True)
        self._reader.start()
        try:
            ready = self._ready.get(timeout=START_TIMEOUT_S)
        except queue.Empty:
            ready = {"error": f"the emulator did not start within {START_TIMEOUT_S:.0f} s"}
        # The emulator has read its files: if this process is killed, nothing is left behind.
        shutil.rmtree(self._scratch, ignore_errors=True)
        if "error" in ready:
            self.close()
            raise VirtualBoardError(ready["error"])

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                self._dispatch(json.loads(line))
            except Exception as error:
                self._raised = error
                self._answer_all("a listener failed")
        self._process.stdout.close()
        self._process.wait()
        self._errors.seek(0)
        reasons = [
            line
            for line in self._errors.read().decode(errors="replace").splitlines()
            if "Error:" in line
        ]
        self._errors.close()
        why = f": {reasons[0].strip()}" if reasons else ""
        with self._lock:
            self._gone = f"the emulator has ended{why}"
        self._answer_all(self._gone)
        for listener in self._end_listeners:
            listener(self._gone)

    def _answer_all(self, problem: str) -> None:
        with self._lock:
            waiting = list(self._answers.values())
        for answers in [*waiting, self._ready]:
            answers.put({"error": problem})

    def _dispatch(self, message: Answer) -> None:
        kind = message.get("event")
        if kind is None:
            with self._lock:
                answers = self._answers.get(message["id"])
            if answers is not None:
                answers.put(message)
        elif kind == "ready":
            self._ready.put(message)
        elif kind == "output":
            data = message["text"].encode("latin-1")
            self._captured[message["port"]] += data
            for listener in self._listeners[message["port"]]:
                listener(data, message["us"] / 1e6)
        else:
            for event_listener in self._event_listeners:
                event_listener(message)


def _micros(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1e6
