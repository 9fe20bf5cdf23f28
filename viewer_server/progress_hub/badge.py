"""A run's state as a small SVG picture, for pages of others: name, state, and how far it is. Pure."""

from __future__ import annotations

import math
import unicodedata
from typing import Any
from xml.sax.saxutils import escape

from progress_hub.state import ENDED
from progress_run.shown import shown_text

NAME_CHARACTERS = 40
CHARACTER, WIDE_CHARACTER, MARGIN, HEIGHT = 7, 13, 6, 20
"""Pixels, for 11 px of a wide sans serif; `textLength` fits what font there is into them."""
COLOURS = {"running": "#1f6feb", "succeeded": "#1a7f37", "failed": "#cf222e", "killed": "#cf222e", "stalled": "#9a6700"}
QUIET = "#57606a"

_BADGE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" aria-label="{title}">
<title>{title}</title>
<clipPath id="round"><rect width="{width}" height="{height}" rx="3"/></clipPath>
<g clip-path="url(#round)"><rect width="{width}" height="{height}" fill="#24292f"/>{state_ground}</g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{name_text}{state_text}</g>
</svg>
"""


def badge(info: dict[str, Any]) -> str:
    """The picture for a run's `protocol.Info`."""
    name, words = shown_text(info.get("name") or "progress", NAME_CHARACTERS) or "progress", state_words(info)
    left, right = _width(name) + 2 * MARGIN, _width(words) + 2 * MARGIN
    colour = COLOURS.get(info["state"], QUIET)
    return _BADGE.format(
        width=left + right,
        height=HEIGHT,
        title=escape(f"{name}: {words}", {'"': "&quot;"}),
        state_ground=f'<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{colour}"/>',
        name_text=_text(name, MARGIN),
        state_text=_text(words, left + MARGIN),
    )


def state_words(info: dict[str, Any]) -> str:
    """The state, and the percent of the main task, rounded down, until the run has ended."""
    progress = info["progress"]
    if info["state"] in ENDED or progress is None or progress["percent"] is None:
        return str(info["state"])
    return f"{info['state']} {math.floor(progress['percent'])} %"


def _text(text: str, x: int) -> str:
    return f'<text x="{x}" y="14" textLength="{_width(text)}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'


def _width(text: str) -> int:
    return sum(WIDE_CHARACTER if unicodedata.east_asian_width(each) in "WF" else CHARACTER for each in text)
