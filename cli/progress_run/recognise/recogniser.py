"""From the output of an unmodified program to reports of its tasks, metrics, groups and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from progress_run.recognise import bars, context, metrics, strings
from progress_run.recognise.groups import Groups
from progress_run.recognise.reader import LINE_CHARS, Reader
from progress_run.recognise.screen import Row, Screen, Why
from progress_run.recognise.stream import Cutter
from progress_run.recognise.tasks import Tasks

REPORTS = 1000
"""The most metrics, and the most of everything else, that wait for `reports`; the oldest give way."""
REDRAWN = -1
FLOOD = 1000
"""So many lines at once are more than any screen has rows."""

_SIGNS = re.compile(rb"[^\w\s.,;!?\"'*@&-]|[\x08\x0b\x0c]|\r[^\n]|---")
_WORDS = (
    b" of ",
    b"out of",
    b"Download",
    b"Saving to",
    b"Finished",
    b"Everything",
    b"Reading",
    b"Building",
    b"Processing",
)


class Recogniser:
    """Reads output as it comes; pure: no I/O, no clock, time linear in the bytes and memory bounded.

    Args:
        cols: the terminal's, 0 for no terminal.
        rows: ditto.
        at: the offset of the first byte that will be fed.
        known: the last reports of tasks by another one that has read what comes before.
    """

    def __init__(self, cols: int, rows: int, at: int = 0, known: Iterable[dict[str, Any]] = ()) -> None:
        self._at = at
        self._cutter = Cutter()
        self._screen = Screen(cols, rows, self._row, self._whole_line, self._string)
        self._tasks = Tasks(self._screen.above)
        self._tasks.remember(known)
        self._groups = Groups()
        self._reader = Reader()
        self._context = context.Context(self._screen, self._tasks)
        self._metrics: dict[tuple[str, int], dict[str, Any]] = {}
        self._others: list[dict[str, Any]] = []
        self._pending: dict[Row, tuple[str, int]] = {}
        """Bars that were redrawn and not read yet: what they show next may do."""
        self._still = False
        """Nothing has been fed since the last call of `reports`."""

    def resize(self, cols: int, rows: int) -> None:
        """The terminal has another size now."""
        self._screen.resize(cols, rows)

    def skip_to(self, at: int) -> None:
        """Pass over output: what is fed next comes from this offset, and goes on with the tasks that are known."""
        self._at = at
        self._cutter = Cutter()
        self._pending.clear()
        self._screen.forget()
        self._tasks.lose_sight()

    def feed(self, data: bytes) -> None:
        """The next bytes of output, cut anywhere."""
        self._still = False
        *lines, rest = self._cutter.cut(data).split(b"\n")
        for line in self._worth_reading(lines):
            self._at += len(line) + 1
            self._screen.line(line.decode(errors="replace"))
        if rest:
            self._at += len(rest)
            self._screen.write(rest.decode(errors="replace"))

    def _worth_reading(self, lines: list[bytes]) -> list[bytes]:
        """Without what has scrolled away already and has nothing in it that we know: `yes`, or a long list of words."""
        skipped = len(lines) - FLOOD
        if skipped <= 0:
            return lines
        text = b"\n".join(lines[:skipped])
        if _SIGNS.search(text) or any(word in text for word in _WORDS):
            return lines
        self._at += len(text) + 1
        return lines[skipped:]

    def reports(self) -> list[dict[str, Any]]:
        """What has changed since the last call: each task and metric as it is now, every group and note in order.

        Shapes as in docs/protocol.md, `source` osc, text or job; `at` is the offset of output after which it was so.
        """
        self._catch_up()
        self._look()
        self._catch_up()
        self._still = True
        reports = self._others + [task.report() for task in self._tasks.changed()] + list(self._metrics.values())
        self._others, self._metrics = [], {}
        return reports

    def end(self) -> None:
        """The output is over: what stands in its last line is all there is."""
        self._screen.lift()
        self._catch_up()

    def _look(self) -> None:
        """A line still being written: bars that are known go on, all else has to stand still for one call."""
        row, text = self._screen.unfinished() or (None, "")
        if row is None or text == row.read:
            return
        if self._still:
            self._screen.lift()
        elif (found := self._reader.read(text, row.form)) is not None:
            self._tasks.go_on(row, self._context.named(row, found[1]), self._at)

    # --- what the screen hands over

    def _row(self, row: Row, text: str, why: Why) -> None:
        if why == "lifted" and "section_" in text:
            self._tell(self._groups.begun(text))
        if why == "lifted" and text == row.read:
            return
        before, row.read = row.read, text
        if why == "lifted" and self._can_wait(row, before, text):
            self._pending[row] = text, self._at
        else:
            self._catch_up()
            self._read(row, text, why)

    def _whole_line(self, text: str) -> None:
        self._tell(self._groups.ended(text))
        for metric in metrics.read(text[:LINE_CHARS]):
            self._measure(metric, self._at)

    def _can_wait(self, row: Row, before: str, text: str) -> bool:
        """Whether nothing is lost if this is read later, or never because of what the row shows then."""
        return row.owner is not None and row.form is not None and bars.is_next(before, text)

    def _catch_up(self) -> None:
        """Read what waits."""
        if self._pending:
            pending, self._pending = self._pending, {}
            now = self._at
            for row, (text, self._at) in pending.items():
                self._read(row, text, "lifted")
            self._at = now

    def _read(self, row: Row, text: str, why: Why) -> None:
        self._read_task(row, text)
        if why == "lifted":
            for metric in metrics.read(text[:LINE_CHARS]):
                self._measure(metric, REDRAWN)

    def _read_task(self, row: Row, text: str) -> None:
        found = self._reader.read(text, row.form)
        if found is None:
            row.form = None
            if text and not text.isspace():
                row.owner = None
            self._context.line(row, text, self._at)
            return
        row.form, reading = found
        self._tasks.see(row, self._context.named(row, reading), self._at)

    def _string(self, text: str) -> None:
        if (told := strings.bar(text)) is not None:
            self._screen.lift()  # so that a bar drawn before this is compared with it
            self._catch_up()
            self._tasks.osc(*told, self._at)
        elif (report := strings.report(text)) is not None:
            self._tell([report])

    def _tell(self, reports: list[dict[str, Any]]) -> None:
        self._others += [{**report, "at": self._at} for report in reports]
        del self._others[:-REPORTS]

    def _measure(self, metric: metrics.Metric, line: int) -> None:
        """Every point of a finished line; of a line that is redrawn, the latest alone."""
        report = {"kind": "metric", **metric._asdict(), "source": "text", "at": self._at}
        self._metrics[metric.name, line] = report
        if len(self._metrics) > REPORTS:
            del self._metrics[next(iter(self._metrics))]
