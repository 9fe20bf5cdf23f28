"""A file of the user's own that leads a browser to a link: what stands on a command line, everybody may read."""

from __future__ import annotations

import html
from pathlib import Path

from progress_run.run_directory import write_atomically

NAME = "open.html"


def make_doorway(directory: Path, url: str) -> str:
    """Write it, for its owner alone; returns its address."""
    path = directory / NAME
    place = html.escape(url, quote=True)
    write_atomically(path, f'<!doctype html><meta http-equiv="refresh" content="0; url={place}">\n')
    return path.absolute().as_uri()


def open_in_browser(directory: Path, url: str) -> None:
    """Open a page whose address has a secret in it, by way of such a file in `directory`."""
    import webbrowser

    webbrowser.open(make_doorway(directory, url))
