"""What a task is called, from the text before its numbers."""

from __future__ import annotations

from progress_run.lazy import Pattern

LABEL_CHARS = 200

_LEAD = Pattern(
    r"^(?:[\u2800-\u28ff\s]+|[|/\\>:•·●◐◓◑◒◴◷◶◵-]\s+|\[\]|\(\)"
    r"|\d{4}-\d\d-\d\d[T ][\d:.,+Z-]+|\[?\d+:\d\d(?::\d\d)?\]?(?=\s|$))+"
)
_TRAIL = Pattern(r"(?:\(\)|\[\]|[\s:|=\-\[(•·>])+$")
_UNSEEN = Pattern("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]")


def clean(text: str | None) -> str:
    """Without spinner, time, colon and what can't be seen."""
    text = _LEAD.sub("", _UNSEEN.sub("", text or "").strip())
    return _TRAIL.sub("", text).strip()[:LABEL_CHARS]
