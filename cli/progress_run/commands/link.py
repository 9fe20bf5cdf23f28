"""`progress link`: who may see a run, who does, and for how long."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

import click

from progress_run import run_directory
from progress_run.commands import find_run, own_hub
from progress_run.commands.hub_option import key_for
from progress_run.commands.table import print_table
from progress_run.doorway import open_in_browser
from progress_run.errors import DATA, IO_ERROR, UNAVAILABLE, Failure
from progress_run.hub_client import Refused, ask
from progress_run.protocol import GIVEN_ROLES, ListedLink

NOT_FOUND = 404
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


def _duration(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    """Seconds, from a time such as 90s or 2h."""
    if value is None:
        return None
    found = _DURATION.fullmatch(value)
    if not found or not float(found[1]):
        raise click.BadParameter(f"{value!r} is not a time. Write it as 30m, 2h or 7d.")
    return float(found[1]) * _SECONDS[found[2]]


class Owned(NamedTuple):
    """A run of this user: its directory, the hub it is on, the token of its owner link, and a key of the hub's.

    `secret` is what the fragment of its links has to say, where it is encrypted.
    """

    path: Path
    hub: str
    token: str
    key: str
    private: bool
    secret: str

    def ask(self, method: str, path: str = "", body: Any = None) -> Any:
        """What the hub answers about the run's links."""
        try:
            return ask(method, self.hub, f"/r/{self.token}/links{path}", self.key, body)
        except Refused as refused:
            if refused.status == NOT_FOUND:
                do = "Deliver the run by `progress sync`, or look whether it was deleted there, or the link ended."
                raise Failure(f"the hub at {self.hub} has no such run or link.", do, UNAVAILABLE) from None
            raise Failure(f"the hub refused: {refused.sentence}", "", DATA) from None


def _owned(_context: click.Context, _parameter: click.Parameter, name: str) -> Owned:
    """The run that is meant, with its owner's token: out of its directory, never from a command line."""
    path = find_run.by_anything(name)
    try:
        record = run_directory.read_record(path)
    except (OSError, ValueError) as error:
        raise Failure(f"{path} can't be read: {error}.", "Name another run.", IO_ERROR) from error
    if record.get("own_hub", False):
        hub = own_hub.started()[0]
        url, key = hub.url, hub.key
    else:
        url, key = record["hub"], key_for(record["hub"], os.environ.get("PROGRESS_KEY"))
    private, secret = record["meta"].get("private", False), run_directory.secret_of(record)
    return Owned(path, url, record["owner_token"], key, private, secret)


RUN = click.argument("run", metavar="RUN", callback=_owned)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def command() -> None:
    """Give out links to a run, see who watches, and take them back.

    RUN is a run's id, the beginning or end of one, its name (the newest run of that name), or its link.
    """


@command.command()
@RUN
@click.option("--role", type=click.Choice(GIVEN_ROLES), default="view", show_default=True, help="What it allows.")
@click.option("--label", default="", help="What to call it, such as who gets it.  [default: its role]")
@click.option("--expires", metavar="TIME", callback=_duration, help="When it ends: 30m, 2h, 7d.  [default: never]")
@AS_JSON
def add(run: Owned, role: str, label: str, expires: float | None, as_json: bool) -> None:
    """Make a link and print it: it is shown this once.

    Who has it may read the run (view); stop and signal the job too (control); type into it too (type).
    """
    ends = None if expires is None else time.time() + expires
    added = run.ask("POST", "", {"role": role, "label": label, "expires": ends})
    url = f"{run.hub}/r/{added['token']}" + (f"#{run.secret}" if run.secret else "")
    click.echo(json.dumps({**added, "link": url}) if as_json else url)


@command.command("ls")
@RUN
@AS_JSON
def list_links(run: Owned, as_json: bool) -> None:
    """List the run's links, without what opens them, and how many watch by each."""
    links: list[ListedLink] = run.ask("GET")
    rows = [(link["id"], link["role"], str(link["watching"]), _until(link), link["label"]) for link in links]
    if as_json:
        click.echo(json.dumps(links))
    else:
        print_table(("ID", "ROLE", "WATCHING", "UNTIL", "LABEL"), rows)


@command.command()
@RUN
@click.argument("link_id", metavar="ID")
def revoke(run: Owned, link_id: str) -> None:
    """End a link, by its id: whoever watches by it is cut at once."""
    run.ask("DELETE", f"/{link_id}" if re.fullmatch("[0-9a-f]+", link_id) else "/-")


@command.command("open")
@RUN
@click.option("--browser/--no-browser", default=True, help="Open it, or print where it is and nothing more.")
def open_run(run: Owned, browser: bool) -> None:
    """Open the run by its owner's link, which allows everything. What is printed is that link: keep it to yourself."""
    said = "&".join(filter(None, [f"key={run.key}" if run.private else "", run.secret]))
    url = f"{run.hub}/r/{run.token}" + (f"#{said}" if said else "")
    click.echo(url)
    if browser:
        open_in_browser(run.path, url)


def _until(link: ListedLink) -> str:
    if link["revoked"] is not None:
        return "revoked"
    expires = link["expires"]
    if expires is None:
        return "–"
    return "expired" if expires <= time.time() else time.strftime("%Y-%m-%d %H:%M", time.localtime(expires))
