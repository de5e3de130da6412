"""The board's logging prints what CPython's prints; what it has not says so by its name."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from programs import lines_of
from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.transcript import Recorder, without_tracebacks

LIMIT_S = 120.0

PROGRAMS = {
    "the tutorial's": """\
import logging, sys
logging.basicConfig(stream=sys.stdout, level="DEBUG", datefmt="%Y", style="%",
                    format="%(asctime)s %(levelname)-8s %(name)s %(message)s")
logging.debug("to the root")
log = logging.getLogger("app.part")
log.info("%s before you %s", "Look", "leap!")
log.warning("%(a)d and %(b)s", {"a": 1, "b": "two"})
log.setLevel("ERROR")
log.warning("not shown")
log.error("shown")
logging.basicConfig(level="CRITICAL", format="ignored")
logging.log(25, "at a level without a name")
logging.addLevelName(25, "NOTICE")
logging.log(25, "at a level with a name")
logging.basicConfig(stream=sys.stdout, force=True)
logging.error("anew")
""",
    "exceptions": """\
import logging, sys
logging.basicConfig(stream=sys.stdout, format="%(levelname)s:%(message)s")
try:
    {}["missing"]
except KeyError as error:
    logging.exception("caught %d", 1)
    logging.error("by exc_info", exc_info=True)
    logging.error("by itself", exc_info=error)
    logging.getLogger("a").critical("of a logger", exc_info=True)
    logging.error("by its tuple", exc_info=(type(error), error, error.__traceback__
                                            if hasattr(error, "__traceback__") else None))
logging.error("no exception", exc_info=True)
""",
    "everything else": """\
import logging, sys
def handler(form, style="%"):
    new = logging.StreamHandler(sys.stdout)
    new.setFormatter(logging.Formatter(form, style=style))
    return new
log = logging.getLogger("app")
log.propagate = False
log.addHandler(handler("%(levelname)s %(user)s %(message)s"))
log.warning("extra", extra={"user": "ann"})
log.handlers[0].setFormatter(logging.Formatter("{levelname:>9}|{name}|{message}", style="{"))
log.warning("braces")
log.handlers[0].setFormatter(logging.Formatter("$levelname ${message}: 5 $$", style="$"))
log.warning("dollars")
log.handlers[0].setFormatter(logging.Formatter("%(message)s"))
class Only(logging.Filter):
    def filter(self, record):
        return "kept" in record.getMessage()
only = Only()
log.addFilter(only)
log.warning("lost")
log.warning("kept")
log.removeFilter(only)
log.handlers[0].addFilter(logging.Filter("app.db"))
log.warning("of app")
logging.getLogger("app.db").warning("of app.db")
logging.getLogger("app.dbx").warning("of app.dbx")
log.handlers[0].filters.clear()
class Adapter(logging.LoggerAdapter):
    def process(self, msg, kwargs):
        return "[%s] %s" % (self.extra["id"], msg), kwargs
Adapter(log, {"id": 7}).error("adapted %s", "too")
logging.disable(logging.WARNING)
log.warning("disabled")
log.error("not disabled")
logging.disable(logging.NOTSET)
print(logging.getLevelNamesMapping()["WARN"] if hasattr(logging, "getLevelNamesMapping") else 30)
print(log.isEnabledFor(10), log.hasHandlers(), log.getEffectiveLevel(), log.getChild("x").name)
log.addHandler(logging.NullHandler())
try:
    log.warning("refused", extra={"message": 1})
except KeyError:
    print("KeyError")
try:
    log.setLevel("LOUD")
except ValueError as error:
    print(error)
class Raising(logging.Handler):
    def emit(self, record):
        print("emit", record.levelname, record.getMessage())
log.addHandler(Raising("ERROR"))
log.warning("below")
log.error("two lines")
log.handlers[0].setLevel(logging.CRITICAL)
log.error("one line")
""",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_prints_what_cpython_prints(
    board: Board, program: str, request: pytest.FixtureRequest
) -> None:
    if program == "exceptions" and "unix-stock" in request.node.name:
        pytest.skip("stock firmware forgets the exception that is handled when another try ends")
    done = subprocess.run(
        [sys.executable, "-u", "-c", PROGRAMS[program]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=LIMIT_S,
        check=True,
    )
    recorder = Recorder()
    recorder(done.stdout)
    expected = [line.text for line in without_tracebacks(recorder.close())]
    assert lines_of(board, PROGRAMS[program]) == expected


def test_each_thread_logs_the_exception_that_it_handles() -> None:
    """CPython's rule: the innermost handler that runs, whatever was raised and caught below it."""
    source = """\
import logging, sys, threading
logging.basicConfig(stream=sys.stdout, format="%(threadName)s:%(message)s")
both = threading.Barrier(2)
def caught():
    try:
        int("x")
    except ValueError:
        pass
def numbers():
    try:
        int("y")
    except ValueError:
        yield 1
def work(kind):
    try:
        raise kind()
    except kind:
        caught()
        for _ in numbers():
            both.wait()
        text = [str(i) for i in iter([1, 2])]
        logging.exception("outer")
        both.wait()
        try:
            raise OSError()
        except OSError as error:
            assert logging._weft.handled() is error
        logging.exception("outer again")
    both.wait()
    logging.error("over", exc_info=True)
threads = [threading.Thread(target=work, args=(kind,), name=kind.__name__)
           for kind in (KeyError, IndexError)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    with Board("unix") as board:
        lines = [line for line in lines_of(board, source) if not line.startswith("Traceback")]
    for kind in ("KeyError", "IndexError"):
        at = [n for n, line in enumerate(lines) if line.startswith(kind + ":")]
        told = [(lines[n].split(":")[1], lines[n + 1]) for n in at]
        assert told == [("outer", kind), ("outer again", kind), ("over", "NoneType: None")], lines


def test_a_traceback_names_the_programs_lines(board: Board) -> None:
    source = """\
import logging, sys
logging.basicConfig(stream=sys.stdout)
def fails():
    raise OSError(5)
try:
    fails()
except OSError:
    logging.exception("caught")
"""
    recorder = Recorder()
    board.run(source, on_output=recorder, deadline=Deadline(LIMIT_S))
    lines = [line.text for line in recorder.close()]
    assert lines[0] == "ERROR:root:caught"
    assert '  File "main.py", line 4, in fails' in lines
    assert lines[-1] == "OSError: [Errno 5] EIO"


def test_a_file_has_each_record_when_it_is_logged(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("old\n")
    source = f"""\
import logging
form = "%(asctime)s %(levelname)s %(msecs)03d %(relativeCreated).3f %(message)s"
logging.basicConfig(filename={str(path)!r}, filemode="w", encoding="utf-8", format=form)
logging.warning("first")
print(open({str(path)!r}).read().count("first"))
handler = logging.FileHandler({str(path)!r})
logging.getLogger("other").addHandler(handler)
logging.getLogger("other").propagate = False
logging.getLogger("other").warning("second")
handler.close()
logging.shutdown()
"""
    assert lines_of(board, source) == ["1"]
    first, second = path.read_text().splitlines()
    assert second == "second"
    date = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,(\d{3})"
    found = re.fullmatch(rf"{date} WARNING (\d{{3}}) \d+\.\d{{3}} first", first)
    assert found, first
    assert found[1] == found[2], f"asctime and msecs differ: {first}"


def test_what_is_missing_says_so_by_its_name(board: Board) -> None:
    source = """\
import logging
for name in ("captureWarnings", "setLoggerClass"):
    try:
        getattr(logging, name)
    except AttributeError as error:
        print(error)
for statement in ("import logging.handlers", "from logging import handlers",
                  "import logging.config", "from logging import config"):
    try:
        exec(statement)
    except ImportError as error:
        print(str(error).split(":")[0])
try:
    logging.basicConfig(colour="red")
except ValueError as error:
    print(error)
"""
    assert lines_of(board, source) == [
        "weft's logging has no captureWarnings",
        "weft's logging has no setLoggerClass",
        *["weft's logging has no logging.handlers"] * 2,
        *["weft's logging has no logging.config"] * 2,
        "Unrecognised argument(s): colour",
    ]


def test_an_error_in_a_handler_is_reported_and_the_program_goes_on(board: Board) -> None:
    source = """\
import logging
logging.warning("%d", "no number")
logging.raiseExceptions = False
logging.warning("%d", "no number")
print("goes on")
"""
    lines = lines_of(board, source)
    assert lines[0] == "--- Logging error ---"
    assert lines[-3:] == ["Message: '%d'", "Arguments: ('no number',)", "goes on"]
    assert lines.count("--- Logging error ---") == 1
