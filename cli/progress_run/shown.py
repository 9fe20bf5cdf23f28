"""Texts that are anybody's, made safe to show: one rule for what the recorder writes and what the hub hands on."""

from __future__ import annotations

from progress_run.lazy import Pattern
from progress_run.protocol import LABEL_CHARACTERS

_BLANK = Pattern(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_UNSEEN = Pattern("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
"""Control characters, those that turn the direction of the text around them, and what is no character at all."""


def shown_text(text: str, length: int = LABEL_CHARACTERS) -> str:
    """A text in one line of at most that many characters, without those that could do harm."""
    if text.isascii() and text.isprintable():
        return text.strip()[:length]
    return _UNSEEN.sub("", _BLANK.sub(" ", text[: 4 * length])).strip()[:length]
