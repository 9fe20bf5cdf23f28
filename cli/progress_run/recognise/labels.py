"""What a task is called, from the text before its numbers."""

from __future__ import annotations

import re

LABEL_CHARS = 200

_SPINNER = re.compile(r"^(?:[\u2800-\u28ff◐◓◑◒◴◷◶◵⣾⣽⣻⢿⡿⣟⣯⣷|/\\>·•-]\s+)+|^[\u2800-\u28ff\s]+")
_TRAIL = re.compile(r"[\s:|=\-\[(•·>]+$")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]")


def clean(text: str | None) -> str:
    """Without spinner, colon and what can't be seen."""
    text = _SPINNER.sub("", _UNSEEN.sub("", text or "").strip()).removeprefix("()").strip()
    return _TRAIL.sub("", text).strip()[:LABEL_CHARS]
