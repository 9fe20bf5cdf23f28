"""Starts the job under a small monitor process, and says what becomes of it.

Why a monitor: a job that leads its own session is an orphaned process group, in which the kernel ignores Ctrl-Z. So the
monitor leads the session of the PTY, and the job is a process group in it, as under a shell (sudo's use_pty does the
same). In pipe mode nothing is separated: runner, monitor and job share the user's session and process group.

The monitor also decides which signals are relayed: what reached the runner and not the monitor (`kill RUNNER`) is sent
to the job; what reached both (Ctrl-C at a shared terminal, `kill -TERM -GROUP`, a service manager that signals every
process) has reached the job as well and is not sent twice.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

from progress_run.script import Command

RELAYED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTSTP)
"""Signals to the runner that are meant for the job."""

Handler = Callable[[int, FrameType | None], None]

GRACE = 0.03
"""Seconds within which a signal that was sent to every process may reach runner and monitor one after the other."""

# What the monitor reports, each with a number: the job's pid, exec's errno, a signal, an exit code, a signal.
STARTED, EXEC_FAILED, STOPPED, EXITED, KILLED = range(5)
_REPORT = struct.Struct("<ii")


@dataclass(frozen=True)
class Report:
    """One of the five above, and its number."""

    what: int
    number: int


@dataclass(frozen=True)
class Stdio:
    """The job's descriptors 0, 1 and 2, and the PTY's slave if it is to be the controlling terminal."""

    stdin: int
    stdout: int
    stderr: int
    slave: int | None


class Job:
    """A started job: its monitor's pid and the descriptor on which reports arrive."""

    def __init__(self, command: Command, environ: Mapping[str, str], stdio: Stdio, on_signal: Handler) -> None:
        """Start the job; from then on `on_signal` is called for each signal in RELAYED that is not ignored."""
        ignored = {signo for signo in RELAYED if signal.getsignal(signo) == signal.SIG_IGN}
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, RELAYED)
        self.reports, theirs = os.pipe()
        self.monitor = os.fork()
        if self.monitor == 0:
            _monitor(command, environ, stdio, theirs, ignored, mask)
        os.close(theirs)
        for signo in {*_handled(stdio)} - ignored:
            signal.signal(signo, on_signal)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        self.pid: int | None = None

    def read_report(self) -> Report | None:
        """The next report; None when the monitor has ended."""
        data = os.read(self.reports, _REPORT.size)
        if not data:
            return None
        report = Report(*_REPORT.unpack(data))
        if report.what == STARTED:
            self.pid = report.number
        return report

    def relay(self, signo: int) -> None:
        """Send a signal that the runner received on to the job, unless it got it anyway."""
        _try_kill(self.monitor, signo)

    def leave(self, *, wait: bool) -> None:
        """Let the monitor go, which ends the PTY's session; `wait` unless somebody else still holds `reports`."""
        os.close(self.reports)
        if wait:
            os.waitpid(self.monitor, 0)


def _handled(stdio: Stdio) -> tuple[signal.Signals, ...]:
    """In pipe mode the terminal stops runner, monitor and job alike, so that Ctrl-Z needs no relay."""
    return RELAYED if stdio.slave is not None else tuple(signo for signo in RELAYED if signo != signal.SIGTSTP)


def _monitor(
    command: Command,
    environ: Mapping[str, str],
    stdio: Stdio,
    reports: int,
    ignored: set[signal.Signals],
    mask: set[signal.Signals | int],
) -> NoReturn:
    """The monitor's whole life; never returns into the runner's code."""
    code = 70
    try:
        watched = {*_handled(stdio), signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_SETMASK, {*mask, *watched})
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if stdio.slave is not None:
            os.setsid()
            fcntl.ioctl(stdio.slave, termios.TIOCSCTTY, 0)
        job = _fork_job(command, environ, stdio, reports, ignored, mask)
        _close_all_but(reports)
        _Watch(job, reports, stdio.slave is not None).until_the_end(watched)
        _stay_while_read(reports)
        code = 0
    finally:
        os._exit(code)


def _fork_job(
    command: Command,
    environ: Mapping[str, str],
    stdio: Stdio,
    reports: int,
    ignored: set[signal.Signals],
    mask: set[signal.Signals | int],
) -> int:
    failed_read, failed = os.pipe()
    job = os.fork()
    if job == 0:
        _become_job(command, environ, stdio, failed, ignored, mask)
    os.close(failed)
    failure = os.read(failed_read, 4)
    if failure:
        _report(reports, EXEC_FAILED, int.from_bytes(failure, "little"))
        os._exit(0)
    _report(reports, STARTED, job)
    return job


def _become_job(
    command: Command,
    environ: Mapping[str, str],
    stdio: Stdio,
    failed: int,
    ignored: set[signal.Signals],
    mask: set[signal.Signals | int],
) -> NoReturn:
    """Put descriptors, process group and signals as a shell would, and execute; a failure goes back by its errno."""
    try:
        if stdio.slave is not None:
            _lead_foreground_group(stdio.slave)
        _restore_signals(ignored, mask)
        for fd, target in enumerate(_out_of_the_way(stdio.stdin, stdio.stdout, stdio.stderr)):
            os.dup2(target, fd)
        execute(command, environ)
    except OSError as error:
        os.write(failed, (error.errno or 1).to_bytes(4, "little"))
    finally:
        os._exit(127)


def execute(command: Command, environ: Mapping[str, str]) -> NoReturn:
    """Become the command.

    Raises:
        OSError: it can't be executed.
    """
    try:
        os.execve(command.program, command.argv, environ)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        # A script without a #! line: shells run it themselves, and so do we.
        os.execve("/bin/sh", ["sh", command.program, *command.argv[1:]], environ)


def _lead_foreground_group(slave: int) -> None:
    os.setpgid(0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    os.tcsetpgrp(slave, os.getpid())


def _restore_signals(ignored: set[signal.Signals], mask: set[signal.Signals | int]) -> None:
    """What Python changed goes back to the default; what the user's shell ignored (nohup) stays ignored."""
    for signo in {*RELAYED, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGWINCH, signal.SIGCONT}:
        signal.signal(signo, signal.SIG_IGN if signo in ignored else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _out_of_the_way(*fds: int) -> list[int]:
    """Copies above 2, so that putting them in place overwrites none that is still needed."""
    return [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3) for fd in fds]


def _close_all_but(kept: int) -> None:
    """The monitor holds nothing of the user's: neither the slave nor a pipe whose end somebody waits for."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    for name in os.listdir("/dev/fd"):
        fd = int(name)
        if fd > 2 and fd != kept:
            _try_close(fd)


def _try_close(fd: int) -> None:
    try:
        os.close(fd)
    except OSError:
        return  # it was the descriptor that listed the others


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
            _try_kill(-self._job, signo)
        else:
            _try_kill(self._job, signo)

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
    try:
        os.write(fd, _REPORT.pack(what, number))
    except BrokenPipeError:
        return  # the runner was killed; nobody wants to know


def _try_kill(pid: int, signo: int) -> None:
    try:
        if pid < 0:
            os.killpg(-pid, signo)
        else:
            os.kill(pid, signo)
    except ProcessLookupError:
        return  # it has just ended
