"""Our own words on the user's terminal: the link first, a summary last, never anything in the job's output."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from importlib import import_module

LONG_RUN = 1.0
"""Seconds from which a run deserves a summary by rich; shorter ones get one plain line."""


@dataclass(frozen=True)
class Summary:
    """What is said of a run that is over; `delivery` says in words what the hub has of it."""

    state: str
    detail: str
    seconds: float
    lines: int
    bytes: int
    delivery: str
    complete: bool
    url: str


class Echo:
    """Speaks on stderr where that is a terminal, else on the terminal that stdout is, else not at all."""

    def __init__(self, *, quiet: bool) -> None:
        self._fd = None if quiet else next((fd for fd in (2, 1) if os.isatty(fd)), None)
        self._rich_is_here = False

    def link(self, url: str) -> None:
        """The link, before the job's first line."""
        self._say(f"progress: watch it live at {url}\n")

    def warn(self, text: str) -> None:
        """Something the user should know before the job's first line."""
        self._say(f"progress: {text}\n")

    def prepare(self) -> None:
        """Import rich while the job runs, once it has run long enough to get a summary."""
        if self._fd is not None:
            timer = threading.Timer(LONG_RUN, self._import_rich)
            timer.daemon = True
            timer.start()

    def summary(self, summary: Summary, *, fresh_line: bool) -> None:
        """The last words; `fresh_line` if the cursor is at the start of a line."""
        if self._fd is None:
            return
        if not fresh_line:
            self._say("\n")
        if summary.seconds >= LONG_RUN and self._rich_is_here:
            self._say(_rich_text(summary, self._fd))
        else:
            self._say(_plain_text(summary))

    def _import_rich(self) -> None:
        for module in ("rich.console", "rich.panel", "rich.text"):
            import_module(module)
        self._rich_is_here = True

    def _say(self, text: str) -> None:
        if self._fd is None:
            return
        try:
            os.write(self._fd, text.encode())
        except OSError:
            self._fd = None  # the terminal has gone away; nobody reads us


def _plain_text(summary: Summary) -> str:
    outcome = f"{summary.state}{summary.detail} in {duration(summary.seconds)}"
    return f"progress: {outcome} · {summary.delivery} · {summary.url}\n"


def _rich_text(summary: Summary, fd: int) -> str:
    from rich.console import Console, Group
    from rich.panel import Panel
    from rich.text import Text

    good = summary.state == "succeeded"
    head = Text.assemble(
        ("✓ " if good else "✗ ", "bold green" if good else "bold red"),
        (summary.state + summary.detail, "bold green" if good else "bold red"),
        f" in {duration(summary.seconds)} · {summary.lines:,} lines · {size(summary.bytes)}",
    )
    delivery = Text(summary.delivery, style="green" if summary.complete else "yellow")
    url = Text(summary.url, style="cyan", overflow="fold")
    panel = Panel.fit(Group(head, delivery, url), title="progress", title_align="left", border_style="dim")
    with open(os.dup(fd), "w") as file:
        console = Console(file=file, highlight=False)
        with console.capture() as captured:
            console.print(panel)
    return captured.get()


def duration(seconds: float) -> str:
    """A duration as people say it: 0.3 s, 12.4 s, 3:07 min, 1:02:03 h."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} h" if hours else f"{minutes}:{rest:02} min"


def size(count: int) -> str:
    """A size in bytes as people say it, in powers of 1000."""
    if count < 1000:
        return f"{count} bytes"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} TB"
