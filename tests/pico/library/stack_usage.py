"""How much stack the functions of a firmware take, by the instructions in its ELF file.

    usage = StackUsage(elf)
    usage.frame("mp_parse")        # bytes that it takes itself
    usage.deepest("mp_parse")      # bytes, and the path, with what it calls, and they

A path ends at a function that looks at the stack's limit first, at one from which nothing comes
back, and where it would come round to itself. Calls through pointers are not followed: whoever asks
names the functions on both sides.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

OBJDUMP = ("arm-none-eabi-objdump", "-d", "--no-show-raw-insn", "-w")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\t(\S+)\s*(.*)$")
BRANCH = re.compile(r"^(?:bl|b|b(?:eq|ne|cc|cs|hi|ls|lt|gt|le|ge|mi|pl|vc|vs))(?:\.[nw])?$")
TARGET = re.compile(r"<([^>+]+)>")
CHECK = "mp_cstack_check"
CHECK_BYTES = 16
NO_RETURN = frozenset(
    (
        *("weft_kernel_stack_overflow", "weft_platform_panic", "panic", "nlr_jump_fail"),
        *("__aeabi_idiv0", "__aeabi_ldiv0", CHECK),
    )
)
NOT_FOLLOWED = frozenset(
    (
        # A compiler that computes with complex constants: a power of huge ones, at the limit of
        # recursion, runs into the guard.
        ("mp_binary_op", "mp_obj_complex_binary_op"),
        ("mp_obj_int_binary_op", "mp_obj_complex_binary_op"),
        ("mp_obj_float_binary_op", "mp_obj_complex_binary_op"),
        # __float__ of a C type, which no integer has.
        ("mp_obj_get_float_maybe", "mp_unary_op"),
        ("mp_obj_get_float_maybe", "__wrap_mp_unary_op"),
        # Whoever makes an exception in C gives as many arguments as it takes.
        ("mp_obj_exception_make_new", "mp_arg_check_num_sig"),
        ("mp_vprintf", "mp_print_float"),  # no message of MicroPython's has a float in it
    )
)
NO_DEEPER = frozenset(
    (
        # A method of a class, such as a finaliser: an interned string is looked up, without a
        # comparison, and nothing is added.
        ("mp_load_method_maybe", "mp_map_lookup"),
    )
)
WORD = 1 << 32


@dataclass
class Function:
    """A function's own frame, and whom it calls."""

    frame: int
    calls: frozenset[str]


@dataclass(frozen=True)
class CallPath:
    """How many bytes the functions of a path take together."""

    size: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.size} bytes: {' > '.join(self.names)}"


class StackUsage:
    """The functions of one ELF file."""

    def __init__(self, elf: Path) -> None:
        done = subprocess.run([*OBJDUMP, str(elf)], capture_output=True, text=True, check=True)
        self._functions = _functions(done.stdout)
        self._deepest: dict[str, CallPath] = {}

    def has(self, name: str) -> bool:
        """Whether there is such a function."""
        return name in self._functions

    def frame(self, name: str) -> int:
        """Return the bytes that a function takes itself."""
        return self._functions[name].frame

    def checks(self, name: str) -> bool:
        """Whether a function looks at the limit of the stack before anything else."""
        return CHECK in self._functions[name].calls

    def roots(self) -> list[CallPath]:
        """Return the deepest path from each function that nobody calls but through a pointer."""
        called = set().union(*(function.calls for function in self._functions.values()))
        return [self.deepest(name) for name in self._functions if name not in called]

    def deepest(self, name: str, within: tuple[str, ...] = ()) -> CallPath:
        """Return the path from a function that takes most."""
        if name in self._deepest:
            return self._deepest[name]
        function = self._functions[name]
        best = CallPath(0, ())
        for called in sorted(function.calls):
            if called in NO_RETURN or called in within or called == name:
                continue
            if called not in self._functions or (name, called) in NOT_FOLLOWED:
                continue
            if self.checks(called):
                found = CallPath(self.frame(called) + CHECK_BYTES, (f"{called} (checks)",))
            elif (name, called) in NO_DEEPER:
                found = CallPath(self.frame(called), (f"{called} {self.frame(called)}",))
            else:
                found = self.deepest(called, (*within, name))
            best = max(best, found, key=lambda path: path.size)
        result = CallPath(function.frame + best.size, (f"{name} {function.frame}", *best.names))
        self._deepest[name] = result
        return result


def _functions(listing: str) -> dict[str, Function]:
    bodies: dict[str, list[tuple[int, str, str]]] = {}
    words: dict[int, int] = {}
    body: list[tuple[int, str, str]] = []
    for line in listing.splitlines():
        if head := FUNCTION.match(line):
            body = bodies.setdefault(head[1], [])
        elif found := INSTRUCTION.match(line):
            at, name, operands = int(found[1], 16), found[2], found[3]
            if name == ".word":
                words[at] = int(operands.split()[0], 16)
            body.append((at, name, operands))
    return {name: _function(name, body, words) for name, body in bodies.items()}


def _function(name: str, body: list[tuple[int, str, str]], words: dict[int, int]) -> Function:
    frame = 0
    calls: set[str] = set()
    loaded: dict[str, int] = {}
    for _, mnemonic, operands in body:
        frame += _taken(mnemonic.split(".")[0], operands, loaded, words)
        target = TARGET.search(operands)
        if BRANCH.match(mnemonic) and target and target[1] != name:
            calls.add(_without_veneer(target[1]))
    return Function(frame, frozenset(calls))


def _taken(mnemonic: str, operands: str, loaded: dict[str, int], words: dict[int, int]) -> int:
    """How much an instruction moves the stack pointer down; up does not count."""
    if mnemonic == "push":
        return 4 * sum(_registers(part) for part in operands.strip("{} ").split(","))
    first, *rest = (part.strip() for part in operands.split("@")[0].split(";")[0].split(","))
    if mnemonic == "ldr" and rest and rest[0].startswith("[pc"):
        if place := re.search(r"\(([0-9a-f]+) <", operands):
            loaded[first] = words.get(int(place[1], 16), 0)
    elif first == "sp" and mnemonic == "sub":
        return int(rest[-1].removeprefix("#"))
    elif first == "sp" and mnemonic == "add" and not rest[-1].startswith("#"):
        value = loaded.get(rest[-1], 0)
        return WORD - value if value >= WORD // 2 else 0
    return 0


def _registers(part: str) -> int:
    first, _, last = part.strip().partition("-")
    return int(last[1:]) - int(first[1:]) + 1 if last else 1


def _without_veneer(name: str) -> str:
    return name.removeprefix("__").removesuffix("_veneer") if name.endswith("_veneer") else name
