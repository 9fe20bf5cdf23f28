"""`progress hub`: start, stop and look after a hub of one's own; the hub itself is another program."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable
from typing import NoReturn

import click

from progress_run import embedded_hub, home
from progress_run.commands import hub_key, own_hub
from progress_run.doorway import open_in_browser
from progress_run.errors import CONFIG, UNAVAILABLE, Failure
from progress_run.spawn import start_code

START_SECONDS = 20.0
STOP_SECONDS = 10.0
PUBLIC = "PROGRESS_HUB_PUBLIC"
"""The setting of the hub that lets it be reached from elsewhere."""
NOT_RUNNING = 3
"""Exit code of `status` for a hub that doesn't run, as systemctl has it."""


@click.group()
def command() -> None:
    """Start, stop and look after a hub."""


@command.command(
    add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def serve(args: tuple[str, ...]) -> NoReturn:
    """Run a hub in the foreground; its own --help lists the options."""
    os.environ["PROGRESS_HUB_DATA"] = str(home.hub_dir())
    os.execv(sys.executable, [sys.executable, "-c", start_code(embedded_hub.MODULE), "serve", *args])


@command.command()
@click.option("--host", default=embedded_hub.HOST, show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0 for any.  [default: the last one, else 8787]")
@click.option("--public", is_flag=True, envvar=PUBLIC, help="Listen where other machines reach it, without TLS.")
def start(host: str, port: int | None, public: bool) -> None:
    """Start a hub in the background, unless one runs already."""
    if not (public or host.startswith("127.") or host == "localhost"):
        what = f"other machines reach {host}, and a hub in the background has no TLS."
        raise Failure(what, "Say --public if the network is to be trusted, or use `progress hub serve`.", CONFIG)
    os.environ[PUBLIC] = "yes" if public else "no"
    hub, was_running = _started(host, port)
    click.echo(f"progress hub at {hub.url}" + (" (it ran already)" if was_running else ""))


@command.command("open")
@click.option("--browser/--no-browser", default=True, help="Open it, or print where it is and nothing more.")
def open_list(browser: bool) -> None:
    """Open the list of all runs in a browser, starting the hub if need be. What is printed has the owner key in it."""
    hub, _was_running = _started(embedded_hub.HOST, None)
    url = f"{hub.url}/#key={embedded_hub.read_key(hub.directory, embedded_hub.OWNER_KEY)}"
    click.echo(url)
    if browser:
        open_in_browser(hub.directory, url)


@command.command()
def stop() -> None:
    """Stop the hub; running jobs are not harmed, and what they print in the meantime is delivered later."""
    directory = home.hub_dir()
    if not embedded_hub.is_running(directory):
        click.echo("No hub runs.")
        return
    os.kill(embedded_hub.read_state(directory)["pid"], signal.SIGTERM)
    _wait_for(lambda: not embedded_hub.is_running(directory), STOP_SECONDS, "it does not stop; use kill -9.")
    click.echo("The hub is stopped. `progress hub start`, or the next `progress run`, starts it again.")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> NoReturn:
    """Say whether a hub runs, and where; exit code 3 if none does."""
    directory = home.hub_dir()
    running = embedded_hub.is_running(directory)
    state = {
        "running": running,
        "data": os.fspath(directory),
        **(embedded_hub.read_state(directory) if running else {}),
    }
    if as_json:
        click.echo(json.dumps(state))
    elif running:
        click.echo(f"progress hub at {state['url']}, data in {directory}, log in {directory / embedded_hub.LOG}")
    else:
        click.echo("No hub runs. `progress hub start` starts one.")
    sys.exit(0 if running else NOT_RUNNING)


command.add_command(hub_key.command)


def _started(host: str, port: int | None) -> tuple[embedded_hub.Hub, bool]:
    """The user's own hub, up and answering, and whether it ran already."""
    hub, was_running = own_hub.started(host, port)
    if not was_running:
        _wait_for(lambda: _answers(hub.url), START_SECONDS, f"see {hub.directory / embedded_hub.LOG}.")
    return hub, was_running


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=START_SECONDS) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def _wait_for(condition: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"waited {seconds:.0f} s for the hub in vain.", otherwise, UNAVAILABLE)
        time.sleep(0.02)
