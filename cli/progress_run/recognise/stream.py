"""Cutting a stream of bytes where a terminal may be cut: never inside a character, an escape sequence or `\\r\\n`."""

from __future__ import annotations

import re

STRING_BYTES = 12 * 1024
"""The longest OSC, DCS, APC, PM or SOS string that is waited for; what is longer is skipped to its end."""

_UNFINISHED = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\n]*\x1b?|[ -/]*)\Z",
)
_STRING_END = re.compile(rb"\x07|\x1b\\|\n")


class Cutter:
    """Holds back what is unfinished at the end of a piece until the next piece completes it.

    A string that isn't closed ends with its line, so that no program can blind us for longer than that.
    """

    def __init__(self) -> None:
        self._held = b""
        self._skipping = False

    def cut(self, data: bytes) -> bytes:
        """What can be read by now: the bytes held back before, and `data` up to where it is unfinished."""
        data = self._held + data
        self._held = b""
        if self._skipping:
            data = self._skip(data)
        keep = _finished(data)
        if len(data) - keep > STRING_BYTES:
            self._skipping = True
            return data[:keep]
        self._held = data[keep:]
        return data[:keep]

    def _skip(self, data: bytes) -> bytes:
        """Drop the rest of a string that is too long."""
        end = _STRING_END.search(data)
        if end is None:
            self._held = data[-1:] if data.endswith(b"\x1b") else b""
            return b""
        self._skipping = False
        return data[end.start() :] if end[0] == b"\n" else data[end.end() :]


def _finished(data: bytes) -> int:
    """Up to where `data` is whole."""
    end = _whole_characters(data)
    escape = data.rfind(b"\x1b")
    if escape == -1:
        return len(data.rstrip(b"\r")) if data.endswith(b"\r") else end
    opening = data.rfind(b"\x1b", 0, escape) if escape == len(data) - 1 else -1
    for start in (opening, escape):
        if start != -1 and _UNFINISHED.match(data, start):
            return start
    return len(data.rstrip(b"\r")) if data.endswith(b"\r") else end


def _whole_characters(data: bytes) -> int:
    """Up to where `data` is whole UTF-8 characters, as far as its last three bytes tell."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if length > back else len(data)
        if byte < 0x80:
            break
    return len(data)
