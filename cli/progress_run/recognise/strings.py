"""What programs tell terminals in OSC strings.

`9;4;STATE;PERCENT` is ConEmu's progress (https://conemu.github.io/en/AnsiEscapeCodes.html#ConEmu_specific_OSC), which
Windows Terminal, Ghostty, WezTerm and others show: 0 removes the bar, 1 sets it, 2 is an error, 3 is indeterminate,
4 is paused. `7747;progress;REPORT` is ours: a report as JSON in base64url without padding, for jobs behind ssh or
docker; see docs/protocol.md.
"""

from __future__ import annotations

import math
from typing import Any

from progress_run.recognise.reading import State

REPORT_BYTES = 8 * 1024
"""The most a report may take in base64url."""
REPORT_PREFIX = "7747;progress;"

_STATES: dict[str, State | None] = {"0": None, "1": "running", "2": "failed", "3": "indeterminate", "4": "paused"}
_NUMBER, _TEXT = (int, float), (str,)
_FIELDS: dict[str, dict[str, tuple[type, ...]]] = {
    "task": {
        "id": _TEXT,
        "label": _TEXT,
        "current": _NUMBER,
        "total": _NUMBER,
        "unit": _TEXT,
        "percent": _NUMBER,
        "state": _TEXT,
        "parent": _TEXT,
    },
    "metric": {"name": _TEXT, "value": _NUMBER, "step": _NUMBER},
    "group": {"name": _TEXT, "open": (bool,)},
    "note": {"level": _TEXT, "text": _TEXT},
}
_NEEDED = {"task": ("id",), "metric": ("name", "value"), "group": ("name", "open"), "note": ("text",)}
_TASK_STATES = ("running", "done", "failed", "paused", "indeterminate")


def bar(text: str) -> tuple[State | None, float | None] | None:
    """(state, percent) of an OSC 9;4, state None to remove the bar; None if it isn't one."""
    parts = text.split(";")
    if parts[:2] != ["9", "4"] or len(parts) < 3 or parts[2] not in _STATES:
        return None
    percent = parts[3] if len(parts) > 3 else ""
    known = percent.isascii() and percent.isdigit() and len(percent) < 4 and parts[2] in "124"
    if parts[2] == "1" and not known:
        return "running", 0
    return _STATES[parts[2]], min(int(percent), 100) if known else None


def report(text: str) -> dict[str, Any] | None:
    """The report in an OSC 7747, its known fields alone; None if it is none."""
    if not text.startswith(REPORT_PREFIX) or len(text) > len(REPORT_PREFIX) + REPORT_BYTES:
        return None
    import base64  # these take longer than all the rest, and few jobs need them
    import json

    packed = text[len(REPORT_PREFIX) :]
    try:
        said = json.loads(base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):  # binascii's and json's errors are ValueErrors
        return None
    return _checked(said) if isinstance(said, dict) else None


def _checked(said: dict[str, Any]) -> dict[str, Any] | None:
    kind = said.get("kind")
    fields = _FIELDS.get(kind) if isinstance(kind, str) else None
    if fields is None or not isinstance(kind, str):
        return None
    known = {name: said[name] for name, types in fields.items() if name in said and _fits(said[name], types)}
    if any(known.get(name) is None for name in _NEEDED[kind]) or known.get("state", "running") not in _TASK_STATES:
        return None
    return {"kind": kind, **known, "source": "job"}


def _fits(value: object, types: tuple[type, ...]) -> bool:
    if value is None:
        return True
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))
