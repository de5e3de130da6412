"""Builds the runtime's test programs, in whichever variant of runtime_variants.py.

Builds stay in build/runtime-tests, one folder a variant, so a second run compiles only what has
changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import signal
import subprocess
from pathlib import Path

import pytest
from runtime_variants import Variant, all_variants

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "runtime-tests"
BUILD_SECONDS = 900

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


def build(variant: Variant, target: str = "weft_tests") -> Path:
    """Builds a program with warnings as errors, and returns its path."""
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
        compile_in(folder, variant, settings, target)
    suffix = ".exe" if variant.platform == "windows" else ""
    return folder / f"{target}{suffix}"


def compile_in(folder: Path, variant: Variant, settings: list[str], target: str) -> None:
    compiler = f"-DCMAKE_C_COMPILER={compiler_of(variant, folder)}"
    if not (folder / "build.ninja").exists():
        run(
            ["cmake", "-S", str(HERE), "-B", str(folder), "-G", "Ninja", compiler, *settings],
            BUILD_SECONDS,
        )
    run(["cmake", "--build", str(folder), "--target", target], BUILD_SECONDS)
