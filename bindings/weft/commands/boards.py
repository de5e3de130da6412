"""`weft boards`: the kinds of boards that weft knows, and the boards that are attached."""

from __future__ import annotations

import argparse
import dataclasses
import json
from dataclasses import dataclass

from weft.boards.attached import AttachedPort, attached_ports
from weft.boards.errors import BoardError
from weft.boards.identify import identify_idle
from weft.boards.kinds import all_kinds

BUSY = "busy: a program runs on it"


@dataclass(frozen=True)
class AttachedBoard:
    """A board on a port; `firmware` is what it says of itself, or why it says nothing."""

    port: str
    kinds: tuple[str, ...]
    usb_id: str
    serial_number: str
    firmware: str
    micropython_version: str
    weft_version: str


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `weft boards`."""
    parser = subparsers.add_parser(
        "boards",
        help="list the known kinds of boards and the attached ones",
        description="List the kinds of boards that weft knows, and the boards that are attached. "
        "A board on which a program runs is not disturbed.",
        epilog="examples: weft boards; weft boards --json; weft boards --port socket://host:4000",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")
    parser.add_argument(
        "--port", action="append", default=[], metavar="URL", help="ask this port too"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry out `weft boards`."""
    named = [AttachedPort(url, "", "", "", ()) for url in arguments.port]
    boards = [_ask(port) for port in [*attached_ports(), *named]]
    if arguments.json:
        kinds = [dataclasses.asdict(kind) for kind in all_kinds().values()]
        attached = [dataclasses.asdict(board) for board in boards]
        print(json.dumps({"kinds": kinds, "attached": attached}, indent=2))
        return 0
    print("Kinds (for --board):")
    width = max(map(len, all_kinds()))
    for kind in all_kinds().values():
        print(f"  {kind.name:{width}}  {kind.title}")
    print("Attached:" if boards else "Attached: none")
    for board in boards:
        kinds_of_it = " or ".join(board.kinds) or "unknown"
        print(f"  {board.port}  {kinds_of_it}  {board.serial_number}  {board.firmware}")
    return 0


def _ask(port: AttachedPort) -> AttachedBoard:
    try:
        found = identify_idle(port.device, 115200)
        firmware = str(found) if found else BUSY
    except BoardError as error:
        found, firmware = None, str(error)
    return AttachedBoard(
        port.device,
        port.kinds,
        port.usb_id,
        port.serial_number,
        firmware,
        found.micropython if found else "",
        found.weft if found else "",
    )
