"""`progress sync`: delivers what never arrived, from this or a copied state directory."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from progress_run import home, run_directory
from progress_run.commands import find_run, own_hub
from progress_run.commands.hub_option import hub_url, key_for
from progress_run.errors import CONFIG, DATA, IO_ERROR, TEMPORARY, UNAVAILABLE
from progress_run.protocol import Position
from progress_run.run_directory import Record
from progress_run.sealed.layout import SEALED

if TYPE_CHECKING:
    from progress_run.sender.catch_up import Result
    from progress_run.sender.shipment import Hub, Outcome

INTERRUPTED = 128 + signal.SIGINT

LATER = "Nothing is lost: the run stays in this directory. "
ADVICE: dict[str, tuple[str, int]] = {
    "unreadable": ("It is skipped; copy its directory anew if there is another.", IO_ERROR),
    "no_room": (f"{LATER}Free some space there, where the rest of it is encrypted first, and sync again.", IO_ERROR),
    "no_library": ("Install it by pip install 'progress-run[e2e]', and sync again.", CONFIG),
    "unreachable": (f"{LATER}Start the hub, or name another by --hub, and sync again.", UNAVAILABLE),
    "lost": (f"{LATER}Sync again.", UNAVAILABLE),
    "fenced": ("It goes on from there; sync again later to make sure that everything arrived.", TEMPORARY),
    "limit": (
        "This directory has all of the run; once the hub's limit of bytes is raised, a sync brings it the rest.",
        DATA,
    ),
    "conflict": ("The hub keeps what it has, and marks the run; what differs is in this directory alone.", DATA),
    "ahead": ("This is an older or a damaged copy of the run; sync the directory it was copied from.", DATA),
    "not_private": (f"{LATER}Update the hub and sync again.", UNAVAILABLE),
    "bad_key": ("Set PROGRESS_KEY or PROGRESS_KEY_FILE, or log in by `progress login`.", CONFIG),
}
"""What to do about a run that did not arrive, by the code of its refusal or else its state; and the exit code."""


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Also check the runs that the hub has confirmed before.")
@click.option(
    "--hub",
    "elsewhere",  # not `hub`: the hub for new runs, of the environment or config.toml, is not where the old ones are
    metavar="URL",
    callback=hub_url,
    help="Deliver to this hub; the runs and their links move there.  [default: the one each was recorded for]",
)
@click.option("--key", envvar="PROGRESS_KEY", help="The hub's publish key; better in the environment.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(runs: tuple[str, ...], everything: bool, elsewhere: str | None, key: str | None, as_json: bool) -> NoReturn:
    """Deliver what never arrived at its hub, and print each run's link.

    RUN is a run's id, the beginning or end of one, or a run's directory. Without it, all runs are delivered that no hub
    has confirmed. With PROGRESS_HOME naming a copy of a state directory, its runs are delivered from there.

    A run that is still running is left to its own sender. One that another sender on this machine is delivering is
    waited for. Never is a run taken from a sender that is connected.

    The exit code is 0 when everything is on the hub. Else it is that of the first run that isn't: 65 the hub has other
    bytes, 69 the hub can't be reached, 74 the directory can't be read, 75 another sender elsewhere is delivering it,
    78 the key is wrong.
    """
    paths = [find_run.by_id(name) for name in runs] if runs else _all_runs(everything)
    with _interruptible(), _logged():
        results = _deliver(paths, _hubs(elsewhere, key), as_json)
    if as_json:
        click.echo(json.dumps([_as_json(path, result) for path, result in zip(paths, results, strict=True)], indent=1))
    elif not paths:
        click.echo("Nothing is left to deliver.")
    sys.exit(next(filter(None, map(_exit_code, results)), 0))


def _all_runs(everything: bool) -> list[Path]:
    """The runs of the state directory that are not known to have arrived, those that can't be read among them."""
    from progress_run.sender.backlog import is_delivered, is_run
    from progress_run.sender.shipment import UNREADABLE

    def is_left(path: Path) -> bool:
        try:
            return is_run(path) and (everything or run_directory.is_recording(path) or not is_delivered(path))
        except UNREADABLE:
            return True

    return [path for path in find_run.directories() if is_left(path)]


def _hubs(elsewhere: str | None, key: str | None) -> Callable[[Record], Hub]:
    """Where a run belongs; the user's own hub is started when the first run needs it."""
    from progress_run.sender.shipment import Hub

    own: list[Hub] = []

    def find(record: Record) -> Hub:
        if elsewhere or not record.get("own_hub", False):
            url = elsewhere or record["hub"]
            return Hub(url, key_for(url, key))
        if not own:
            hub, _was_running = own_hub.started()
            own.append(Hub(hub.url, hub.key, own=True))
        return own[0]

    return find


def _deliver(paths: list[Path], find_hub: Callable[[Record], Hub], as_json: bool) -> list[Result]:
    """One after the other, each told of as soon as it is done."""
    from progress_run.sender.catch_up import CatchUp

    catch_up, results = CatchUp(find_hub), []
    for number, path in enumerate(paths, 1):
        with _bar(f"{path.name} ({number} of {len(paths)})", _delivered_from(path)) as on_progress:
            result = catch_up.deliver(path, on_progress)
        results.append(result)
        _say(path, result, as_json)
    return results


def _say(path: Path, result: Result, as_json: bool) -> None:
    if _exit_code(result):
        advice, _code = _advice(result.outcome)
        click.echo(f"progress: {path.name}: {result.outcome.message} {advice}", err=True)
    elif not as_json:
        click.echo(f"{result.link}  {_words(result)}")


def _words(result: Result) -> str:
    if result.complete:
        return "complete"
    if result.outcome.state == "running":
        return "still running, its own sender delivers it"
    return "all there is; its recording was cut off"


def _as_json(path: Path, result: Result) -> dict[str, Any]:
    return {
        "id": result.record["id"] if result.record else None,
        "path": os.fspath(path),
        "link": result.link,
        "state": result.outcome.code or result.outcome.state,
        "complete": result.complete,
        "message": result.outcome.message,
    }


def _advice(outcome: Outcome) -> tuple[str, int]:
    return ADVICE.get(outcome.code or outcome.state, ("", UNAVAILABLE))


def _exit_code(result: Result) -> int:
    return 0 if result.outcome.state in ("delivered", "running") else _advice(result.outcome)[1]


def _delivered_from(path: Path) -> Path:
    """The file whose offsets a delivery counts in."""
    sealed = path / SEALED / run_directory.OUTPUT
    return sealed if sealed.exists() else path / run_directory.OUTPUT


@contextlib.contextmanager
def _bar(title: str, output: Path) -> Iterator[Callable[[Position], None]]:
    """A progress bar on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _position: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    bar = Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    try:
        with bar:
            task = bar.add_task(escape(title), total=output.stat().st_size if output.exists() else None)
            yield lambda position: bar.update(task, completed=position["end"])
    finally:
        console.show_cursor()  # Ctrl-C may come when the bar has hidden it and not begun


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C ends it at once, with the terminal as it was; what has arrived has arrived."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        click.echo("progress: interrupted; the next sync goes on from here.", err=True)
        sys.exit(INTERRUPTED)


@contextlib.contextmanager
def _logged() -> Iterator[None]:
    """What libraries have to say goes into the log, never to the terminal."""
    for name in ("socketio.client", "engineio.client"):
        logging.getLogger(name).setLevel(logging.ERROR)  # one that has a level gets no handler of their own
    try:
        home.home().mkdir(mode=0o700, parents=True, exist_ok=True)
        logging.basicConfig(
            filename=home.home() / "progress.log", format="%(asctime)s %(name)s %(levelname)s %(message)s"
        )
    except OSError:
        logging.basicConfig(handlers=[logging.NullHandler()])
    threading.excepthook = lambda args: logging.getLogger("progress.sync").error(
        "in a thread", exc_info=(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
    )
    yield
