"""From a line to what it says of a task: the table of forms applied, quickly for lines that say nothing."""

from __future__ import annotations

import re
import sys

from progress_run.lazy import Pattern
from progress_run.recognise import bars, labels
from progress_run.recognise.forms import FORMS, LOOSE, Form
from progress_run.recognise.reading import GROWS, GROWS_MUCH, Reading, number, percentage

LINE_CHARS = 512
"""What of a line is looked at: no bar is longer, and patterns stay cheap."""
BLANK = 40 * " "
"""As much of a longer blank: between two things it means no more, and patterns try each length of it."""
SENTENCE_CHARS = 20
"""A count that begins later than this stands in the midst of a log line."""

_MARKS = (
    ("%", Pattern(r"\d ?%")),
    ("/", Pattern(r"[\dB]\s?/\s?\d|/s")),
    ("[+]", Pattern(r"\d/\d")),
    (") / ", Pattern(r"\) / \d")),
    ("of ", Pattern(r"\d (?:out )?of +\d")),
    (" [", Pattern(r"\d\s?\w* \[\d")),
    ("copied,", Pattern("copied,")),
    ("tasks ", Pattern("tasks ")),
    ("Elapsed T", Pattern("Elapsed T")),
    ("/ ", Pattern(r"[\])⸩] / ")),
    ("..", Pattern(r"[\])] [-|/\\] |\.\] ")),
    ("⸩", Pattern("⸩")),
    (":", Pattern(r":(?:\d\d|--) +\d[\d.]*[kMG]?$")),
)
"""What every line has that a form can read: the first is found quickly, the second says more."""

_USAGE = Pattern(
    r"(?i)\b(?:cpu|gpu|mem|memory|heap|queue|connections|clients|ram|swap|disk|usage|use|used|util|utili[sz]ation|load|battery|humidity|idle|free|hit|"
    r"cache|ratio|rate|coverage|accuracy|acc|loss|score|confidence|volume|quality|temp|fan|similarity|p\d+|attempt|"
    r"retry|retries|try|page|worker|error|errors|failed|passed|deflated|stored|left|remaining|lag|chance|"
    r"probability|brightness|zoom|opacity|width|height|rain|discount)\b"
)

BAR = Form("bar", (), "", sure=False)
"""Bars of whatever program, which `bars` reads."""

_BLANKS = Pattern(r"\s{40,}")
_DIGITS = str.maketrans("123456789", "0" * 9)
_SHAPES = 2000


class Reader:
    """Reads lines; remembers the shapes of those that said nothing, since logs repeat themselves in all but digits."""

    def __init__(self) -> None:
        self._nothing: set[str] = set()

    def read(self, text: str, first: Form | None) -> tuple[Form, Reading] | None:
        """What a line says of a task, and the form it has; `first` is the form that its row had before."""
        text = _BLANKS.sub(BLANK, text[:LINE_CHARS].rstrip())
        if first is not None and (found := _try(first, text)):
            return first, found
        if not _is_marked(text):
            return None
        shape = text.translate(_DIGITS)
        if shape in self._nothing:
            return None
        found_by = _first(FORMS, text) or _first((BAR,), text) or _first(LOOSE, text)
        if found_by is None:
            self._forget(shape)
        return found_by

    def _forget(self, shape: str) -> None:
        if len(self._nothing) >= _SHAPES:
            self._nothing.clear()
        self._nothing.add(shape)


def _is_marked(text: str) -> bool:
    for mark, pattern in _MARKS:  # noqa: SIM110 -- any() takes twice as long, and this is done for each line of a log
        if mark in text and pattern.search(text):
            return True
    return False


def _first(table: tuple[Form, ...], text: str) -> tuple[Form, Reading] | None:
    for form in table:
        found = _try(form, text)
        if found:
            return form, found
    return None


def _try(form: Form, text: str) -> Reading | None:
    if form is BAR:
        return bars.read(text)
    for hint in form.hints:
        if hint in text:
            match = form.pattern.match(text)
            return _reading(form, match) if match else None
    return None


def _reading(form: Form, match: re.Match[str]) -> Reading | None:
    groups = match.groupdict()
    label = labels.clean(groups.get("label"))
    if not form.sure and _USAGE.search(label):
        return None
    scale = groups.get("scale") or ""
    current = number((groups.get("current") or "") + scale, form.thousand)
    total = number((groups.get("total") or "") + scale, form.thousand) or None
    percent = percentage(groups.get("percent"), current, total)
    if "full" in groups:
        percent = percentage(None, len(groups["full"]), len(groups["full"]) + len(groups["empty"]))
    unit = groups.get("unit") or groups.get("per") or form.unit
    return Reading(
        form.name,
        label or form.label,
        current,
        total,
        unit,
        percent,
        _evidence(form, match),
        _is_open(groups.get("more")),
    )


def _evidence(form: Form, match: re.Match[str]) -> int:
    if form.sure:
        return 0
    if form.in_place:
        return sys.maxsize
    in_sentence = form.name == "counted" and match.start("current") > SENTENCE_CHARS
    is_bare = "done" in match.groupdict() and not match["done"]
    return GROWS_MUCH if in_sentence or is_bare else GROWS


_INNER = Pattern(r"(\d+)\s*(?:/|of)\s*(\d+)")


def _is_open(more: str | None) -> bool:
    """Whether the last of a count has only begun: nothing follows it, or an inner count that is not at its end."""
    if more is None:
        return False
    inner = _INNER.search(more)
    return int(inner[1]) < int(inner[2]) if inner else not more.strip(" ]):.-")
