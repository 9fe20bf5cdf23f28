"""One run delivered to its hub over as many connections as it takes, with reports to the recorder.

Once its recorder has gone and the hub is still out of reach, the sender turns courier if there is none.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from progress_run import run_directory
from progress_run.run_directory import Record
from progress_run.sender import courier
from progress_run.sender.bell import Bell
from progress_run.sender.pause import Pause
from progress_run.sender.requests import Requests
from progress_run.sender.shipment import Hub, Outcome, Shipment
from progress_run.sender_report import Report

log = logging.getLogger("progress.sender")

REFUSED_PAUSE = 30.0


def run(path: Path, record: Record, bell: Bell, report: Report) -> int:
    """Deliver the run at `path`; the exit code."""
    hub = Hub(record["hub"], os.environ.get("PROGRESS_KEY", ""), record.get("own_hub", False))
    shipment = Shipment.take(path, hub, bell)
    if shipment is None:
        log.info("another sender has %s", path)
        return 0
    shipment.on_control = Requests(report.control).take
    return _deliver(shipment, bell, report, path)


def _deliver(shipment: Shipment, bell: Bell, report: Report, path: Path) -> int:
    """Until the hub has everything, or the recorder has gone and a courier takes over."""
    pause, fenced = Pause(), Pause()

    def on_connected() -> None:
        pause.reset()
        report.say("connected")
        courier.send_for_older_runs(path.parent, shipment.hub)

    while True:
        outcome = shipment.attempt(pause.attempts, on_connected)
        if outcome.state == "delivered":
            report.say("delivered")
            return 0
        if bell.gone and not run_directory.is_recording(path):
            shipment.close()
            return courier.serve(path.parent, shipment.hub, path.name)
        if outcome.state == "unreadable" and not bell.gone:
            return 1  # a fresh start may do better; the recorder sees to that
        _rest(_seconds(outcome, pause, fenced, report), shipment, bell)


def _seconds(outcome: Outcome, pause: Pause, fenced: Pause, report: Report) -> float:
    """How long to wait before the next attempt; the recorder is told what is in the way."""
    if outcome.is_fenced:
        # Somebody delivers a copy of this run, here is the original. Each time later: the other may think the same.
        log.warning("%s Taking the run back.", outcome.message)
        return fenced.next()
    if outcome.state == "refused":
        report.say("refused", outcome.message)
        return REFUSED_PAUSE
    report.say("unreachable", outcome.message)
    return pause.next()


def _rest(seconds: float, shipment: Shipment, bell: Bell) -> None:
    """Pause before the next attempt; the job's end cuts it short, since somebody is waiting then."""
    before = bell.gone, shipment.job_has_ended
    bell.wait_until(lambda: (bell.gone, shipment.job_has_ended) != before, seconds)
