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
from progress_run.recorder.keyboard import Keyboard
from progress_run.recorder.leftovers import copy_on, write_on
from progress_run.recorder.pace import NEVER
from progress_run.recorder.poller import READ, Poller
from progress_run.recorder.recording import Recording
from progress_run.recorder.run_log import RunLog
from progress_run.recorder.sender_process import SenderProcess
from progress_run.recorder.stream import Stream
from progress_run.recorder.taskbar import TaskBar
from progress_run.recorder.terminal import interrupting_keys
from progress_run.recorder.wiring import Look, Told, Wiring
from progress_run.script import Command
from progress_run.shown import shown_text

if TYPE_CHECKING:
    from progress_run.recorder.control import Control
    from progress_run.recorder.live_bars import LiveBars
    from progress_run.recorder.wiring import Pty

BACKGROUND_LOOK = 0.25
"""Seconds between looks whether a job started in the background has come to the foreground."""


HASTE = 0.05
"""Seconds of waiting for the sender's last reports that nobody notices; who wants no more gets them if it is up."""

INTAKE_SECONDS = 0.05
"""For the last reports, of which there are no more than the kernel's queue holds, unless somebody floods it."""

INTERRUPTING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP)
"""Signals to the runner that a paused job has to go on for, or they would do nothing."""

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
        self._policy = policy
        self._control: Control | None = None
        self._ending: Ending | None = None
        self._unwatched = False
        self._impatient = False
        self._has_let_go = self._left_behind = False
        self._poller = Poller()
        self._streams: list[Stream] = []  # a signal may come before there are any, nor a PTY
        self._pty: Pty | None = None
        self._keyboard: Keyboard | None = None
        self._wake_on_signals()
        look, told = Look(shows_progress, live_bars and pty), Told(self._hurry, self._on_hang_up, self._before_keys)
        wiring = Wiring(self._poller, recording, log, look, told)
        self._job = (wiring.start_with_pty if pty else wiring.start_with_pipes)(command, environ)
        self._streams, self._pty = wiring.streams, wiring.pty
        self._keyboard = self._pty.keyboard if self._pty else None
        log.on_growth = sender.ring
        self._poller.watch(self._job.reports, READ, self._on_report)
        self._intake = Intake(self._poller, events, board, log)
        self._displays: list[TaskBar | LiveBars] = [TaskBar(board, self._streams if look.progress else [])]
        if look.live_bars:
            from progress_run.recorder.live_bars import LiveBars  # which most jobs need not wait for

            self._displays.append(LiveBars(board, self._streams))
        _let_go_of_stdin()
        sender.monitor = self._job.monitor
        sender.on_control = self._on_control
        on_started()

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
        if any(signo in received for signo in INTERRUPTING):
            self._resume()
        if signal.SIGCONT in received:
            self._continue()

    def _before_keys(self, keys: bytes) -> None:
        paused = self._control is not None and self._control.paused
        if paused and self._pty and any(key in keys for key in interrupting_keys(self._pty.master)):
            self._resume()

    def _resume(self) -> None:
        """Who is at the job's machine gets through to a job that a viewer has paused."""
        if self._control and self._ending is None:
            self._control.resume()

    def _continue(self) -> None:
        """The runner goes on, and the job with it, at a terminal that may have changed in the meantime."""
        if self._keyboard:
            self._keyboard.claim()
        self._follow_size()
        self._resume()
        if self._pty and self._ending is None:
            with contextlib.suppress(OSError):  # it may be another user's by now, or about to end
                os.killpg(os.tcgetpgrp(self._pty.master), signal.SIGCONT)

    def _follow_size(self) -> None:
        size = self._pty.follow_size() if self._pty and self._streams[0].open else None
        if size:
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
        elif report.what == monitor.CONTINUED and self._control:
            self._control.continued()

    def _on_stopped(self) -> None:
        """By Ctrl-Z at the user's terminal; a viewer's pause concerns the job alone."""
        paused = self._control is not None and self._control.stopped()
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
        if self._pty:
            self._pty.newlines.tend()
        for display in self._displays:
            display.update()
        self._tend_sender()
        if self._keyboard and not self._keyboard.terminal.claimed:
            self._keyboard.claim()
        return busy

    def _patience(self) -> float | None:
        if self._keyboard and not self._keyboard.terminal.claimed:
            return min(BACKGROUND_LOOK, max(0.0, self._recording.patience))
        tended = [self._recording, self._intake, *self._displays, *([self._pty.newlines] if self._pty else [])]
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

        master, job_input = (self._pty.master, self._pty.input) if self._pty else (None, None)
        return Control(self._policy, self._log, Targets(self._job.monitor, master), job_input)

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
        if self._pty:
            self._pty.newlines.leave()
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
            self._turn(min(left, self._restart_in(), self._intake.patience, self._recording.patience, 0.5))

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
