"""The sender's life: it observes the job and delivers its run, each whatever becomes of the other.

Started with a run directory as its argument, the doorbell on stdin, the recorder's ear on stdout, a log on stderr. To
observe the job it is told two things more: the socket that takes reports, and the pid of the job's monitor.
"""

from __future__ import annotations

import sys
from pathlib import Path

from progress_run import run_directory
from progress_run.sender.bell import Bell
from progress_run.sender_report import Report, start_log

SWITCH = 0.0001
"""Seconds for which one thread may keep the other waiting: what is recognised must not delay what is delivered."""


def main() -> int:
    """Deliver the run named on the command line, and observe it if it is told how; the exit code."""
    start_log()
    path, *observed = sys.argv[1:]
    record = run_directory.read_record(Path(path))
    report = Report(1)
    if observed:
        from progress_run.sender import observer

        sys.setswitchinterval(SWITCH)
        events, monitor = observed
        observer.start(Path(path), record["meta"], Path(events), int(monitor), 1, report)
    from progress_run.sender import errand  # half a second of imports, during which short jobs are observed already

    return errand.run(Path(path), record, Bell(0, ear=1), report)
