"""The programs that we are compared with, installed where they are needed and never part of the repository."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from platformdirs import user_cache_path

CACHE = user_cache_path("progress-bench")
"""Peers, and the figures of the scripts; kept between runs, and safe to remove."""


def npm(package: str, version: str, program: str = "") -> Path:
    """A program of an npm package; by default that of its name."""
    return node_modules(package, version) / ".bin" / (program or package)


def node_modules(*wanted: str) -> Path:
    """The node_modules of a package and its version, or several: `("ws", "8.18.0", "rtail", "0.2.1")`."""
    packages = [f"{package}@{version}" for package, version in zip(wanted[::2], wanted[1::2], strict=True)]
    folder = CACHE / "npm" / "+".join(packages).replace("/", "-")
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _install(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *packages])
        (folder / "complete").touch()
    return folder / "node_modules"


def pip(package: str, version: str, program: str = "") -> Path:
    """A program of a Python package, in a virtualenv of its own; by default that of its name."""
    folder = CACHE / "pip" / f"{package}=={version}"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        _install([str(folder / "bin" / "pip"), "install", "--quiet", f"{package}=={version}"])
        (folder / "complete").touch()
    return folder / "bin" / (program or package)


@functools.cache
def found(program: str, package: str) -> Path | None:
    """A program of the system, None if it isn't here; then said once, with the package that has it."""
    if path := shutil.which(program):
        return Path(path)
    print(f"ABSENT: {program} is not on PATH, so nothing is compared with it (Debian: {package})", file=sys.stderr)
    return None


def _install(command: list[str]) -> None:
    print(f"installing: {command[-1]}", file=sys.stderr)
    subprocess.run(command, check=True, stdout=sys.stderr)
