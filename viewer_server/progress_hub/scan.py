"""Tells output that can be shown as it is, line by line, from output that only a terminal can draw. Pure.

Sequences are those of ECMA-48 and of xterm ("XTerm Control Sequences", Dickey); which of them change how plain text is
drawn afterwards is kept, and so is the style that text is in.
"""

from __future__ import annotations

import re
from typing import Any

from progress_hub.style import Style

CARRIED_BYTES = 4096
"""The most of a sequence that is kept until its end comes."""

_ORDINARY = bytes([*b"\b\t\n\r", *range(0x20, 0x7F), *range(0x80, 0x100)])
_HARMLESS = re.compile(rb"\x1b(?:\[(?:[\d;:]*m|[0-2]?K)|\][ -~\x80-\xff]*(?:\x07|\x1b\\))")
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_STRING = re.compile(rb"\x1b(?:\][^\x07\x18\x1a\x1b]*|[PX^_][^\x18\x1a\x1b]*)\Z")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[ -/]*)\Z")
_LASTING = re.compile(rb"\x1b(?:\[([?!]?)([\d;:]*)([hlmprsu])|([78c])|(\([0-~]))|([\x0e\x0f])")
_MODES = {
    b"?47": "alternate",
    b"?1047": "alternate",
    b"?1049": "alternate",
    b"4": "insert",
    b"?6": "origin",
    b"?7": "no wrap",
    b"?25": "no cursor",
}
_NEGATED = ("no wrap", "no cursor")
"""Modes that are in force when they are switched off."""
_LONGEST_NUMBERS = 32
"""No region's numbers that mean something are longer."""


class Scanner:
    """Feed it output as it comes. `drawn`: since `cut`, there was more than plain, coloured text."""

    def __init__(self) -> None:
        self.drawn = False
        self.style = Style()
        self._saved = Style()
        self._modes: dict[str, str] = {}
        self._carried = b""

    def feed(self, output: bytes) -> None:
        """Take what comes next; it may begin and end anywhere."""
        output = self._whole(self._carried + output)
        rest = output.translate(None, _ORDINARY)
        if not rest and not _C1.search(output):
            return
        found = _HARMLESS.findall(output)
        if b"".join(found).translate(None, _ORDINARY) != rest or _C1.search(output):
            self.drawn = True
            self._follow(output)
            return
        # A later sequence outdoes an equal one before it, so the last of each is all that counts, in their order.
        for sequence in reversed(dict.fromkeys(reversed(found))):
            if sequence.endswith(b"m"):
                self.style.select(sequence[2:-1])

    def cut(self) -> None:
        """A new stretch begins here; it is drawn where what came before changes what text looks like."""
        self.drawn = self.unfinished or not self._modes.keys() <= {"no cursor"}

    @property
    def modes(self) -> str:
        """The sequences in force beside the style, in the order in which they came into it."""
        return "".join(self._modes.values())

    @property
    def unfinished(self) -> bool:
        """It ends within a sequence."""
        return bool(self._carried)

    def lose(self) -> None:
        """What comes next is unknown: a sequence that began before will not be ended."""
        self._carried = b""

    def state(self) -> dict[str, Any]:
        """What `restore` needs to go on from here, as JSON."""
        return {
            "drawn": self.drawn,
            "style": self.style.slots,
            "saved": self._saved.slots,
            "modes": self._modes,
            "carried": self._carried.decode("latin-1"),
        }

    @classmethod
    def restore(cls, state: dict[str, Any]) -> Scanner:
        """A scanner that goes on from a state."""
        scanner = cls()
        scanner.drawn = state["drawn"]
        scanner.style, scanner._saved = Style(state["style"]), Style(state["saved"])
        scanner._modes = dict(state["modes"])
        scanner._carried = state["carried"].encode("latin-1")
        return scanner

    def _whole(self, output: bytes) -> bytes:
        """Output without a sequence that isn't ended yet, which is carried on."""
        start = _unfinished(output)
        output, self._carried = output[:start], output[start:]
        if len(self._carried) > CARRIED_BYTES:
            self.drawn, self._carried = True, self._carried[:2]
        return output

    def _follow(self, output: bytes) -> None:
        for private, numbers, final, simple, charset, shift in _LASTING.findall(output):
            if charset:
                self._set("charset", charset != b"(B", b"\x1b" + charset)
            elif shift:
                self._set("shifted", shift == b"\x0e", shift)
            elif simple == b"c" or (private, final) == (b"!", b"p"):
                self._reset(soft=final == b"p")
            elif simple == b"7" or (final == b"s" and not private):
                self._saved = Style(self.style.slots)
            elif simple == b"8" or (final == b"u" and not private):
                self.style = Style(self._saved.slots)
            elif final == b"m" and not private:
                self.style.select(numbers)
            elif final == b"r" and not private:
                self._set("region", bool(numbers.strip(b";")), b"\x1b[%br" % numbers[:_LONGEST_NUMBERS])
            elif final in (b"h", b"l"):
                self._switch(private, numbers, final == b"h")

    def _reset(self, soft: bool) -> None:
        """A soft reset leaves the alternate screen as it is."""
        self._modes = {name: mode for name, mode in self._modes.items() if soft and name == "alternate"}
        self.style = Style()

    def _switch(self, private: bytes, numbers: bytes, on: bool) -> None:
        for number in numbers.split(b";"):
            mode = _MODES.get(private + number)
            if mode:
                self._set(mode, on != (mode in _NEGATED), b"\x1b[%b%b%b" % (private, number, b"h" if on else b"l"))

    def _set(self, mode: str, on: bool, sequence: bytes) -> None:
        self._modes.pop(mode, None)
        if on:
            self._modes[mode] = sequence.decode("ascii")


def _unfinished(output: bytes) -> int:
    """Where what isn't finished at the end of output begins: a sequence, or one of the C1 controls in UTF-8."""
    last = output.rfind(b"\x1b")
    if last < 0:
        return len(output) - output.endswith(b"\xc2")
    if last == len(output) - 1:  # it may be half of what ends a string
        before = output.rfind(b"\x1b", 0, last)
        return before if before >= 0 and _STRING.match(output, before, last) else last
    if _STRING.match(output, last) or _UNFINISHED.match(output, last):
        return last
    return len(output) - output.endswith(b"\xc2")
