"""A board that is open: its kind, its port, its raw REPL, and its process if it is virtual."""

from __future__ import annotations

import contextlib
import io

from weft.boards.attached import attached_ports, serial_number_of
from weft.boards.deadline import Deadline, limits_of
from weft.boards.errors import BoardError, Disconnected, StillRunning
from weft.boards.kinds import BoardKind, kind_named
from weft.boards.line import OnOutput, discard
from weft.boards.port import Port
from weft.boards.process import BoardProcess
from weft.boards.program import Program
from weft.boards.repl import CTRL_B, RawRepl, Result
from weft.boards.restart import why_lost
from weft.boards.standard_input import Answering, RawInput, Wish

PREPARE_LIMIT_S = 60.0

SHUTDOWN = "import sys\nif 'threading' in sys.modules: sys.modules['threading']._shutdown()"


class Board:
    """An open board, in the raw REPL of a freshly started interpreter. Use it with `with`."""

    def __init__(self, name: str, port: str | None = None) -> None:
        """Open the board of kind `name`; without `port`, start or find it. Raises BoardError."""
        self.kind: BoardKind = kind_named(name)
        with contextlib.ExitStack() as opened:
            if port is None and self.kind.is_virtual:
                self.process: BoardProcess | None = opened.enter_context(BoardProcess(self.kind))
                port = self.process.url
            else:
                self.process = None
            self.port = opened.enter_context(
                Port(port or only_port(self.kind), self.kind.baud_rate)
            )
            self._serial_number = serial_number_of(self.port.url)
            self.repl = RawRepl(self.port, limits_of(self.kind.is_virtual))
            self.repl.enter()
            self._opened = opened.pop_all()

    def __enter__(self) -> Board:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave a board at its prompt, without a thread of ours; end a process."""
        with contextlib.suppress(BoardError):
            if self.process is None:
                self.repl.enter(self.repl.limits.leave)
                self.repl.soft_reset()
                self.port.write(CTRL_B)
        self._opened.close()

    def run(
        self,
        program: Program | str,
        on_output: OnOutput = discard,
        deadline: Deadline | None = None,
        standard_input: RawInput | None = None,
    ) -> Result:
        """Run a program (or a source) in a fresh interpreter; wait for its threads as CPython does.

        The result's traceback calls the program by its name. Without `standard_input` there is
        none to read. Raises StillRunning at the deadline, when the program has been stopped, and
        BoardReset if the board restarted.
        """
        program = Program(program) if isinstance(program, str) else program
        answering = Answering(
            standard_input or io.BytesIO(), self.port.write, on_output, program.input
        )
        try:
            return self._run(program, answering, deadline or Deadline(None))
        except Disconnected as error:
            raise why_lost(error, self.port, self.process, self._serial_number) from None
        finally:
            answering.stop()

    def _run(self, program: Program, answering: Answering, limit: Deadline) -> Result:
        self.repl.soft_reset()
        self._prepare(program)
        try:
            result = self.repl.run(program.source, answering, limit, answering.start)
            if not result.was_reset:
                if program.input is Wish.POLLED:
                    answering.stop()
                    self.repl.enter()  # input that was not read comes before the next command
                self.repl.run(SHUTDOWN, answering, limit)
        except (StillRunning, KeyboardInterrupt):
            answering.stop()
            with contextlib.suppress(BoardError):
                stopped = self.repl.interrupt(answering)
                answering(_naming(stopped.traceback, program.name).encode())
            raise
        return Result(_naming(result.traceback, program.name), result.was_reset)

    def _prepare(self, program: Program) -> None:
        for code in program.preparation:
            result = self.repl.run(code, discard, Deadline(PREPARE_LIMIT_S))
            if result.traceback:
                why = result.traceback.splitlines()[-1]
                raise BoardError(f"The board can't take the program {program.name}: {why}.")


def _naming(traceback: str, program: str) -> str:
    """A program that came over the line has no name on the board."""
    return traceback.replace('"<stdin>"', f'"{program}"')


def only_port(kind: BoardKind) -> str:
    """Return the port of the only attached board of this kind."""
    found = [port.device for port in attached_ports() if kind.name in port.kinds]
    if len(found) == 1:
        return found[0]
    if found:
        raise BoardError(
            f"Several boards could be {kind.name}: {', '.join(found)}; choose one with --port."
        )
    raise BoardError(f"No {kind.name} is attached; plug it in, or name its port with --port.")
