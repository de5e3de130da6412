"""Builds and runs the runtime's C tests in every variant of runtime_variants.py.

Nothing is skipped: a tool that is missing is a failure that names the command to install it. A
failure prints the command that shows it again.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from runtime_build import BUILD_SECONDS, HERE, VARIANTS, build, run
from runtime_variants import UNIX_GROUPS

RUN_SECONDS = 1500  # the program ends each of its tests that hangs much sooner


@pytest.mark.parametrize("name", VARIANTS)
def test_variant(name: str) -> None:
    variant = VARIANTS[name]
    program = build(variant)
    assert program.is_file(), f"expected {program}, came nothing"
    if variant.runner is None:
        return
    options = ["--stress", str(variant.stress)]
    if not variant.own_memory:
        options.append("--no-memory-check")
    command = [*variant.runner, str(program), *options, *variant.groups]
    output = run(command, RUN_SECONDS, variant.environment)
    ran = {line.split()[1].split(".")[0] for line in output.splitlines() if line.startswith("ok ")}
    expected = {name.split(".")[0] for name in variant.groups}
    assert ran == expected, f"expected these groups: {expected}, came {ran}"


@pytest.mark.parametrize(
    ("case", "stress"),
    [
        ("thread_crowd.one_after_the_other_in_the_pool", 500),
        ("thread_crowd.one_after_the_other_in_new_native_threads", 2000),
    ],
)
def test_a_hundred_thousand_threads_one_after_the_other(case: str, stress: int) -> None:
    program = build(VARIANTS["linux-gcc"])
    output = run([str(program), "--stress", str(stress), case], RUN_SECONDS)
    assert "100000 threads" in output, f"expected a count of 100000 threads, came: {output}"


def test_a_failure_is_told_and_a_hang_is_ended(tmp_path: Path) -> None:
    """The harness itself: what was expected, what came, how to see it again, and a status."""
    source = tmp_path / "failing.c"
    source.write_text(
        '#include "harness.h"\n'
        "static void fails(void) { int two = 2; EXPECT_IS(3, two); }\n"
        "static void ends(void) { host_watchdog(1); AWAIT(false); }\n"
        "static const test_case none[] = {{NULL, NULL}};\n"
        '#define GROUP(name) const test_case name##_tests[] = {{"fails", fails}, '
        '{"ends", ends}, {NULL, NULL}}\n'
        + "".join(f"GROUP({name});\n" for name in UNIX_GROUPS)
        + "const test_case *unused = none;\n"
    )
    library = build(VARIANTS["linux-gcc"]).parent / "runtime" / "libweft_runtime.a"
    program = tmp_path / "failing"
    harness = HERE / "harness"
    hosts = [str(harness / name) for name in ("main.c", "host_posix.c", "host_unix.c")]
    parts = [str(source), *hosts, str(library)]
    includes = ["-I", str(harness), "-I", str(HERE.parents[1] / "runtime" / "include")]
    run(["gcc", "-D_GNU_SOURCE", *includes, *parts, "-pthread", "-o", str(program)], BUILD_SECONDS)
    for case, message in (("fails", "two: expected 3, came 2"), ("ends", "HANGS event.ends")):
        ended = subprocess.run(
            [str(program), f"event.{case}"], capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 1
        assert message in ended.stdout
        assert f"see it again: {program} --stress 100 --seed 1 event.{case}" in ended.stdout


def test_the_program_of_the_manual_runs(tmp_path: Path) -> None:
    runtime = HERE.parents[1] / "runtime"
    source, program = tmp_path / "program.c", tmp_path / "program"
    source.write_text((runtime / "README.md").read_text().split("```c\n")[1].split("```")[0])
    library = build(VARIANTS["linux-gcc"]).parent / "runtime" / "libweft_runtime.a"
    include = ["-I", str(runtime / "include")]
    parts = [str(source), str(library), "-pthread", "-o", str(program)]
    run(["gcc", "-Wall", "-Wextra", "-Werror", *include, *parts], BUILD_SECONDS)
    assert run([str(program)], RUN_SECONDS) == "ready\n"


def test_ziglang_is_there() -> None:
    command = VARIANTS["macos-aarch64-link-only"].compiler[:3]
    assert shutil.which(command[0])
    run([*command, "version"], BUILD_SECONDS)
