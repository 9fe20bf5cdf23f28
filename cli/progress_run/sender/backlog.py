"""What is left to deliver in a state directory."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from progress_run import run_directory
from progress_run.run_directory import is_recording, read_delivery, read_record
from progress_run.sealed.layout import size_if_whole
from progress_run.sender.shipment import UNREADABLE, Hub

log = logging.getLogger("progress.sender")


def undelivered(runs: Path, hub: Hub) -> Iterator[Path]:
    """Runs for this hub that are over, as far as their recorder is concerned, and that no hub has confirmed."""
    for path in sorted(runs.iterdir()):
        try:
            wanted = _is_wanted(path, hub)
        except UNREADABLE as error:
            log.warning("%s is left alone: %r", path, error)
            continue
        if wanted:
            yield path


def is_run(path: Path) -> bool:
    """Whether the directory is a run's, and not one that is just being made."""
    output = path / run_directory.OUTPUT
    return (path / run_directory.META).is_file() or (output.is_file() and output.stat().st_size > 0)


def is_delivered(path: Path) -> bool:
    """Confirmed whole; or, of a run whose recorder died before it could write an end, all there is has arrived."""
    delivery = read_delivery(path)
    if delivery is None or delivery["complete"]:
        return delivery is not None
    last = run_directory.last_event(path)
    has_all = delivery["end"] == _size(path) and delivery["events_end"] > last.get("seq", -1)
    return bool(has_all and last.get("kind") != "exit")


def _size(path: Path) -> int | None:
    """How many bytes of output a hub should have; None as long as they are not all encrypted."""
    return size_if_whole(path) if "key" in read_record(path) else (path / run_directory.OUTPUT).stat().st_size


def _is_wanted(path: Path, hub: Hub) -> bool:
    if not (path / run_directory.META).is_file() or is_delivered(path) or is_recording(path):
        return False
    return hub.is_for(read_record(path))
