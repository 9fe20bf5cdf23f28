"""One run, from its directory to its summary: everything between the command line and the recorder."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import NamedTuple, NoReturn

from progress_run import embedded_hub, home, run_directory, script
from progress_run.commands.hub_option import key_for
from progress_run.commands.new_run import job_environment, new_record, public_environment
from progress_run.echo import Echo, Summary, size
from progress_run.errors import CONFIG, IO_ERROR, Failure
from progress_run.protocol import Policy
from progress_run.recorder.board import Board
from progress_run.recorder.events_socket import EventsSocket
from progress_run.recorder.launch import execute
from progress_run.recorder.recorder import HASTE, Ending, Recorder
from progress_run.recorder.recording import Recording, Redaction
from progress_run.recorder.run_log import RunLog
from progress_run.recorder.sender_process import SenderProcess
from progress_run.script import Command
from progress_run.shown import shown_text
from progress_run.spawn import spawn


class Options(NamedTuple):
    """What was asked for."""

    name: str | None
    hub: str | None
    key: str | None
    tags: dict[str, str]
    pty: bool
    quiet: bool
    open_page: bool
    drain: float
    drain_is_wish: bool
    terminal_progress: bool
    live_bars: bool
    private: bool
    policy: Policy
    redaction: Redaction
    e2e: bool


class Run(NamedTuple):
    """A run about to begin; `hub` is the user's own, to be started if it doesn't run."""

    id: str
    link: str
    path: Path
    log: RunLog
    redaction: Redaction
    recording: Recording
    board: Board
    events: EventsSocket
    sender: SenderProcess
    hub: embedded_hub.Hub | None
    key: str | None


def run(options: Options, script_name: str, args: tuple[str, ...]) -> int:
    """Run the job to its end and return the code for the shell."""
    target = script.resolve(script_name, args)
    if options.e2e:
        _load_encryption()
    echo = Echo(quiet=options.quiet)
    try:
        run = _prepare(options, target, os.path.basename(script_name) or script_name)
    except (OSError, ValueError) as error:
        _run_unrecorded(target, echo, error)
    echo.link(run.link)
    recorder = _start(run, options, target, echo)
    try:
        ending = recorder.run()
        seconds, over = run.log.seconds(), time.monotonic()
        recorder.let_go()
        recorder.hear_the_last(max(options.drain, HASTE) if run.log.end else 0)
        run.board.close(good=_is_good(ending))
        run.recording.conclude()
        run.log.finish(ending.code, ending.signal, seconds)
    finally:
        recorder.close()
    _say_what_failed(target, ending, recorder)
    give_up = {"refused"} | (set() if options.drain_is_wish else {"unreachable"})
    recorder.wait_for_delivery(options.drain - (time.monotonic() - over), give_up)
    echo.summary(_summary(ending, seconds, run, recorder.stopped_by), fresh_line=run.log.fresh_line)
    run.sender.leave()
    return ending.status or (IO_ERROR if recorder.lost_output else 0)


def _prepare(options: Options, target: Command, name: str) -> Run:
    """Find the hub and make the run directory.

    Raises:
        OSError, ValueError: the state directory can't be used.
    """
    started = time.time()
    hub = None if options.hub else embedded_hub.find(home.hub_dir())
    url, key = (hub.url, hub.key) if hub else (options.hub or "", "")
    if not hub:
        key = key_for(url, options.key, quiet=options.quiet)
    redaction = options.redaction
    record = new_record(
        options.name or name,
        target,
        options.tags,
        url,
        started,
        redaction,
        own_hub=bool(hub),
        pty=options.pty,
        policy=options.policy,
        e2e=options.e2e,
    )
    if options.private:
        record["meta"]["private"] = True
    path = run_directory.create(home.runs_dir(), record["id"])
    log = RunLog(path, started)
    if options.e2e:
        from progress_run.sealed import layout

        layout.create(path)
    run_directory.write_record(path, record)
    link = run_directory.link_of(record, record["view_token"])
    events = EventsSocket(path, run_directory.EVENTS_SOCKET)
    sender = SenderProcess(path, events.path, {**os.environ, "PROGRESS_KEY": key})
    recording, board = Recording(log, redaction), Board(log, redaction.text)
    return Run(record["id"], link, path, log, redaction, recording, board, events, sender, hub, record.get("key"))


def _load_encryption() -> None:
    """Before the job runs: later nobody could be told, and what goes wrong would be the job's business."""
    from importlib import import_module

    try:
        import_module("progress_run.sealed.sealing")
    except ImportError as error:
        what = f"--e2e needs the package cryptography, which can't be loaded: {shown_text(str(error))}."
        raise Failure(what, "Install it: pip install 'progress-run[e2e]'.", CONFIG) from error


def _start(run: Run, options: Options, target: Command, echo: Echo) -> Recorder:
    def on_started() -> None:
        run.sender.start()
        if run.key:
            _seal(run.log, run.key)
        with contextlib.suppress(OSError, RuntimeError):  # no hub, no page, no rich: nothing that the job needs
            if run.hub:
                run.hub.start()
            echo.prepare()
            if options.open_page:
                _open_in_browser(run)

    environ = job_environment(run.id, run.link, run.events.path, pty=options.pty)
    return Recorder(
        target,
        environ,
        pty=options.pty,
        log=run.log,
        recording=run.recording,
        events=run.events,
        board=run.board,
        sender=run.sender,
        shows_progress=options.terminal_progress,
        live_bars=options.live_bars,
        policy=options.policy,
        on_started=on_started,
    )


def _seal(log: RunLog, key: str) -> None:
    with contextlib.suppress(OSError):  # then the sender does it, once we are gone
        log.seal(key)


def _open_in_browser(run: Run) -> None:
    """Beside the job, with nothing of its terminal: some systems' choice is a browser in text mode."""
    from progress_run.doorway import make_doorway

    with open(os.devnull, "r+b") as null:
        spawn("webbrowser", [make_doorway(run.path, run.link)], public_environment(), output=null.fileno())


def _say_what_failed(target: Command, ending: Ending, recorder: Recorder) -> None:
    if ending.exec_errno is not None:
        script.not_executable(target, ending.exec_errno).show()
    if recorder.lost_output:
        what = f"what the job wrote could not be passed on: {recorder.lost_output.strerror}."
        Failure(what, "The recording has what was read until then; make room and run it again.", IO_ERROR).show()


def _run_unrecorded(target: Command, echo: Echo, error: Exception) -> NoReturn:
    """The job comes first: what can't be recorded is run all the same, with nothing of us left in its way."""
    where = getattr(error, "filename", None) or home.home()
    echo.warn(
        f"can't record in {where}: {getattr(error, 'strerror', None) or error}. The job runs without a link;"
        " make room or set PROGRESS_HOME to a directory of yours."
    )
    for signo in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(signo, signal.SIG_DFL)
    try:
        execute(target, public_environment())
    except OSError as failure:
        raise script.not_executable(target, failure.errno or 0) from failure


def _is_good(ending: Ending) -> bool | None:
    """Whether the job has succeeded; None if nobody saw how it ended."""
    return None if ending.code is None and ending.signal is None else ending.code == 0


def _summary(ending: Ending, seconds: float, run: Run, stopped_by: str | None) -> Summary:
    if ending.signal is not None:
        state, detail = "killed", f" by {signal.Signals(ending.signal).name}"
    elif ending.code is None:
        state, detail = "ended", " unseen, as the process that watched it was killed"
    elif ending.code:
        state, detail = "failed", f" with exit code {ending.code}"
    else:
        state, detail = "succeeded", ""
    if stopped_by is not None:
        detail += f", stopped from the page ({stopped_by})"
    complete = run.sender.state == "delivered"
    log, board = run.log, run.board
    masked = sum(run.redaction.counts.values())
    delivery = _delivery(run)
    return Summary(
        state, detail, seconds, log.lines, log.end, masked, board.tasks, board.peak_memory, delivery, complete, run.link
    )


def _delivery(run: Run) -> str:
    hole = f", but {run.log.missing:,} bytes found no room on this disk" if run.log.missing else ""
    if run.sender.state == "delivered":
        return f"complete on the hub{hole}"
    delivery = run_directory.read_delivery(run.path)
    left = _recorded(run) - (delivery["end"] if delivery else 0)
    undelivered = f"{size(left)} not yet on the hub" if left > 0 else "not yet confirmed by the hub"
    reason = run.sender.report.get("message", "")
    return f"{undelivered}, delivery goes on{hole}{'. ' if reason else ''}{reason}"


def _recorded(run: Run) -> int:
    """Bytes there are to deliver; of an encrypted run as far as that is known."""
    if not run.key:
        return run.log.end
    from progress_run.sealed.layout import size_if_whole

    return size_if_whole(run.path) or 0
