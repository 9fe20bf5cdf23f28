"""`progress run`: everything between the user's command line and the recorder."""

from __future__ import annotations

import base64
import os
import pwd
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from progress_run import embedded_hub, home, run_directory, script
from progress_run.echo import Echo, Summary, size
from progress_run.protocol import Meta
from progress_run.recorder.events_socket import EventsSocket
from progress_run.recorder.job import execute
from progress_run.recorder.recorder import Ending, Recorder
from progress_run.recorder.run_log import RunLog
from progress_run.recorder.sender_process import SenderProcess
from progress_run.recorder.terminal import get_size
from progress_run.run_directory import Record
from progress_run.script import Command

OUR_SECRETS = ("PROGRESS_KEY",)
"""Environment of ours that the job must not see."""

DRAIN = 2.0


def _hub_url(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """The base URL of a hub, without a slash at its end; checked as far as that goes without asking it."""
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment:
        raise click.BadParameter(f"{value!r} is not the address of a hub. It looks like https://progress.example.org.")
    return value.rstrip("/")


def _tags(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Tags written as KEY=VALUE."""
    pairs = [value.partition("=") for value in values]
    for value, (key, equals, _) in zip(values, pairs, strict=True):
        if not key or not equals:
            raise click.BadParameter(f"{value!r} is not a tag. Write it as KEY=VALUE.")
    return {key: text for key, _, text in pairs}


@dataclass(frozen=True)
class Options:
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


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--name", envvar="PROGRESS_NAME", help="What to call the run.  [default: the script's name]")
@click.option(
    "--hub",
    metavar="URL",
    callback=_hub_url,
    envvar="PROGRESS_HUB",
    help="The hub to publish to.  [default: one of your own]",
)
@click.option(
    "--key", envvar="PROGRESS_KEY", help="The hub's publish key; better in the environment, which `ps` hides."
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
    script: str,
    args: tuple[str, ...],
) -> NoReturn:
    """Run SCRIPT as before, and let anyone with the printed link watch it live.

    SCRIPT is a file or a command; options after it belong to the job.
    """
    wish = context.get_parameter_source("drain") != ParameterSource.DEFAULT
    has_pty = os.isatty(1) if pty is None else pty
    options = Options(name, hub, key, tags, has_pty, quiet, open_page, drain, wish)
    sys.exit(run(options, script, args))


def run(options: Options, script_name: str, args: tuple[str, ...]) -> int:
    """Run the job to its end and return the code for the shell."""
    target = script.resolve(script_name, args)
    echo = Echo(quiet=options.quiet)
    started = time.time()
    try:
        hub = None if options.hub else embedded_hub.find(home.hub_dir())
        url, key = (hub.url, hub.key) if hub else (options.hub or "", _key_for(options))
        record = _new_record(options, target, script_name, url, started)
        path = run_directory.create(home.runs_dir(), record["id"])
        log = RunLog(path, started)
        run_directory.write_record(path, record)
        events = EventsSocket(path, run_directory.EVENTS_SOCKET)
    except OSError as error:
        _run_unrecorded(target, echo, error)
    link = f"{url}/r/{record['view_token']}"
    echo.link(link)
    sender = SenderProcess(path, {**os.environ, "PROGRESS_KEY": key})

    def on_started() -> None:
        sender.start()
        if hub:
            hub.start()
        echo.prepare()
        if options.open_page:
            click.launch(link)

    environ = _job_environment(record["id"], link, events.path, pty=options.pty)
    recorder = Recorder(target, environ, pty=options.pty, log=log, events=events, sender=sender, on_started=on_started)
    ending = recorder.run()
    seconds = log.seconds()
    log.finish(ending.code, ending.signal)
    recorder.close()
    if ending.exec_errno is not None:
        script.not_executable(target, ending.exec_errno).show()
    give_up = {"refused", "fenced"} | (set() if options.drain_is_wish else {"unreachable"})
    recorder.wait_for_delivery(options.drain, give_up)
    echo.summary(_summary(ending, seconds, log, path, sender, link), fresh_line=log.fresh_line)
    sender.leave()
    return ending.status


def _run_unrecorded(target: Command, echo: Echo, error: OSError) -> NoReturn:
    """The job comes first: what can't be recorded is run all the same, with nothing of us left in its way."""
    where = error.filename or home.home()
    echo.warn(
        f"can't record in {where}: {error.strerror}. The job runs without a link;"
        " make room or set PROGRESS_HOME to a directory of yours."
    )
    for signo in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(signo, signal.SIG_DFL)
    environ = {name: value for name, value in os.environ.items() if name not in OUR_SECRETS}
    try:
        execute(target, environ)
    except OSError as failure:
        raise script.not_executable(target, failure.errno or 0) from failure


def _new_record(options: Options, target: Command, script_name: str, url: str, started: float) -> Record:
    rows, cols = get_size(1)[:2] if options.pty and os.isatty(1) else (24, 80) if options.pty else (0, 0)
    meta: Meta = {
        "name": options.name or os.path.basename(script_name) or script_name,
        "command": target.argv,
        "cwd": _working_directory(),
        "host": os.uname().nodename,
        "user": _user(),
        "tags": options.tags,
        "started": started,
        "pty": options.pty,
        "cols": cols,
        "rows": rows,
    }
    return {
        "id": run_directory.new_run_id(started),
        "meta": meta,
        "hub": url,
        "view_token": _new_token(),
        "owner_token": _new_token(),
    }


def _new_token() -> str:
    return base64.urlsafe_b64encode(os.urandom(18)).decode()


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        return "(deleted)"


def _key_for(options: Options) -> str:
    """The key that was given; for a hub on this machine also the one that lies in the user's own hub directory."""
    if options.key:
        return options.key
    local = urlsplit(options.hub or "").hostname in ("127.0.0.1", "localhost", "::1")
    path = home.hub_dir() / embedded_hub.KEY
    return path.read_text().strip() if local and path.exists() else ""


def _job_environment(run_id: str, link: str, events: Path, *, pty: bool) -> Mapping[str, str]:
    environ = {name: value for name, value in os.environ.items() if name not in OUR_SECRETS}
    environ.update(PROGRESS_RUN_ID=run_id, PROGRESS_RUN_URL=link, PROGRESS_EVENTS=os.fspath(events))
    if not pty:
        environ.setdefault("PYTHONUNBUFFERED", "1")
    return environ


def _summary(ending: Ending, seconds: float, log: RunLog, path: Path, sender: SenderProcess, link: str) -> Summary:
    if ending.signal is not None:
        state, detail = "killed", f" by {signal.Signals(ending.signal).name}"
    elif ending.code:
        state, detail = "failed", f" with exit code {ending.code}"
    else:
        state, detail = "succeeded", ""
    delivered = sender.state == "delivered"
    return Summary(state, detail, seconds, log.lines, log.end, _delivery(log, path, sender), delivered, link)


def _delivery(log: RunLog, path: Path, sender: SenderProcess) -> str:
    hole = f", but {log.missing:,} bytes found no room on this disk" if log.missing else ""
    if sender.state == "delivered":
        return f"complete on the hub{hole}"
    delivery = run_directory.read_delivery(path)
    left = log.end - (delivery["end"] if delivery else 0)
    undelivered = f"{size(left)} not yet on the hub" if left else "not yet confirmed by the hub"
    reason = sender.report.get("message", "")
    return f"{undelivered}, delivery goes on{hole}{'. ' if reason else ''}{reason}"
