"""The firmware of the unix boards: MicroPython's unix port, which is a program of this computer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from weft.firmware import steps
from weft.firmware.steps import FIRMWARE, BuildError, Target

TOOLS = ("make", "gcc", "python3")


@dataclass(frozen=True)
class UnixTarget(Target):
    """A variant of the unix port, a folder in unix/."""

    variant: str
    uses_runtime: bool
    sanitizer: str = ""  # of gcc's -fsanitize

    port = "unix"
    port_file = "Makefile"
    product = "micropython"
    compiler = "gcc"
    duration = "half a minute"

    def check(self) -> None:
        """Raise BuildError if a tool is missing, or a part of weft."""
        missing = steps.missing_tools(TOOLS)
        if missing:
            raise BuildError(
                f"{', '.join(missing)} not found; install the tools with "
                "'apt-get install build-essential dpkg-dev python3'."
            )
        if self.uses_runtime:
            steps.runtime_folder()

    def folders(self) -> list[Path]:
        """Return the folders of weft that go into the firmware."""
        folders = [FIRMWARE / "unix"]
        if self.uses_runtime:
            folders += [FIRMWARE / "modules", FIRMWARE / "python", steps.runtime_folder()]
        if self.variant == "parallel":
            folders.append(FIRMWARE / "parallel")
        return folders

    def settings(self) -> list[str]:
        """Return what else goes into it, in words."""
        return [self.variant, self.sanitizer, steps.version(), steps.builders("unix.py")]

    def build(self, build: steps.Build, tree: Path, mpy_cross: Path) -> None:
        """Put the product into the results. Raises BuildError."""
        folder = FIRMWARE / "unix" / self.variant
        variables: dict[str, object] = {"VARIANT_DIR": folder, "MICROPY_MPYCROSS": mpy_cross}
        if self.uses_runtime:
            variables["USER_C_MODULES"] = FIRMWARE / "modules"
            variables["WEFT_VERSION"] = steps.version()
            variables["WEFT_RUNTIME"] = steps.runtime_folder()
            variables["WEFT_SANITIZE"] = self.sanitizer
        steps.make(build, tree / "ports" / self.port, variables, self.product)


TARGETS = (
    UnixTarget("unix", variant="weft", uses_runtime=True),
    UnixTarget("unix-parallel", variant="parallel", uses_runtime=True),
    UnixTarget("unix-parallel-asan", variant="parallel", uses_runtime=True, sanitizer="address"),
    UnixTarget("unix-parallel-tsan", variant="parallel", uses_runtime=True, sanitizer="thread"),
    UnixTarget("unix-stock", variant="stock", uses_runtime=False),
)
