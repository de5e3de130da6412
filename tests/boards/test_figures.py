"""The figures that the board tools promise, measured on the unix board; best of several rounds."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from weft.boards.commands.install import put_file
from weft.boards.port import Port
from weft.boards.process import BoardProcess
from weft.boards.repl import RawRepl

ROUNDS = 5
FIRST_LINE_LIMIT_S = 0.5
FILE_BYTES = 20 * 1024
RUN = (
    "import sys; from pathlib import Path; from weft.boards.run import run_on_board; "
    "sys.exit(run_on_board(Path(sys.argv[1]), [], board='unix'))"
)


def seconds_to_first_line(program: Path) -> float:
    """Run a program as a command and stop the clock at its first line."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(program)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"first\n"
        return time.perf_counter() - start


def test_the_first_line_comes_within_half_a_second(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("print('first')")
    best = min(seconds_to_first_line(program) for _ in range(ROUNDS))
    print(f"first line after {best:.3f} s")
    assert best < FIRST_LINE_LIMIT_S


def test_a_file_is_copied_at_least_as_fast_as_by_mpremote(unix_process: BoardProcess) -> None:
    from mpremote.transport_serial import SerialTransport  # type: ignore[import-untyped]

    data = bytes(range(256)) * (FILE_BYTES // 256)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        with Port(unix_process.url) as port:
            start = time.perf_counter()
            repl = RawRepl(port)
            repl.enter()
            put_file(repl, data, "ours")
            ours.append(time.perf_counter() - start)
        transport = SerialTransport(unix_process.url)
        start = time.perf_counter()
        transport.enter_raw_repl(soft_reset=False)
        transport.fs_writefile("theirs", data)
        theirs.append(time.perf_counter() - start)
        transport.exit_raw_repl()
        transport.close()
    folder = Path(unix_process.folder)
    assert (folder / "ours").read_bytes() == (folder / "theirs").read_bytes() == data
    print(f"20 KB: weft {min(ours):.3f} s with its check, mpremote {min(theirs):.3f} s without")
    assert min(ours) <= min(theirs)
