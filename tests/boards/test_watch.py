"""`weft watch`: stamps, colours, a log, unplugging, and what it refuses."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeLine, fake_board
from weft.boards import monitor
from weft.boards.monitor import COLOURS, Monitor, Stream, colour_of
from weft.boards.port import Port
from weft.cli import main

LIMIT_S = 60.0


class Screen(io.StringIO):
    """Collects what is shown and says when some text has come."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()

    def write(self, text: str) -> int:
        """Add text."""
        with self._changed:
            self._changed.notify_all()
            return super().write(text)

    def wait_for(self, text: str) -> None:
        """Wait until text has been shown; fail after a limit."""
        with self._changed:
            shown = self._changed.wait_for(lambda: text in self.getvalue(), LIMIT_S)
        assert shown, f"{text!r} was not shown; this was: {self.getvalue()!r}"


class Watching:
    """A `weft watch` in a thread."""

    def __init__(self, port: str) -> None:
        self.screen = Screen()
        self._ended = threading.Event()
        self.monitor = Monitor([Stream(self.screen, coloured=False)], self._ended.is_set)
        self._thread = threading.Thread(target=self.monitor.watch, args=(port, 115200), daemon=True)

    def __enter__(self) -> Screen:
        self._thread.start()
        return self.screen

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive()


class Openings:
    """Counts how often `weft watch` has opened a port: what came earlier is not its to show."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def open(self, url: str, baud_rate: int) -> Port:
        """Open a port as the monitor does."""
        port = Port(url, baud_rate)
        with self._changed:
            self._count += 1
            self._changed.notify_all()
        return port

    def forget(self) -> None:
        """Count from nothing again."""
        self._count = 0

    def then_say(self, text: bytes, opening: int = 1) -> Callable[[FakeLine], None]:
        """Return a board that says this, and no more, once the monitor is there."""

        def behave(line: FakeLine) -> None:
            with self._changed:
                if self._changed.wait_for(lambda: self._count >= opening, LIMIT_S):
                    line.write(text)
            line.stop.wait(LIMIT_S)

        return behave


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> Openings:
    """The openings of ports in this test."""
    counted = Openings()
    monkeypatch.setattr(monitor, "Port", counted.open)
    return counted


def test_each_line_has_a_time_stamp(openings: Openings) -> None:
    with fake_board(openings.then_say(b"one\r\ntwo\r\n")) as line, Watching(line.port) as screen:
        screen.wait_for("two\n")
    assert re.fullmatch(r"(\d\d:\d\d:\d\d\.\d{3} (one|two)\n){2}", screen.getvalue())


def test_a_prompt_without_a_newline_is_shown(openings: Openings) -> None:
    with fake_board(openings.then_say(b">>> ")) as line, Watching(line.port) as screen:
        screen.wait_for(">>> \n")


def test_a_long_line_without_a_newline_is_shown_in_pieces_and_complete(openings: Openings) -> None:
    with (
        fake_board(openings.then_say(b"z" * 300_000 + b"\nend\n")) as line,
        Watching(line.port) as screen,
    ):
        screen.wait_for("end\n")
    assert screen.getvalue().count("z") == 300_000


def test_invalid_text_is_shown_replaced(openings: Openings) -> None:
    with fake_board(openings.then_say(b"a\xffb\n")) as line, Watching(line.port) as screen:
        screen.wait_for("a\ufffdb\n")


def test_survives_unplugging(tmp_path: Path, openings: Openings) -> None:
    link = tmp_path / "port"
    with fake_board(openings.then_say(b"before\n")) as line:
        link.symlink_to(line.port)
        with Watching(str(link)) as screen:
            screen.wait_for("before\n")
            line.unplug()
            screen.wait_for("was lost")
            link.unlink()
            with fake_board(openings.then_say(b"after\n", opening=2)) as again:
                link.symlink_to(again.port)
                screen.wait_for("again: the board restarted, or was unplugged")
                screen.wait_for("after\n")


BANNER = b"MicroPython v1.25.0 on 2025-04-15; Raspberry Pi Pico with RP2040\r\n"
REPORT = b"weft: a hard fault at 0x10001234 in the thread worker; the board restarts\r\n"


@pytest.mark.parametrize(
    ("said", "notes"),
    [
        (BANNER, ["The board restarted (machine.reset(), a watchdog, a crash or a weak power"]),
        (REPORT + BANNER, ["The board restarts: a hard fault at 0x10001234 in the thread worker."]),
        (REPORT + BANNER + BANNER, ["The board restarts: ", "The board restarted ("]),
        (b"MPY: soft reboot\r\n" + BANNER, []),
        (b"raw REPL; CTRL-B to exit\r\n" + BANNER, []),
    ],
)
def test_a_restart_is_noted(openings: Openings, said: bytes, notes: list[str]) -> None:
    with fake_board(openings.then_say(said + b"end\r\n")) as line:
        watching = Watching(line.port)
        with watching as screen:
            screen.wait_for("end\n")
    shown = [line for line in screen.getvalue().splitlines() if " -- " in line]
    assert len(shown) == len(notes) == watching.monitor.restarts, shown
    assert all(note in line for note, line in zip(notes, shown, strict=True)), shown


def test_the_status_says_that_the_board_restarted(
    monkeypatch: pytest.MonkeyPatch, openings: Openings
) -> None:
    def interrupt(self: Stream, text: str, note: bool = False) -> None:
        if text == "end":
            raise KeyboardInterrupt

    monkeypatch.setattr(Stream, "write", interrupt)
    for said, status in ((REPORT, 1), (b"well\r\n", 0)):
        openings.forget()
        with fake_board(openings.then_say(said + b"end\r\n")) as line:
            assert main(["watch", "--port", line.port]) == status, said


def test_a_thread_keeps_its_colour() -> None:
    first, again = colour_of("(worker-1  ) starting"), colour_of("(worker-1  ) ending")
    assert first == again
    assert first in COLOURS
    assert colour_of("no thread") == 0
    screen = io.StringIO()
    Stream(screen, coloured=True).write("(worker-1) x")
    assert f"\x1b[{colour_of('(worker-1)')}m(worker-1) x\x1b[0m" in screen.getvalue()


def test_the_log_gets_every_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openings: Openings
) -> None:
    log = tmp_path / "board.log"
    shown: list[str] = []

    def interrupt(self: Stream, text: str, note: bool = False) -> None:
        write(self, text, note)
        shown.append(text)
        if shown.count("last") == 2:  # on the screen and in the log
            raise KeyboardInterrupt

    write = Stream.write
    monkeypatch.setattr(Stream, "write", interrupt)
    with fake_board(openings.then_say(b"first\nlast\n")) as line:
        assert main(["watch", "--port", line.port, "--log", str(log)]) == 0
    assert [text.split(" ", 1)[1] for text in log.read_text().splitlines()] == ["first", "last"]


def test_a_log_that_can_not_be_written(
    capsys: pytest.CaptureFixture[str], openings: Openings
) -> None:
    with fake_board(openings.then_say(b"x\n")) as line:
        assert main(["watch", "--port", line.port, "--log", "/dev/full"]) == 1
    assert "No space left on device" in capsys.readouterr().err


def test_no_such_port(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "--port", "/dev/no-such"]) == 1
    assert "There is no port /dev/no-such" in capsys.readouterr().err
    assert main(["watch", "--board", "pico"]) == 1
    assert "No pico is attached" in capsys.readouterr().err
