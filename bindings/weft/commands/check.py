"""`weft check`: does a board print what CPython prints, in the order and at the times it must?"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from xml.etree import ElementTree

from weft import examples
from weft.boards.board import only_port
from weft.boards.errors import BoardError
from weft.boards.kinds import kind_named
from weft.boards.verdict import Verdict, check

TIMEOUT_S = 60.0
STATUS_DIFFERENT = 1

EPILOG = """\
examples:
  weft check --board unix                      all examples
  weft check threading_event --board unix      one of them
  weft check my_program.py --board pico --port /dev/ttyACM0 --junit result.xml

What the program must print is what this Python prints. Lines that a pause separates must come in
that order and with that pause, to within 150 ms; the lines of one thread must keep their order. If
only a pause is not as it should be, the program gets two more tries, and up to five more while this
computer is late itself.
Comments in the program say more:
  # check: ordered
  # check: tolerance 300 ms
  # check: "LATER" after "EARLIER"
  # check: "LATER" 2.0 s after "EARLIER" within 150 ms
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `weft check`."""
    parser = subparsers.add_parser(
        "check",
        help="check that a board prints what CPython prints",
        description="Run programs on a board and on CPython, and compare what they print.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("program", nargs="*", help="an example's name or a file (default: all)")
    parser.add_argument("--board", required=True, metavar="NAME", help="see 'weft boards'")
    parser.add_argument("--port", metavar="URL", help="the board's port (default: find it)")
    parser.add_argument(
        "--timeout",
        type=float,
        default=TIMEOUT_S,
        metavar="S",
        help="seconds that each program may take (default: %(default)g)",
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the results as JUnit XML")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry out `weft check`."""
    programs = [find_program(name) for name in arguments.program] or all_examples()
    kind = kind_named(arguments.board)
    if not arguments.port and not kind.is_virtual:
        only_port(kind)  # without it, every program would fail
    verdicts = []
    for program in programs:
        verdict = check(program, arguments.board, arguments.port, arguments.timeout)
        verdicts.append(verdict)
        _show(verdict)
    failed = sum(bool(verdict.problem) for verdict in verdicts)
    print(f"{len(verdicts) - failed} of {len(verdicts)} programs print what they must.")
    if arguments.junit:
        write_junit(arguments.junit, arguments.board, verdicts)
    return STATUS_DIFFERENT if failed else 0


def all_examples() -> list[Path]:
    """Return weft's examples."""
    return [examples.FOLDER / f"{name}.py" for name in examples.names()]


def find_program(name: str) -> Path:
    """Return the file `name`, or the example of that name. Raises BoardError."""
    path = Path(name) if Path(name).is_file() else examples.path_of(name)
    if path is None:
        raise BoardError(f"There is no file and no example {name!r}: {examples.hint(name)}")
    return path


def _show(verdict: Verdict) -> None:
    word, colour = ("FAIL", 31) if verdict.problem else ("ok", 32)
    shown = f"\x1b[{colour}m{word:4}\x1b[0m" if sys.stdout.isatty() else f"{word:4}"
    print(f"{shown} {verdict.name} ({verdict.seconds:.1f} s)", flush=True)
    for line in verdict.problem.splitlines():
        print(f"     {line}")


def write_junit(path: Path, board: str, verdicts: list[Verdict]) -> None:
    """Write the verdicts in the XML that CI systems read."""
    suite = ElementTree.Element(
        "testsuite",
        name=f"weft check --board {board}",
        tests=str(len(verdicts)),
        failures=str(sum(bool(verdict.problem) for verdict in verdicts)),
        time=f"{sum(verdict.seconds for verdict in verdicts):.3f}",
    )
    for verdict in verdicts:
        case = ElementTree.SubElement(
            suite, "testcase", classname=board, name=verdict.name, time=f"{verdict.seconds:.3f}"
        )
        if verdict.problem:
            message = verdict.problem.splitlines()[0]
            ElementTree.SubElement(case, "failure", message=message).text = verdict.problem
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
