"""Places in the code where a test makes the process fail; costs nothing unless PROGRESS_FAILPOINTS is set.

`PROGRESS_FAILPOINTS="NAME=ACTION[@N] ..."`: when the place NAME is reached for the N-th time (default 1), or each time
with probability P after `%P`, do ACTION: `kill` (SIGKILL to this process), `error` (OSError, disk full) or `sleep:S`
(seconds). `PROGRESS_FAILPOINTS_SEED` makes the probabilities repeatable. The idea is that of FreeBSD's fail(9).
"""

from __future__ import annotations

import errno
import os
import random
import signal
import time
from collections.abc import Callable
from typing import NamedTuple


class Failpoint(NamedTuple):
    """What to do at a place, and when: at the `nth` time, or with `probability` each time when that isn't 0."""

    action: str
    nth: int
    probability: float


def parse(text: str) -> dict[str, Failpoint]:
    """The failpoints that an environment variable names; raises ValueError."""
    return dict(_parse_one(word) for word in text.split())


def _parse_one(word: str) -> tuple[str, Failpoint]:
    name, _, what = word.partition("=")
    action, _, probability = what.partition("%")
    action, _, nth = action.partition("@")
    if not name or action.partition(":")[0] not in _ACTIONS:
        raise ValueError(f"PROGRESS_FAILPOINTS: {word!r} is not NAME=kill|error|sleep:S with @N or %P behind it")
    return name, Failpoint(action, int(nth or 1), float(probability or 0))


def _kill(_argument: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _error(_argument: str) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


_ACTIONS: dict[str, Callable[[str], None]] = {
    "kill": _kill,
    "error": _error,
    "sleep": lambda argument: time.sleep(float(argument)),
}


class _Failpoints:
    """The armed failpoints of this process."""

    def __init__(self, text: str, seed: str) -> None:
        self._points = parse(text)
        self._random = random.Random(seed)
        self._reached = dict.fromkeys(self._points, 0)

    def reach(self, name: str) -> None:
        point = self._points.get(name)
        if point is None:
            return
        self._reached[name] += 1
        due = self._random.random() < point.probability if point.probability else self._reached[name] == point.nth
        if due:
            action, _, argument = point.action.partition(":")
            _ACTIONS[action](argument)


def _nothing(_name: str) -> None:
    """No test is under way."""


def _armed() -> Callable[[str], None]:
    text = os.environ.get("PROGRESS_FAILPOINTS", "")
    return _Failpoints(text, os.environ.get("PROGRESS_FAILPOINTS_SEED", "")).reach if text else _nothing


reach = _armed()
"""Called with the name of a place, each time it is reached."""
