"""The sender's life: one run delivered over as many connections as it takes, with reports to the recorder.

Started with a run directory as its argument, the doorbell on stdin, the recorder's ear on stdout, a log on stderr.
Once its recorder has gone and the hub is still out of reach, it turns courier (or leaves that to the one there is).
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from progress_run import run_directory
from progress_run.sender import courier
from progress_run.sender.bell import Bell
from progress_run.sender.connection import RefusedError, UnreachableError
from progress_run.sender.pause import Pause
from progress_run.sender.shipment import Shipment
from progress_run.sender_report import FENCED, Report

log = logging.getLogger("progress.sender")

REFUSED_PAUSE = 30.0


def main() -> int:
    """Deliver the run named on the command line; the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    path = Path(sys.argv[1])
    bell = Bell(0)
    shipment = Shipment.take(path, os.environ.get("PROGRESS_KEY", ""), bell)
    if shipment is None:
        log.info("another sender has %s", path)
        return 0
    return _deliver(shipment, bell, Report(1), path)


def _deliver(shipment: Shipment, bell: Bell, report: Report, path: Path) -> int:
    """Until the hub has everything, another sender has the run, or the recorder has gone and a courier takes over."""
    pause = Pause()
    while True:
        state, seconds = _attempt(shipment, pause, report, path.parent)
        if state == "delivered":
            return 0
        if state == "fenced":
            return FENCED
        if bell.gone and not run_directory.is_recording(path):
            shipment.close()
            return courier.serve(path.parent, shipment.hub, shipment.key)
        _rest(seconds, shipment, bell)


def _attempt(shipment: Shipment, pause: Pause, report: Report, runs: Path) -> tuple[str, float]:
    """One attempt, reported: the state it ended in, and the seconds to wait before the next."""

    def on_connected() -> None:
        pause.reset()
        report.say("connected")
        courier.send_for_older_runs(runs, shipment.hub)

    try:
        shipment.attempt(pause.attempts, on_connected)
    except RefusedError as error:
        state, message, seconds = "fenced" if error.code == "fenced" else "refused", str(error), REFUSED_PAUSE
    except UnreachableError as error:
        state, message, seconds = "unreachable", str(error), pause.next()
    else:
        state, message, seconds = "delivered", "", 0.0
    report.say(state, message)
    return state, seconds


def _rest(seconds: float, shipment: Shipment, bell: Bell) -> None:
    """Pause before the next attempt; the job's end cuts it short, since somebody is waiting then."""
    before = bell.gone, shipment.job_has_ended
    bell.wait_until(lambda: (bell.gone, shipment.job_has_ended) != before, seconds)
