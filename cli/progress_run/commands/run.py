"""`progress run`: everything between the user's command line and the recorder."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import NamedTuple, NoReturn

import click
from click.core import ParameterSource

from progress_run import embedded_hub, home, run_directory, script
from progress_run.commands.hub_option import hub_url, key_for
from progress_run.commands.new_run import job_environment, new_record, public_environment
from progress_run.echo import Echo, Summary, size
from progress_run.errors import IO_ERROR, Failure
from progress_run.protocol import Policy
from progress_run.recorder.board import Board
from progress_run.recorder.events_socket import EventsSocket
from progress_run.recorder.launch import execute
from progress_run.recorder.recorder import HASTE, Ending, Recorder
from progress_run.recorder.recording import Recording, Redaction
from progress_run.recorder.run_log import RunLog
from progress_run.recorder.sender_process import SenderProcess
from progress_run.recorder.taskbar import is_shown
from progress_run.script import Command
from progress_run.spawn import spawn

DRAIN = 2.0


def _tags(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Tags written as KEY=VALUE."""
    pairs = [value.partition("=") for value in values]
    for value, (key, equals, _) in zip(values, pairs, strict=True):
        if not key or not equals:
            raise click.BadParameter(f"{value!r} is not a tag. Write it as KEY=VALUE.")
    return {key: text for key, _, text in pairs}


def _patterns(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Regular expressions; in the environment with spaces between them."""
    for value in values:
        try:
            re.compile(os.fsencode(value))
        except (re.error, ValueError, OverflowError) as error:
            what = f"{value!r} is not a regular expression: {error}."
            raise click.BadParameter(f"{what} A backslash before a character takes it as it is.") from error
    return values


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


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--name", envvar="PROGRESS_NAME", help="What to call the run.  [default: the script's name]")
@click.option(
    "--hub",
    metavar="URL",
    callback=hub_url,
    envvar="PROGRESS_HUB",
    help="The hub to publish to.  [default: one of your own]",
)
@click.option(
    "--key",
    envvar="PROGRESS_KEY",
    help="The hub's publish key; better from `progress login`, PROGRESS_KEY or PROGRESS_KEY_FILE: `ps` shows it.",
)
@click.option(
    "--tag",
    "tags",
    metavar="K=V",
    callback=_tags,
    multiple=True,
    envvar="PROGRESS_TAGS",
    help="Mark the run; may be repeated.",
)
@click.option(
    "--pty/--no-pty", default=None, envvar="PROGRESS_PTY", help="Give the job a terminal.  [default: if stdout is one]"
)
@click.option("--quiet", is_flag=True, envvar="PROGRESS_QUIET", help="Say nothing of our own.")
@click.option("--open", "open_page", is_flag=True, envvar="PROGRESS_OPEN", help="Open the page in your browser.")
@click.option(
    "--drain",
    type=click.FloatRange(min=0),
    default=DRAIN,
    show_default=True,
    envvar="PROGRESS_DRAIN",
    metavar="SECONDS",
    help="How long to wait, after the job's end, for the hub to have everything.",
)
@click.option(
    "--terminal-progress/--no-terminal-progress",
    default=None,
    envvar="PROGRESS_TERMINAL_PROGRESS",
    help="Show progress in your terminal's tab or task bar.  [default: if it is known to show it]",
)
@click.option(
    "--echo",
    type=click.Choice(["plain", "rich"]),
    default="plain",
    show_default=True,
    envvar="PROGRESS_ECHO",
    help="The job's output at your terminal: as it is, or with live bars of its progress below it.",
)
@click.option(
    "--private", is_flag=True, envvar="PROGRESS_PRIVATE", help="Show it to those alone who have a hub key too."
)
@click.option(
    "--control/--no-control",
    default=None,
    envvar="PROGRESS_CONTROL",
    help="Let owners of the link pause the job, signal it and type into it; or not even stop it.  [default: stop it]",
)
@click.option(
    "--redact",
    metavar="PATTERN",
    callback=_patterns,
    multiple=True,
    envvar="PROGRESS_REDACT",
    help="Mask what matches this regular expression before it is recorded; may be repeated.",
)
@click.option(
    "--redact-env",
    metavar="NAME",
    multiple=True,
    envvar="PROGRESS_REDACT_ENV",
    help="Mask the value of this variable, too; may be repeated.",
)
@click.option(
    "--no-redact",
    is_flag=True,
    envvar="PROGRESS_NO_REDACT",
    help="Record tokens and passwords as they are.  [default: what is known to look like one is masked]",
)
@click.argument("script", metavar="SCRIPT")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(
    context: click.Context,
    name: str | None,
    hub: str | None,
    key: str | None,
    tags: dict[str, str],
    pty: bool | None,
    quiet: bool,
    open_page: bool,
    drain: float,
    terminal_progress: bool | None,
    echo: str,
    private: bool,
    control: bool | None,
    redact: tuple[str, ...],
    redact_env: tuple[str, ...],
    no_redact: bool,
    script: str,
    args: tuple[str, ...],
) -> NoReturn:
    """Run SCRIPT as before, and let anyone with the printed link watch it live.

    SCRIPT is a file or a command; options after it belong to the job.
    """
    wish = context.get_parameter_source("drain") != ParameterSource.DEFAULT
    has_pty = os.isatty(1) if pty is None else pty
    shows = is_shown(os.environ) and not quiet if terminal_progress is None else terminal_progress
    policy: Policy = "stop" if control is None else "all" if control else "none"
    if no_redact and (redact or redact_env):
        raise click.UsageError("--no-redact masks nothing, and --redact asks for it. Leave out one of them.")
    redaction = Redaction(redact, redact_env, nothing=no_redact)
    bars = echo == "rich"
    options = Options(
        name, hub, key, tags, has_pty, quiet, open_page, drain, wish, shows, bars, private, policy, redaction
    )
    _leave(run(options, script, args))


def run(options: Options, script_name: str, args: tuple[str, ...]) -> int:
    """Run the job to its end and return the code for the shell."""
    target = script.resolve(script_name, args)
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
    url, key = (hub.url, hub.key) if hub else (options.hub or "", key_for(options.hub or "", options.key))
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
    )
    if options.private:
        record["meta"]["private"] = True
    path = run_directory.create(home.runs_dir(), record["id"])
    log = RunLog(path, started)
    run_directory.write_record(path, record)
    events = EventsSocket(path, run_directory.EVENTS_SOCKET)
    sender = SenderProcess(path, events.path, {**os.environ, "PROGRESS_KEY": key})
    link = f"{url}/r/{record['view_token']}"
    recording, board = Recording(log, redaction), Board(log, redaction.text)
    return Run(record["id"], link, path, log, redaction, recording, board, events, sender, hub)


def _start(run: Run, options: Options, target: Command, echo: Echo) -> Recorder:
    def on_started() -> None:
        run.sender.start()
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


def _leave(code: int) -> NoReturn:
    """End without taking the interpreter apart, which takes longer than many a job."""
    with contextlib.suppress(OSError, ValueError):  # what we had to say can't be said any more
        sys.stderr.flush()
    os._exit(code)


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
    left = run.log.end - (delivery["end"] if delivery else 0)
    undelivered = f"{size(left)} not yet on the hub" if left > 0 else "not yet confirmed by the hub"
    reason = run.sender.report.get("message", "")
    return f"{undelivered}, delivery goes on{hole}{'. ' if reason else ''}{reason}"
