"""`progress login`: remembers the key of a hub, for the user alone."""

from __future__ import annotations

import sys

import click

from progress_run import home, known_hubs
from progress_run.commands.hub_option import hub_url
from progress_run.errors import CANNOT_CREATE, CONFIG, UNAVAILABLE, Failure
from progress_run.hub_client import Refused, ask

UNAUTHORIZED = 401


@click.command()
@click.argument("hub", metavar="HUB", callback=hub_url)
@click.option("--forget", is_flag=True, help="Forget the key instead.")
def command(hub: str, forget: bool) -> None:
    """Remember the publish key of HUB, an address such as https://progress.example.org.

    It is asked for, or read from standard input where that is no terminal, and checked with the hub. From then on
    `progress run --hub HUB` and `progress sync` use it, unless PROGRESS_KEY or PROGRESS_KEY_FILE names another.
    """
    key = "" if forget else _asked_for()
    name = "" if forget else _checked(hub, key)
    _keep(hub, key)
    kept = f"Logged in to {hub} with the key {name!r}, which is kept in {home.hubs_file()}."
    click.echo(f"The key of {hub} is forgotten." if forget else kept)


def _asked_for() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Publish key", hide_input=True, err=True)).strip()
    return sys.stdin.readline().strip()


def _checked(hub: str, key: str) -> str:
    """What the hub calls the key."""
    try:
        found = ask("GET", hub, "/api/key", key)
    except Refused as refused:
        if refused.status == UNAUTHORIZED:
            do = "`progress hub key` prints it on the hub, `progress hub key add NAME` makes a new one."
            raise Failure(f"{hub} doesn't know this key.", do, CONFIG) from None
        do = "Check the address, or update the hub."
        raise Failure(
            f"{hub} answers like no hub that can be logged in to ({refused.status}).", do, UNAVAILABLE
        ) from None
    if found["kind"] != "publish":
        do = "`progress hub key` prints the one that publishes."
        raise Failure("This is an owner key, which opens the list and publishes nothing.", do, CONFIG)
    return str(found["name"])


def _keep(hub: str, key: str) -> None:
    try:
        known_hubs.keep(hub, key)
    except OSError as error:
        what = f"{home.hubs_file()} can't be written: {error.strerror}."
        raise Failure(what, "Set PROGRESS_CONFIG to a config.toml in a directory of yours.", CANNOT_CREATE) from error
