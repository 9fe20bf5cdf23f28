"""`task`, `step`, `metric` and `note`: what a job can say of itself."""

from __future__ import annotations

from progress_run.report.activity import Activity
from progress_run.report.process import here
from progress_run.report.values import LONGEST_NOTE, number, text

TYPE_CHECKING = False  # typing itself takes longer to import than all of this
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

STATES = ("running", "done", "failed", "paused", "indeterminate")
LEVELS = ("info", "warning", "error")


class Task(Activity):
    """Something that goes on: `with task("Build", total=10) as t: t.advance()`. It fails if the block raises.

    Its `current`, `total`, `label` and `unit` may be set, too. Advancing it from several threads counts exactly as far
    as `+=` does in this Python.
    """

    def advance(self, amount: Any = 1) -> None:
        """So much more is done."""
        try:  # noqa: SIM105 -- which takes three times as long
            self.current += amount
        except Exception:  # noqa: BLE001, S110 -- a report never harms the job
            pass

    def update(
        self,
        *,
        current: object = None,
        label: object = None,
        total: object = None,
        unit: object = None,
        state: str | None = None,
    ) -> None:
        """Change what is given; a state is one of running, done, failed, paused, indeterminate."""
        for name, value in {"current": current, "label": label, "total": total, "unit": unit}.items():
            if value is not None:
                setattr(self, name, value)
        if state in STATES:
            self._change(str(state))

    def __enter__(self) -> Task:
        self._enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()
        self._change("failed" if kind else "done")


def task(label: object = "", total: object = None, *, unit: object = None) -> Task:
    """A task that goes on from now to the end of its `with` block."""
    return Task(label, total, unit)


class step:  # noqa: N801 -- called like a function, as contextlib's own
    """`with step("Compile"):` folds what the block prints into a group; if the block raises, a note says so."""

    def __init__(self, name: object) -> None:
        self.name = text(name)

    def __enter__(self) -> step:
        _remark({"kind": "group", "name": self.name, "open": True})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            note(f"{self.name}: {kind.__name__}: {text(error, LONGEST_NOTE)}", level="error")
        _remark({"kind": "group", "name": self.name, "open": False})


def metric(name: object = None, value: object = None, /, *, step: object = None, **values: object) -> None:
    """A value of a series: `metric("loss", 0.31, step=40)`, or several: `metric(loss=0.31, acc=0.9, step=40)`."""
    process = here()
    if not process.outbox.wanted:
        return
    given = values if name is None else {text(name): value, **values}
    at = number(step)
    for series, each in given.items():
        measured = number(each)
        if measured is not None:
            process.outbox.point(series, measured, at)
    process.ticker.wake()


def note(message: object, level: str = "info") -> None:
    """A remark at this point of the output; its level is info, warning or error."""
    _remark({"kind": "note", "level": level if level in LEVELS else "info", "text": text(message, LONGEST_NOTE)})


def _remark(report: dict[str, Any]) -> None:
    process = here()
    process.outbox.remark(report)
    if process.outbox.waits:
        process.ticker.wake()
