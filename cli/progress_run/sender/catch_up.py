"""Delivers runs in the foreground, one after the other, until each is on its hub or it is clear why not."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from progress_run.protocol import KEY_PATTERN, RUN_ID_PATTERN, TOKEN_PATTERN, Position
from progress_run.run_directory import Record, is_recording, link_of, read_delivery, read_record
from progress_run.sender.bell import Bell
from progress_run.sender.pause import Pause
from progress_run.sender.shipment import UNREADABLE, Hub, Outcome, Shipment, unreadable

PATIENCE = 4
"""Attempts in a row that may come to nothing."""

LOOK = 0.2
"""Seconds between looks at a run that another sender on this machine is delivering."""

RUNNING = Outcome("running", "It is still running, and delivered by its own sender.")

OnProgress = Callable[[Position], None]


class Result(NamedTuple):
    """How it ended for a run; `record` and `hub` are None where its directory does not even say what it is."""

    outcome: Outcome
    record: Record | None = None
    hub: Hub | None = None
    complete: bool = False

    @property
    def link(self) -> str | None:
        """Where it can be seen."""
        if self.hub is None or self.record is None:
            return None
        return link_of({**self.record, "hub": self.hub.url}, self.record["view_token"])


class CatchUp:
    """Delivers one run at a time; remembers the hubs at which it is in vain.

    Args:
        find_hub: where a run belongs; may raise click's exceptions, which pass through.
    """

    def __init__(self, find_hub: Callable[[Record], Hub]) -> None:
        self._find_hub = find_hub
        self._bell = Bell(None)
        self._in_vain: dict[str, Outcome] = {}

    def deliver(self, path: Path, on_progress: OnProgress) -> Result:
        """Deliver the run at `path` to the end, or say why that can't be."""
        try:
            record = _checked(read_record(path))
        except UNREADABLE as error:
            return Result(unreadable(error))
        hub = self._find_hub(record)
        if hub.url in self._in_vain:
            return Result(self._in_vain[hub.url], record, hub)
        try:
            result = self._deliver(path, record, hub, on_progress)
        except UNREADABLE as error:
            return Result(unreadable(error), record, hub)
        if result.outcome.state == "unreachable" or result.outcome.is_hopeless:
            self._in_vain[hub.url] = result.outcome
        return result

    def _deliver(self, path: Path, record: Record, hub: Hub, on_progress: OnProgress) -> Result:
        shipment = self._take(path, hub, on_progress)
        if shipment is None:
            return Result(RUNNING, record, hub)
        shipment.on_progress = on_progress
        with contextlib.closing(shipment):
            outcome = self._try(shipment)
            return Result(outcome, record, hub, bool(shipment.position and shipment.position["complete"]))

    def _take(self, path: Path, hub: Hub, on_progress: OnProgress) -> Shipment | None:
        """The run, as soon as no other sender on this machine has it; None while it is still running."""
        while not is_recording(path):
            shipment = Shipment.take(path, hub, self._bell, yields=True, reread=True)
            if shipment:
                return shipment
            if position := read_delivery(path):
                on_progress(position)
            self._rest(LOOK)
        return None

    def _try(self, shipment: Shipment) -> Outcome:
        """As often as it takes, as long as attempts bring something."""
        pause, in_vain = Pause(), 0
        while True:
            before = shipment.position
            outcome = shipment.attempt(in_vain, lambda: None)
            if outcome.state not in ("unreachable", "lost") and not outcome.is_fenced:
                return outcome
            in_vain = in_vain + 1 if shipment.position == before else 1
            if in_vain >= PATIENCE:
                return outcome
            self._rest(pause.next())

    def _rest(self, seconds: float) -> None:
        self._bell.wait_until(lambda: False, seconds)  # not `wait`: what the last connection had to say ends that


def _checked(record: Record) -> Record:
    """What is shown and sent on must be what it seems, wherever the directory was copied from; raises ValueError."""
    _check("id", record["id"], RUN_ID_PATTERN)
    _check("view_token", record["view_token"], TOKEN_PATTERN)
    _check("hub", record["hub"], r"^https?://[!-~]+$")
    if "key" in record:
        _check("key", record["key"], KEY_PATTERN)
    return record


def _check(name: str, text: str, pattern: str) -> None:
    if not re.fullmatch(pattern, text):
        raise ValueError(f"meta.json has no proper {name}")
