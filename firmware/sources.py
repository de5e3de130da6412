"""Fetches one Debian package of a named suite into the cache, checked by hash.

What always holds: a file is in the cache only under its final name and only after its SHA-256 was
right; a second fetch needs no network; the system's own apt configuration is read, never changed,
and nothing is installed. The mirror and its keyring are those of the machine's own source list:
a private apt configuration changes the suite and nothing else.

    fetch(MICROPYTHON)         -> the folder with the downloaded files
    unpacked(MICROPYTHON)      -> the folder with the package's contents
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APT_TIMEOUT_S = 600
SOURCE_LISTS = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d"))


class SourceError(Exception):
    """A package can't be had; the message says what happened and what to do."""


@dataclass(frozen=True)
class Package:
    """One version of one Debian package, and the SHA-256 of each of its files."""

    name: str
    version: str
    suite: str
    sha256: Mapping[str, str]

    @property
    def is_source(self) -> bool:
        """Whether this is a source package, which a .dsc file tells."""
        return any(name.endswith(".dsc") for name in self.sha256)

    @property
    def folder_name(self) -> str:
        """The name of this package's folder in the cache, which changes with any hash."""
        contents = hashlib.sha256(repr(sorted(self.sha256.items())).encode()).hexdigest()
        return f"{self.name}_{self.version}_{contents[:12]}"


MICROPYTHON = Package(
    name="micropython",
    version="1.25.0+ds-1",
    suite="trixie",
    sha256={
        "micropython_1.25.0+ds-1.dsc": (
            "8c7c406be88a6f3bc19e694eb0bbc5841112243fdf2b5a296e000d8fdc5f3c34"
        ),
        "micropython_1.25.0+ds.orig.tar.xz": (
            "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea"
        ),
        "micropython_1.25.0+ds-1.debian.tar.xz": (
            "87cd89f7900c86b963885dabe25acf3e5348815993f1500278ad8f6464465af4"
        ),
    },
)


def cache_folder() -> Path:
    """Return the folder in which weft keeps what it downloads and builds."""
    named = os.environ.get("WEFT_CACHE")
    return Path(named) if named else platformdirs.user_cache_path("weft", appauthor=False)


def fetch(package: Package) -> Path:
    """Return a folder that holds exactly the package's files; downloads them at the first call."""
    folder = cache_folder() / "packages" / package.folder_name
    with locked(folder):
        if not folder.is_dir():
            with _new_folder(folder) as partial:
                _download(package, partial)
                _check_hashes(package, partial)
    return folder


def unpacked(package: Package) -> Path:
    """Return the contents: the patched source tree of a source package, or a binary's files."""
    folder = cache_folder() / "unpacked" / package.folder_name
    with locked(folder):
        if not folder.is_dir():
            files = fetch(package)
            with _new_folder(folder) as partial:
                _unpack(package, files, partial)
    return folder


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes out while this one makes `folder`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{folder.name}.lock", "w") as lock:
        if sys.platform != "win32":  # where nothing is built, but other commands import this
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill, which takes its final name only if the block succeeds."""
    partial = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        yield partial
        partial.chmod(0o755)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _check_hashes(package: Package, folder: Path) -> None:
    for name, expected in package.sha256.items():
        path = folder / name
        if not path.is_file():
            raise SourceError(f"apt-get did not deliver {name} of {package.name}; try again.")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != expected:
            raise SourceError(
                f"{name} has SHA-256 {found} but {expected} was expected; "
                "the download is damaged or the mirror was changed: try again or use another one."
            )
    for path in folder.iterdir():
        if path.name not in package.sha256:
            path.unlink()


def _unpack(package: Package, files: Path, target: Path) -> None:
    if package.is_source:
        [dsc] = files.glob("*.dsc")
        tree = target / "tree"
        # The hashes were checked against our own, so that no keyring is needed here.
        _run(["dpkg-source", "--no-check", "--extract", str(dsc), str(tree)], cwd=target)
        for path in tree.iterdir():
            path.rename(target / path.name)
        tree.rmdir()
    else:
        [deb] = files.glob("*.deb")
        _run(["dpkg-deb", "--extract", str(deb), str(target)], cwd=target)


def _download(package: Package, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="weft-apt-") as name:
        apt = _private_apt(Path(name), package.suite)
        _run([*apt, "update"], cwd=folder)
        wanted = f"{package.name}={package.version}"
        verb = ["source", "--download-only"] if package.is_source else ["download"]
        _run([*apt, *verb, wanted], cwd=folder)


def _private_apt(folder: Path, suite: str) -> list[str]:
    """Return the words that start an apt-get which knows `suite` of the machine's mirror only."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-source") is None:
        raise SourceError(
            "apt-get and dpkg-source were not found, so that Debian's packages can't be fetched; "
            "name a MicroPython tree of your own with --micropython DIR or MICROPY_DIR."
        )
    (folder / "weft.sources").write_text(private_source_list(_machine_source_list(), suite))
    for name in ("lists/partial", "cache/archives/partial", "none"):
        (folder / name).mkdir(parents=True)
    options = {
        "Dir::Etc::SourceList": folder / "weft.sources",
        "Dir::Etc::SourceParts": folder / "none",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": folder / "none",
        "Dir::State::Lists": folder / "lists",
        "Dir::State::Status": "/dev/null",
        "Dir::Cache": folder / "cache",
        # An unprivileged download user could not write to these folders.
        "APT::Sandbox::User": "root",
    }
    return ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in options.items())]


@dataclass(frozen=True)
class Archive:
    """One Debian archive of a source list: its address and the key that signs it."""

    uri: str
    signed_by: str | None


def private_source_list(text: str, suite: str) -> str:
    """Return a source list for `suite` alone, from the first archive of `text` that is Debian's."""
    archive = _debian_archive(text)
    lines = [
        "Types: deb deb-src",
        f"URIs: {archive.uri}",
        f"Suites: {suite}",
        "Components: main",
    ]
    if archive.signed_by:
        lines.append(f"Signed-By: {archive.signed_by}")
    return "\n".join(lines) + "\n"


def _machine_source_list() -> str:
    paths: list[Path] = []
    for place in SOURCE_LISTS:
        paths += sorted(place.iterdir()) if place.is_dir() else [place]
    wanted = [path for path in paths if path.is_file() and path.suffix in (".list", ".sources")]
    return "\n\n".join(path.read_text(errors="replace") for path in wanted)


def _debian_archive(text: str) -> Archive:
    """Find the archive whose suite is the machine's own release, in either format of apt's."""
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    for stanza in re.split(r"\n\s*\n", text):
        # Comments may stand between the fields of a stanza.
        fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.+)$", stanza, re.MULTILINE))
        if codename in fields.get("Suites", "").split():
            return Archive(fields["URIs"].split()[0], fields.get("Signed-By"))
    for line in text.splitlines():
        match = re.match(r"deb\s+(?:\[(?P<options>.*?)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)", line)
        if match and match["suite"] == codename:
            key = re.search(r"signed-by=(\S+)", match["options"] or "")
            return Archive(match["uri"], key[1] if key else None)
    raise SourceError(
        "no Debian archive was found in the source list of this machine; "
        "name a MicroPython tree of your own with --micropython DIR or MICROPY_DIR."
    )


def _run(command: list[str], cwd: Path) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=APT_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        raise SourceError(
            f"{command[0]} did not end within {APT_TIMEOUT_S} s; check the network and try again."
        ) from None
    if done.returncode != 0:
        last = "\n".join(done.stdout.strip().splitlines()[-5:])
        raise SourceError(f"{command[0]} {command[-1]} failed; its last words were:\n{last}")
