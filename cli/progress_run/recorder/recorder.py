"""Runs one job: its output to the user and the run log, its keys, signals and stops as if we weren't there."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from progress_run.errors import NOT_EXECUTABLE, NOT_FOUND
from progress_run.protocol import Policy
from progress_run.recorder import monitor
from progress_run.recorder.board import Board
from progress_run.recorder.events_socket import EventsSocket
from progress_run.recorder.intake import Intake
from progress_run.recorder.job import Job
from progress_run.recorder.keyboard import JobInput, Keyboard
from progress_run.recorder.launch import Stdio
from progress_run.recorder.leftovers import copy_on, write_on
from progress_run.recorder.newlines import Newlines
from progress_run.recorder.pace import NEVER
from progress_run.recorder.poller import READ, Poller
from progress_run.recorder.recording import Recording
from progress_run.recorder.run_log import RunLog
from progress_run.recorder.sender_process import SenderProcess
from progress_run.recorder.sink import Sink
from progress_run.recorder.stream import Stream
from progress_run.recorder.taskbar import TaskBar, clear_at
from progress_run.recorder.terminal import get_size, keyboard, open_pty, set_size, tty_name
from progress_run.recorder.terminal_sink import TerminalSink
from progress_run.script import Command
from progress_run.shown import shown_text

if TYPE_CHECKING:
    from progress_run.recorder.control import Control
    from progress_run.recorder.live_bars import LiveBars

BACKGROUND_LOOK = 0.25
"""Seconds between looks whether a job started in the background has come to the foreground."""


HASTE = 0.05
"""Seconds of waiting for the sender's last reports that nobody notices; who wants no more gets them if it is up."""

INTAKE_SECONDS = 0.05
"""For the last reports, of which there are no more than the kernel's queue holds, unless somebody floods it."""

CONTROL_FAILED = "What a viewer asked for could not be done here: {}."

DRAIN_BYTES = 1024 * 1024
"""The most a pipe or a PTY can hold of what the job wrote before its end."""


class Ending(NamedTuple):
    """How the job ended: by `code` or by `signal`, with neither when the monitor was killed and nobody saw it.

    `exec_errno` says why it could not even be executed.
    """

    code: int | None
    signal: int | None
    exec_errno: int | None = None

    @property
    def status(self) -> int:
        """What the shell is told: the job's own code, or 128+N when signal N ended it, or its monitor."""
        if self.code is None:
            return 128 + (self.signal or signal.SIGKILL)
        return self.code


class Recorder:
    """One job from its start to its end.

    Args:
        pty: give the job a terminal; else its stdout and stderr are pipes that stay apart.
        shows_progress: in the tab or the task bar of the user's terminal, if stdout or stderr is one.
        live_bars: below the job's output, if that goes to a terminal by way of a PTY.
        policy: what viewers may ask of the job.
        on_started: called once the job has been started, for all that may come after it.
    """

    def __init__(
        self,
        command: Command,
        environ: Mapping[str, str],
        *,
        pty: bool,
        log: RunLog,
        recording: Recording,
        events: EventsSocket,
        board: Board,
        sender: SenderProcess,
        shows_progress: bool,
        live_bars: bool,
        policy: Policy,
        on_started: Callable[[], None],
    ) -> None:
        self._log = log
        self._recording = recording
        self._sender = sender
        self._shows_progress = shows_progress
        self._live_bars = live_bars and pty
        self._tab = tty_name((1,) if pty else (1, 2)) if shows_progress else None
        self._poller = Poller()
        self._streams: list[Stream] = []
        self._keyboard: Keyboard | None = None
        self._input: JobInput | None = None
        self._policy = policy
        self._control: Control | None = None
        self._master: int | None = None
        self._newlines: Newlines | None = None
        self._size_of: int | None = None
        self._ending: Ending | None = None
        self._unwatched = False
        self._impatient = False
        self._has_let_go = self._left_behind = False
        self._wake_on_signals()
        self._job = self._start_with_pty(command, environ) if pty else self._start_with_pipes(command, environ)
        log.on_growth = sender.ring
        self._poller.watch(self._job.reports, READ, self._on_report)
        self._intake = Intake(self._poller, events, board, log)
        self._displays: list[TaskBar | LiveBars] = [TaskBar(board, self._streams if shows_progress else [])]
        if self._live_bars:
            from progress_run.recorder.live_bars import LiveBars  # which most jobs need not wait for

            self._displays.append(LiveBars(board, self._streams))
        _let_go_of_stdin()
        sender.monitor = self._job.monitor
        sender.on_control = self._on_control
        on_started()

    # --- starting

    def _start_with_pty(self, command: Command, environ: Mapping[str, str]) -> Job:
        terminal = keyboard() if os.isatty(0) or os.isatty(1) else None
        self._size_of = next((fd for fd in (1, 0) if os.isatty(fd)), None)
        self._master, slave = open_pty(self._size_of, terminal.settings if terminal else None)
        self._newlines = Newlines(self._master)
        stdio = Stdio(
            stdin=slave if os.isatty(0) else 0,
            stdout=slave,
            stderr=slave if os.isatty(2) else 2,
            slave=slave,
        )
        job = Job(command, environ, stdio, self._log, self._hurry, self._on_killed)
        os.close(slave)
        stream = Stream(
            self._poller,
            self._recording,
            self._master,
            self._sink(1),
            fd=1,
            on_sink_gone=self._on_hang_up,
            read=self._newlines.read,
        )
        self._streams = [stream]
        self._input = JobInput(stream)
        if terminal:
            self._keyboard = Keyboard(self._poller, terminal, self._input)
        return job

    def _start_with_pipes(self, command: Command, environ: Mapping[str, str]) -> Job:
        source, stdout = os.pipe()
        together = os.path.sameopenfile(1, 2)
        error_source, stderr = (source, stdout) if together else os.pipe()
        for fd, read in ((1, source), (2, error_source))[: 1 if together else 2]:
            os.set_blocking(read, False)
            self._streams.append(
                Stream(self._poller, self._recording, read, self._sink(fd), fd=fd, on_sink_gone=Stream.close)
            )
        self._poller.turn(0)  # a reader that has gone already is the job's first surprise, not its second
        stdio = Stdio(stdin=0, stdout=stdout, stderr=stderr, slave=None)
        job = Job(command, environ, stdio, self._log, self._hurry, self._on_killed)
        for fd in {stdout, stderr}:
            os.close(fd)
        return job

    def _on_killed(self) -> None:
        """In the monitor, which keeps no terminal open, so that nobody's session waits for it."""
        if self._tab:
            clear_at(self._tab)

    def _sink(self, fd: int) -> Sink:
        if not os.isatty(fd):
            return Sink(fd)
        if self._live_bars:
            from progress_run.recorder.live_bars import LiveSink

            return LiveSink(fd)
        return TerminalSink(fd) if self._shows_progress else Sink(fd)

    # --- signals

    def _wake_on_signals(self) -> None:
        """SIGWINCH and SIGCONT are handled in the loop, where no write is under way; the rest at once."""
        self._woken, wakeup = os.pipe()
        for fd in (self._woken, wakeup):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        for signo in (signal.SIGWINCH, signal.SIGCONT):
            signal.signal(signo, lambda _signo, _frame: None)
        self._poller.watch(self._woken, READ, self._on_wakeup)

    def _hurry(self) -> None:
        """A signal: whoever waits for something after the job's end waits no longer."""
        self._impatient = True

    def _on_wakeup(self, _events: int) -> None:
        received = os.read(self._woken, 4096)
        if signal.SIGWINCH in received:
            self._follow_size()
        if signal.SIGCONT in received:
            self._continue()

    def _continue(self) -> None:
        """The runner goes on, and the job with it, at a terminal that may have changed in the meantime."""
        if self._keyboard:
            self._keyboard.claim()
        self._follow_size()
        if self._control:
            self._control.paused = False
        if self._master is not None and self._ending is None:
            with contextlib.suppress(OSError):  # it may be another user's by now, or about to end
                os.killpg(os.tcgetpgrp(self._master), signal.SIGCONT)

    def _follow_size(self) -> None:
        if self._master is None or self._size_of is None or not self._streams[0].open:
            return
        try:
            size = get_size(self._size_of)
        except OSError:
            return  # the terminal has been closed
        if size != get_size(self._master):
            set_size(self._master, size)
            self._recording.settle()  # what was drawn for the old size stands before the event
            self._log.event("resize", {"cols": size.cols, "rows": size.rows})

    def _on_hang_up(self, _stream: Stream) -> None:
        """A terminal's own hang-up comes as SIGHUP from the kernel; where a pipe stands in for it, we say it."""
        if not os.isatty(1):
            self._job.relay(signal.SIGHUP)

    # --- the job's reports

    def _on_report(self, _events: int) -> None:
        report = self._job.read_report()
        if report is None:
            self._poller.forget(self._job.reports)
            self._lose_sight()
        elif report.what == monitor.EXITED:
            self._end(Ending(report.number, None))
        elif report.what == monitor.KILLED:
            self._end(Ending(None, report.number))
        elif report.what == monitor.EXEC_FAILED:
            code = NOT_FOUND if report.number == errno.ENOENT else NOT_EXECUTABLE
            self._end(Ending(code, None, report.number))
        elif report.what == monitor.STOPPED:
            self._on_stopped()

    def _on_stopped(self) -> None:
        """By Ctrl-Z at the user's terminal; a viewer's pause concerns the job alone."""
        paused = self._control is not None and self._control.paused
        if self._keyboard and self._keyboard.terminal.claimed and not paused:
            self._stop_as_well(self._keyboard)

    def _lose_sight(self) -> None:
        """Somebody killed the monitor. The job may live, and then its output is taken to the end as before."""
        self._unwatched = True
        self._impatient = False

    def _end(self, ending: Ending) -> None:
        if self._ending is None:
            self._ending = ending

    def _stop_as_well(self, keyboard: Keyboard) -> None:
        """Ctrl-Z: give the terminal back and stop with everybody in our process group; `fg` ends both stops."""
        for display in self._displays:
            display.clear()
        self._recording.settle()
        keyboard.release()
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.killpg(0, signal.SIGTSTP)
        # Here again by SIGCONT; or at once where nobody could ever continue us, and then the job must not stop either.
        signal.signal(signal.SIGTSTP, handler)
        self._continue()

    # --- the loop

    def run(self) -> Ending:
        """Until the job has ended and all it wrote has been taken; a signal ends the wait for a stalled reader."""
        while self._ending is None:
            if self._is_over_unseen():
                self._end(Ending(None, None))
            else:
                self._turn(self._patience())
        last = [stream.taken + DRAIN_BYTES for stream in self._streams]
        while self._has_more(last) and (self._turn(self._drain_patience()) or self._waits):
            pass
        if self._control:
            self._control.ended(self._ending.signal)
        return self._ending

    def _is_over_unseen(self) -> bool:
        """Without a monitor the end of the output is taken for the job's; a signal has nobody to go to but us."""
        return self._unwatched and (self._impatient or not any(stream.open for stream in self._streams))

    def _has_more(self, last: list[int]) -> bool:
        """Something of the job may be under way; what comes later is from processes that it left running."""
        return any(
            stream.stalled or (stream.open and stream.taken < end)
            for stream, end in zip(self._streams, last, strict=True)
        )

    def _turn(self, seconds: float | None) -> bool:
        busy = self._poller.turn(seconds)
        self._recording.tend()
        self._intake.tend()
        if self._control and self._ending is None:
            self._control.tend()
        if self._newlines:
            self._newlines.tend()
        for display in self._displays:
            display.update()
        self._tend_sender()
        if self._keyboard and not self._keyboard.terminal.claimed:
            self._keyboard.claim()
        return busy

    def _patience(self) -> float | None:
        if self._keyboard and not self._keyboard.terminal.claimed:
            return min(BACKGROUND_LOOK, max(0.0, self._recording.patience))
        tended = [self._recording, self._intake, *self._displays, *filter(None, [self._newlines])]
        control = max(0.0, self._control.patience) if self._control else NEVER
        return _seconds(min(self._restart_in(), control, *(each.patience for each in tended)))

    def _restart_in(self) -> float:
        at = self._sender.restart_at
        return float("inf") if at is None else max(0, at - time.monotonic())

    def _drain_patience(self) -> float | None:
        """What the job wrote is there already; only the user's side may need time to take it."""
        return _seconds(self._recording.patience) if self._waits else 0

    @property
    def _waits(self) -> bool:
        """The user's side takes its time, and nobody minds."""
        return any(stream.stalled for stream in self._streams) and not self._impatient

    def _tend_sender(self) -> None:
        self._sender.restart_if_due()
        if self._sender.reports is not None:
            self._poller.watch(self._sender.reports, READ, self._on_sender)

    def _on_sender(self, _events: int) -> None:
        fd = self._sender.reports
        self._sender.hear()
        if self._sender.reports is None and fd is not None:
            self._poller.forget(fd)

    def _on_control(self, asked: dict[str, Any]) -> None:
        """A viewer asks something of the job, which few ever do: what is needed for it is loaded at the first time."""
        try:
            self._control = self._control or self._new_control()
            self._control.take(asked, over=self._ending is not None)
        except Exception as error:  # noqa: BLE001 -- we were replaced meanwhile, maybe; the job goes on all the same
            self._log.event("note", {"level": "error", "text": CONTROL_FAILED.format(shown_text(str(error)))})

    def _new_control(self) -> Control:
        from progress_run.recorder.control import Control
        from progress_run.recorder.targets import Targets

        return Control(self._policy, self._log, Targets(self._job.monitor, self._master), self._input)

    @property
    def stopped_by(self) -> str | None:
        """The label of the link by which a viewer stopped the job, None if nobody did."""
        return self._control.stopped_by if self._control else None

    # --- after the job

    def let_go(self) -> None:
        """Give the terminal back; what the job left running goes on writing to the user, but is no longer recorded."""
        if self._has_let_go:
            return
        self._has_let_go = True
        self._recording.settle()
        if self._newlines:
            self._newlines.leave()
        for display in self._displays:
            display.close()
        if self._keyboard:
            self._keyboard.release()
            self._keyboard = None
        self._poller.forget(self._job.reports)
        left = [stream.leftover for stream in self._streams if stream.open or stream.stalled]
        for stream in self._streams:
            stream.leave_poller()
        if left:
            self._left_behind = True
            copy_on(left, self._job.reports)

    def hear_the_last(self, seconds: float) -> None:
        """Take the last reports: the job's, and for at most so long what the sender still makes of the output."""
        if seconds > HASTE:
            self._sender.hurry()
        if self._sender.observer or seconds > HASTE:  # one that is only just starting is worth waiting for, or not
            self._sender.ask_for_the_last()
            self._wait(seconds, lambda: not self._sender.may_observe)
        self._intake.drain(INTAKE_SECONDS)

    def close(self) -> None:
        """After the run's last event: the monitor goes, and the job's session with it unless it is in use."""
        self._sender.on_control = lambda _asked: None
        self.let_go()
        self._intake.close()
        if not self._log.settled:
            write_on(self._log, self._job.reports)
        self._job.leave(wait=not self._left_behind and self._log.settled)

    def wait_for_delivery(self, seconds: float, give_up: Collection[str]) -> bool:
        """Wait until the hub has everything: at most so long, and not past a signal or a state in `give_up`."""
        self._sender.hurry()
        self._wait(seconds, lambda: self._sender.state in {"delivered", *give_up})
        return self._sender.state == "delivered"

    def _wait(self, seconds: float, condition: Callable[[], bool]) -> None:
        """Until it holds, or so many seconds have passed, or a signal says that nobody wants to wait."""
        self._impatient = False
        deadline = time.monotonic() + seconds
        while not condition() and not self._impatient and (left := deadline - time.monotonic()) > 0:
            self._turn(min(left, self._restart_in(), self._intake.patience, 0.5))

    @property
    def lost_output(self) -> OSError | None:
        """What kept the user's stdout or stderr from being written, other than a reader that went away."""
        return next((stream.sink.error for stream in self._streams if stream.sink.error), None)


def _seconds(patience: float) -> float | None:
    """As the poller wants it, which waits for ever when it is told nothing."""
    return None if patience == NEVER else patience


def _let_go_of_stdin() -> None:
    """A pipe that only the job reads: when it stops reading, the writer has to notice."""
    if not os.isatty(0):
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.close(null)
