"""The last steps of a forked process before it becomes the job: descriptors, group and signals as in a shell."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from collections.abc import Collection, Mapping
from typing import NamedTuple, NoReturn

from progress_run.script import Command


class Stdio(NamedTuple):
    """The job's descriptors 0, 1 and 2, and the PTY's slave if it is to be the controlling terminal."""

    stdin: int
    stdout: int
    stderr: int
    slave: int | None


class Signals(NamedTuple):
    """What the user's shell handed down: the signals it ignores, and the mask."""

    ignored: frozenset[int]
    mask: frozenset[int]


CHANGED = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGWINCH, signal.SIGCONT)
"""Signals that Python or the runner set otherwise, besides the relayed ones."""


def become_job(
    command: Command, environ: Mapping[str, str], stdio: Stdio, failed: int, signals: Signals, relayed: Collection[int]
) -> NoReturn:
    """Execute the command in this process; a failure goes back through the pipe `failed`, by its errno."""
    try:
        if stdio.slave is not None:
            _lead_foreground_group(stdio.slave)
        _restore(signals, relayed)
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


def _restore(signals: Signals, relayed: Collection[int]) -> None:
    """What Python changed goes back to the default; what the user's shell ignored (nohup) stays ignored."""
    for signo in {*relayed, *CHANGED}:
        signal.signal(signo, signal.SIG_IGN if signo in signals.ignored else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, signals.mask)


def _out_of_the_way(*fds: int) -> list[int]:
    """Copies above 2, so that putting them in place overwrites none that is still needed."""
    return [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3) for fd in fds]
