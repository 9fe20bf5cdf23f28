"""`progress run` with its home on a small file system of its own, which runs full when a job likes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.support.runner import Home, Run

SMALL = 1024 * 1024
"""Bytes of the file system."""

MOUNTED = """
mount -t tmpfs -o size="$SIZE",nr_inodes="$INODES" none "$PROGRESS_HOME" || exit 99
"$@"; code=$?
eval "$AFTERWARDS"
cp -r "$PROGRESS_HOME"/. "$KEPT"
exit $code
"""


class SmallDisk:
    """A mount namespace in which PROGRESS_HOME is a small tmpfs; `kept` has its files when all is over.

    Args:
        afterwards: shell commands between the end of `progress run` and the copying.
    """

    def __init__(self, home: Home, folder: Path, *, size: int = SMALL, inodes: int = 1000) -> None:
        (folder / "mount").mkdir()
        (folder / "kept").mkdir()
        self.mount = folder / "mount"
        self.kept = folder / "kept"
        self._home = home
        home.environ["PROGRESS_HOME"] = str(self.mount)
        self._options = {"SIZE": str(size), "INODES": str(inodes), "KEPT": str(self.kept)}

    def run(self, *args: str, afterwards: str = "", **popen: Any) -> subprocess.CompletedProcess[bytes]:
        """Run in pipe mode to the end."""
        unshare = shutil.which("unshare")
        assert unshare, "this test needs unshare: apt-get install util-linux"
        privilege = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        argv = [unshare, *privilege, "--mount", "sh", "-c", MOUNTED, "sh", *self._home.argv(*args)]
        options = {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": 90, **popen}
        environ = {**self._home.environ, **self._options, "AFTERWARDS": afterwards}
        return subprocess.run(argv, env=environ, **options)

    @property
    def only_run(self) -> Run:
        """The one run there was, as it was left."""
        (meta,) = self.kept.glob("runs/*/meta.json")
        return Run(meta.parent)


def with_holes(recorded: bytes, holes: list[dict[str, int]], whole: bytes) -> bool:
    """Whether `recorded` is `whole` with the named holes cut out."""
    at = 0
    rest = whole
    for hole in holes:
        size = hole["at"] - at
        if rest[:size] != recorded[at : hole["at"]]:
            return False
        rest, at = rest[size + hole["bytes"] :], hole["at"]
    return rest == recorded[at:]
