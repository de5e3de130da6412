"""`weft flash`: put firmware on a board and see that it comes back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from weft.boards.flasher import flash, own_firmware
from weft.boards.kinds import kind_named

DESCRIPTION = """\
Put firmware on a board, wait until it comes back, and ask it what it runs. A board that a bad
program has wedged is put into its boot loader; --erase removes that program too.
"""
EXAMPLES = """\
examples:
  weft flash pico                 weft's firmware, built the first time
  weft flash pico firmware.uf2    another one
  weft flash pico --erase         weft's firmware, and nothing that was there before
  weft flash esp32 firmware.bin --port /dev/ttyUSB0
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `weft flash`."""
    parser = subparsers.add_parser(
        "flash",
        help="put firmware on a board",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("board", help="the kind of board; see 'weft boards'")
    parser.add_argument(
        "firmware",
        type=Path,
        nargs="?",
        help="a .uf2 file; a .bin file for esptool (default: weft's firmware for this board)",
    )
    parser.add_argument("--port", metavar="URL", help="the board's port (default: find it)")
    parser.add_argument("--drive", type=Path, metavar="DIR", help="where its drive is mounted")
    parser.add_argument(
        "--erase", action="store_true", help="erase programs and files too (picotool, esptool)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry out `weft flash`."""
    try:
        kind = kind_named(arguments.board)
        firmware = arguments.firmware or own_firmware(
            kind, lambda line: print(line, file=sys.stderr)
        )
        with tqdm(unit="B", unit_scale=True, delay=0.1, disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            found = flash(
                kind,
                firmware,
                arguments.port,
                drive=arguments.drive,
                erase=arguments.erase,
                progress=show,
            )
    except KeyboardInterrupt:
        print(
            "weft flash: interrupted; plug the board in with BOOTSEL held and flash it again.",
            file=sys.stderr,
        )
        return 130
    print(f"{arguments.board} runs {found}.")
    return 0
