"""What the viewers of a run ask of its job, on the way to the runner that decides."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from progress_run.allowance import Allowance
from progress_run.protocol import CONTROLS_AT_ONCE, CONTROLS_PER_SECOND, ControlRequest

KEPT_SECONDS = 60.0
"""How long a request is handed on again to a publisher that comes back: later nobody expects it to be heeded."""
KEPT = 100
"""The most requests of a run that are kept; the oldest give way."""


class Kept(NamedTuple):
    """A request, the id of the link it was asked by, and that one's label."""

    request: ControlRequest
    link: str
    by: str


class Requests:
    """Of one run: those that the runner has not answered yet, and how much each link may still ask."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Kept]] = {}
        self._allowances: dict[str, Allowance] = {}

    def admits(self, link: str) -> bool:
        """Whether the link with this id may ask once more now."""
        allowance = self._allowances.setdefault(link, Allowance(CONTROLS_PER_SECOND, CONTROLS_AT_ONCE))
        return allowance.take(time.monotonic())

    def keep(self, kept: Kept) -> None:
        """It was handed on, and may have been lost on its way."""
        self._kept[kept.request["id"]] = time.monotonic(), kept
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]

    def answered(self, event: dict[str, Any]) -> None:
        """The runner has said something of a request."""
        self._kept.pop(str(event.get("id")), None)

    def unanswered(self) -> list[Kept]:
        """What a publisher that comes back is to be asked again, where the link still works."""
        earliest = time.monotonic() - KEPT_SECONDS
        self._kept = {name: kept for name, kept in self._kept.items() if kept[0] >= earliest}
        return [kept for _, kept in self._kept.values()]
