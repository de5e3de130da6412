"""The comparison of transcripts: lines, order as far as it is guaranteed, times."""

from __future__ import annotations

from pathlib import Path

import pytest
from weft.boards.compare import Difference, RuleError, compare, is_untimely, report, rules_of
from weft.boards.transcript import Line, Recorder, record_cpython, without_tracebacks


def lines(text: str) -> list[Line]:
    """Read lines written as "SECONDS TEXT"; each is of a thread of its own, or of "(thread)"."""
    result = []
    for number, line in enumerate(text.strip().splitlines()):
        at, rest = line.strip().split(" ", 1)
        thread = rest[1 : rest.index(")")] if rest.startswith("(") else str(number)
        result.append(Line(rest, float(at), thread))
    return result


def difference(expected: str, board: str, source: str = "") -> Difference | None:
    """Compare two transcripts by the rules in `source`."""
    return compare(lines(expected), lines(board), rules_of(source))


def test_equal_transcripts() -> None:
    assert difference("0 a\n1 b", "0 a\n1.1 b") is None


def test_order_inside_a_group_is_free_unless_said() -> None:
    assert difference("0 a\n0.01 b", "0 b\n0.01 a") is None
    found = difference("0 a\n0.01 b", "0 b\n0.01 a", "# check: ordered")
    assert found is not None
    assert found.message == "'a' was expected, but 'b' came"


def test_lines_of_one_thread_keep_their_order() -> None:
    expected = "0 (one) starts\n0 (two) starts\n0 (one) ends"
    assert difference(expected, "0 (two) starts\n0 (one) starts\n0 (one) ends") is None
    found = difference(expected, "0 (one) ends\n0 (two) starts\n0 (one) starts")
    assert found is not None
    assert found.message == "'(one) starts' or '(two) starts' was expected, but '(one) ends' came"


def test_equal_lines_of_several_threads_may_come_in_any_mix() -> None:
    expected = [Line(text, 0.0, thread) for thread in "abcdef" for text in ("x", "y")]
    board = [Line(text, 0.0) for text in "xxyxyyxxyxyy"]
    assert compare(expected, board, rules_of("")) is None
    found = compare(expected, [Line(text, 0.0) for text in "xxyyyxxxyxyy"], rules_of(""))
    assert found is not None
    assert found.board_index == 4


def test_lines_that_a_pause_separates_keep_their_order() -> None:
    found = difference("0 a\n2 b", "0 b\n2 a")
    assert found is not None
    assert (found.expected_index, found.board_index) == (0, 0)


@pytest.mark.parametrize("at", [1.8, 2.2])
def test_a_pause_must_be_as_long(at: float) -> None:
    found = difference("0 a\n2 b", f"0 a\n{at} b")
    assert found is not None
    assert "2.000 s was expected, within 150 ms" in found.message
    assert difference("0 a\n2 b", f"0 a\n{at} b", "# check: tolerance 300 ms") is None


def test_missing_and_superfluous_lines() -> None:
    found = difference("0 a\n0 b", "0 a")
    assert found is not None
    assert found.message == "'b' was expected, but the output ended"
    found = difference("0 a", "0 a\n0 b")
    assert found is not None
    assert found.message == "nothing more was expected, but 'b' came"
    assert difference("0 a", "") is not None


def test_the_same_line_twice_is_counted() -> None:
    assert difference("0 a\n0 a\n0 b", "0 a\n0 b\n0 a") is None
    assert difference("0 a\n0 a\n0 b", "0 a\n0 b\n0 b") is not None


AFTER = '# check: "got *" after "put *"'


def test_after_holds_turn_by_turn() -> None:
    expected = "0 put 1\n0 got 1\n0 put 2\n0 got 2"
    assert difference(expected, "0 put 1\n0 put 2\n0 got 1\n0 got 2", AFTER) is None
    found = difference(expected, "0 put 1\n0 got 1\n0 got 2\n0 put 2", AFTER)
    assert found is not None
    assert "'got 2' came before a line like 'put *'" in found.message


def test_after_with_a_time() -> None:
    rule = '# check: "b" 2.0 s after "a" within 100 ms'
    assert difference("0 a\n2 b", "0 a\n2.09 b", rule) is None
    found = difference("0 a\n2 b", "0 a\n2.11 b", rule)
    assert found is not None
    assert "2.000 s was expected, within 100 ms" in found.message


def is_late(expected: str, board: str, source: str = "") -> bool:
    """Whether the difference between two transcripts may be a busy computer's."""
    assert difference(expected, board, source) is not None
    return is_untimely(lines(expected), lines(board), rules_of(source))


def test_a_pause_may_be_another_because_the_computer_is_busy() -> None:
    assert is_late("0 a\n2 b", "0 a\n2.2 b")
    assert is_late("0 a\n2 b", "0 a\n2.12 b", '# check: "b" 2.0 s after "a" within 100 ms')
    # CPython was held up between lines whose order is free.
    assert is_late("0 a\n0.4 b\n2 c", "0 b\n0 a\n2 c")


def test_a_wrong_line_or_order_is_never_a_busy_computers() -> None:
    assert not is_late("0 a\n2 b", "0 a\n2.2 c")
    assert not is_late("0 a\n2 b", "0 a")
    assert not is_late("0 a\n2 b", "0 b\n2 a")
    assert not is_late("0 (one) a\n0 (one) b", "0 (one) b\n0 (one) a")
    assert not is_late("0 a\n0 b", "0 a\n0 b", '# check: "a" 0.0 s after "b"')


def test_a_rule_that_says_nothing_is_an_error() -> None:
    with pytest.raises(RuleError, match="'# check: sometimes' is no rule"):
        rules_of("# check: sometimes")


def test_the_report_shows_both_sides_and_marks_the_line() -> None:
    expected, board = lines("0 a\n0.5 b"), lines("0 a\n0.5 c")
    found = compare(expected, board, rules_of(""))
    assert found is not None
    assert report(expected, board, found).splitlines() == [
        "'b' was expected, but 'c' came",
        "           CPython            board",
        "    0.000s a       |   0.000s a",
        ">   0.500s b       |   0.500s c",
    ]


def test_a_recorder_cuts_lines_and_keeps_the_last_without_a_newline() -> None:
    recorder = Recorder()
    for piece in (b"on", b"e\r\ntw", b"o\r\n", b"\xffthree"):
        recorder(piece)
    assert [line.text for line in recorder.close()] == ["one", "two", "\ufffdthree"]


def test_places_and_messages_of_tracebacks_are_not_compared() -> None:
    cpython = lines(
        '0 Traceback (most recent call last):\n0   File "x.py", line 1, in f\n0     boom()\n'
        "0 ZeroDivisionError: division by zero\n0 after"
    )
    cpython = [Line(line.text, 0) for line in cpython]
    texts = ["Traceback (most recent call last):", "  File", "ZeroDivisionError: why", "after"]
    kept = without_tracebacks([Line(text, 0) for text in texts])
    assert [line.text for line in kept] == [texts[0], "ZeroDivisionError", "after"]


def test_each_thread_of_cpythons_is_told_from_all_others(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import threading\n"
        "for n in range(5):\n"
        "    t = threading.Thread(target=print, args=(n,)); t.start(); t.join()\n"
        "print('main', end='')\n"
    )
    recording = record_cpython(program, 20.0)
    assert [line.text for line in recording.lines] == ["0", "1", "2", "3", "4", "main"]
    assert len({line.thread for line in recording.lines}) == 6
