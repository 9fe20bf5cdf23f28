"""Finds a text or a regular expression in output, line by line, in time linear in its length. Pure.

Expressions are RE2's (https://github.com/google/re2/wiki/Syntax): no look-around and no backreferences, and so none
that takes for ever. RE2 works without Python's lock, so a search leaves other threads their turns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import re2

from progress_hub.text import plain

PATTERN_CHARACTERS = 1000
LINEWISE = b"(?m)"
"""`^` and `$` are where a line begins and ends."""
LINE_BYTES = 1024 * 1024
"""A line longer than this is searched in parts."""
SHOWN_BYTES = 400
SPANS_PER_LINE = 50

_CONTROLS = bytes([*range(0x09), *range(0x0B, 0x20), 0x7F])
# What leaves a line's text as it is: styles, erasing behind the cursor, titles and hyperlinks.
_COLOURS = re.compile(rb"\x1b(?:\[(?:[\d;:]*m|0?K)|\][ -~\x80-\xff]*(?:\x07|\x1b\\))")


class BadPattern(ValueError):
    """Not an expression that RE2 knows; says why."""


class Hit(NamedTuple):
    """A line that matches: its number from 1, the offset of its first byte, some of its text, and the matches in that.

    `spans` count UTF-16 units, as JavaScript does.
    """

    line: int
    at: int
    text: str
    spans: list[tuple[int, int]]


def compiled(query: str, *, case: bool, regex: bool) -> Any:
    """What is to be looked for, in RE2's form; raises `BadPattern`."""
    if not query or len(query) > PATTERN_CHARACTERS:
        raise BadPattern(f"Search for 1 to {PATTERN_CHARACTERS} characters.")
    options = re2.Options()
    options.never_nl = True  # lines are searched many at a time, and no match spans two of them
    options.case_sensitive = case
    options.log_errors = False
    pattern = (query if regex else re2.escape(query)).encode(errors="replace")
    try:
        return re2.compile(LINEWISE + pattern, options)
    except re2.error as error:
        raise BadPattern(f"This is no expression that can be searched for: {_reason(error)}.") from None


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    words = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    return words.replace(LINEWISE.decode(), "")


class Search:
    """Feed it output as it comes; it gives back hits. `at` is where the line begins that is not whole yet."""

    def __init__(self, pattern: Any, at: int, line: int) -> None:
        """Output begins at offset `at`, with so many newlines before it."""
        self.at = at
        self._line = line
        self._pattern = pattern
        self._pending = b""

    def feed(self, output: bytes) -> list[Hit]:
        """The hits in the lines that are whole with this output."""
        output = self._pending + output
        end = output.rfind(b"\n") + 1
        if len(output) - end > LINE_BYTES:
            end = len(output)
        self._pending = output[end:]
        return self._find(output[:end])

    def end(self) -> list[Hit]:
        """The hits in the last line, where it has no newline; `at` stays, since it may go on."""
        at, line = self.at, self._line
        hits = self._find(self._pending)
        self.at, self._line = at, line
        return hits

    def skip(self, end: int) -> None:
        """Output up to `end` is missing: what comes next begins a line."""
        self.at, self._pending = end, b""

    def _find(self, block: bytes) -> list[Hit]:
        text = shown(block)
        hits = list(self._hits(block, text)) if text else []
        self._line += block.count(b"\n")
        self.at += len(block)
        return hits

    def _hits(self, block: bytes, text: bytes) -> Iterator[Hit]:
        """A line of `text` stands for the same line of `block`."""
        line = start = raw = 0
        end = -1
        spans: list[tuple[int, int]] = []
        for match in self._pattern.finditer(text):
            first, behind = match.span()
            if first == behind:
                continue
            if first > end:
                if spans:
                    yield self._hit(line, raw, text[start:end], spans)
                begins = text.rfind(b"\n", 0, first) + 1
                passed = text.count(b"\n", start, begins)
                raw, line, start = _after_newlines(block, raw, passed), line + passed, begins
                end, spans = _end_of_line(text, first), []
            if len(spans) < SPANS_PER_LINE:
                spans.append((first - start, behind - start))
        if spans:
            yield self._hit(line, raw, text[start:end], spans)

    def _hit(self, line: int, raw: int, text: bytes, spans: list[tuple[int, int]]) -> Hit:
        return Hit(self._line + line + 1, self.at + raw, *_excerpt(text, spans))


def shown(block: bytes) -> bytes:
    """Lines as a terminal shows them in the end, in UTF-8; one for each that is given."""
    text = block.replace(b"\r\n", b"\n")
    if _is_clean(text):
        return text
    text = _COLOURS.sub(b"", text)
    if _is_clean(text):
        return text
    return b"\n".join(line if _is_clean(line) else _plain_line(line) for line in text.split(b"\n"))


def _is_clean(text: bytes) -> bool:
    return len(text.translate(None, _CONTROLS)) == len(text)


def _plain_line(line: bytes) -> bytes:
    return plain(line.decode(errors="replace")).encode(errors="replace")


def _after_newlines(block: bytes, at: int, count: int) -> int:
    for _ in range(count):
        at = block.index(b"\n", at) + 1
    return at


def _end_of_line(text: bytes, at: int) -> int:
    newline = text.find(b"\n", at)
    return len(text) if newline < 0 else newline


def _excerpt(line: bytes, spans: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """A line, or of a long one what is around its first match; and where the matches are in that."""
    first = _whole_character(line, max(0, spans[0][0] - SHOWN_BYTES // 4)) if len(line) > SHOWN_BYTES else 0
    text = line[first : _whole_character(line, first + SHOWN_BYTES)]
    inside = ((max(0, a - first), max(0, b - first)) for a, b in spans if a - first < len(text))
    return text.decode(errors="replace"), [(_units(text[:a]), _units(text[:b])) for a, b in inside]


def _whole_character(line: bytes, at: int) -> int:
    """The beginning of the character that is at `at` in UTF-8."""
    while 0 < at < len(line) and line[at] & 0xC0 == 0x80:
        at -= 1
    return at


def _units(text: bytes) -> int:
    return len(text.decode(errors="replace").encode("utf-16-le")) // 2
