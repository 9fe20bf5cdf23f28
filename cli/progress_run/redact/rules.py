"""How secrets are found in output: each kind of rule is fast where there is none, which is nearly always.

A rule sees one line at a time, whatever is around it. Before anything else, a single byte is looked for that all it
finds have: nothing is nearly as fast as that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from progress_run import lazy

FEW = 32
"""Times that a lead is looked for before `re` takes over, which is faster where there are many."""

LONGEST = 16 * 1024
"""Bytes of the longest secret that is found wherever it is cut."""

COMMON = b"etaoinsr lhdcum0123456789fpgwyb.:/-_v,k=\"'()x[]jqzTSAICEMRPNDOLFBHWUGVYKJXQZ"
"""The bytes of logs, the most frequent first; others are rarer than all of these."""


class Span(NamedTuple):
    """Where something is that is to be masked, and what it is, in words."""

    start: int
    end: int
    name: str


class Rule(Protocol):
    """One kind of secret, or a family of them.

    Attributes:
        gate: a byte that is in each of them, empty if none is.
    """

    gate: bytes

    def concerns(self, data: bytes, start: int) -> bool:
        """Whether there is something for this rule from `start` on; its gate is in the data."""

    def spans(self, data: bytes) -> Iterator[Span]:
        """What is to be masked."""

    def begins(self, line: bytes) -> bool:
        """Whether a line that has not ended yet may have the beginning of a secret, or will once there is more."""


class Shape(NamedTuple):
    """A secret that can be told by how it looks: by one of these beginnings, and what follows by a pattern.

    The pattern's only group is what is masked; the beginning stays, and tells the reader what was there.
    """

    name: str
    beginnings: tuple[bytes, ...]
    pattern: bytes


class Shapes:
    """Shapes, found by a pattern that has a group for each of their `names`.

    Args:
        gate: a byte that is in each of them.
        lead: what both patterns begin with, literally.
        beginning: the part before what is masked, or some of it.
    """

    def __init__(self, gate: bytes, lead: bytes, beginning: bytes, pattern: bytes, names: Sequence[str]) -> None:
        self.gate, self._lead = gate, lead
        self._beginning, self._pattern = lazy.Pattern(beginning), lazy.Pattern(pattern)
        self._names = names

    def concerns(self, data: bytes, start: int) -> bool:
        """See Rule."""
        if len(self._lead) > 1:
            return self._pattern.search(data, start) is not None
        return _has(self._pattern, self._lead, data, start)

    def spans(self, data: bytes) -> Iterator[Span]:
        """See Rule."""
        for match in self._pattern.finditer(data):
            group = match.lastindex or 0
            yield Span(*match.span(group), self._names[group - 1])

    def begins(self, line: bytes) -> bool:
        """See Rule."""
        return self._lead in line and self._beginning.search(line) is not None


def _has(pattern: lazy.Pattern[bytes], lead: bytes, data: bytes, start: int) -> bool:
    """Whether `pattern.search` finds something, sooner where its lead is a rare byte: `find` goes 32 at a time."""
    at = start
    for _ in range(FEW):
        at = data.find(lead, at)
        if at < 0 or pattern.match(data, at):
            return at >= 0
        at += 1
    return pattern.search(data, at) is not None


def family(*shapes: Shape, then: bytes = b"") -> Shapes:
    """Shapes whose beginnings all end with the same byte, which leads to them; what must follow may be said for all.

    At most leads the two bytes before are no beginning's, which is much cheaper to find out than what each shape wants.
    """
    lead = shapes[0].beginnings[0][-1:]
    beginnings = [beginning for shape in shapes for beginning in shape.beginnings]
    before = [re.escape(bytes(sorted({each[place] for each in beginnings}))) for place in (-3, -2)]
    head = re.escape(lead) + b"(?<=[%b][%b]%b)" % (*before, re.escape(lead))
    every = [_behind(shape.beginnings) for shape in shapes]
    patterns = [behind + shape.pattern for behind, shape in zip(every, shapes, strict=True)]
    return Shapes(
        lead,
        lead,
        head + b"(?:%b)" % b"|".join(every),
        head + then + b"(?:%b)" % b"|".join(patterns),
        [shape.name for shape in shapes],
    )


def _behind(beginnings: Sequence[bytes]) -> bytes:
    """That one of these has just been; `re` wants those of one length together."""
    lengths = sorted({len(each) for each in beginnings})
    alike = [b"|".join(re.escape(each) for each in beginnings if len(each) == length) for length in lengths]
    return b"(?:%b)" % b"|".join(b"(?<=%b)" % each for each in alike)


class Value:
    """A secret that is known."""

    def __init__(self, name: str, value: bytes) -> None:
        self._name, self._value = name, value
        self.gate = max((bytes([byte]) for byte in value), key=_rarity)

    def concerns(self, data: bytes, start: int) -> bool:
        """See Rule."""
        return data.find(self._value, start) >= 0

    def spans(self, data: bytes) -> Iterator[Span]:
        """See Rule; also those that overlap."""
        at = data.find(self._value)
        while at >= 0:
            yield Span(at, at + len(self._value), self._name)
            at = data.find(self._value, at + 1)

    def begins(self, line: bytes) -> bool:
        """Whether it ends with the first bytes of the value."""
        end = line[-len(self._value) + 1 :] if len(self._value) > 1 else b""
        at = end.find(self._value[:1]) if end[-1:] in self._value else -1
        while at >= 0 and not self._value.startswith(end[at:]):
            at = end.find(self._value[:1], at + 1)
        return at >= 0


def _rarity(byte: bytes) -> int:
    at = COMMON.find(byte)
    return at if at >= 0 else len(COMMON)


class Pattern:
    """What somebody wants masked: what the groups of a regular expression hold, or all of it where there are none.

    Raises:
        re.error: it is none.
    """

    gate = b""

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._regex = re.compile(os.fsencode(source), re.MULTILINE)
        self._groups = range(1, self._regex.groups + 1) if self._regex.groups else range(1)

    def concerns(self, data: bytes, start: int) -> bool:
        """See Rule."""
        return self._regex.search(_with_newlines(data), start) is not None

    def spans(self, data: bytes) -> Iterator[Span]:
        """See Rule. What would match across lines must not: it depends on how much is there."""
        data = _with_newlines(data)
        at = 0
        while at < len(data) and (found := self._regex.search(data, at)):
            end = _line_end(data, found.start())
            for match in self._regex.finditer(data, found.start(), end):
                yield from (Span(*match.span(group), self._name) for group in self._groups)
            at = end + 1

    def begins(self, line: bytes) -> bool:
        """Nobody can tell where a regular expression begins."""
        return bool(line)


def _with_newlines(data: bytes) -> bytes:
    """The same, with each end of a line one that `re` knows."""
    return data.replace(b"\r", b"\n")


def _line_end(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end


class PrivateKeys:
    """The lines of private keys, between those that say what they are; all of a text, where its end doesn't come."""

    gate = b"K"
    NAME = "line of a private key"
    _hint = lazy.Pattern(rb"K(?<=PRIVATE K)EY")
    _header = lazy.Pattern(rb"BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
    _text = lazy.Pattern(rb"[0-9A-Za-z+/=]{16,}|(?<![^\r\n])[0-9A-Za-z+/=]+(?=[\r\n]|\Z)")

    def concerns(self, data: bytes, start: int) -> bool:
        """See Rule."""
        return _has(self._hint, self.gate, data, start) and self._header.search(data, start) is not None

    def spans(self, data: bytes) -> Iterator[Span]:
        """See Rule."""
        for start, end in self._places(data):
            for match in self._text.finditer(data, start, end):
                yield Span(*match.span(), self.NAME)

    def begins(self, line: bytes) -> bool:
        """See Rule."""
        return self.concerns(line, 0)

    def open_at(self, data: bytes, line: int) -> int:
        """Where the key begins in which a line begins that has not ended; that of the line if it is in none."""
        for start, end in self._places(data):
            if end >= line and end - start < LONGEST:
                return min(line, data.rfind(b"BEGIN ", 0, start))
        return line

    def _places(self, data: bytes) -> Iterator[tuple[int, int]]:
        """From the end of each first line to the beginning of its last one, or as far as a key may go."""
        at = 0
        while self.gate in data and (header := self._header.search(data, at)):
            at = data.find(b"-----END", header.end(), header.end() + LONGEST)
            at = min(len(data), header.end() + LONGEST) if at < 0 else at
            yield header.end(), at
