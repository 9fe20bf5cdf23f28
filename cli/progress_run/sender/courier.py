"""The courier: the one process on a machine that goes on delivering runs to a hub when their own senders have gone.

One a hub is enough however many runs are left: a loop of short jobs beside a dead hub costs one process, not hundreds.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sys
import time
from pathlib import Path

from progress_run.run_directory import try_lock
from progress_run.sender.backlog import undelivered
from progress_run.sender.bell import Bell
from progress_run.sender.pause import Pause
from progress_run.sender.shipment import NO_ROOM, UNREADABLE, Hub, Outcome, Shipment, unreadable
from progress_run.sender_report import start_log
from progress_run.spawn import STAND_BACK, spawn

log = logging.getLogger("progress.courier")

LOCK = "courier-{}.lock"
LOG = "courier.log"
LINGER = 3600.0
"""Seconds for which a courier goes on trying; later the next `progress run` that reaches the hub sends a new one."""

OWN = "own"
"""The argument that says the hub is the user's own."""

BUSY = Outcome("busy")


def main() -> int:
    """Deliver what is left for the hub named on the command line, behind the runs directory; the exit code."""
    start_log()
    runs, url, *own = sys.argv[1:]
    return serve(Path(runs), Hub(url, os.environ.get("PROGRESS_KEY", ""), own == [OWN]))


def send_for_older_runs(runs: Path, hub: Hub) -> None:
    """Start a courier if there is something for it to do at this hub and none is under way."""
    if next(undelivered(runs, hub), None) is None:
        return
    args = [os.fspath(runs), hub.url, *([OWN] if hub.own else [])]
    try:
        with open(runs / LOG, "ab") as out:
            spawn("progress_run.sender.courier", args, os.environ, output=out.fileno(), nice=STAND_BACK)
    except OSError as error:
        log.warning("no courier can be started: %s", error)  # the next `progress run` tries again


def serve(runs: Path, hub: Hub, mine: str = "") -> int:
    """Deliver what is left for `hub`, unless another courier does; the exit code.

    Args:
        mine: the run whose sender this has been. The hub may not have noticed yet that its last connection is gone.
    """
    lock = try_lock(_lock_file(runs, hub))
    if lock is None:
        return 0
    bell, pause, until = Bell(None), Pause(), time.monotonic() + LINGER
    while _round(runs, hub, bell, pause, mine) and time.monotonic() < until:
        bell.wait_until(lambda: False, pause.next())  # not `wait`: what a connection had to say wakes that
    os.close(lock)
    return 0


def _lock_file(runs: Path, hub: Hub) -> Path:
    """One a hub: the courier for one that is away must not keep another's from working."""
    return runs / LOCK.format("own" if hub.own else hashlib.sha256(hub.url.encode()).hexdigest()[:12])


def _round(runs: Path, hub: Hub, bell: Bell, pause: Pause, mine: str) -> bool:
    """Try each run once; whether trying again makes sense."""
    again = False
    for path in undelivered(runs, hub):
        outcome = _try(path, hub, bell, pause, yields=path.name != mine)
        log.info("%s: %s %s", path.name, outcome.state, outcome.message)
        if outcome.is_hopeless:
            return False
        if outcome.state == "unreachable":
            return True
        again = again or outcome.is_fenced or outcome.code == NO_ROOM or outcome.state in ("busy", "lost")
    return again


def _try(path: Path, hub: Hub, bell: Bell, pause: Pause, *, yields: bool) -> Outcome:
    """One attempt at one run, unless another sender has it or there is something wrong with its directory."""
    try:
        shipment = Shipment.take(path, hub, bell, yields=yields)
    except UNREADABLE as error:
        return unreadable(error)
    if shipment is None:
        return BUSY
    with contextlib.closing(shipment):
        return shipment.attempt(pause.attempts, pause.reset)
