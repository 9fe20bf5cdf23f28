"""A run's output as one HTML page with its colours: no script, nothing to load, as long as it may be. Pure."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from html import escape
from typing import Any

from progress_hub.style import Style
from progress_hub.text import LINE_CHARACTERS, TOKENS

_SPECIAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SELECTS = re.compile(r"\x1b\[([\d;:]*)m")
_CUBE = (0, 95, 135, 175, 215, 255)

_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="generator" content="progress">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --ink: light-dark(#1f2430, #dfe3ea); --paper: light-dark(#fdfdfe, #0d1016);
{colours} }}
body {{ margin: 16px; color: var(--ink); background: var(--paper); }}
h1 {{ margin: 0; font: 600 16px/24px system-ui, sans-serif; }}
p {{ margin: 0 0 16px; font: 13px/20px system-ui, sans-serif; opacity: .75; overflow-wrap: anywhere; }}
pre {{ margin: 0; font: 13px/20px ui-monospace, Menlo, Consolas, monospace; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
</style>
<h1>{title}</h1>
<p>{about}</p>
<pre>"""

# The sixteen colours of terminals, on light ground and on dark.
_COLOURS = (
    ("#1f2430", "#7b8494"), ("#c02a2f", "#f07068"), ("#1f7a3a", "#63c97a"), ("#8a6100", "#dcb84e"),
    ("#2457c5", "#79a6f6"), ("#a02fa8", "#da87e0"), ("#0b7285", "#56c5d0"), ("#59616f", "#cdd2da"),
    ("#6a7280", "#8f98a8"), ("#d11f2f", "#ff8d85"), ("#1c8a3c", "#86e39b"), ("#9a6a00", "#f3d673"),
    ("#2f68e0", "#9cc0ff"), ("#b537be", "#eda6f2"), ("#0a8296", "#7fdde6"), ("#2b313c", "#f6f8fb"),
)  # fmt: skip
_STYLES = {
    "bold": "font-weight:bold",
    "dim": "opacity:.65",
    "italic": "font-style:italic",
    "hidden": "visibility:hidden",
}
_LINES = {"underline": "underline", "strike": "line-through", "overline": "overline"}


class HtmlCopy:
    """Feed it output as it comes; it gives back HTML, whole lines at a time."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._style = Style()
        self._pending = ""

    def begin(self, info: dict[str, Any]) -> str:
        """The beginning of the page, from `protocol.Info`."""
        place = "@".join(filter(None, (info.get("user"), info.get("host"))))
        about = " · ".join(filter(None, (" ".join(info.get("command") or ()), place, info.get("cwd"), info["state"])))
        colours = " ".join(f"--c{n}: light-dark({light}, {dark});" for n, (light, dark) in enumerate(_COLOURS))
        return _HEAD.format(title=escape(str(info.get("name") or info["id"])), about=escape(about), colours=colours)

    def feed(self, output: bytes) -> str:
        """The lines that are whole with this output."""
        whole, newline, rest = (self._pending + self._decode(output)).rpartition("\n")
        self._pending = rest
        html = self._lines(whole) + "\n" if newline else ""
        if len(rest) > LINE_CHARACTERS:
            html, self._pending = html + self._lines(rest), ""
        return html

    def end(self) -> str:
        """The last line, and the end of the page."""
        return self._lines(self._pending + self._decode(b"", True)) + "</pre>\n</html>\n"

    def _lines(self, lines: str) -> str:
        lines = lines.replace("\r\n", "\n").removesuffix("\r")
        if not _SPECIAL.search(lines):
            return self._span(lines)
        return "\n".join(map(self._line, lines.split("\n")))

    def _line(self, line: str) -> str:
        parts = _SELECTS.split(line)
        if any(_SPECIAL.search(part) for part in parts[::2]):
            return self._drawn(line)
        html = self._span(parts[0])
        for parameters, text in zip(parts[1::2], parts[2::2], strict=True):
            self._style.select(parameters.encode())
            html += self._span(text)
        return html

    def _drawn(self, line: str) -> str:
        """A line with returns, backspaces and the like in its last state, as text.plain has it; a cell a character."""
        cells: list[tuple[str, str]] = []
        column = 0
        css = self._css()
        for token in TOKENS.finditer(line):
            kind, text = token.lastgroup, token.group()
            selected = _SELECTS.fullmatch(text)
            if kind == "text":
                cells[column : column + len(text)] = [(character, css) for character in text]
                column += len(text)
            elif kind == "erase":
                column = 0 if "2" in text else column
                del cells[column:]
                column = len(cells)
            elif kind == "move":
                column = 0 if text == "\r" else max(0, column - 1)
            elif selected:
                self._style.select(selected[1].encode())
                css = self._css()
        return _joined(cells)

    def _span(self, text: str) -> str:
        return _span(text, self._css())

    def _css(self) -> str:
        return _css(tuple(self._style.slots.items())) if self._style.slots else ""


def _joined(cells: list[tuple[str, str]]) -> str:
    """Cells as spans, those of one look together."""
    html, start = [], 0
    for at in range(1, len(cells) + 1):
        if at == len(cells) or cells[at][1] != cells[start][1]:
            html.append(_span("".join(character for character, _ in cells[start:at]), cells[start][1]))
            start = at
    return "".join(html)


def _span(text: str, css: str) -> str:
    if not css or not text:
        return escape(text, quote=False)
    return f'<span style="{css}">{escape(text, quote=False)}</span>'


@lru_cache(maxsize=1024)
def _css(slots: tuple[tuple[str, str], ...]) -> str:
    style = dict(slots)
    ink, paper = _colour(style.get("foreground")), _colour(style.get("background"))
    if "inverse" in style:
        ink, paper = paper or "var(--paper)", ink or "var(--ink)"
    parts = [_STYLES[slot] for slot in _STYLES if slot in style]
    lines = [_LINES[slot] for slot in _LINES if slot in style]
    parts += [f"text-decoration:{' '.join(lines)}"] if lines else []
    parts += [f"color:{ink}"] if ink else []
    parts += [f"background:{paper}"] if paper else []
    return ";".join(parts)


def _colour(parameters: str | None) -> str:
    """What the parameters of SGR name; empty for what names no colour."""
    codes = [int(code or 0) for code in re.split("[;:]+", parameters or "")[:6] if code.isdigit() or not code]
    if not parameters or not codes:
        return ""
    if codes[0] in (38, 48):
        return _extended(codes[1:])
    return f"var(--c{codes[0] % 10 + (8 if codes[0] >= 90 else 0)})"


def _extended(codes: list[int]) -> str:
    if len(codes) >= 2 and codes[0] == 5:
        return _indexed(min(codes[1], 255))
    if len(codes) >= 4 and codes[0] == 2:
        return "#" + "".join(f"{min(part, 255):02x}" for part in codes[-3:])
    return ""


def _indexed(number: int) -> str:
    if number < 16:
        return f"var(--c{number})"
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    cube = (number - 16) // 36, (number - 16) // 6 % 6, (number - 16) % 6
    return "#" + "".join(f"{_CUBE[part]:02x}" for part in cube)
