"""Puts mistakes into a copy of the runtime: the C tests have to notice each.

This proves the tests, not the runtime: a sanitizer that sees nothing, or a stress that meets
nobody, would let these pass.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from runtime_build import BUILD_SECONDS, HERE

ROOT = HERE.parents[1]
RUN_SECONDS = 900


@dataclass(frozen=True)
class Mistake:
    """A change of one place in the runtime, and what has to come of it."""

    file: str  # in runtime/sync, unless it says where
    right: str
    wrong: str
    sanitizers: str
    test: str
    message: str
    platform: str = "linux"


MISTAKES = {
    "event-set-relaxed": Mistake(
        "event.c",
        "&old, new, memory_order_release,",
        "&old, new, memory_order_relaxed,",
        "thread",
        "event.orders_what_comes_before_and_after",
        "data race",
    ),
    "lock-release-relaxed": Mistake(
        "lock.c",
        "FREE, memory_order_acq_rel);",
        "FREE, memory_order_relaxed);",
        "thread",
        "lock.one_holder_at_a_time",
        "data race",
    ),
    "worker-call-relaxed": Mistake(
        "worker.c",
        "&chosen->called, 1, memory_order_release",
        "&chosen->called, 1, memory_order_relaxed",
        "thread",
        "thread.what_it_did_is_seen_after_join",
        "data race",
    ),
    "event-used-after-set": Mistake(
        "event.c",
        "        weft_platform_wake_all(&event->state);\n",
        "        weft_platform_wake_all(&event->state);\n        atomic_load(&event->waiting);\n",
        "address,undefined",
        "event.goes_away_while_set_returns",
        "heap-use-after-free",
    ),
    "semaphore-never-times-out": Mistake(
        "semaphore.c",
        "    return taken ? WEFT_OK : status;",
        "    return WEFT_OK;",
        "address,undefined",
        "semaphore.a_wait_ends_at_its_deadline",
        "expected 1, came 0",
    ),
    "condition-last-come-first-notified": Mistake(
        "condition.c",
        "        weft_waiter *waiter = condition->first;\n",
        "        weft_waiter *waiter = condition->last;\n",
        "address,undefined",
        "condition.first_come_first_notified",
        "expected 0, came 7",
    ),
    "system-refuses-to-wait": Mistake(
        "../platform/pthread/pthread.c",
        "            error = pthread_cond_wait(&slot->woken, &slot->mutex);\n",
        "            error = EPERM;\n",
        "address,undefined",
        "lock.a_release_wakes_who_waits",
        "weft: the system refuses a wait on a condition variable\n",
        "pthread",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_noticed(name: str, tmp_path: Path) -> None:
    mistake = MISTAKES[name]
    shutil.copytree(ROOT / "runtime", tmp_path / "runtime")
    shutil.copytree(HERE, tmp_path / "tests" / "runtime")
    source = tmp_path / "runtime" / "sync" / mistake.file
    text = source.read_text("utf-8")
    assert text.count(mistake.right) == 1, f"{mistake.file} has changed: {mistake.right}"
    source.write_text(text.replace(mistake.right, mistake.wrong), "utf-8")

    folder = tmp_path / "build"
    settings = [
        f"-DWEFT_SANITIZE={mistake.sanitizers}",
        f"-DWEFT_PLATFORM={mistake.platform}",
        "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
    ]
    tests = str(tmp_path / "tests" / "runtime")
    for command in (
        ["cmake", "-S", tests, "-B", str(folder), "-G", "Ninja", *settings],
        ["cmake", "--build", str(folder)],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=BUILD_SECONDS)
    ended = subprocess.run(
        ["setarch", "-R", str(folder / "weft_tests"), "--stress", "20", mistake.test],
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    output = ended.stdout + ended.stderr
    assert ended.returncode != 0, f"expected a failure of {mistake.test}, came {output}"
    assert mistake.message in output, f"expected {mistake.message!r}, came {output}"
