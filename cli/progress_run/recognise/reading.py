"""What one line says of one task, and the numbers in it."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from progress_run.lazy import Pattern

State = Literal["running", "done", "failed", "paused", "indeterminate"]

NUMBER = r"\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?(?:\s?[kKMGTP]i?)?"
"""A count as programs write it: 250, 1,500,000, 4.89M, 1.2 Gi."""

CLOCK = r"\d+:\d\d(?::\d\d)?"
LARGEST = 1e18
GROWS, GROWS_MUCH = 3, 6
"""Evidence of a line that may be something else, and of one where the count stands in the midst of a sentence."""

_PARTS = Pattern(r"(\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?)\s?([kKMGTP]?)(i?)")
_POWERS = {"": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}


class Reading(NamedTuple):
    """A task as a line shows it.

    Attributes:
        form: the recogniser that read it.
        percent: 0 to 100.
        evidence: how many growing numbers make it a task: 0 where the line can be nothing else.
        open: not at its end even if the count is: an inner count goes on, as in "Epoch 5/5 - step 20/100".
    """

    form: str
    label: str
    current: float | None
    total: float | None
    unit: str | None
    percent: float | None
    evidence: int
    open: bool

    @property
    def key(self) -> tuple[str, str]:
        return self.form, self.label

    @property
    def value(self) -> float:
        """What grows while the task is under way."""
        known = self.current if self.current is not None else self.percent
        return known if known is not None else 0.0

    @property
    def state(self) -> State:
        if self.total is None and self.percent is None:
            return "indeterminate"
        if self.open:
            return "running"
        if self.total and self.current is not None:
            return "done" if self.current >= self.total else "running"
        return "done" if self.percent is not None and self.percent >= 100 else "running"


def number(text: str | None, thousand: int = 1000) -> float | None:
    """The value of a NUMBER, None if it is too large to mean anything.

    Args:
        thousand: what its k means; Ki is 1024 always.
    """
    parts = _PARTS.match(text or "")
    if parts is None:
        return None
    digits, prefix, binary = parts.groups()
    value = float(digits.replace(",", "")) * (1024 if binary else thousand) ** _POWERS[prefix]
    if value >= LARGEST:
        return None
    return int(value) if value == int(value) else value


def percentage(shown: str | None, current: float | None, total: float | None) -> float | None:
    """The percent that is shown, finer where the counts say the same; 0 to 100, which isn't reached before its time."""
    counted = 100 * current / total if current is not None and total else None
    told = number(shown)
    if told is None or (counted is not None and abs(counted - told) <= 1):
        told = counted
    return None if told is None else math.floor(round(min(told, 100.0) * 100, 9)) / 100
