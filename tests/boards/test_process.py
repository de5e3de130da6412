"""The process of a virtual board: how it starts, what it says, how it ends; also as on Windows."""

from __future__ import annotations

import selectors
import subprocess
import sys
from typing import Any

import pytest
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError
from weft.boards.kinds import BoardKind
from weft.boards.process import BoardProcess, Command, apart_from_the_keyboard

LIMIT_S = 60.0
CHATTY = """
import sys
print('socket://127.0.0.1:1')
for number in range(20_000):
    print('line', number, 'of what nobody asked for')
print('restarted: at last', flush=True)
sys.stdin.read()
"""


def board(factory: str) -> BoardProcess:
    """Start the board that a function of this module is the command of."""
    process = {"factory": f"test_process:{factory}"}
    return BoardProcess(BoardKind(factory, "", "", 1, "any", process=process))


def broken() -> Command:
    """Return a board that ends at once."""
    return Command(["sh", "-c", "printf 'out of order'"])


def chatty() -> Command:
    """Return a board that prints more than a pipe holds."""
    return Command([sys.executable, "-c", CHATTY])


def test_a_board_command_that_fails_is_reported() -> None:
    with pytest.raises(BoardError, match="ended at once; it said: out of order"):
        board("broken")


def test_a_command_that_is_not_there_is_reported() -> None:
    with pytest.raises(BoardError, match="The board missing can't be started"):
        board("missing")


def missing() -> Command:
    """Return a board whose program does not exist."""
    return Command(["/no/such/program"])


def test_what_a_board_prints_never_holds_it_up() -> None:
    with board("chatty") as process:
        said = process.restarted(Deadline(LIMIT_S))
        last = process.last_words()
    assert said == "at last", f"the board was held up; its last words are {last!r}"
    assert last == "line 19999 of what nobody asked for"


def test_a_board_that_has_ended_does_not_keep_one_waiting() -> None:
    with board("short") as process:
        assert process.restarted(Deadline(None)) is None
        assert process.last_words() == "good bye"


def short() -> Command:
    """Return a board that ends by itself."""
    return Command(["sh", "-c", "echo socket://127.0.0.1:1; echo good bye"])


def test_its_output_is_not_selected_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows can select on sockets only."""

    def refuse(*_: object) -> None:
        raise OSError("an operation was attempted on something that is not a socket")

    for selector in ("DefaultSelector", "SelectSelector"):
        monkeypatch.setattr(selectors, selector, refuse)
    with board("short") as process:
        assert process.url == "socket://127.0.0.1:1"


@pytest.mark.parametrize(
    ("platform", "expected"),
    [("linux", {"start_new_session": True}), ("win32", {"creationflags": 0x200})],
)
def test_ctrl_c_at_the_keyboard_does_not_reach_it(
    monkeypatch: pytest.MonkeyPatch, platform: str, expected: dict[str, Any]
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200, raising=False)
    assert apart_from_the_keyboard() == expected
