"""Our own words on the user's terminal: the link first, a summary last, never anything in the job's output."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from rich.table import Table

LONG_RUN = 1.0
"""Seconds from which a run deserves a summary by rich; shorter ones get one plain line."""

MOST_TASKS = 8
"""The most tasks that a summary has; those that failed come first."""

MARKS = {"done": ("✓", "green"), "failed": ("✗", "red")}


class Summary(NamedTuple):
    """What is said of a run that is over.

    Attributes:
        masked: how many secrets are not in the recording.
        tasks: the last that is known of each: the fields of its events, and the `seconds` it took.
        peak_memory: bytes of all its processes at once, None if nobody looked.
        delivery: in words, what the hub has of it.
    """

    state: str
    detail: str
    seconds: float
    lines: int
    bytes: int
    masked: int
    tasks: Sequence[Mapping[str, Any]]
    peak_memory: int | None
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
        for module in ("rich.console", "rich.panel", "rich.table", "rich.text"):
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
    return f"progress: {outcome}{_masked(summary)} · {summary.delivery} · {summary.url}\n"


def _masked(summary: Summary) -> str:
    secrets = "secret" if summary.masked == 1 else "secrets"
    return f" · {summary.masked:,} {secrets} masked" if summary.masked else ""


def _rich_text(summary: Summary, fd: int) -> str:
    from rich.console import Console, Group
    from rich.panel import Panel
    from rich.text import Text

    good = summary.state == "succeeded"
    memory = "" if summary.peak_memory is None else f" · {size(summary.peak_memory)} of memory at most"
    head = Text.assemble(
        ("✓ " if good else "✗ ", "bold green" if good else "bold red"),
        (summary.state + summary.detail, "bold green" if good else "bold red"),
        f" in {duration(summary.seconds)} · {summary.lines:,} lines · {size(summary.bytes)}{memory}{_masked(summary)}",
    )
    delivery = Text(summary.delivery, style="green" if summary.complete else "yellow")
    url = Text(summary.url, style="cyan", overflow="fold")
    panel = Panel.fit(
        Group(head, *_tasks(summary.tasks), delivery, url), title="progress", title_align="left", border_style="dim"
    )
    with open(os.dup(fd), "w") as file:
        console = Console(file=file, highlight=False)
        with console.capture() as captured:
            console.print(panel)
    return captured.get()


def _tasks(tasks: Sequence[Mapping[str, Any]]) -> list[Table]:
    """A line for each task that there is room for."""
    from rich.table import Table
    from rich.text import Text

    if not tasks:
        return []
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        grid.add_column(no_wrap=True, overflow="ellipsis")
    failed_first = sorted(tasks, key=lambda task: task["state"] != "failed")
    for task in failed_first[:MOST_TASKS]:
        mark, style = MARKS.get(task["state"], ("·", "yellow"))
        grid.add_row(Text(f"{mark} {task['label'] or task['id']}", style), amount(task), duration(task["seconds"]))
    if len(tasks) > MOST_TASKS:
        grid.add_row(f"  … and {len(tasks) - MOST_TASKS:,} more")
    return [grid]


def amount(task: Mapping[str, Any]) -> str:
    """How far a task is: 3/10 it, 1.2 MB of 4.0 MB, 42 %, or nothing that is known."""
    current, total, unit = task["current"], task["total"], task["unit"] or ""
    if current is None:
        return "" if task["percent"] is None else f"{task['percent']:g} %"
    if unit == "B":
        return size(int(current)) + ("" if total is None else f" of {size(int(total))}")
    return f"{current:,g}" + ("" if total is None else f"/{total:,g}") + (unit and f" {unit}")


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
