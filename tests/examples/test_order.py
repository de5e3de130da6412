"""`weft bench --order`: how often an example's lines come in their usual order is counted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from weft import examples
from weft.bench import order
from weft.cli import main


def test_both_sides_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "order.json"
    assert main(["bench", "--order", "--rounds", "1", "--json", str(file)]) == 0
    shown = capsys.readouterr().out.splitlines()
    content = json.loads(file.read_text("utf-8"))
    assert content["runs"] == 10
    for line, (side, count) in zip(shown[1:], content["in_order"].items(), strict=True):
        assert line.split() == [side, str(count), "of", "10"]
        assert 0 <= count <= 10


def test_the_listing_has_the_examples_lines() -> None:
    ended = subprocess.run(
        [sys.executable, examples.FOLDER / f"{order.EXAMPLE}.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert sorted(ended.stdout.splitlines()) == sorted(order.LISTING.splitlines())


def test_a_run_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(order.COMMANDS, "weft", [sys.executable, "-c", "raise SystemExit('no')"])
    with pytest.raises(RuntimeError, match="threading_event over weft failed: no"):
        order.count(1, lambda: None, at_once=2)
