"""The ways in which the runtime is built and tested: one Variant each, as data.

test_runtime.py builds and runs them. A new platform, compiler or processor is a line here.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

UNIX_GROUPS = tuple(sorted(path.stem for path in Path(__file__).parent.glob("sync/*.c")))
"""A group for each file; one that the program lacks fails the test of the variant."""
CORE_GROUPS = tuple(name for name in UNIX_GROUPS if name not in ("signal", "fork"))
SANITIZED_GROUPS = (
    *CORE_GROUPS,
    "signal",
    "fork.the_child_is_alone",
    "fork.a_thread_of_weft_may_fork",
    "fork.a_child_may_fork",
    "fork.misuse_ends_with_a_message",
)
"""Left out: fork.forks_amid_the_bustle. A sanitizer does not unlock its allocator in a forked child
(SizeClassAllocator64::GetFromAllocator waits for ever, in clang 14 and gcc 12), so a fork must find
no thread that allocates. A program of pthreads alone hangs so in 1 of 20 to 50 forks."""


@dataclass(frozen=True)
class Variant:
    """One build of weft_tests, and how it runs here.

    stress is a percentage of the counts in the C tests; own_memory tells whether the memory of the
    process is all the program's own, so that its growth can be judged. runner, if it is None, means
    that nothing here can run the program: linking it is the test. groups holds names of groups, and
    of single tests (GROUP.TEST).
    """

    name: str
    platform: str
    compiler: tuple[str, ...]
    options: tuple[str, ...] = ()
    runner: tuple[str, ...] | None = ()
    environment: dict[str, str] = field(default_factory=dict)
    stress: int = 100
    own_memory: bool = True
    groups: tuple[str, ...] = UNIX_GROUPS


def native(platform: str, compiler: str) -> Variant:
    return Variant(f"{platform}-{compiler}", platform, (compiler,))


def sanitized(name: str, sanitizers: str, platform: str, compiler: str) -> Variant:
    return Variant(
        f"{name}-{platform}-{compiler}",
        platform,
        (compiler,),
        (f"-DWEFT_SANITIZE={sanitizers}",),
        # Without address randomisation, which these sanitizers' fixed shadow addresses can't bear.
        runner=("setarch", "-R"),
        # By default the thread sanitizer refuses threads in a forked child.
        environment={"TSAN_OPTIONS": "die_after_fork=0"},
        stress=15,
        own_memory=False,
        groups=SANITIZED_GROUPS,
    )


def emulated(processor: str, platform: str) -> Variant:
    """Left out: fork. qemu-user loses its own locks in a child that starts threads
    (qemu_plugin_vcpu_init_hook: assertion failed, qemu 7.2)."""
    triple = f"{processor}-linux-gnu"
    return Variant(
        f"{processor}-{platform}",
        platform,
        (f"{triple}-gcc",),
        ("-DCMAKE_SYSTEM_NAME=Linux", f"-DCMAKE_SYSTEM_PROCESSOR={processor}"),
        runner=(f"qemu-{processor}", "-L", f"/usr/{triple}"),
        stress=4,
        own_memory=False,
        groups=(*CORE_GROUPS, "signal"),
    )


def armhf(platform: str, time_bits: int) -> Variant:
    """32 bits, with a time_t of 32 or of 64."""
    triple = "arm-linux-gnueabihf"
    flags = "-D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64" if time_bits == 64 else ""
    base = emulated("arm", platform)
    return replace(
        base,
        name=f"armhf-time{time_bits}-{platform}",
        compiler=(f"{triple}-gcc",),
        options=(*base.options, f"-DCMAKE_C_FLAGS={flags}"),
        runner=("qemu-arm", "-L", f"/usr/{triple}"),
    )


def windows(build: Path) -> Variant:
    """Left out: signal and fork, which Windows has not."""
    return Variant(
        "windows-wine",
        "windows",
        ("x86_64-w64-mingw32-gcc",),
        ("-DCMAKE_SYSTEM_NAME=Windows",),
        runner=("wine",),
        environment={
            "WINEPREFIX": str(build / "wine"),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
        },
        stress=15,
        groups=CORE_GROUPS,
    )


def simulated(name: str, compiler: str, *options: str) -> Variant:
    """Our kernel over simulated cores. Left out: signal and fork, which it has not."""
    return Variant(
        f"kernel-{name}",
        "kernel",
        (compiler,),
        options,
        stress=5,
        own_memory=False,
        groups=CORE_GROUPS,
    )


def kernels() -> list[Variant]:
    sanitize = "-DWEFT_SANITIZE=address,undefined"
    return [
        simulated("gcc", "gcc"),
        simulated("clang", "clang"),
        simulated("unchecked", "gcc", "-DWEFT_CHECKED=OFF"),
        simulated("1-core", "gcc", "-DWEFT_SIM_CORES=1"),
        simulated("2-cores", "gcc", "-DWEFT_SIM_CORES=2"),
        simulated("deep", "gcc", "-DWEFT_CHECK_ACCESSES=ON"),
        simulated("deep-2-cores", "gcc", "-DWEFT_CHECK_ACCESSES=ON", "-DWEFT_SIM_CORES=2"),
        simulated("swaps-2-cores", "gcc", "-DWEFT_SIM_ALWAYS_SWAPS=ON", "-DWEFT_SIM_CORES=2"),
        simulated("ucontext", "gcc", "-DWEFT_SIM_UCONTEXT=ON"),
        simulated("asan-ubsan-gcc", "gcc", sanitize),
        simulated("asan-ubsan-clang", "clang", sanitize),
        replace(emulated("aarch64", "kernel"), name="kernel-aarch64", stress=1, groups=CORE_GROUPS),
    ]


def macos(processor: str) -> Variant:
    return Variant(
        f"macos-{processor}-link-only",
        "macos",
        (sys.executable, "-m", "ziglang", "cc", "-target", f"{processor}-macos"),
        ("-DCMAKE_SYSTEM_NAME=Darwin", f"-DCMAKE_SYSTEM_PROCESSOR={processor}"),
        runner=None,
    )


def all_variants(build: Path) -> list[Variant]:
    """Every variant; what has to be kept for one lies below `build`."""
    unix = ("linux", "pthread")
    variants = [native(platform, compiler) for platform in unix for compiler in ("gcc", "clang")]
    for platform in unix:
        for compiler in ("gcc", "clang"):
            variants.append(sanitized("tsan", "thread", platform, compiler))
            variants.append(sanitized("asan-ubsan", "address,undefined", platform, compiler))
    for platform in unix:
        variants += [emulated(cpu, platform) for cpu in ("aarch64", "riscv64", "s390x")]
        variants += [armhf(platform, time_bits) for time_bits in (32, 64)]
    return [*variants, *kernels(), windows(build), macos("aarch64"), macos("x86_64")]
