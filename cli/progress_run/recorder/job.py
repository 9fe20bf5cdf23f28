"""The job as the recorder sees it: started under its monitor, signalled through it, heard of by its reports."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from types import FrameType

from progress_run.recorder.launch import CHANGED, Signals, Stdio
from progress_run.recorder.monitor import RELAYED, REPORT, Report, monitor, relayed, try_kill
from progress_run.recorder.run_log import RunLog
from progress_run.script import Command

PYTHONS_OWN = {signal.SIGPIPE, signal.SIGXFSZ}
"""Ignored by Python itself from its start, whatever the shell had; the job gets the default."""


class Job:
    """A started job.

    Attributes:
        monitor: the pid of the job's parent.
        reports: the descriptor on which the monitor's reports arrive.
    """

    def __init__(
        self,
        command: Command,
        environ: Mapping[str, str],
        stdio: Stdio,
        log: RunLog,
        on_signal: Callable[[], None],
        on_killed: Callable[[], None],
    ) -> None:
        """Start the job; from then on the signals in RELAYED go to it, and `on_signal` is called for each.

        The monitor goes on with `log` should this process be killed, and calls `on_killed`.
        """
        self._on_signal = on_signal
        self._over = False
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, RELAYED)
        ignored = {signo for signo in (*RELAYED, *CHANGED) if signal.getsignal(signo) == signal.SIG_IGN}
        inherited = Signals(frozenset(ignored - PYTHONS_OWN), frozenset(mask))
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would keep us from hearing how the job ended
        self.reports, theirs = os.pipe()
        self.monitor = os.fork()
        if self.monitor == 0:
            monitor(command, environ, stdio, theirs, inherited, log, on_killed)
        os.close(theirs)
        for signo in {*relayed(stdio)} - ignored:
            signal.signal(signo, self._pass_on)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def read_report(self) -> Report | None:
        """The next report; None when the monitor has ended."""
        data = os.read(self.reports, REPORT.size)
        return Report(*REPORT.unpack(data)) if data else None

    def relay(self, signo: int) -> None:
        """Send a signal on to the job, unless it got it anyway."""
        if not self._over:
            try_kill(self.monitor, signo)

    def leave(self, *, wait: bool) -> None:
        """Let the monitor go, which ends the PTY's session; `wait` unless somebody else still holds `reports`."""
        self._over = True
        os.close(self.reports)
        if wait:
            os.waitpid(self.monitor, 0)

    def _pass_on(self, signo: int, _frame: FrameType | None) -> None:
        self.relay(signo)
        self._on_signal()
