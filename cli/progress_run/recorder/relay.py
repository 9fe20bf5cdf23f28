"""Decides which of the signals that the runner passes on the job hasn't had: those that reached the runner alone."""

from __future__ import annotations

GRACE = 0.03
"""Seconds within which a signal that was sent to every process may reach runner and monitor one after the other."""


class Relay:
    """Pairs what the runner passes on with what the monitor got itself, whichever comes first.

    A runner that has to wait for a processor passes on late what both got at once. So no clock says when it is too late
    for that: the monitor reports to the runner what it got, and the runner has passed its own on before it reads that.
    """

    def __init__(self) -> None:
        self._passed_on: set[int] = set()
        self._got: dict[int, bool] = {}

    @property
    def waits(self) -> bool:
        """Whether it is to be told when all is `quiet`."""
        return bool(self._passed_on or self._got)

    def passed_on(self, signo: int) -> None:
        """By the runner."""
        if self._got.pop(signo, None) is None:
            self._passed_on.add(signo)

    def got(self, signo: int) -> bool:
        """The monitor got it, and the job with it; True if the runner is to be told."""
        if signo in self._passed_on:
            self._passed_on.remove(signo)
            return False
        self._got[signo] = False
        return True

    def quiet(self, *, all_read: bool) -> set[int]:
        """Nothing has come for GRACE; `all_read` if the runner knows what it was told. What the job is to be sent."""
        due, self._passed_on = self._passed_on, set()
        if all_read:  # what it passed on before is in nobody's hands any more by the next time
            self._got = dict.fromkeys((signo for signo, was_read in self._got.items() if not was_read), True)
        return due
