"""`--hub` and `--key`, as every command understands them that talks to a hub."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import click

from progress_run import embedded_hub, home


def hub_url(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
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


def key_for(hub: str, key: str | None, *, quiet: bool = False) -> str:
    """The key that was given, or is in the file PROGRESS_KEY_FILE, or was kept by `progress login`; else "".

    For a hub on this machine also the one that lies in the user's own hub directory. That the file can't be read is
    said unless `quiet`.
    """
    if key:
        return key
    named = os.environ.get("PROGRESS_KEY_FILE")
    if named:
        return _read(named, quiet=quiet)
    from progress_run import known_hubs

    local = urlsplit(hub).hostname in ("127.0.0.1", "localhost", "::1")
    path = home.hub_dir() / embedded_hub.KEY
    return known_hubs.key_of(hub) or (path.read_text().strip() if local and path.exists() else "")


def _read(path: str, *, quiet: bool) -> str:
    try:
        with open(path) as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        # The job comes first: it is recorded all the same, and delivered once there is a key.
        if not quiet:
            why = getattr(error, "strerror", None) or error
            click.echo(f"progress: the key file {path} can't be read: {why}.", err=True)
        return ""
