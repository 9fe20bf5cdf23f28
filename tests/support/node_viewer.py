"""A viewer written in JavaScript without our page: a process that follows one run and keeps a copy of its output."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import TracebackType

from tests.support.hub import environment, wait_until

import node

PROGRAM = Path(__file__).with_suffix(".mjs")
WAIT_SECONDS = 60.0


class NodeViewer:
    """`with NodeViewer(url, token, folder) as viewer:` … it is connected and up to date by then."""

    def __init__(self, url: str, token: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._copy, self._log = folder / "copy", folder / "log"
        with open(self._log, "wb") as log:
            argv = [_node(), os.fspath(PROGRAM), url, token, os.fspath(self._copy)]
            self._process = subprocess.Popen(argv, env=environment(), stdout=log, stderr=log)

    def __enter__(self) -> NodeViewer:
        try:
            wait_until(self._is_following, "the Node viewer follows")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def whole(self) -> bytes:
        """What it has assembled, once that is the whole of a complete run."""
        try:
            code = self._process.wait(WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        assert code == 0, f"the Node viewer has {self._copy.stat().st_size} bytes and says: {self._log.read_text()}"
        return self._copy.read_bytes()

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _is_following(self) -> bool:
        assert self._process.poll() in (None, 0), self._log.read_text()
        return "following" in self._log.read_text() or self._process.poll() == 0


def _node() -> str:
    """The program of the PyPI wheel, or the one on PATH."""
    wheel = node.wheel()
    return os.fspath(wheel / node.COMMANDS["node"]) if wheel else "node"
