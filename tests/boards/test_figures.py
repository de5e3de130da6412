"""What the board tools cost, in processor time, which a busy computer alters little."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

from weft.boards.port import Port
from weft.boards.process import BoardProcess
from weft.boards.repl import RawRepl
from weft.boards.upload import put_file

ROUNDS = 5
RUN_LIMIT_S = 0.5  # weft's own start is most of it
FILE_BYTES = 20 * 1024
RUN = (
    "import sys; from pathlib import Path; from weft.boards.runner import run_on_board; "
    "sys.exit(run_on_board(Path(sys.argv[1]), [], board='unix'))"
)


def seconds_of_a_run(program: Path) -> float:
    """Run a program on a board as a command; return the processor time of all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", RUN, str(program)], capture_output=True)
    assert (done.returncode, done.stdout) == (0, b"first\n")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_run_costs_less_than_half_a_second(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("print('first')")
    best = min(seconds_of_a_run(program) for _ in range(ROUNDS))
    print(f"a run costs {best:.3f} s")
    assert best < RUN_LIMIT_S


def test_a_copy_with_its_check_costs_about_what_mpremotes_does(unix_process: BoardProcess) -> None:
    from mpremote.transport_serial import SerialTransport  # type: ignore[import-untyped]

    data = bytes(range(256)) * (FILE_BYTES // 256)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        with Port(unix_process.url) as port:
            start = time.process_time()
            repl = RawRepl(port)
            repl.enter()
            put_file(repl, data, "ours")
            ours.append(time.process_time() - start)
        transport = SerialTransport(unix_process.url)
        start = time.process_time()
        transport.enter_raw_repl(soft_reset=False)
        transport.fs_writefile("theirs", data)
        theirs.append(time.process_time() - start)
        transport.exit_raw_repl()
        transport.close()
    folder = Path(unix_process.folder)
    assert (folder / "ours").read_bytes() == (folder / "theirs").read_bytes() == data
    print(f"20 KB: weft {min(ours):.3f} s with its check, mpremote {min(theirs):.3f} s without")
    assert min(ours) <= 2 * min(theirs)
