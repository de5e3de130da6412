"""The kinds of firmware that weft builds, and `firmware_for(target)` for whoever needs one.

unix.py and rp2.py say how each target is built; steps.py keeps what was built in the cache.
"""

from __future__ import annotations

from pathlib import Path

from weft.firmware import rp2, steps, unix
from weft.firmware.steps import Report, Target

TARGETS: dict[str, Target] = {target.name: target for target in (*unix.TARGETS, *rp2.TARGETS)}


def firmware_for(
    name: str, *, micropython: Path | None = None, report: Report = steps.silent
) -> Path:
    """Return the firmware file of target `name`, building it if it isn't in the cache.

    `report` gets a line for each step that takes time. Raises BuildError or SourceError.
    """
    target = TARGETS[name]
    target.check()
    tree = steps.micropython_tree(micropython, target.port, target.port_file)

    def fill(build: steps.Build) -> None:
        mpy_cross = steps.cross_compiler(tree, report)
        report(f"Building the firmware {name} (once, about {target.duration}) ...")
        target.build(build, tree, mpy_cross)

    return steps.cached(name, key_of(target, tree), fill) / target.product


def key_of(target: Target, tree: Path) -> str:
    """Name the target's firmware by all that goes into it."""
    words = [
        steps.tree_identity(tree, f"ports/{target.port}"),
        steps.version_of(target.compiler),
        *target.settings(),
    ]
    return steps.key(words, target.folders())
