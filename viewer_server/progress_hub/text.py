"""Terminal output as plain text: escape sequences removed, a redrawn line in its last state. Linear in time."""

from __future__ import annotations

import codecs
import re

LINE_CHARACTERS = 1024 * 1024
"""A line longer than this is let through in parts, so that memory stays bounded."""

# An escape sequence never spans lines here: one that isn't ended by then loses its introducer and shows as text.
TOKENS = re.compile(
    r"""
      (?P<erase>\x1b\[[02]?K)
    | \x1b\[[0-?]*[ -/]*[@-~]              # CSI
    | \x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?   # OSC, DCS, SOS, PM, APC, to their end
    | \x1b[ -/]*[0-~]?                     # other escape sequences
    | (?P<move>[\r\b])
    | [\x00-\x08\x0b-\x1f\x7f-\x9f]        # other control characters
    | (?P<text>[^\x00-\x08\x0b-\x1f\x7f-\x9f]+)
    """,
    re.VERBOSE,
)
_SPECIAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class PlainText:
    """Feed it output as it comes; it gives back text, whole lines at a time."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._pending: list[str] = []
        self._pending_size = 0

    def feed(self, output: bytes) -> str:
        """The lines that are whole with this output."""
        text = self._decode(output)
        whole, newline, rest = text.rpartition("\n")
        if not newline:
            return self._keep(rest)
        lines = "".join(self._pending) + whole
        self._pending, self._pending_size = [], 0
        return plain(lines) + "\n" + self._keep(rest)

    def end(self) -> str:
        """The last line, where it has no newline."""
        return plain("".join(self._pending) + self._decode(b"", final=True))

    def _keep(self, rest: str) -> str:
        self._pending.append(rest)
        self._pending_size += len(rest)
        if self._pending_size <= LINE_CHARACTERS:
            return ""
        lines, self._pending, self._pending_size = "".join(self._pending), [], 0
        return plain(lines)


def plain(lines: str) -> str:
    """Lines without control characters, each as a terminal would show it in the end."""
    lines = lines.replace("\r\n", "\n").removesuffix("\r")
    if not _SPECIAL.search(lines):
        return lines
    return "\n".join(_plain_line(line) if _SPECIAL.search(line) else line for line in lines.split("\n"))


def _plain_line(line: str) -> str:
    shown: list[str] = []
    column = 0
    for token in TOKENS.finditer(line):
        kind, text = token.lastgroup, token.group()
        if kind == "text":
            shown[column : column + len(text)] = text
            column += len(text)
        elif kind == "erase":
            if "2" in text:  # the whole line; what follows a \r is all there will be
                column = 0
            del shown[column:]
            column = len(shown)
        elif kind == "move":
            column = 0 if text == "\r" else max(0, column - 1)
    return "".join(shown).rstrip(" ") if "\r" in line else "".join(shown)
