"""Bars of whatever program: a run of bar characters with a percent or a count beside it."""

from __future__ import annotations

import re

from progress_run.lazy import Pattern
from progress_run.recognise import labels
from progress_run.recognise.reading import CLOCK, GROWS, NUMBER, Reading, number, percentage

_GLYPHS = "█▉▊▋▌▍▎▏▐░▒▓■□▪▫▰▱●○◉◯◌▣▢∙⬛⬜🟩🟦⣿⣷⣶⣦⣤⣄⣀⡀⡄⡆⡇⠀╸╺━"
_BAR = Pattern(
    rf"[|│▕][{_GLYPHS}#=*>\d ._\-]{{3,}}[|│▏]"
    r"|[\[(<⸨](?=[^\])⸩]{3})[#=*•o+█■]*[>\-.oO ~|/\\]?[#\-. _·⠂░■□]*[\])>⸩]"
    rf"|[{_GLYPHS}]{{3,}}"
    r"|-{12,}"
)
_PERCENT = Pattern(r"(?<![\d.,=])(\d{1,3}(?:\.\d+)?) ?%")
_COUNT = Pattern(rf"(?<![\w/.,])(?<!\d:)({NUMBER})\s?([a-zA-Z]+)?\s?/\s?({NUMBER})\s?([a-zA-Z]+)?(?![\w/]|:\d)")
_PACE = Pattern(r"\d:\d\d|(?i:\beta\b|remaining|elapsed)|[a-zA-Z]/s\b|/sec\b")
_SIZES = Pattern(rf"\s\d[\d.,]*\s?[kKMGT]?i?B(?:/s)?(?=\s|$)|\s{CLOCK}(?=\s|$)")
_TABLE = Pattern("[┏┓┗┛┳┻┃┡┩╇╋]")

_START = Pattern(r"[%|\[(]")
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "
_A_COUNT = Pattern(r"\s(\d{1,15})/\d")
_LAST_NUMBER = Pattern(r"(\d{1,9}(?:\.\d{1,9})?)%$")


def read(text: str) -> Reading | None:
    """The bar in a line; None if there is none, or nothing beside it says how far it is."""
    for bar in _BAR.finditer(text):
        before, after = text[: bar.start()], text[bar.end() :]
        found = _beside(before, after, glyphs=not bar[0].isascii())
        if found:
            return found
    return None


def _beside(before: str, after: str, glyphs: bool) -> Reading | None:
    rest = f"{before}\t{after}"
    percents = _PERCENT.findall(rest)
    count = _COUNT.search(after if percents else rest)  # "(2/3) installing glibc [###---] 50%" counts something else
    if _TABLE.search(rest) or len(percents) > 1 or not (percents or count):
        return None
    current, total, unit = _count(count)
    percent = percentage(percents[0] if percents else None, current, total)
    evidence = 0 if glyphs and _PACE.search(after) else GROWS
    return Reading("bar", _label(before) or "Progress", current, total, unit, percent, evidence, False)


def _count(count: re.Match[str] | None) -> tuple[float | None, float | None, str | None]:
    if count is None:
        return None, None, None
    current, unit_of_current, total, unit = count.groups()
    if unit in ("B", "bytes") and not unit_of_current and total[-1:].isalpha() and not current[-1:].isalpha():
        current += total.lstrip("0123456789.,")
    return number(current), number(total) or None, unit


def _label(before: str) -> str:
    label = _COUNT.sub("", _PERCENT.sub("", before.strip("│┃ ")))
    return labels.clean(_SIZES.sub("", label))


def is_next(before: str, now: str) -> bool:
    """Whether `now` is the same bar as `before`, no less far: then nobody needs to have read `before`.

    Told by what stands before the bar and by one number alone, since a bar may be redrawn ten thousand times a second.
    """
    label, percent = _progress(now)
    label_before, percent_before = _progress(before)
    return label == label_before and 0 <= percent_before <= percent


def _progress(text: str) -> tuple[str, float]:
    """What stands before the bar or the percent, and the percent or the count; -1 if there is neither."""
    start = _START.search(text)
    if start is None:
        return text, -1
    label = text[: start.start()].lstrip(_SPINNER)
    if start[0] == "%":
        percent = _LAST_NUMBER.search(text[: start.end()])
        return label.rstrip("0123456789. ━╸╺█"), float(percent[1]) if percent else -1
    number = _LAST_NUMBER.search(text[: text.rfind("%") + 1]) or _A_COUNT.search(text, start.end())
    return label, float(number[1]) if number else -1
