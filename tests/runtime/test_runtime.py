"""Builds and runs the runtime's C tests in every variant of runtime_variants.py.

Nothing is skipped: a tool that is missing is a failure that names the command to install it. Builds
stay in build/runtime-tests, one folder a variant, so a second run compiles only what has changed.
A failure prints the command that shows it again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from runtime_variants import Variant, all_variants

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "runtime-tests"
BUILD_SECONDS = 300
RUN_SECONDS = 400  # the program ends each of its tests that hangs much sooner

VARIANTS = {variant.name: variant for variant in all_variants(BUILD)}


def run(command: list[str], seconds: float, environment: dict[str, str] | None = None) -> str:
    """The command's output; the test fails, with it and the command, if its status is not 0."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **(environment or {})},
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
        ended = f"status {process.returncode}"
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        ended = f"no end within {seconds:.0f} s"
    if process.returncode != 0:
        settings = [f"{name}={value}" for name, value in (environment or {}).items()]
        again = shlex.join([*(["env", *settings] if settings else []), *command])
        pytest.fail(f"expected status 0, came {ended}\nsee it again: {again}\n{output}", False)
    return output


def compiler_of(variant: Variant, folder: Path) -> str:
    """The compiler as CMake takes it: one program, so a command of several words gets a script."""
    if len(variant.compiler) == 1:
        return variant.compiler[0]
    script = folder / "compiler.sh"
    script.write_text(f'#!/bin/sh\nexec {shlex.join(variant.compiler)} "$@"\n')
    script.chmod(0o755)
    return str(script)


def build(variant: Variant) -> Path:
    """Builds weft_tests with warnings as errors, and returns its path."""
    settings = [
        f"-DWEFT_PLATFORM={variant.platform}",
        "-DWEFT_WERROR=ON",
        "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
        *variant.options,
    ]
    # CMake forgets settings when the compiler changes, so another set has another folder.
    key = hashlib.sha256(repr((variant.compiler, settings)).encode()).hexdigest()[:8]
    folder = BUILD / f"{variant.name}-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests may run in parallel
        compile_in(folder, variant, settings)
    suffix = ".exe" if variant.platform == "windows" else ""
    return folder / f"weft_tests{suffix}"


def compile_in(folder: Path, variant: Variant, settings: list[str]) -> None:
    compiler = f"-DCMAKE_C_COMPILER={compiler_of(variant, folder)}"
    if not (folder / "build.ninja").exists():
        run(
            ["cmake", "-S", str(HERE), "-B", str(folder), "-G", "Ninja", compiler, *settings],
            BUILD_SECONDS,
        )
    run(["cmake", "--build", str(folder), "--target", "weft_tests"], BUILD_SECONDS)


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
    assert ran == set(variant.groups), f"expected these groups: {variant.groups}, came {ran}"


@pytest.mark.parametrize(
    ("case", "stress"),
    [
        ("crowd.one_after_the_other_in_the_pool", 500),
        ("crowd.one_after_the_other_in_new_native_threads", 2000),
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
        "GROUP(clock); GROUP(event); GROUP(lock); GROUP(rlock); GROUP(condition);\n"
        "GROUP(semaphore); GROUP(barrier); GROUP(thread); GROUP(crowd); GROUP(signal);\n"
        "GROUP(fork);\n"
        "const test_case *unused = none;\n"
    )
    library = build(VARIANTS["linux-gcc"]).parent / "runtime" / "libweft_runtime.a"
    program = tmp_path / "failing"
    parts = [str(source), str(HERE / "main.c"), str(HERE / "host_unix.c"), str(library)]
    includes = ["-I", str(HERE), "-I", str(HERE.parents[1] / "runtime" / "include")]
    run(["gcc", "-D_GNU_SOURCE", *includes, *parts, "-pthread", "-o", str(program)], BUILD_SECONDS)
    for case, message in (("fails", "two: expected 3, came 2"), ("ends", "HANGS event.ends")):
        ended = subprocess.run(
            [str(program), f"event.{case}"], capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 1
        assert message in ended.stdout
        assert f"see it again: {program} --stress 100 --seed 1 event.{case}" in ended.stdout


def test_ziglang_is_there() -> None:
    command = VARIANTS["macos-aarch64-link-only"].compiler[:3]
    assert shutil.which(command[0])
    run([*command, "version"], BUILD_SECONDS)
