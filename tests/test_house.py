"""Who may use whom: reads every include and import, and enforces the house's rules.

runtime/sync          the seam (platform/platform.h), its own headers, weft.h and C11
runtime/platform      never sync; its own folder, on Unix platform/posix too; system headers
  kernel              weft_kernel.h and C11, no system headers; of arch/ and chip/ only arch/arch.h
                      and chip/chip.h
  kernel/arch/X       the kernel, its own folder and what lies in arch/; no system headers
  kernel/chip/X       the kernel and its own folder; system headers
bindings              of the runtime, weft.h only
firmware, tests       weft_kernel.h too; and of the simulator that stands for a chip, tests/runtime
                      may use sim.h; the checker there also what the kernel and the simulator show
boards                pyserial, mpremote and the standard library, and never the native module
bindings/weft/commands  nobody but the command line imports a command
examples              the standard library only

A rule is a function from a file to the lines that break it, so a failure names file and line.
"""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = ROOT / "runtime"

TOP_LEVEL = {
    *("runtime", "firmware", "bindings", "tests", "boards"),
    *("pyproject.toml", "README.md", "LICENSE"),
}
C11_HEADERS = {
    *("assert.h", "complex.h", "ctype.h", "errno.h", "fenv.h", "float.h", "inttypes.h"),
    *("iso646.h", "limits.h", "locale.h", "math.h", "setjmp.h", "signal.h", "stdalign.h"),
    *("stdarg.h", "stdatomic.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h"),
    *("stdnoreturn.h", "string.h", "tgmath.h", "time.h", "uchar.h", "wchar.h", "wctype.h"),
}
# Systems of their own, which those for the core must not lean on: C11 has them, weft has its own.
NOT_IN_SYNC = {"threads.h", "time.h", "signal.h", "stdio.h", "errno.h"}
UNIX_PLATFORMS = {"linux", "macos", "pthread", "posix"}
BOARDS_MAY_IMPORT = {"serial", "mpremote"}
NATIVE = "weft._native"
SIMULATOR = "platform/kernel/chip/sim/sim.h"
CHECKER = ROOT / "tests" / "runtime" / "kernel" / "checker"

INCLUDE = re.compile(r'^\s*#\s*(?:include|import)\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def tracked(folder: str, *suffixes: str) -> list[Path]:
    """The files of the folder that are in the repository, or would be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", folder]
    listed = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    ).stdout.split("\n")
    paths = (ROOT / name for name in listed if name.endswith(suffixes))
    return [path for path in paths if path.is_file()]


def includes(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line, quote (< or ") and name of each include."""
    text = path.read_text("utf-8")
    for found in INCLUDE.finditer(text):
        yield text.count("\n", 0, found.start(2)) + 1, found[1], found[2]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of each import that may be carried out, wherever it stands."""
    for node in walk_what_runs(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: expected an absolute import"
            base = node.module or ""
            yield node.lineno, base
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def walk_what_runs(node: ast.AST) -> Iterator[ast.AST]:
    """As ast.walk, without what stands under `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(node):
        if (
            isinstance(child, ast.If)
            and isinstance(child.test, ast.Name)
            and child.test.id == "TYPE_CHECKING"
        ):
            children: list[ast.stmt] | list[ast.AST] = child.orelse
        else:
            yield child
            children = [child]
        for part in children:
            yield from walk_what_runs(part)


def runtime_header(name: str, user: Path) -> str | None:
    """The header's path in runtime/, if an include of that name means one of the runtime's."""
    for base in (RUNTIME, RUNTIME / "include", user.parent):
        target = (base / name).resolve()
        if target.is_file() and target.is_relative_to(RUNTIME):
            return target.relative_to(RUNTIME).as_posix()
    return None


def may_sync_include(quote: str, name: str, path: Path) -> bool:
    if quote == "<":
        return name in C11_HEADERS - NOT_IN_SYNC
    header = runtime_header(name, path) or ""
    return header.startswith("sync/") or header in ("platform/platform.h", "include/weft.h")


def may_platform_include(quote: str, name: str, path: Path) -> bool:
    inside = path.relative_to(RUNTIME / "platform").parts
    header = runtime_header(name, path)
    if inside[0] == "kernel":
        return may_kernel_include(quote, name, header, inside[1:-1])
    if quote == "<" or header is None:
        return name in C11_HEADERS if len(inside) == 1 else quote == "<"
    if header in ("platform/platform.h", "include/weft.h"):
        return True
    folders = {inside[0], "posix"} if inside[0] in UNIX_PLATFORMS else {inside[0]}
    return any(header.startswith(f"platform/{folder}/") for folder in folders)


def may_kernel_include(quote: str, name: str, header: str | None, folders: tuple[str, ...]) -> bool:
    """`folders` is where the file lies below our kernel: (), ("arch",), ("chip", "rp2") ..."""
    part = folders[0] if folders else ""
    if header is None:
        return part == "chip" or (quote == "<" and name in C11_HEADERS)
    if header in ("platform/platform.h", "include/weft.h", "include/weft_kernel.h"):
        return True
    if not header.startswith("platform/kernel/"):
        return False
    below = header.removeprefix("platform/kernel/").split("/")
    if len(below) == 1 or below in (["arch", "arch.h"], ["chip", "chip.h"]):
        return True
    if len(below) == 2:  # what the folders of arch/ share
        return below[0] == part
    if len(folders) == 1:  # arch.h and chip.h choose a folder's port
        return below[0] == part or below[:2] == ["chip", "sim"]
    return tuple(below[:2]) == folders


def may_public_header_include(quote: str, name: str, path: Path) -> bool:
    if path.name == "weft_kernel.h" and name == "weft.h":
        return True
    return quote == "<" and name in {"stdatomic.h", "stdbool.h", "stddef.h", "stdint.h"}


def may_binding_include(quote: str, name: str, path: Path) -> bool:
    return runtime_header(name, path) in (None, "include/weft.h")


def may_firmware_include(quote: str, name: str, path: Path) -> bool:
    return runtime_header(name, path) in (None, "include/weft.h", "include/weft_kernel.h")


def may_test_include(quote: str, name: str, path: Path) -> bool:
    header = runtime_header(name, path)
    if header == SIMULATOR:
        return path.is_relative_to(ROOT / "tests" / "runtime")
    if header is not None and path.is_relative_to(CHECKER):
        return may_checker_include(header)
    return may_firmware_include(quote, name, path)


C_RULES = {
    "runtime/sync": may_sync_include,
    "runtime/platform": may_platform_include,
    "runtime/include": may_public_header_include,
    "bindings": may_binding_include,
    "firmware": may_firmware_include,
    "tests": may_test_include,
}


def test_pytest_finds_all_tests() -> None:
    """The tests' folders are no packages, so their files must differ in name."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    ended = subprocess.run(
        [*command, "tests"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, f"{' '.join(command)}: {ended.stdout}{ended.stderr}"
    for path in tracked("tests", ".py"):
        if path.name.startswith("test_"):
            assert f"{path.relative_to(ROOT)}::" in ended.stdout


def test_tests_import_no_conftest() -> None:
    """Each folder has its own: which of them is imported depends on the order of the folders."""
    importers = [path for path in tracked("tests", ".py") if "from conftest" in path.read_text()]
    assert importers == [Path(__file__)]


@pytest.mark.parametrize("folder", C_RULES)
def test_includes(folder: str) -> None:
    allowed = C_RULES[folder]
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in tracked(folder, ".c", ".h", ".S")
        for line, quote, name in includes(path)
        if not allowed(quote, name, path)
    ]
    assert not wrong, f"{folder} may not include these: {wrong}"


def module_file(name: str) -> Path | None:
    """Where a module of weft lies in this repository, as the wheel's packages map it."""
    parts = name.split(".")
    if parts[0] != "weft":
        return None
    inside = parts[1:]
    base = ROOT if inside and inside[0] in ("boards", "firmware") else ROOT / "bindings" / "weft"
    for path in (base.joinpath(*inside, "__init__.py"), base.joinpath(*inside).with_suffix(".py")):
        if path.is_file():
            return path
    return None


def way_to_native(name: str, seen: set[str]) -> list[str]:
    """The modules over which `name` imports the native module, as far as the sources tell."""
    if name == NATIVE:
        return [name]
    path = module_file(name)
    if path is None or name in seen:
        return []
    seen.add(name)
    for _, imported in imports(path):
        way = way_to_native(imported, seen)
        if way:
            return [name, *way]
    return []


def test_boards_never_import_the_native_module() -> None:
    for path in tracked("boards", ".py"):
        for line, name in imports(path):
            way = way_to_native(name, set())
            assert not way, f"{path.relative_to(ROOT)}:{line}: {' -> '.join(way)}"


def third_parties(folder: str) -> Iterator[tuple[str, str]]:
    """Place and name of each import that is neither weft's nor the standard library's."""
    for path in tracked(folder, ".py"):
        for line, name in imports(path):
            first = name.split(".")[0]
            if first != "weft" and first not in sys.stdlib_module_names:
                yield f"{path.relative_to(ROOT)}:{line}", first


def test_boards_need_little() -> None:
    plugin = "boards/pytest_plugin.py:"
    wrong = [
        (place, name)
        for place, name in third_parties("boards")
        if name not in BOARDS_MAY_IMPORT and not (name == "pytest" and place.startswith(plugin))
    ]
    assert not wrong, f"boards may import {sorted(BOARDS_MAY_IMPORT)} besides, not {wrong}"


def test_examples_import_the_standard_library_only() -> None:
    wrong = list(third_parties("bindings/weft/examples"))
    for path in tracked("bindings/weft/examples", ".py"):
        if path.name != "__init__.py":
            wrong += [(str(path), name) for _, name in imports(path) if name.startswith("weft")]
    assert not wrong, f"an example runs under plain python: it can't import {wrong}"


def test_the_top_level_is_fixed() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked(".", "")}
    wrong = {name for name in names if not name.startswith(".")} - TOP_LEVEL
    assert not wrong, f"expected nothing but {sorted(TOP_LEVEL)} and dot-files, came {wrong}"


def test_the_rules_find_what_breaks_them() -> None:
    """Each rule says no to what the design forbids, and yes to what it needs."""
    event = RUNTIME / "sync" / "event.c"
    linux = RUNTIME / "platform" / "linux" / "linux.c"
    binding = ROOT / "bindings" / "native" / "blocking.c"
    assert may_sync_include('"', "platform/platform.h", event)
    assert may_sync_include("<", "stdlib.h", event)
    assert not may_sync_include("<", "pthread.h", event)
    assert not may_sync_include('"', "platform/posix/deadline.h", event)
    assert may_platform_include('"', "platform/posix/deadline.h", linux)
    assert not may_platform_include('"', "sync/waiter.h", linux)
    assert not may_platform_include(
        '"', "platform/posix/deadline.h", RUNTIME / "platform/windows/w.c"
    )
    kernel = RUNTIME / "platform" / "kernel"
    port = "platform/kernel/chip/sim/arch_port.h"
    assert may_platform_include("<", "stdint.h", kernel / "kernel.c")
    assert may_platform_include('"', "platform/kernel/chip/chip.h", kernel / "kernel.c")
    assert may_platform_include('"', port, kernel / "arch" / "arch.h")
    assert may_platform_include('"', "platform/kernel/kernel.h", kernel / "arch/armv6m/armv6m.c")
    assert may_platform_include('"', "platform/kernel/arch/arch.h", kernel / "arch/armv6m/port.h")
    assert may_platform_include("<", "unistd.h", kernel / "chip" / "sim" / "sim.c")
    assert may_platform_include('"', "hardware/irq.h", kernel / "chip" / "rp2" / "rp2.c")
    assert not may_platform_include("<", "unistd.h", kernel / "kernel.c")
    assert not may_platform_include('"', "sync/waiter.h", kernel / "kernel.c")
    assert not may_platform_include('"', port, kernel / "kernel.c")
    assert not may_platform_include('"', port, kernel / "chip" / "rp2" / "rp2.c")
    assert not may_platform_include('"', "hardware/irq.h", kernel / "arch" / "armv6m" / "armv6m.c")
    assert not may_platform_include('"', "weft_kernel.h", linux)
    assert may_public_header_include('"', "weft.h", RUNTIME / "include" / "weft_kernel.h")
    assert not may_public_header_include('"', "weft_kernel.h", RUNTIME / "include" / "weft.h")
    assert may_binding_include('"', "weft.h", binding)
    assert not may_binding_include('"', "weft_kernel.h", binding)
    assert not may_binding_include('"', "platform/platform.h", binding)
    assert not may_binding_include('"', "../../runtime/sync/waiter.h", binding)
    firmware = ROOT / "firmware" / "rp2" / "port" / "port.h"
    assert may_firmware_include('"', "weft_kernel.h", firmware)
    assert not may_firmware_include('"', "platform/kernel/kernel.h", firmware)
    assert may_test_include('"', SIMULATOR, ROOT / "tests" / "runtime" / "host_sim.c")
    assert not may_test_include('"', SIMULATOR, ROOT / "tests" / "pico" / "programs" / "x.c")
    assert way_to_native("weft._event", set())[-1:] == [NATIVE]


NOT_DECLARED = re.compile(
    r"/\*.*?\*/|//[^\n]*"  # comments
    r"|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*"  # the preprocessor
    r"|^[A-Z0-9_]+\([^\n]*\)$",  # a use of a macro
    re.DOTALL | re.MULTILINE,
)
MAY_STAND_IN_A_HEADER = ("typedef", "extern", "struct", "union", "enum", "_Static_assert")


def declarations(text: str) -> Iterator[str]:
    """What stands at the top level of C, with empty braces: each variable, type and function."""
    depth, part = 0, ""
    for letter in NOT_DECLARED.sub("", text):
        depth -= letter == "}"
        part += letter if depth == 0 else ""
        depth += letter == "{"
        if depth == 0 and (letter == ";" or re.search(r"\)\s*\{\}$", part)):
            yield " ".join(part.split())
            part = ""


def is_state_or_code(declaration: str) -> bool:
    """Whether a header may not have it: a variable, or a function that is not inline."""
    if declaration.startswith(MAY_STAND_IN_A_HEADER):
        return bool(re.match(r"(struct|union|enum)\b.*(\}\s*\w|=)", declaration))
    if declaration.endswith("}"):
        return not re.match(r"(?:__attribute__\(\([^)]*\)\) )?static .*\binline\b", declaration)
    return "(" not in declaration or "=" in declaration


def test_headers_hold_no_state_and_no_code() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {declaration}"
        for folder in ("bindings", "runtime", "firmware")
        for path in tracked(folder, ".h")
        for declaration in declarations(path.read_text("utf-8"))
        if is_state_or_code(declaration)
    ]
    assert not wrong, f"expected declarations and `static inline` functions, came {wrong}"


def test_the_rule_for_headers_finds_what_breaks_it() -> None:
    good = """
        /* int old = 1; */
        #define TWICE(x) \\
            int x = 2;
        typedef struct { int a; } pair;
        struct node { struct node *next; };
        enum { FIRST = 1 };
        extern int shared;
        _Noreturn void stop(const char *why);
        typedef void (*entry)(void *argument);
        _Static_assert(sizeof(int) == 4, "=");
        static inline int add(int a, int b) { for (;;) { return a + b; } }
    """
    bad = """
        int count; static int zero = 0; static const long limits[] = {1, 2};
        struct node first = {0}; struct list { int a; } everything; static void (*hook)(void) = 0;
        static int one(void) { return 1; } int two(void) { return 2; }
    """
    assert not list(filter(is_state_or_code, declarations(good)))
    assert len(list(filter(is_state_or_code, declarations(bad)))) == 8


def test_no_macro_of_others_is_defined_anew_in_the_binding() -> None:
    """cffi's and CPython's generated code and headers mean what they say."""
    wrong = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in tracked("bindings", ".c", ".h", ".py")
        for found in re.finditer(
            r"^\s*#\s*(?:undef|define)\s+_*(?:cffi|Py)\w*", path.read_text("utf-8"), re.M
        )
    ]
    assert not wrong, f"expected none of these in the binding: {wrong}"


def test_headers_of_the_binding_have_two_users() -> None:
    """One file's code and declarations stand in that file."""
    users = Counter(name for path in tracked("bindings", ".c") for _, quote, name in includes(path))
    wrong = [path.name for path in tracked("bindings", ".h") if users[path.name] < 2]
    assert not wrong, f"expected two .c files that include each of {wrong}"


def may_checker_include(header: str) -> bool:
    """The kernel's own headers, the seam, and what the simulator shows."""
    folder, _, name = header.rpartition("/")
    shown = ("platform/kernel/chip/sim", "observe.h")
    return folder in ("platform", "platform/kernel") or (folder, name) == shown


def included_file(name: str, user: Path, headers: list[Path]) -> Path | None:
    """The repository's header that an include means: beside its user, or the only such one."""
    beside = (user.parent / name).resolve()
    found = [path for path in headers if path == beside]
    found = found or [path for path in headers if path.as_posix().endswith(f"/{name}")]
    return found[0] if len(found) == 1 else None


def include_graph() -> dict[Path, set[Path]]:
    """Each C file of the repository, and those that it includes."""
    headers = tracked(".", ".h")
    graph: dict[Path, set[Path]] = {}
    for path in [*headers, *tracked(".", ".c", ".S")]:
        found = (included_file(name, path, headers) for _, _, name in includes(path))
        graph[path] = {header for header in found if header is not None}
    return graph


def circle(graph: dict[Path, set[Path]]) -> list[str]:
    """A circle of the graph, if it has any."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return [path.relative_to(ROOT).as_posix() for path in error.args[1]]
    return []


def folder_graph(files: dict[Path, set[Path]]) -> dict[Path, set[Path]]:
    """Each folder, and those whose headers it includes. Our kernel with its arch/ and chip/ is one:
    its parts call each other."""
    kernel = RUNTIME / "platform" / "kernel"

    def home(path: Path) -> Path:
        return kernel if path.is_relative_to(kernel) else path.parent

    graph: dict[Path, set[Path]] = {}
    for path, used in files.items():
        graph.setdefault(home(path), set()).update({home(one) for one in used} - {home(path)})
    return graph


def test_no_circle_of_includes() -> None:
    files = include_graph()
    assert RUNTIME / "include" / "weft.h" in files[RUNTIME / "sync" / "event.c"]
    assert not circle(files)
    assert not circle(folder_graph(files))
    files[RUNTIME / "include" / "weft.h"].add(CHECKER / "checker.h")
    files[CHECKER / "checker.h"].add(RUNTIME / "include" / "weft.h")
    assert len(circle(files)) == 3  # the first one again at the end


def test_the_wheel_holds_no_tests() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["scikit-build"]
    folders = [ROOT / folder for folder in build["wheel"]["packages"].values()]
    assert RUNTIME in folders
    assert CHECKER.is_dir()
    tests = ROOT / "tests"
    assert not any(tests.is_relative_to(one) or one.is_relative_to(tests) for one in folders)
    assert not [path for one in folders for path in one.rglob("*") if path.name == "checker.h"]


BANNER = re.compile(r"^\s*(?:/\*+|\*|//|#)\s*([-=*#~_])\1{2,}", re.MULTILINE)


def test_no_banners() -> None:
    """A comment has no line of dashes, or of whatever else, to set it off."""
    assert BANNER.search("/* ---- Waits ---- */")
    assert not BANNER.search("/* Waits */\n#include <a>\n * - one\n")
    suffixes = (".c", ".h", ".S", ".py", ".js", ".mjs", ".cmake", "CMakeLists.txt", ".pml")
    names = [path.relative_to(ROOT).as_posix() for path in tracked(".", *suffixes)]
    wrong = [
        f"{name}:{text.count(chr(10), 0, found.start()) + 1}"
        for name in names
        for text in [(ROOT / name).read_text("utf-8")]
        for found in BANNER.finditer(text)
    ]
    assert not wrong, f"no banners: {wrong}"


COMMANDS = "weft.commands"


def on_the_computer() -> list[Path]:
    """The files of firmware/ that CPython runs: what lies deeper is MicroPython's."""
    return [path for path in tracked("firmware", ".py") if path.parent.name == "firmware"]


def test_no_library_imports_a_command() -> None:
    """A command is for the command line alone, which finds each by its name."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in (*tracked("boards", ".py"), *tracked("bindings", ".py"), *on_the_computer())
        if not path.is_relative_to(ROOT / "bindings" / "weft" / "commands")
        for line, name in imports(path)
        if f"{name}.".startswith(f"{COMMANDS}.")
    ]
    assert not wrong, f"move what these need from the command to a library: {wrong}"


def test_each_command_has_a_module_of_its_name() -> None:
    from weft.cli import COMMANDS as names

    files = {path.stem for path in tracked("bindings/weft/commands", ".py")} - {"__init__"}
    assert files == set(names)


def test_commands_for_boards_never_import_the_native_module() -> None:
    for path in tracked("bindings/weft/commands", ".py"):
        if path.stem not in ("run", "bench"):
            way = way_to_native(f"{COMMANDS}.{path.stem}", set())
            assert not way, " -> ".join(way)


MEANT_TWICE = {
    *("__init__.py", "conftest.py", "prepare.py", "manifest.py"),  # the names that tools look for
    *("threading.py", "queue.py"),  # the modules that weft brings, on a computer and on a board
    *("run.py", "build.py"),  # commands of weft; tests/run.py, and the builder that cffi asks for
}


def test_no_two_python_files_have_one_name() -> None:
    """A name says which file is meant. A program for a board may have the name of its test's."""
    paths = [path for path in tracked(".", ".py") if "programs" not in path.parts]
    names = [path.name for path in paths]
    twice = {name for name in names if names.count(name) > 1}
    wrong = [str(path.relative_to(ROOT)) for path in paths if path.name in twice - MEANT_TWICE]
    assert not wrong, f"give these names that tell them apart: {wrong}"
    assert not MEANT_TWICE - twice, "these stand once: take them off MEANT_TWICE"


def test_the_version_stands_in_one_place() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    wrong = [
        str(path.relative_to(ROOT))
        for folder in ("bindings", "boards", "firmware", "runtime", "tests")
        for path in tracked(folder, ".c", ".h", ".py", ".json", ".mk", ".cmake", ".toml")
        if version in path.read_text("utf-8")
    ]
    assert not wrong, f"pyproject.toml says the version; derive it in {wrong}"
