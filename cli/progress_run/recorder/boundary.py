"""Where in its output the job is: between two things, or in the midst of one into which nobody must speak."""

from __future__ import annotations

from progress_run.lazy import Pattern

_STRING = Pattern(rb"\x1b[\]PX^_]")
"""What begins an OSC, DCS, SOS, PM or APC string, by ECMA-48; their 8-bit forms are letters in UTF-8."""

_END = Pattern(rb"\x07|\x1b\\|[\x18\x1a]")
_UNFINISHED = Pattern(rb"\x1b(?:\[[\x00-\x17\x19\x1c-\x3f]*|[ -/]*)\Z")
"""A control or escape sequence without its final byte; most control characters don't end it."""

_PROGRESS = Pattern(rb"\x1b\]9;4;([0-4])")

HEAD = 8
"""Bytes of a string from which it can be told whether it is a progress report."""

LONGEST = 64
"""Bytes of a control sequence that are kept."""


class Boundary:
    """Follows the job's output, however it is cut.

    Attributes:
        safe: between two characters and outside of every escape sequence.
        claimed: the job shows progress at the terminal by itself: the last OSC 9;4 of its own was not one that ends it.
    """

    def __init__(self) -> None:
        self.claimed = False
        self._in_string = False
        self._unfinished = b""

    @property
    def safe(self) -> bool:
        """See above."""
        return not self._in_string and not self._unfinished

    def feed(self, data: bytes) -> None:
        """The next output."""
        data = self._unfinished + data
        if self._in_string or b"\x1b" in data:
            self._follow(data)
        else:
            self._unfinished = _torn_character(data)

    def _follow(self, data: bytes) -> None:
        at, end = 0, len(data)
        while found := (_END if self._in_string else _STRING).search(data, at):
            if not self._in_string and not _is_recognisable(data, found.start()):
                end = found.start()
                break
            self._in_string = not self._in_string
            at = found.end()
        for progress in _PROGRESS.finditer(data, 0, end):
            self.claimed = progress[1] != b"0"
        if end < len(data):
            self._unfinished = data[end:]
        elif self._in_string:
            self._unfinished = b"\x1b" if data.endswith(b"\x1b") else b""
        else:
            sequence = _UNFINISHED.search(data, max(at, data.rfind(b"\x1b")))
            self._unfinished = _short(sequence[0]) if sequence else _torn_character(data[at:])


def _is_recognisable(data: bytes, start: int) -> bool:
    """Whether enough of a string is there, or all of it."""
    return len(data) - start >= HEAD or _END.search(data, start + 2) is not None


def _short(sequence: bytes) -> bytes:
    """The same state in fewer bytes, should somebody send parameters without end."""
    return sequence if len(sequence) <= LONGEST else sequence[:2]


def _torn_character(data: bytes) -> bytes:
    """The beginning of a UTF-8 character whose end has not come yet."""
    for length in range(1, min(3, len(data)) + 1):
        byte = data[-length]
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data[-length:] if length < needed else b""
        if byte < 0x80:
            return b""
    return b""
