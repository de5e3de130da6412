"""Puts mistakes into a copy of our kernel: random programs on the simulator have to notice each.

This proves the simulator and the programs, not the kernel.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from runtime_build import BUILD_SECONDS, HERE

ROOT = HERE.parents[1]
pytestmark = pytest.mark.xdist_group("kernel mistakes")  # they share a build
KERNEL = Path("runtime/platform/kernel")
RUN_SECONDS = 900
SEEDS = 2000  # the mistake that shows least often does at some 350


@dataclass(frozen=True)
class Mistake:
    """Changes in one file of the kernel, and the case that notices them, if not any program."""

    file: str
    changes: tuple[tuple[str, str], ...]
    case: str | None


def mistake(file: str, *changes: str, case: str | None = None) -> Mistake:
    """Right and wrong by turns."""
    return Mistake(file, tuple(zip(changes[::2], changes[1::2], strict=True)), case)


MISTAKES = {
    "queued-while-on-a-core": mistake(
        "schedule.h",
        "    if (!weft_kernel_is_on_core(thread)) {\n        weft_list_insert",
        "    {\n        weft_list_insert",
    ),
    "no-tick": mistake(
        "schedule.c", "    if (schedule.open & WEFT_SCHEDULE_NO_TICK) {\n", "    if (false) {\n"
    ),
    "tick-takes-no-core": mistake(
        "schedule.c",
        "if (weft_kernel_cores[core].current == schedule.ticked[core]) {\n",
        "if (false) {\n",
    ),
    "called-for-ever": mistake("schedule.c", "    core->called = false;\n", ""),
    "comes-in-vain": mistake("schedule.c", "        find_cores_locked();\n", ""),
    "one-switch-for-two": mistake(
        "schedule.c",
        "            request_switch_locked(own);\n",
        "            request_switch_locked(own);\n            return;\n",
    ),
    "pinned-waits-for-the-tick": mistake(
        "schedule.c",
        "        if (idles(own)) {\n",
        "        if (false) {\n",
        case="a_core_is_free_for_each",
    ),
    "yields-to-itself": mistake(
        "schedule.c",
        "if (resume_only && !core->called) {\n",
        "if (false) {\n",
        case="a_yield_lets_others_run",
    ),
    "takes-a-request-for-its-own": mistake(
        "schedule.c", "if (resume_only && !core->called) {\n", "if (resume_only) {\n"
    ),
    "resumes-nobody": mistake(
        "schedule.c",
        "if (weft_schedule_first_ready(weft_kernel_bit(core)) != NULL && idles(core)) {\n",
        "if (false) {\n",
    ),
    "does-not-stop": mistake(
        "schedule.c",
        "        weft_kernel_cores[core].takes = 0;\n",
        "",
    ),
    "last-come-first-run": mistake(
        "schedule.h",
        "        weft_list_insert(&weft_kernel_scheduled.ready, &thread->queue);\n        if",
        "        weft_list_insert(weft_kernel_scheduled.ready.next, &thread->queue);\n        if",
    ),
    "interrupted-goes-on-by-call": mistake(
        "schedule.c",
        "    thread->context = CONTEXT_INTERRUPTED;\n#ifdef",
        "    thread->context = CONTEXT_CALLED;\n#ifdef",
    ),
    "wakes-without-the-lock": mistake(
        "wait.c",
        "    uint32_t state = weft_kernel_lock();\n    weft_wait_wake_all_locked(word);\n"
        "    weft_kernel_unlock(state);",
        "    uint32_t state = weft_arch_irq_save();\n    weft_wait_wake_all_locked(word);\n"
        "    weft_arch_irq_restore(state);",
    ),
    "compares-outside-the-lock": mistake(
        "wait.c",
        "    if (!weft_wait_lock()) {",
        "    bool differs = atomic_load_explicit(word, memory_order_relaxed) != expected;\n"
        "    if (!weft_wait_lock()) {",
        "    if (atomic_load_explicit(word, memory_order_relaxed) != expected) {",
        "    if (differs) {",
    ),
    "clear-writes-the-whole-word": mistake(
        "event.c",
        "    atomic_store_explicit((_Atomic(uint8_t) *)&event->state, 0, memory_order_release);",
        "    write(&event->state, read(&event->state) & ~(uint32_t)SET);",
        case="who_waits_while_others_clear_is_woken",
    ),
    "waits-without-a-mark": mistake("event.c", "    write(&event->state, state | WAITERS);\n", ""),
    "deadlines-out-of-order": mistake(
        "wait.c", "deadline <= deadline_ns", "deadline > deadline_ns"
    ),
    "one-alarm-only": mistake(
        "wait.c",
        "    weft_schedule_tick_locked(now);\n    weft_wait_arm_locked();\n",
        "    weft_schedule_tick_locked(now);\n",
    ),
    "interrupt-is-lost": mistake("wait.c", "        thread->interrupted = true;\n", ""),
    "interrupt-is-not-held": mistake(
        "wait.c",
        "thread->state == THREAD_WAITING && !thread->holds_interrupts",
        "thread->state == THREAD_WAITING",
    ),
    "gone-too-early": mistake(
        "kernel.h",
        "thread->state == THREAD_ENDED && !weft_kernel_is_on_core(thread);",
        "thread->state == THREAD_ENDED;",
    ),
    "ended-and-still-waits": mistake(
        "thread.c", "            weft_wait_remove_locked(thread);\n", "            ;\n"
    ),
}


def make(folder: Path) -> None:
    command = ["cmake", "--build", str(folder / "build"), "--target", "sim"]
    subprocess.run(command, check=True, capture_output=True, timeout=BUILD_SECONDS)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the runtime with its tests, built: a mistake compiles one file anew."""
    folder = tmp_path_factory.mktemp("kernel")
    shutil.copytree(ROOT / "runtime", folder / "runtime")
    shutil.copytree(HERE, folder / "tests" / "runtime")
    tests, build = str(folder / "tests" / "runtime"), str(folder / "build")
    settings = ["-DWEFT_PLATFORM=kernel", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"]
    command = ["cmake", "-S", tests, "-B", build, "-G", "Ninja", *settings]
    subprocess.run(command, check=True, capture_output=True, timeout=BUILD_SECONDS)
    make(folder)
    yield folder


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_noticed(name: str, copy: Path) -> None:
    made = MISTAKES[name]
    source = copy / KERNEL / made.file
    text = wrong = source.read_text("utf-8")
    for right_part, wrong_part in made.changes:
        assert text.count(right_part) == 1, f"{made.file} has changed: {right_part}"
        wrong = wrong.replace(right_part, wrong_part)
    source.write_text(wrong, "utf-8")
    try:
        make(copy)
        case = ["--case", made.case] if made.case else []
        ended = subprocess.run(
            [str(copy / "build" / "sim"), *case, "--count", str(SEEDS)],
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
    finally:
        source.write_text(text, "utf-8")
    assert ended.returncode != 0, f"{SEEDS} seeds have not noticed it"
    assert "FAILED seed" in ended.stdout, f"expected a failure with its seed, came {ended.stdout}"
