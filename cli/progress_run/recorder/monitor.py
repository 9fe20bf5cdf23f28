"""The process between recorder and job: leads the session, relays signals, reports what becomes of the job.

Why it is there: a job that leads its own session is an orphaned process group, in which the kernel ignores Ctrl-Z. So
the monitor leads the session of the PTY, and the job is a process group in it, as under a shell (sudo's use_pty does
the same). In pipe mode nothing is separated: runner, monitor and job share the user's session and process group.

It also decides which signals are relayed: what reached the runner and not the monitor (`kill RUNNER`) is sent to the
job; what reached both (Ctrl-C at a shared terminal, `kill -TERM -GROUP`, a service manager that signals every process)
has reached the job as well and is not sent twice (relay.py).

And it outlives a recorder that is killed: the job gets what a closed terminal gives, and the run's record gets its end.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import sys
import termios
from collections.abc import Callable, Mapping
from typing import NamedTuple, NoReturn

from progress_run.descriptors import close_all_but
from progress_run.recorder.board import recall
from progress_run.recorder.launch import Signals, Stdio, become_job
from progress_run.recorder.relay import GRACE, Relay
from progress_run.recorder.run_log import RunLog
from progress_run.script import Command

RELAYED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTSTP)
"""Signals to the runner that are meant for the job."""

RECORDER_DIED = "The recorder was killed; what the job writes from here on is not recorded."

# What the monitor reports, each with a number: exec's errno, a signal, an exit code, a signal, SIGCONT; a signal
# that it got itself, which tells the recorder nothing (relay.py).
EXEC_FAILED, STOPPED, EXITED, KILLED, CONTINUED, GOT = range(6)
REPORT = struct.Struct("<ii")


class Report(NamedTuple):
    """One of the six above, and its number."""

    what: int
    number: int


def relayed(stdio: Stdio) -> tuple[signal.Signals, ...]:
    """In pipe mode the terminal stops runner, monitor and job alike, so that Ctrl-Z needs no relay."""
    return RELAYED if stdio.slave is not None else tuple(signo for signo in RELAYED if signo != signal.SIGTSTP)


def monitor(
    command: Command,
    environ: Mapping[str, str],
    stdio: Stdio,
    reports: int,
    signals: Signals,
    log: RunLog,
    on_alone: Callable[[], None],
) -> NoReturn:
    """The monitor's whole life, in a process forked for it; never returns into the runner's code.

    `on_alone` is called if the recorder is killed.
    """
    code = 70
    try:
        watched = {*relayed(stdio), signal.SIGCHLD, signal.SIGIO}
        signal.pthread_sigmask(signal.SIG_SETMASK, {*signals.mask, *watched})
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        if stdio.slave is not None:
            os.setsid()
            fcntl.ioctl(stdio.slave, termios.TIOCSCTTY, 0)
        job = _fork_job(command, environ, stdio, reports, signals)
        _hold_nothing_but({reports, *log.descriptors})
        watch = _Watch(job, reports, log, on_alone, has_pty=stdio.slave is not None)
        watch.until_the_end(watched)
        _stay_while_read(reports)
        watch.record_the_end()
        code = 0
    finally:
        os._exit(code)


def _fork_job(command: Command, environ: Mapping[str, str], stdio: Stdio, reports: int, signals: Signals) -> int:
    failed_read, failed = os.pipe()
    job = os.fork()
    if job == 0:
        become_job(command, environ, stdio, failed, signals, RELAYED)
    os.close(failed)
    failure = os.read(failed_read, 4)
    if failure:
        _report(reports, EXEC_FAILED, int.from_bytes(failure, "little"))
        os._exit(0)
    return job


def _hold_nothing_but(kept: set[int]) -> None:
    """Neither the slave nor a pipe whose end somebody waits for; what goes wrong here has nobody to be told."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    close_all_but({0, 1, 2, *kept})


class _Watch:
    """Waits for the job and relays signals, by the rule at the top of this file."""

    def __init__(self, job: int, reports: int, log: RunLog, on_alone: Callable[[], None], *, has_pty: bool) -> None:
        self._job = job
        self._reports = reports
        self._log = log
        self._on_alone = on_alone
        self._has_pty = has_pty
        self._runner = os.getppid()
        self._relay = Relay()
        self._alone = False
        self._is_stopped = False
        self._ending: tuple[int | None, int | None] = (None, None)

    def until_the_end(self, watched: set[signal.Signals]) -> None:
        _signal_when_unread(self._reports)
        while True:
            if not self._alone and _is_unread(self._reports):
                self._go_on_alone()
            info = signal.sigtimedwait(watched, GRACE if self._relay.waits else 3600.0)
            if info is None:
                for signo in self._relay.quiet(all_read=self._alone or _has_read_all(self._reports)):
                    self._send(signo)
            elif info.si_signo in RELAYED:
                self._on_signal(info)
            elif info.si_signo == signal.SIGCHLD and self._ended():
                return

    def record_the_end(self) -> None:
        """Nobody reads the reports any more; unless that is because the run's record is whole, it is up to us."""
        if not self._alone and self._log.has_exit:
            return
        if not self._alone:
            self._take_over()
        recall(self._log).close(good=self._ending == (0, None))
        self._log.finish(*self._ending)
        self._log.settle()

    def _go_on_alone(self) -> None:
        """The recorder was killed. A PTY went with it: the kernel hung up on this session's leader, who tells the job.

        In pipe mode the job meets SIGPIPE at its next write, if there is one; to write it must not be left stopped by a
        viewer's pause, which nobody could end any more.
        """
        self._alone = True
        if self._has_pty:
            for signo in (signal.SIGHUP, signal.SIGCONT):
                try_kill(-self._job, signo)
        elif self._is_stopped:
            _continue_in_pipes()
        self._take_over()

    def _take_over(self) -> None:
        self._on_alone()
        self._log.take_over()
        self._log.event("note", {"level": "error", "text": RECORDER_DIED})
        self._log.tend()

    def _ended(self) -> bool:
        """Report what became of the job; True when it is over."""
        while True:
            pid, status = os.waitpid(self._job, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            if pid == 0:
                return False
            self._is_stopped = os.WIFSTOPPED(status)
            if self._is_stopped:
                _report(self._reports, STOPPED, os.WSTOPSIG(status))
            elif os.WIFCONTINUED(status):
                _report(self._reports, CONTINUED, signal.SIGCONT)
            else:
                break
        self._spare_what_it_left_behind()
        if os.WIFSIGNALED(status):
            self._ending = None, os.WTERMSIG(status)
            _report(self._reports, KILLED, os.WTERMSIG(status))
        else:
            self._ending = os.WEXITSTATUS(status), None
            _report(self._reports, EXITED, os.WEXITSTATUS(status))
        return True

    def _on_signal(self, info: signal.struct_siginfo) -> None:
        if info.si_pid == self._runner and not self._alone:
            self._relay.passed_on(info.si_signo)
        elif self._relay.got(info.si_signo):
            _report(self._reports, GOT, info.si_signo)

    def _send(self, signo: int) -> None:
        if signo == signal.SIGHUP and self._has_pty:
            # A closed terminal tells everybody in the foreground, not the job's first process alone.
            try_kill(-self._job, signo)
        else:
            try_kill(self._job, signo)

    def _spare_what_it_left_behind(self) -> None:
        """Background processes of the job get no SIGHUP when this session ends: they are not in the foreground."""
        if not self._has_pty:
            return
        try:
            terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
            os.tcsetpgrp(terminal, os.getpgrp())
            os.close(terminal)  # whoever still holds the slave now was left behind by the job
        except OSError:
            return  # the terminal is gone already


def _continue_in_pipes() -> None:
    # The import is late for the memory of a monitor that never needs it, and may fail: the files may have gone since.
    with contextlib.suppress(ImportError):
        from progress_run.recorder.targets import Targets

        Targets(os.getpid(), None).send(signal.SIGCONT)


def _signal_when_unread(reports: int) -> None:
    """SIGIO when the last reader of the pipe goes."""
    fcntl.fcntl(reports, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(reports, fcntl.F_SETFL, fcntl.fcntl(reports, fcntl.F_GETFL) | os.O_ASYNC)


def _is_unread(reports: int) -> bool:
    poll = select.poll()
    poll.register(reports, 0)
    return bool(poll.poll(0))


def _has_read_all(reports: int) -> bool:
    unread = fcntl.ioctl(reports, termios.FIONREAD, bytes(4))
    return not int.from_bytes(unread, sys.byteorder)


def _stay_while_read(reports: int) -> None:
    """The session, and with it the terminal of what the job left running, lasts as long as somebody copies from it."""
    poll = select.poll()
    poll.register(reports, 0)
    poll.poll()


def _report(fd: int, what: int, number: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # the runner was killed; nobody wants to know
        os.write(fd, REPORT.pack(what, number))


def try_kill(pid: int, signo: int) -> None:
    """Send a signal to a process, or to the group -pid, that may have ended or become another user's."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if pid < 0:
            os.killpg(-pid, signo)
        else:
            os.kill(pid, signo)
