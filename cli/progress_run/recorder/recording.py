"""What is recorded of a run: all but its secrets. What finds these is loaded when there is something to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from progress_run.recorder.run_log import NEVER, RunLog
from progress_run.redact import SHORTEST
from progress_run.shown import shown_text

if TYPE_CHECKING:
    from progress_run.recorder.redactor import Redactor
    from progress_run.redact.mask import Mask


NOT_RECORDED = "The output is not recorded, as what masks secrets in it could not be loaded: {}."


class Redaction:
    """What the user wants masked, as in `Wish`."""

    def __init__(self, patterns: tuple[str, ...], names: tuple[str, ...], *, nothing: bool) -> None:
        self._wish = patterns, names, nothing
        self._least = 1 if patterns or names else SHORTEST

    @cached_property
    def mask(self) -> Mask:
        """Finds it; made when it is asked for."""
        from progress_run.redact.mask import Mask
        from progress_run.redact.wish import Wish

        return Mask(Wish(*self._wish))

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each kind was masked."""
        return self.mask.counts if "mask" in self.__dict__ else {}

    def text(self, text: str) -> str:
        """The text without its secrets."""
        return text if len(text) < self._least else self.mask.text(text)

    def command(self, argv: Sequence[str]) -> list[str]:
        """A command line without its secrets, to which the values of some options belong."""
        return list(argv) if max(map(len, argv)) < self._least else self.mask.command(argv)


class Recording:
    """A run log that gets output without its secrets, and at the end a note of what these were."""

    def __init__(self, log: RunLog, redaction: Redaction) -> None:
        self._log = log
        self._redaction = redaction
        self._redactor: Redactor | None = None
        self._failed = False

    def append(self, data: bytes, fd: int) -> None:
        """Record output of a stream."""
        if self._redactor is None and not self._failed:
            self._redactor = self._new_redactor()
        if self._redactor is None:
            self._log.leave_out(data)
        else:
            self._redactor.append(data, fd)

    def _new_redactor(self) -> Redactor | None:
        try:
            from progress_run.recorder.redactor import Redactor

            return Redactor(self._log, self._redaction.mask.prepared())
        except Exception as error:  # noqa: BLE001 -- we were replaced before the job wrote anything; it goes on
            self._failed = True
            self._log.event("note", {"level": "error", "text": NOT_RECORDED.format(shown_text(str(error)))})
            return None

    def tend(self) -> None:
        """Hold nothing back for longer than may be."""
        if self._redactor:
            self._redactor.tend()
        self._log.tend()

    @property
    def patience(self) -> float:
        """Seconds after which `tend` is wanted, infinity if nothing is held."""
        return min(self._redactor.patience if self._redactor else NEVER, self._log.patience)

    def settle(self) -> None:
        """Hold nothing back any more."""
        if self._redactor:
            self._redactor.settle()
        self._log.tend(at_once=True)

    def conclude(self) -> None:
        """After the last output and the last report: say what was masked."""
        self.settle()
        if counts := self._redaction.counts:
            from progress_run.recorder.redactor import note_all

            note_all(self._log, counts)
