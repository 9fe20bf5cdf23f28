"""What a datagram says, taken apart and cleaned: whatever the job sends, only what the protocol names goes on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from progress_run.lazy import Pattern
from progress_run.protocol import EVENT_BYTES, LABEL_CHARACTERS
from progress_run.shown import shown_text

ID_LENGTH = 210
UNIT_LENGTH = 20
TEXT_BYTES = 6000
"""The most a note's text takes as JSON; the rest of EVENT_BYTES is for what stands around it."""

LARGEST = 2**53
"""Beyond it neither JSON's readers nor we can count by one."""

STATES = ("running", "done", "failed", "paused", "indeterminate")
SOURCES = ("job", "osc", "text", "process")
LEVELS = ("info", "warning", "error")

_STYLE = Pattern(r"\x1b\[[0-?]*[ -/]*[@-~]")

Report = dict[str, Any]


class Refusals:
    """What was not taken of the job's reports, to be told once.

    Attributes:
        reports: whole ones: no JSON, of no known kind, without a name, or too many.
        values: single fields of others.
    """

    def __init__(self) -> None:
        self.reports = self.values = 0

    def __str__(self) -> str:
        counts = {"malformed or surplus reports": self.reports, "senseless values": self.values}
        told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
        return f"Not taken of what the job reported: {told}."

    def __bool__(self) -> bool:
        return bool(self.reports or self.values)


TEXTS = ("id", "label", "unit", "parent", "name", "text")
"""The fields that may say anything."""


def read(data: bytes, refused: Refusals, mask: Callable[[str], str] = str) -> Report | None:
    """One report with the fields of its kind that it has and that make sense; None if there is nothing to go on.

    Its texts are masked before anything of them is cut off, by which secrets would not look like ones any more.

    A task has at least its `id`, a metric `name` and `value` (None where that is not finite), a group `name` and
    `open`, a note `level` and `text`. `at` is there if it is an offset.
    """
    report = _parsed(data)
    cleaners = _KINDS.get(str(report.get("kind")), {})
    cleaned: Report = {}
    for name, cleaner in cleaners.items():
        if name in report:
            try:
                cleaned[name] = cleaner(_masked(report[name], mask) if name in TEXTS else report[name])
            except (TypeError, ValueError, OverflowError, RecursionError):
                refused.values += 1
    if not cleaners or any(name not in cleaned for name in _NEEDED[report["kind"]]):
        refused.reports += 1
        return None
    return {**cleaned, "kind": report["kind"]}


def _parsed(data: bytes) -> Report:
    try:
        report = json.loads(data) if len(data) <= EVENT_BYTES else None
    except (ValueError, RecursionError):
        return {}
    return report if isinstance(report, dict) else {}


def _masked(value: object, mask: Callable[[str], str]) -> object:
    """The same value; what can't be shown as it is becomes a text here already."""
    if isinstance(value, list):
        return [_masked(each, mask) for each in value]
    if isinstance(value, dict):
        return {mask(name): _masked(each, mask) for name, each in value.items()}
    return mask(value) if isinstance(value, str) else value


def _label(value: object, length: int = LABEL_CHARACTERS) -> str:
    """A text of one line that can be shown anywhere; programs put colours into theirs."""
    return shown_text(_STYLE.sub("", str(value)[: 4 * length]), length)


def _id(value: object) -> str:
    if isinstance(value, (dict, list)) or value is None:
        raise TypeError(value)
    return _label(value, ID_LENGTH)


def _text(value: object) -> str:
    text = "\n".join(_label(line, TEXT_BYTES) for line in str(value)[:TEXT_BYTES].splitlines())
    while len(json.dumps(text)) > TEXT_BYTES:
        text = text[: len(text) // 2]
    return text


def _count(value: object) -> float:
    """A number of things: finite, not negative, countable."""
    number = _number(value)
    if not 0 <= number <= LARGEST:
        raise ValueError(value)
    return number


def _percent(value: object) -> float:
    percent = _count(value)
    if percent > 100:
        raise ValueError(value)
    return percent


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(value)
    return value


def _measured(value: object) -> float | None:
    """A loss that is not a number is no mistake of the report, and null in JSON."""
    return None if isinstance(value, float) and not math.isfinite(value) else _number(value)


def _offset(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(value)
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _one_of(allowed: tuple[str, ...]) -> Callable[[object], str]:
    def cleaner(value: object) -> str:
        if value not in allowed:
            raise ValueError(value)
        return str(value)

    return cleaner


def _or_none(cleaner: Callable[[object], Any]) -> Callable[[object], Any]:
    return lambda value: None if value is None else cleaner(value)


_KINDS: dict[str, dict[str, Callable[[object], Any]]] = {
    "task": {
        "id": _id,
        "label": lambda value: _label("" if value is None else value),
        "current": _or_none(_count),
        "total": _or_none(_count),
        "unit": _or_none(lambda value: _label(value, UNIT_LENGTH)),
        "percent": _or_none(_percent),
        "state": _one_of(STATES),
        "parent": _or_none(_id),
        "source": _one_of(SOURCES),
        "at": _offset,
    },
    "metric": {
        "name": _id,
        "value": _measured,
        "step": _or_none(_number),
        "source": _one_of(SOURCES),
        "at": _offset,
    },
    "group": {"name": _label, "open": _flag, "at": _offset},
    "note": {"level": _one_of(LEVELS), "text": _text, "at": _offset},
}

_NEEDED = {"task": ("id",), "metric": ("name", "value"), "group": ("name", "open"), "note": ("text",)}
