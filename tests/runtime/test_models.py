"""Checks the models of the runtime's protocols, and of the firmware's, with spin.

Each has to hold in all of its states, and to fail once a mistake is put in: that proves that the
model would show one.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PLATFORMS = HERE.parents[1] / "runtime" / "platform"
SECONDS = 900

# Each model (of what lies in runtime/ under that name, parallel/ in firmware/), and its mistakes.
MISTAKES = {
    "sync/event": ["NO_EPOCH"],
    "kernel/event": ["CLEARS_ALL", "NO_MARK", "NO_EPOCH"],
    "sync/condition": ["FORGETS_SLEEPERS", "LEAVES_EARLY", "AWAITS_ITSELF", "FORGETS_TO_LOOK"],
    "sync/worker": ["NO_SECOND_LOOK"],
    "parallel/map": [
        *("NO_STEPS", "TAKES_OUT_WITHOUT_A_STEP", "USES_AGAIN_WITHOUT_A_STEP", "KEY_BEFORE_VALUE"),
        *("KEEPS_THE_OLD_VALUE", "READS_IN_A_STEP", "NO_LOOK_BEFORE_THE_SEARCH", "NO_SECOND_LOOK"),
        "NO_LOOK_WITH_THE_LOCK",
    ],
}


def run(command: list[str], folder: Path) -> str:
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    output = ended.stdout + ended.stderr
    assert ended.returncode == 0, f"{' '.join(command)}: expected status 0, came {output}"
    return output


def errors_found(model: str, mistake: str | None, folder: Path) -> tuple[int, str]:
    """How many errors an exhaustive search finds (it stops at the first), and spin's report."""
    defines = [f"-D{mistake}"] if mistake else []
    run(["spin", *defines, "-a", str(HERE / f"{model}.pml")], folder)
    optimized = "-O0" if mistake else "-O1"  # compiling takes longer than most searches
    run(["gcc", optimized, "-w", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c"], folder)
    report = run(["./pan", "-m1000000"], folder)
    found = re.search(r"errors: (\d+)", report)
    assert found, f"expected a count of errors, came {report}"
    assert "max search depth too small" not in report
    assert "out of memory" not in report
    return int(found[1]), report


def test_each_event_has_a_model() -> None:
    """The one for all platforms, and that of each platform that brings its own."""
    platforms = {path.parent.name for path in PLATFORMS.glob("*/event.c")}
    assert platforms == {"kernel"}
    assert {f"{folder}/event" for folder in ("sync", *platforms)} <= set(MISTAKES)


def test_every_model_is_checked() -> None:
    models = {path.relative_to(HERE).with_suffix("").as_posix() for path in HERE.rglob("*.pml")}
    assert models == set(MISTAKES)


@pytest.mark.parametrize("model", MISTAKES)
def test_model_holds(model: str, tmp_path: Path) -> None:
    errors, report = errors_found(model, None, tmp_path)
    assert errors == 0, f"expected no error, came {report}\nspin -t shows the way to it"


@pytest.mark.parametrize(
    ("model", "mistake"), [(model, one) for model, all_ in MISTAKES.items() for one in all_]
)
def test_mistake_is_found(model: str, mistake: str, tmp_path: Path) -> None:
    errors, report = errors_found(model, mistake, tmp_path)
    assert errors == 1, f"expected the mistake {mistake} to be found, came {report}"
