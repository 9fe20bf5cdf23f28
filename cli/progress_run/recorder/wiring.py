"""Starts a job at a PTY or at pipes, and connects what comes out of those, and what goes in, with the user's side."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

from progress_run.recorder.job import Job
from progress_run.recorder.keyboard import JobInput, Keyboard
from progress_run.recorder.launch import Stdio
from progress_run.recorder.newlines import Newlines
from progress_run.recorder.poller import Poller
from progress_run.recorder.recording import Recording
from progress_run.recorder.run_log import RunLog
from progress_run.recorder.sink import Sink
from progress_run.recorder.stream import Stream
from progress_run.recorder.taskbar import clear_at
from progress_run.recorder.terminal import Size, get_size, keyboard, open_pty, set_size, tty_name
from progress_run.recorder.terminal_sink import TerminalSink
from progress_run.script import Command


class Look(NamedTuple):
    """What of ours the user's terminal shows: progress in its tab or task bar, live bars below the job's output."""

    progress: bool
    live_bars: bool


class Told(NamedTuple):
    """Who is told what: of a signal for the job, that the user has hung up, what is typed before the job gets it."""

    on_signal: Callable[[], None]
    on_hang_up: Callable[[Stream], None]
    on_keys: Callable[[bytes], None]


class Pty(NamedTuple):
    """The job's terminal.

    Attributes:
        master: its descriptor; the stream's source.
        input: what is typed goes this way.
        keyboard: the user's, None if there is none.
        like: the user's terminal whose size it has, None if there is none.
    """

    master: int
    newlines: Newlines
    input: JobInput
    keyboard: Keyboard | None
    like: int | None

    def follow_size(self) -> Size | None:
        """Be as large as the user's terminal; the new size if that is another."""
        if self.like is None:
            return None
        try:
            size = get_size(self.like)
        except OSError:
            return None  # the terminal has been closed
        if size == get_size(self.master):
            return None
        set_size(self.master, size)
        return size


class Wiring:
    """A started job and its ways out and in.

    Attributes:
        streams: the PTY's, or those of the pipes.
        pty: None if the job has pipes, which keep its stdout and stderr apart.
    """

    def __init__(self, poller: Poller, recording: Recording, log: RunLog, look: Look, told: Told) -> None:
        self.streams: list[Stream] = []
        self.pty: Pty | None = None
        self._poller = poller
        self._recording = recording
        self._log = log
        self._look = look
        self._told = told

    def start_with_pty(self, command: Command, environ: Mapping[str, str]) -> Job:
        """At a terminal of its own, as large and set as the user's."""
        terminal = keyboard() if os.isatty(0) or os.isatty(1) else None
        like = next((fd for fd in (1, 0) if os.isatty(fd)), None)
        master, slave = open_pty(like, terminal.settings if terminal else None)
        newlines = Newlines(master)
        stdio = Stdio(
            stdin=slave if os.isatty(0) else 0,
            stdout=slave,
            stderr=slave if os.isatty(2) else 2,
            slave=slave,
        )
        job = self._start(command, environ, stdio, (1,))
        os.close(slave)
        stream = self._stream(master, 1, self._told.on_hang_up, newlines.read)
        job_input = JobInput(stream)
        keys = Keyboard(self._poller, terminal, job_input, self._told.on_keys) if terminal else None
        self.pty = Pty(master, newlines, job_input, keys, like)
        return job

    def start_with_pipes(self, command: Command, environ: Mapping[str, str]) -> Job:
        """With a pipe for stdout and one for stderr, or one for both where they are the same."""
        source, stdout = os.pipe()
        together = os.path.sameopenfile(1, 2)
        error_source, stderr = (source, stdout) if together else os.pipe()
        for fd, read in ((1, source), (2, error_source))[: 1 if together else 2]:
            os.set_blocking(read, False)
            self._stream(read, fd, Stream.close)
        self._poller.turn(0)  # a reader that has gone already is the job's first surprise, not its second
        job = self._start(command, environ, Stdio(stdin=0, stdout=stdout, stderr=stderr, slave=None), (1, 2))
        for fd in {stdout, stderr}:
            os.close(fd)
        return job

    def _start(self, command: Command, environ: Mapping[str, str], stdio: Stdio, fds: tuple[int, ...]) -> Job:
        tab = tty_name(fds) if self._look.progress else None

        def on_killed() -> None:  # in the monitor, which keeps no terminal open, so that nobody's session waits for it
            if tab:
                clear_at(tab)

        return Job(command, environ, stdio, self._log, self._told.on_signal, on_killed)

    def _stream(
        self, source: int, fd: int, on_sink_gone: Callable[[Stream], None], read: Callable[[], bytes] | None = None
    ) -> Stream:
        sink = self._sink(fd)
        stream = Stream(self._poller, self._recording, source, sink, fd=fd, on_sink_gone=on_sink_gone, read=read)
        self.streams.append(stream)
        return stream

    def _sink(self, fd: int) -> Sink:
        if not os.isatty(fd):
            return Sink(fd)
        if self._look.live_bars:
            from progress_run.recorder.live_bars import LiveSink  # which most jobs need not wait for

            return LiveSink(fd)
        return TerminalSink(fd) if self._look.progress else Sink(fd)
