"""hubs.json in the config directory: the key of each hub that the user has logged in to, for the user alone."""

from __future__ import annotations

import json
from typing import Any

from progress_run import home
from progress_run.run_directory import write_atomically


def key_of(hub: str) -> str:
    """The key that is kept for a hub, "" if none is."""
    key = _read().get(hub, "")
    return key if isinstance(key, str) else ""


def keep(hub: str, key: str) -> None:
    """Keep the key of a hub, or none any more if it is "". Raises OSError."""
    kept = {**_read(), hub: key}
    path = home.hubs_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(path, json.dumps({url: each for url, each in kept.items() if each}, indent=1) + "\n")


def _read() -> dict[str, Any]:
    try:
        kept = json.loads(home.hubs_file().read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
