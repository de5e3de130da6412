"""The binding's C, with what cffi generates around it, compiles clean with gcc and clang.

The runtime itself is compiled so in every variant of test_runtime.py.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NATIVE = ROOT / "bindings" / "native"
SECONDS = 200


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_binding_compiles_clean(compiler: str, tmp_path: Path) -> None:
    source = tmp_path / "native.c"
    subprocess.run([sys.executable, str(NATIVE / "build.py"), str(source)], check=True, timeout=60)
    sources = [str(source), *map(str, NATIVE.glob("*.c"))]
    warnings = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"]  # cffi's have such
    folders = [sysconfig.get_path("include"), str(NATIVE), str(ROOT / "runtime" / "include")]
    includes = [f"-I{folder}" for folder in folders]
    macros = ["-D_CFFI_NO_LIMITED_API"]
    command = [compiler, "-std=gnu11", "-O2", *warnings, *macros, *includes]
    ended = subprocess.run(
        [*command, "-c", *sources],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.returncode == 0, f"{compiler}: expected no warning, came {ended.stderr}"
