"""The process between recorder and job: leads the session, relays signals, reports what becomes of the job.

Why it is there: a job that leads its own session is an orphaned process group, in which the kernel ignores Ctrl-Z. So
the monitor leads the session of the PTY, and the job is a process group in it, as under a shell (sudo's use_pty does
the same). In pipe mode nothing is separated: runner, monitor and job share the user's session and process group.

It also decides which signals are relayed: what reached the runner and not the monitor (`kill RUNNER`) is sent to the
job; what reached both (Ctrl-C at a shared terminal, `kill -TERM -GROUP`, a service manager that signals every process)
has reached the job as well and is not sent twice.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from progress_run.descriptors import close_all_but
from progress_run.recorder.launch import Signals, Stdio, become_job
from progress_run.script import Command

RELAYED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTSTP)
"""Signals to the runner that are meant for the job."""

GRACE = 0.03
"""Seconds within which a signal that was sent to every process may reach runner and monitor one after the other."""

# What the monitor reports, each with a number: exec's errno, a signal, an exit code, a signal.
EXEC_FAILED, STOPPED, EXITED, KILLED = range(4)
REPORT = struct.Struct("<ii")


class Report(NamedTuple):
    """One of the four above, and its number."""

    what: int
    number: int


def relayed(stdio: Stdio) -> tuple[signal.Signals, ...]:
    """In pipe mode the terminal stops runner, monitor and job alike, so that Ctrl-Z needs no relay."""
    return RELAYED if stdio.slave is not None else tuple(signo for signo in RELAYED if signo != signal.SIGTSTP)


def monitor(command: Command, environ: Mapping[str, str], stdio: Stdio, reports: int, signals: Signals) -> NoReturn:
    """The monitor's whole life, in a process forked for it; never returns into the runner's code."""
    code = 70
    try:
        watched = {*relayed(stdio), signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_SETMASK, {*signals.mask, *watched})
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        if stdio.slave is not None:
            os.setsid()
            fcntl.ioctl(stdio.slave, termios.TIOCSCTTY, 0)
        job = _fork_job(command, environ, stdio, reports, signals)
        _hold_nothing_but(reports)
        _Watch(job, reports, stdio.slave is not None).until_the_end(watched)
        _stay_while_read(reports)
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


def _hold_nothing_but(reports: int) -> None:
    """Neither the slave nor a pipe whose end somebody waits for; what goes wrong here has nobody to be told."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    close_all_but({0, 1, 2, reports})


class _Watch:
    """Waits for the job and relays signals, by the rule at the top of this file."""

    def __init__(self, job: int, reports: int, has_pty: bool) -> None:
        self._job = job
        self._reports = reports
        self._has_pty = has_pty
        self._runner = os.getppid()
        self._seen: dict[int, float] = {}
        self._asked: dict[int, float] = {}

    def until_the_end(self, watched: set[signal.Signals]) -> None:
        while True:
            info = signal.sigtimedwait(watched, GRACE if self._asked else 3600.0)
            if info is not None:
                if info.si_signo == signal.SIGCHLD:
                    if self._ended():
                        return
                elif info.si_pid == self._runner:
                    self._asked.setdefault(info.si_signo, time.monotonic())
                elif self._hung_up(info):
                    return
                else:
                    self._seen[info.si_signo] = time.monotonic()
            self._relay_what_is_due()

    def _ended(self) -> bool:
        """Report what became of the job; True when it is over."""
        while True:
            pid, status = os.waitpid(self._job, os.WNOHANG | os.WUNTRACED)
            if pid == 0:
                return False
            if not os.WIFSTOPPED(status):
                break
            _report(self._reports, STOPPED, os.WSTOPSIG(status))
        self._spare_what_it_left_behind()
        if os.WIFSIGNALED(status):
            _report(self._reports, KILLED, os.WTERMSIG(status))
        else:
            _report(self._reports, EXITED, os.WEXITSTATUS(status))
        return True

    def _hung_up(self, info: signal.struct_siginfo) -> bool:
        """The runner was killed and the PTY went with it: leaving ends the session, as a closed terminal does."""
        sent_by_kernel = info.si_code > 0
        return info.si_signo == signal.SIGHUP and self._has_pty and sent_by_kernel

    def _relay_what_is_due(self) -> None:
        now = time.monotonic()
        for signo, asked in list(self._asked.items()):
            if abs(self._seen.get(signo, float("-inf")) - asked) <= GRACE:
                del self._asked[signo]
            elif now - asked >= GRACE:
                del self._asked[signo]
                self._send(signo)

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
