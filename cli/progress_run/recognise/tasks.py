"""Which task a reading belongs to: identity, evidence, parents, and what has changed since the last look."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from progress_run.recognise.reading import Reading, State
from progress_run.recognise.screen import Row

TASKS = 500
"""The most tasks of a run; who draws more bars than that has something else in mind."""
HINTS = 500
DRAWN = ("tqdm", "alive", "progressbar2", "bar", "pip")
"""Forms that several bars at once may have, all of them without a label."""
IN_PLACE = 2
"""How many growing numbers are evidence where a line is redrawn."""
ALIKE = 8
"""Of so many tasks of the same name one may go on."""
SAME = 1.5
"""Percents as close as this say the same."""


class Task:
    """A task as it was last seen; `row` is where."""

    def __init__(self, name: str, label: str, source: str, form: str, began: int) -> None:
        self.id = name
        self.label = label
        self.source = source
        self.current: float | None = None
        self.total: float | None = None
        self.unit: str | None = None
        self.percent: float | None = None
        self.state: State = "running"
        self.parent: str | None = None
        self.form = form
        self.began = began
        self.row: Row | None = None
        self.inner: Task | None = None
        """What was last begun in the row below."""
        self.at = -1

    @property
    def under_way(self) -> bool:
        return self.state in ("running", "paused", "indeterminate")

    @property
    def value(self) -> float:
        known = self.current if self.current is not None else self.percent
        return known if known is not None else 0.0

    def report(self) -> dict[str, Any]:
        names = ("id", "label", "current", "total", "unit", "percent", "state", "parent", "source", "at")
        return {"kind": "task"} | {name: getattr(self, name) for name in names}


class _Hint:
    """What may become a task: how often its number has grown, and the row it was last seen in."""

    __slots__ = ("last", "row", "seen", "total")

    def __init__(self) -> None:
        self.last, self.seen = -1.0, 0
        self.total: float | None = None
        self.row: Row | None = None

    def grew(self, reading: Reading, row: Row) -> bool:
        """Whether there is evidence enough by now."""
        in_place = row is self.row
        if reading.value < self.last or reading.total != self.total:
            self.seen = 0
        if reading.value != self.last:
            self.seen += 1
        self.last, self.total, self.row = reading.value, reading.total, row
        return self.seen >= (IN_PLACE if in_place else reading.evidence)


class Tasks:
    """The tasks of one run, from readings of its rows and from OSC 9;4; `above` gives the row over a row."""

    def __init__(self, above: Callable[[Row], Row | None]) -> None:
        self._above = above
        self._all: list[Task] = []
        self._by_key: dict[tuple[str, str], list[Task]] = {}
        self._names: dict[str, int] = {}
        self._hints: dict[tuple[str, str], _Hint] = {}
        self._changed: dict[str, Task] = {}
        self._under_way: dict[str, Task] = {}
        self._osc: Task | None = None
        """What OSC 9;4 tells of: a task of its own, or a bar that says the same."""
        self._said: float | None = None

    def changed(self) -> list[Task]:
        """The tasks that have changed since the last call, each as it is now."""
        changed = list(self._changed.values())
        self._changed.clear()
        return changed

    def remember(self, reports: Iterable[dict[str, Any]]) -> None:
        """Go on with tasks that another one has reported; by which form it read them will be seen."""
        for report in reports:
            task = Task(report["id"], report["label"], report["source"], "", len(self._all))
            for name in ("current", "total", "unit", "percent", "state", "parent", "at"):
                setattr(task, name, report[name])
            self._all.append(task)
            self._by_key.setdefault(("", task.label), []).append(task)
            if task.under_way:
                self._under_way[task.id] = task
            name, _, count = task.id.rpartition("#")
            self._names[task.id] = max(1, self._names.get(task.id, 0))
            if count.isdecimal():
                self._names[name] = max(int(count), self._names.get(name, 0))

    def lose_sight(self) -> None:
        """Nobody knows in which rows the tasks are now."""
        for task in self._all:
            task.row = None

    # --- from lines

    def see(self, row: Row, reading: Reading, at: int) -> None:
        """A row shows this."""
        owner = row.owner if isinstance(row.owner, Task) else None
        task = self._known(row, reading, owner)
        turn = task is None or reading.value < task.value
        if task is None and (not reading.evidence or self._evident(reading, row)):
            task = self._begin(reading)
        if task is None:
            return
        row.owner, task.row = task, row
        if turn:
            self._take_turn(task, row, at)
        self._update(task, reading, at)

    def go_on(self, row: Row, reading: Reading, at: int) -> None:
        """A row that may be half written shows this: believed only where it continues the task that is there."""
        owner = row.owner
        if not isinstance(owner, Task) or (owner.form, owner.label, owner.total) != (*reading.key, reading.total):
            return
        if reading.value >= owner.value:
            self._update(owner, reading, at)

    def finish(self, form: str, label: str | None, at: int) -> None:
        """The program that draws this form says that it is done, or the one of its bars with this label."""
        for task in list(self._under_way.values()):
            if task.form == form and label in (None, task.label):
                task.state = "done"
                task.percent = 100.0 if task.total is None and task.percent is None else task.percent
                self._touch(task, at)

    def _known(self, row: Row, reading: Reading, owner: Task | None) -> Task | None:
        if owner is not None and (owner.form, owner.label) == reading.key:
            return owner
        if owner is not None and _is_renamed(owner, reading):
            self._rename(owner, reading)
            return owner
        known = [*self._by_key.get(("", reading.label), [])[-ALIKE:], *self._by_key.get(reading.key, [])[-ALIKE:]]
        task = next((task for task in reversed(known) if self._goes_on(task, reading, row)), None)
        if task is not None and not task.form:
            self._rename(task, reading)
        return task

    def _goes_on(self, task: Task, reading: Reading, row: Row) -> bool:
        """Whether a reading in another row is of the same task: moved, printed anew, or the next turn of a loop."""
        if not task.under_way:
            return reading.value == task.value or self._is_inner(task)
        return (
            not _in_sight(task) or reading.value > task.value or (reading.value == task.value and not self._twin(task))
        )

    def _twin(self, task: Task) -> bool:
        """Whether a bar with the same name and number beside it is another one: they all start at 0."""
        return task.form in DRAWN and task.value == 0

    def _rename(self, task: Task, reading: Reading) -> None:
        alike = self._by_key[task.form, task.label]
        alike.remove(task)
        if not alike:
            del self._by_key[task.form, task.label]
        task.form, task.label = reading.key
        self._by_key.setdefault(reading.key, []).append(task)

    def _is_inner(self, task: Task) -> bool:
        """Whether a loop goes on in which this one turns."""
        return any(other.began < task.began for other in self._under_way.values())

    def _evident(self, reading: Reading, row: Row) -> bool:
        if reading.key not in self._hints and len(self._hints) >= HINTS:
            self._hints.pop(next(iter(self._hints)))
        return self._hints.setdefault(reading.key, _Hint()).grew(reading, row)

    def _begin(self, reading: Reading) -> Task | None:
        task = self._shown_by_osc(reading) or self._new(reading.label, "text", reading.form)
        if task is not None:
            task.label, task.source, task.form = reading.label, "text", reading.form
            self._by_key.setdefault(reading.key, []).append(task)
        return task

    def _new(self, label: str, source: str, form: str) -> Task | None:
        if len(self._all) >= TASKS and source == "text":
            return None
        name = f"{source}:{label}"
        self._names[name] = count = self._names.get(name, 0) + 1
        task = Task(name if count == 1 else f"{name}#{count}", label, source, form, len(self._all))
        self._all.append(task)
        return task

    def _take_turn(self, task: Task, row: Row, at: int) -> None:
        """A bar begins, or begins again, under another: the second time in the same place it is clear that it belongs
        to the one above, the first time only where an epoch's batches stand under its heading."""
        above = self._above(row)
        parent = above.owner if above is not None else None
        if not isinstance(parent, Task) or parent is task or not parent.under_way:
            return
        earlier, parent.inner = parent.inner, task
        again = parent.form == task.form == "tqdm" and earlier is not None
        if parent.form == "epoch" and task.form == "keras":
            self._nest(task, parent, at)
        elif again and earlier is not None and (earlier is task or not earlier.under_way):
            self._nest(earlier, parent, at)
            self._nest(task, parent, at)

    def _nest(self, task: Task, parent: Task, at: int) -> None:
        if task.parent is None and parent.parent != task.id:
            task.parent = parent.id
            self._touch(task, at)

    def _update(self, task: Task, reading: Reading, at: int) -> None:
        shown = (reading.current, reading.total, reading.unit or task.unit, reading.percent, reading.state)
        if shown != (task.current, task.total, task.unit, task.percent, task.state) or task.at < 0:
            grown = reading.value > task.value
            task.current, task.total, task.unit, task.percent, task.state = shown
            self._touch(task, at)
            if grown and task.inner is not None:
                self._close_inner(task.inner, at)

    def _close_inner(self, inner: Task, at: int) -> None:
        """The outer bar has gone on, and the inner one was taken away: its turn is over, wherever it was last drawn."""
        if inner.under_way and not _in_sight(inner):
            inner.state = "done"
            self._touch(inner, at)

    def _touch(self, task: Task, at: int) -> None:
        task.at = at
        self._changed[task.id] = task
        if task.under_way:
            self._under_way[task.id] = task
        else:
            self._under_way.pop(task.id, None)

    # --- from OSC 9;4

    def _shown_by_osc(self, reading: Reading) -> Task | None:
        """The task that OSC 9;4 has told of already, where this bar says the same."""
        osc = self._osc
        if osc is None or osc.source != "osc" or osc.percent is None or reading.percent is None or not osc.under_way:
            return None
        return osc if abs(osc.percent - reading.percent) <= SAME else None

    def osc(self, state: State | None, percent: float | None, at: int) -> None:
        """OSC 9;4 says this; no state: the bar is to be removed."""
        bar = self._osc
        said, self._said = self._said, percent
        if bar is None or (bar.source == "text" and not (_near(bar, percent) or _near(bar, said))):
            bar = self._bar_at(percent) or self._own_bar(state)
            self._osc = bar
        if bar is not None and bar.source == "osc":
            self._say(bar, state, percent, at)

    def _own_bar(self, state: State | None) -> Task | None:
        """The task that OSC 9;4 alone tells of; there is none to be removed."""
        known = next((task for task in self._all if task.source == "osc"), None)
        if known is None and state is not None:
            known = self._new("Progress", "osc", "osc")
        return known

    def _bar_at(self, percent: float | None) -> Task | None:
        if percent is None:
            return None
        bars = (task for task in self._under_way.values() if task.source == "text" and task.percent is not None)
        return next((task for task in bars if abs((task.percent or 0.0) - percent) <= SAME), None)

    def _say(self, task: Task, state: State | None, percent: float | None, at: int) -> None:
        before = (task.state, task.percent)
        if state is None:
            task.state = _removed(task)
        else:
            task.percent = percent if percent is not None or state == "indeterminate" else task.percent
            task.state = "done" if state == "running" and task.percent == 100 else state
        if before != (task.state, task.percent) or task.at < 0:
            self._touch(task, at)


def _in_sight(task: Task) -> bool:
    row = task.row
    return row is not None and row.owner is task and row.text == row.read and not row.text.isspace() and row.text != ""


def _is_renamed(task: Task, reading: Reading) -> bool:
    """Whether a bar with another label in the same row is the same bar: it goes on where it was."""
    same = task.form == reading.form and task.total == reading.total and task.total is not None
    return same and task.under_way and reading.value >= task.value


def _near(bar: Task, percent: float | None) -> bool:
    """Whether a bar says the same; it may be drawn before or after what is said of it."""
    return percent is None or bar.percent is None or abs(bar.percent - percent) <= 2 * SAME


def _removed(task: Task) -> State:
    """A bar that is removed: what it has come to stands; short of the end, it goes on or the run's end decides."""
    if task.state in ("done", "failed"):
        return task.state
    return "done" if task.percent is None else "paused"
