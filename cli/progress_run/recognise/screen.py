"""The live region: as much of a terminal as it takes to know what stands in each line.

It keeps the last rows alone, has no colours, and hands over a row whenever the pen is lifted from it: at a carriage
return, a newline, a cursor movement, an erasure. So what a program draws over is read before it is gone, and a row
that is drawn in several writes is not read half drawn. A line that a newline ended is handed over as well, whole even
where it wrapped. ADR 0009 says why not pyte.

The sequences are those of ECMA-48 and xterm (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

from progress_run.lazy import Pattern

Why = Literal["lifted", "wrapped", "ended"]
"""Why a row is handed over: the pen left it, the line goes on in the next row, or a newline ended it."""

ROW_CHARS = 4096
"""The longest row where there is no terminal to wrap it; what is beyond is dropped."""
ROWS = 24
LARGEST = 1000
"""The most rows, columns or repetitions that are believed."""

_SGR = Pattern(r"\x1b\[[0-9;:]*m")
_TOKEN = Pattern(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<control>[\b\t\n\r])"
    r"|\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])"
    r"|\x1b\](?P<osc>[^\x07\x1b\n]*)(?:\x07|\x1b\\)"
    r"|\x1b[PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)"
    r"|\x1b(?P<escape>[78cDEM])"
    r"|\x1b[ -/]+[0-~]"
    r"|\x1b[0-OQ-WYZ\\`-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\n]*"
)
_WIDE = Pattern(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U0001f300-\U0001faff\U00020000-\U0003fffd]"
)
_ZERO_WIDTH = Pattern(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u2069\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]"
)
_FILLER = "\x00"
"""The second cell of a wide character."""
_ALTERNATE = {"47", "1047", "1049"}


class Row:
    """A row of the screen; `owner`, `form` and `read` belong to whoever reads it."""

    __slots__ = ("form", "owner", "read", "text", "wrapped")

    def __init__(self) -> None:
        self.text = ""
        self.wrapped = False
        """It continues the row above."""
        self.owner: Any = None
        self.form: Any = None
        self.read = ""


class Screen:
    """A live region of `cols` by `rows`; `cols` 0 is no terminal, where nothing wraps.

    Args:
        on_row: called with (row, its text, why) when the pen is lifted from it.
        on_line: called with each line that a newline ended, after its last row.
        on_string: called with the text of each OSC.
    """

    def __init__(
        self,
        cols: int,
        rows: int,
        on_row: Callable[[Row, str, Why], None],
        on_line: Callable[[str], None],
        on_string: Callable[[str], None],
    ) -> None:
        self._on_row = on_row
        self._on_line = on_line
        self._on_string = on_string
        self.forget()
        self.resize(cols, rows)

    def forget(self) -> None:
        """Begin anew, where some output has been passed over."""
        self._rows = [Row()]
        self._x = self._y = 0
        self._saved = (0, 0)
        self._dirty = False
        """Written to since it was last read."""
        self._fresh = False
        """Written to since the cursor came to this row."""
        self._alternate = False

    def resize(self, cols: int, rows: int) -> None:
        self._wraps_at = min(cols, LARGEST) if cols > 0 else 0
        self._height = min(rows, LARGEST) if rows > 0 else ROWS
        self._top, self._bottom = 0, self._height - 1
        gone = max(0, len(self._rows) - self._height)
        del self._rows[:gone]
        self._y = max(0, self._y - gone)

    def line(self, text: str) -> None:
        """A whole line of output, without its newline: what plain logs consist of, so the short way comes first."""
        text = text.rstrip("\r")
        if "\x1b" in text:
            text = _SGR.sub("", text)
        if self._is_plain(text):
            self._plain_line(text[:ROW_CHARS])
        else:
            self.write(text)
        self._line_feed()

    def write(self, text: str) -> None:
        """Output that may hold anything except half a sequence."""
        if "\x1b" in text:
            text = _SGR.sub("", text)
        for token in _TOKEN.finditer(text):
            kind = token.lastgroup
            if kind == "text":
                if not self._alternate:
                    self._put(token[0])
            elif kind == "control":
                self._CONTROLS[token[0]](self)
            elif kind == "csi":
                self._csi(token["csi"])
            elif kind == "osc":
                self._on_string(token["osc"])
            elif kind == "escape":
                self._ESCAPES[token["escape"]](self)

    def unfinished(self) -> tuple[Row, str] | None:
        """The line under the pen and its text, unless it has been read or is half drawn over what was there before."""
        if self._alternate or not self._dirty or self._x < len(self._rows[self._y].text.rstrip()):
            return None
        return self._row()

    def lift(self) -> None:
        """Hand over the line under the pen."""
        if self._dirty:
            self._read("lifted")
        self._dirty = False

    def above(self, row: Row) -> Row | None:
        """The row over this one, while both are in the live region."""
        place = self._rows.index(row) if row in self._rows else 0
        return self._rows[place - 1] if place else None

    # --- the pen

    def _is_plain(self, text: str) -> bool:
        return (
            not self._x
            and not self._alternate
            and self._y == len(self._rows) - 1
            and not self._rows[self._y].text
            and text.isprintable()
            and (text.isascii() or not self._wraps_at or 2 * len(text) <= self._wraps_at)
        )

    def _plain_line(self, text: str) -> None:
        width = self._wraps_at or ROW_CHARS
        row = self._rows[-1]
        row.text = text[:width]
        for start in range(width, len(text), width):
            self._on_row(row, row.text, "wrapped")
            self._next_row()
            row = self._rows[self._y]
            row.text, row.wrapped = text[start : start + width], True
        self._on_row(row, row.text, "ended")
        self._on_line(text)

    def _put(self, text: str) -> None:
        cells = text if text.isascii() else _WIDE.sub(rf"\g<0>{_FILLER}", _ZERO_WIDTH.sub("", text))
        while cells:
            room = (self._wraps_at or ROW_CHARS) - self._x
            if room <= 0 and not self._wraps_at:
                break
            if room <= 0:
                self._wrap()
                continue
            self._overwrite(cells[:room])
            cells = cells[room:]

    def _overwrite(self, cells: str) -> None:
        row, x = self._rows[self._y], self._x
        self._x = x + len(cells)
        row.text = row.text[:x].ljust(x) + cells + row.text[self._x :]
        self._dirty = self._fresh = True

    def _wrap(self) -> None:
        if self._dirty:
            self._read("wrapped")
        self._next_row()
        self._rows[self._y].wrapped = True
        self._dirty = self._fresh = False
        self._x = 0

    def _read(self, why: Why) -> None:
        if not self._alternate:
            self._on_row(*self._row(), why)

    def _row(self) -> tuple[Row, str]:
        """The row the pen is in, and its text."""
        row = self._rows[self._y]
        return row, row.text.replace(_FILLER, "")

    def _whole_line(self) -> str:
        """The line the pen is at the end of, with the rows it wrapped from."""
        first = self._y
        while first and self._rows[first].wrapped:
            first -= 1
        return "".join(row.text for row in self._rows[first : self._y + 1]).replace(_FILLER, "")

    # --- moving

    def _go(self, y: int, x: int) -> None:
        """Move to row `y` and column `x`, or to the nearest there is."""
        self.lift()
        y = max(0, min(y, self._height - 1))
        self._fresh = self._fresh and y == self._y
        while len(self._rows) <= y:
            self._rows.append(Row())
        self._y, self._x = y, max(0, min(x, (self._wraps_at or ROW_CHARS) - 1))

    def _carriage_return(self) -> None:
        self.lift()
        self._x = 0

    def _line_feed(self) -> None:
        """To the start of the next row, also for a bare newline: only programs that own the whole screen mean less."""
        if self._fresh and not self._alternate:
            self._read("ended")
            self._on_line(self._whole_line())
        self._dirty = self._fresh = False
        if not self._alternate:
            self._next_row()
        self._x = 0

    def _index(self) -> None:
        self._go(self._y, self._x)
        self._next_row()

    def _next_row(self) -> None:
        if self._y == self._bottom == self._height - 1 == len(self._rows) - 1 and not self._top:
            del self._rows[0]
        elif self._y == self._bottom:
            self._scroll(1)
        elif self._y < self._height - 1:
            self._y += 1
        if self._y == len(self._rows):
            self._rows.append(Row())

    def _scroll(self, lines: int) -> None:
        """Move what is between the margins up."""
        while len(self._rows) <= self._bottom:
            self._rows.append(Row())
        for _ in range(min(lines, self._height)):
            del self._rows[self._top]
            self._rows.insert(self._bottom, Row())

    def _reverse_index(self) -> None:
        if self._y == self._top:
            self._insert_lines(1)
        else:
            self._go(self._y - 1, self._x)

    def _back(self) -> None:
        self._go(self._y, self._x - 1)

    def _tab(self) -> None:
        stop = min((self._x // 8 + 1) * 8, self._wraps_at - 1 if self._wraps_at else ROW_CHARS)
        if not self._alternate and stop > self._x:
            self._put(" " * (stop - self._x)) if self._x >= len(self._rows[self._y].text) else self._go(self._y, stop)

    def _save(self) -> None:
        self._saved = (self._y, self._x)

    def _restore(self) -> None:
        self._go(*self._saved)

    def _reset(self) -> None:
        self.lift()
        self._alternate = False
        self._top, self._bottom = 0, self._height - 1
        self._erase_display(2)
        self._go(0, 0)

    # --- control sequences

    def _csi(self, sequence: str) -> None:
        final, arguments = sequence[-1], sequence[:-1]
        if arguments[:1] == "?" and final in "hl":
            self._set_modes(arguments[1:].split(";"), final == "h")
        elif final in self._SEQUENCES and not self._alternate and arguments[:1] not in ("?", ">", "<", "="):
            self._SEQUENCES[final](self, [_number(part) for part in arguments.split(";")])

    def _set_modes(self, modes: list[str], on: bool) -> None:
        if not _ALTERNATE.isdisjoint(modes):
            self.lift()
            self._alternate = on
            self._fresh = False

    def _position(self, numbers: list[int]) -> None:
        self._go(max(numbers[0], 1) - 1, max(numbers[1], 1) - 1 if len(numbers) > 1 else 0)

    def _margins(self, numbers: list[int]) -> None:
        top = max(numbers[0], 1) - 1
        bottom = (numbers[1] if len(numbers) > 1 and numbers[1] else self._height) - 1
        if top < bottom < self._height:
            self._top, self._bottom = top, bottom
            self._go(0, 0)

    def _erase_line(self, what: int) -> None:
        self.lift()
        row = self._rows[self._y]
        if what == 0:
            row.text = row.text[: self._x]
        elif what == 1:
            row.text = " " * (self._x + 1) + row.text[self._x + 1 :]
        elif what == 2:
            row.text = ""

    def _erase_display(self, what: int) -> None:
        self._erase_line(what)
        erased = {0: self._rows[self._y + 1 :], 1: self._rows[: self._y], 2: self._rows}.get(what, [])
        for row in erased:
            row.text = ""

    def _erase_characters(self, count: int) -> None:
        self.lift()
        row, end = self._rows[self._y], self._x + count
        row.text = row.text[: self._x].ljust(self._x) + " " * count + row.text[end:]

    def _delete_characters(self, count: int) -> None:
        self.lift()
        row = self._rows[self._y]
        row.text = row.text[: self._x] + row.text[self._x + count :]

    def _insert_characters(self, count: int) -> None:
        self.lift()
        row = self._rows[self._y]
        row.text = (row.text[: self._x].ljust(self._x) + " " * count + row.text[self._x :])[
            : self._wraps_at or ROW_CHARS
        ]

    def _insert_lines(self, count: int) -> None:
        self.lift()
        while len(self._rows) <= self._bottom:
            self._rows.append(Row())
        for _ in range(min(count, self._height)):
            del self._rows[self._bottom]
            self._rows.insert(self._y, Row())

    def _delete_lines(self, count: int) -> None:
        self.lift()
        while len(self._rows) <= self._bottom:
            self._rows.append(Row())
        for _ in range(min(count, self._height)):
            del self._rows[self._y]
            self._rows.insert(self._bottom, Row())

    _CONTROLS: ClassVar[dict[str, Callable[[Screen], None]]] = {
        "\r": _carriage_return,
        "\n": _line_feed,
        "\b": _back,
        "\t": _tab,
    }
    _ESCAPES: ClassVar[dict[str, Callable[[Screen], None]]] = {
        "7": _save,
        "8": _restore,
        "c": _reset,
        "D": _index,
        "E": _line_feed,
        "M": _reverse_index,
    }
    _SEQUENCES: ClassVar[dict[str, Callable[[Screen, list[int]], None]]] = {
        "A": lambda self, numbers: self._go(self._y - (numbers[0] or 1), self._x),
        "B": lambda self, numbers: self._go(self._y + (numbers[0] or 1), self._x),
        "C": lambda self, numbers: self._go(self._y, self._x + (numbers[0] or 1)),
        "D": lambda self, numbers: self._go(self._y, self._x - (numbers[0] or 1)),
        "E": lambda self, numbers: self._go(self._y + (numbers[0] or 1), 0),
        "F": lambda self, numbers: self._go(self._y - (numbers[0] or 1), 0),
        "G": lambda self, numbers: self._go(self._y, max(numbers[0], 1) - 1),
        "d": lambda self, numbers: self._go(max(numbers[0], 1) - 1, self._x),
        "H": _position,
        "f": _position,
        "J": lambda self, numbers: self._erase_display(numbers[0]),
        "K": lambda self, numbers: self._erase_line(numbers[0]),
        "L": lambda self, numbers: self._insert_lines(numbers[0] or 1),
        "M": lambda self, numbers: self._delete_lines(numbers[0] or 1),
        "P": lambda self, numbers: self._delete_characters(numbers[0] or 1),
        "S": lambda self, numbers: self._scroll(numbers[0] or 1),
        "X": lambda self, numbers: self._erase_characters(numbers[0] or 1),
        "@": lambda self, numbers: self._insert_characters(numbers[0] or 1),
        "r": _margins,
        "s": lambda self, _: self._save(),
        "u": lambda self, _: self._restore(),
    }


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        return 0
    return min(int(text), LARGEST) if len(text) < 9 else LARGEST
