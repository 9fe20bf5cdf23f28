"""`progress hub key`: the keys that open the user's own hub."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from progress_run import embedded_hub, home
from progress_run.commands import own_hub
from progress_run.commands.table import print_table
from progress_run.errors import CANNOT_CREATE, DATA, Failure
from progress_run.hub_client import ask_as_owner
from progress_run.protocol import KEY_KINDS, ListedKey


# config.toml may have a `key`, which is no table of options for this group
@click.group("key", invoke_without_command=True, context_settings={"default_map": {}})
@click.option("--owner", is_flag=True, help="The owner key instead, which opens the list of all runs.")
@click.pass_context
def command(context: click.Context, owner: bool) -> None:
    """Print the hub's publish key, for PROGRESS_KEY on other machines; or add further keys, and revoke them."""
    if context.invoked_subcommand is None:
        click.echo(embedded_hub.read_key(_made(home.hub_dir()), embedded_hub.OWNER_KEY if owner else embedded_hub.KEY))


@command.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(KEY_KINDS), default="publish", show_default=True, help="What it opens.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add(name: str, kind: str, as_json: bool) -> None:
    """Make a key for a machine or a person, and print it: it is shown this once."""
    added = _ask("POST", "", {"name": name, "kind": kind})
    click.echo(json.dumps(added) if as_json else added["key"])


@command.command("ls")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_keys(as_json: bool) -> None:
    """List the keys, without what they are, and when each was last used."""
    keys: list[ListedKey] = _ask("GET")
    rows = [(key["id"], key["kind"], _last_used(key), key["name"]) for key in keys]
    if as_json:
        click.echo(json.dumps(keys))
    else:
        print_table(("ID", "KIND", "LAST USED", "NAME"), rows)


@command.command()
@click.argument("key", metavar="ID")
def revoke(key: str) -> None:
    """End a key, by its id or its name: whoever is connected by it is cut at once."""
    found = [each for each in _ask("GET") if key in (each["id"], each["name"]) and each["revoked"] is None]
    if len(found) != 1:
        what = f"{len(found)} keys are called {key!r}." if found else f"no key is called {key!r}."
        raise Failure(what, "`progress hub key ls` lists them; name it by its id.", DATA)
    _ask("DELETE", f"/{found[0]['id']}")


def _ask(method: str, path: str = "", body: Any = None) -> Any:
    """Only the hub itself writes its database, so it has to run."""
    hub, _was_running = own_hub.started()
    owner_key = embedded_hub.read_key(hub.directory, embedded_hub.OWNER_KEY)
    return ask_as_owner(method, hub.url, f"/api/keys{path}", owner_key, body)


def _last_used(key: ListedKey) -> str:
    if key["revoked"] is not None:
        return "revoked"
    used = key["last_used"]
    return "–" if used is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(used))


def _made(directory: Path) -> Path:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        what = f"{directory} can't be made: {error.strerror}."
        raise Failure(what, "Set PROGRESS_HOME to a directory of yours.", CANNOT_CREATE) from error
    return directory
