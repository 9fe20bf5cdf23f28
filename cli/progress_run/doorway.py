"""Opens a page whose address has a secret in it."""

from __future__ import annotations

import html
import webbrowser
from pathlib import Path

from progress_run.run_directory import write_atomically


def open_in_browser(directory: Path, url: str) -> None:
    """By way of a file of the user's own in `directory`: a browser's command line is there for everybody to read."""
    path = directory / "open.html"
    place = html.escape(url, quote=True)
    write_atomically(path, f'<!doctype html><meta http-equiv="refresh" content="0; url={place}">\n')
    webbrowser.open(path.as_uri())
