"""Fetches the sources that stock firmware is built from: Debian trixie's own packages.

`fetch()` returns where MicroPython, the Pico SDK and TinyUSB lie. The packages come by apt from the
mirror that the machine already uses, whatever release it runs: a private apt configuration names
another suite and touches nothing of the system. Every file is checked against the SHA-256 below,
besides apt's own signature check, and unpacked once, into the cache.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "weft"
SUITE = "trixie"

MICROPYTHON = "micropython_1.25.0+ds.orig.tar.xz"
PICO_SDK = "pico-sdk-source_2.1.1-1_all.deb"
TINYUSB = "tinyusb-source_0.18.0+dfsg-1_all.deb"

SHA256 = {
    MICROPYTHON: "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea",
    PICO_SDK: "507a3ca37636641bc90239d7c04dc9dc28c5008087a8162102ea94d2273153d3",
    TINYUSB: "01ce2c645df68f14a8a7dcfc8fb355713152543757955820479a87949a61154e",
}

# What apt is asked for: "source=version" and "package=version".
SOURCE_PACKAGE = "micropython=1.25.0+ds-1"
BINARY_PACKAGES = ("pico-sdk-source=2.1.1-1", "tinyusb-source=0.18.0+dfsg-1")

APT_TIMEOUT_S = 600


class FetchError(Exception):
    """A source could not be had, or is not the file that was asked for."""


@dataclass(frozen=True)
class Sources:
    """Where the unpacked sources lie."""

    micropython: Path
    pico_sdk: Path
    tinyusb: Path


def fetch() -> Sources:
    """Return the unpacked sources; fetch and unpack what the cache lacks."""
    root = CACHE / "sources" / digest()
    if not root.exists():
        root.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root.parent) as scratch:
            _unpack(_download(Path(scratch)), Path(scratch) / "tree")
            (Path(scratch) / "tree").rename(root)
    return Sources(
        micropython=root / "micropython-1.25.0",
        pico_sdk=root / "usr" / "src" / "pico-sdk",
        tinyusb=root / "usr" / "src" / "tinyusb",
    )


def digest() -> str:
    """Return a short name for exactly this set of sources."""
    listing = "".join(f"{name} {sha256}\n" for name, sha256 in sorted(SHA256.items()))
    return hashlib.sha256(listing.encode()).hexdigest()[:16]


def _download(scratch: Path) -> dict[str, Path]:
    """Download and check every file; return where each lies."""
    options = _private_apt(scratch / "apt")
    files = scratch / "files"
    files.mkdir()
    _apt(["apt-get", *options, "update"], files)
    _apt(["apt-get", *options, "download", *BINARY_PACKAGES], files)
    _apt(["apt-get", *options, "source", "--download-only", SOURCE_PACKAGE], files)
    found = {}
    for name, expected in SHA256.items():
        path = files / name
        if not path.exists():
            raise FetchError(f"apt did not deliver {name}; has {SUITE} another version by now?")
        actual = hashlib.sha256(path.read_bytes()).hexdigest()
        if actual != expected:
            raise FetchError(f"{name} has the SHA-256 {actual}, but {expected} was expected")
        found[name] = path
    return found


def _unpack(files: dict[str, Path], tree: Path) -> None:
    tree.mkdir()
    subprocess.run(["tar", "-xf", files[MICROPYTHON], "-C", tree], check=True)
    for package in (PICO_SDK, TINYUSB):
        subprocess.run(["dpkg", "-x", files[package], tree], check=True)


def _private_apt(folder: Path) -> list[str]:
    """Return apt options that reach SUITE at the machine's own mirror and keep all state here."""
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    (folder / "status").touch()
    mirror, signed_by = _system_mirror()
    (folder / "suite.sources").write_text(
        f"Types: deb deb-src\nURIs: {mirror}\nSuites: {SUITE}\nComponents: main\n"
        f"Signed-By: {signed_by}\n"
    )
    settings = {
        "Dir::Etc::sourcelist": folder / "suite.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": folder,
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",
    }
    return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]


def _system_mirror() -> tuple[str, str]:
    """Return the Debian mirror in the machine's own source list, and the keyring that signs it."""
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    lists = [*Path("/etc/apt/sources.list.d").glob("*.sources"), Path("/etc/apt/sources.list")]
    for path in lists:
        text = path.read_text() if path.exists() else ""
        found = re.search(r"^(?:URIs:|deb)\s+(?:\[[^]]*\]\s+)?(\S+/debian)/?(?:\s|$)", text, re.M)
        if found:
            return found.group(1), keyring
    raise FetchError("no Debian mirror in /etc/apt: stock firmware is built from Debian's packages")


def _apt(command: list[str], folder: Path) -> None:
    if shutil.which(command[0]) is None:
        raise FetchError("apt-get is missing: stock firmware is built on Debian or its derivatives")
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=APT_TIMEOUT_S, check=False
    )
    if done.returncode:
        raise FetchError(f"{' '.join(command[-3:])} failed: {done.stderr.strip()[-600:]}")
