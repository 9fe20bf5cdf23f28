"""What tasks and bars have in common: a state that is reported, and a place below the one they are a part of."""

from __future__ import annotations

from contextvars import ContextVar

from progress_run.report.process import Process, here
from progress_run.report.values import number, text

TYPE_CHECKING = False  # typing itself takes longer to import than all of this
if TYPE_CHECKING:
    from typing import Any

ENDED = ("done", "failed")

_inside: ContextVar[Activity | None] = ContextVar("progress_task", default=None)
"""The innermost task whose block or loop this is; each thread and each asyncio task has its own."""


class Activity:
    """Something that goes on. Its attributes are read by another thread a moment after the job has set them.

    Attributes:
        current: how much is done.
        total: how much there is, None if nobody knows.
        label, unit: what is done, and what is counted.
        state: running, done, failed, paused or indeterminate.
        origin: its first label and the id of what it is a part of; what has them again is the same once more.
    """

    def __init__(self, label: object, total: object, unit: object, current: Any = 0) -> None:
        self.label, self.unit = label, unit
        self.total, self.current = total, current
        self.state = "running"
        self._process: Process = here()
        self._outer = _innermost()
        self._parent = self._outer.id if self._outer else None
        self.origin = (text(label), self._parent)
        self.id: str = self._process.id_for(self.origin)
        self._process.outbox.follow(self)
        if self._process.outbox.wanted:
            self._process.ticker.wake()

    def report(self) -> dict[str, Any]:
        """How it stands, as the protocol has it."""
        return {
            "kind": "task",
            "id": self.id,
            "label": text(self.label),
            "current": number(self.current),
            "total": number(self.total),
            "unit": None if self.unit is None else text(self.unit),
            "state": self.state,
            "parent": self._parent,
            "source": "job",
        }

    @property
    def is_open(self) -> bool:
        """Whether it has not ended, and is this process's: a child that was forked meanwhile is not to end it."""
        return self.state not in ENDED and not self._process.is_over

    def _change(self, state: str) -> None:
        """A new state, said at once; what has ended stays so."""
        if self.is_open:
            self.state = state
            self._process.outbox.tell(self)
            if state in ENDED:
                self._process.closed(self.origin, self.id)

    def end(self) -> None:
        """It has ended well, if it has not ended yet."""
        self._change("done")

    def _enter(self) -> None:
        """What begins from here on is a part of this."""
        _inside.set(self)

    def _leave(self) -> None:
        if _inside.get() is self:
            _inside.set(self._outer)


def _innermost() -> Activity | None:
    """What the caller is a part of, also in a forked child; what ended while it stood inside is passed over."""
    activity = _inside.get()
    while activity is not None and activity.state in ENDED:
        activity = activity._outer
    return activity
