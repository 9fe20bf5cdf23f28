"""A run as an asciicast v3 (https://docs.asciinema.org/manual/asciicast/v3/), which asciinema plays. Pure."""

from __future__ import annotations

import codecs
import json
from collections import deque
from collections.abc import Iterable
from typing import Any

from progress_hub.timed import Timed

USUAL_SIZE = (80, 24)
"""Columns and rows where the job has no terminal."""


class Cast:
    """Feed it output with its times; `resizes` are the events of that kind that are still to come, in their order."""

    def __init__(self) -> None:
        self.resizes: deque[dict[str, Any]] = deque()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._told = 0
        """When the last event was, in microseconds."""
        self._raw = True
        self._ends_with_return = False

    def begin(self, info: dict[str, Any]) -> str:
        """The header, from `protocol.Info`."""
        self._raw = bool(info.get("pty"))
        columns, rows = info.get("cols") or USUAL_SIZE[0], info.get("rows") or USUAL_SIZE[1]
        header: dict[str, Any] = {"version": 3, "term": {"cols": columns, "rows": rows}}
        header["timestamp"] = int(info["started"])
        if info.get("command"):
            header["command"] = " ".join(info["command"])
        if info.get("name"):
            header["title"] = info["name"]
        return _line(header)

    def feed(self, pieces: Iterable[Timed]) -> str:
        """The events of what comes next."""
        lines = []
        for piece in pieces:
            marks = piece.marks()
            ends = [*(at for at, _, _ in marks[1:]), piece.end]
            for (at, t, _), end in zip(marks, ends, strict=True):
                lines.append(self._resized(at))
                lines.append(self._written(t, self._decode(piece.data[at - piece.at : end - piece.at])))
        return "".join(lines)

    def end(self, exits: list[dict[str, Any]]) -> str:
        """What is left, and how the job ended, from its last event of that kind."""
        rest = self._resized(None) + self._written(self._told / 1e6, self._decode(b"", True))
        if not exits:
            return rest
        code, signal = exits[-1].get("code"), exits[-1].get("signal")
        status = code if isinstance(code, int) else 128 + signal if isinstance(signal, int) else 1
        return rest + self._event(exits[-1]["t"], "x", str(status))

    def _resized(self, at: int | None) -> str:
        """The changes of the terminal's size up to an offset, or all of them."""
        lines = ""
        while self.resizes and (at is None or self.resizes[0]["at"] <= at):
            event = self.resizes.popleft()
            columns, rows = event.get("cols"), event.get("rows")
            if isinstance(columns, int) and isinstance(rows, int) and columns > 0 and rows > 0:
                lines += self._event(event["t"], "r", f"{columns}x{rows}")
        return lines

    def _written(self, t: float, text: str) -> str:
        if not text:
            return ""
        if not self._raw:  # what no terminal has passed on has bare newlines
            shown = text.replace("\r\n", "\n").replace("\n", "\r\n")
            if self._ends_with_return and text.startswith("\n"):
                shown = shown[1:]
            self._ends_with_return = text.endswith("\r")
            text = shown
        return self._event(t, "o", text)

    def _event(self, t: float, code: str, data: str) -> str:
        """Times are intervals, which may not be negative; rounding must not add up."""
        now = max(self._told, round(t * 1e6))
        interval, self._told = (now - self._told) / 1e6, now
        return _line([interval, code, data])


def _line(value: Any) -> str:
    # Lone surrogates, which only JSON can hold, are escaped.
    return json.dumps(value, ensure_ascii=False).encode(errors="replace").decode() + "\n"
