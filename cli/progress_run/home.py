"""Where things live on the user's machine: $PROGRESS_HOME, else the platform's state directory."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

XDG_DEFAULTS = {"config": ".config", "state": ".local/state"}
"""Below the user's home, by the XDG Base Directory Specification."""


def home() -> Path:
    """The state directory; it may not exist yet."""
    named = os.environ.get("PROGRESS_HOME")
    return Path(named).absolute() if named else _platform_dir("state")


def runs_dir() -> Path:
    """The directory that holds one directory a run."""
    return home() / "runs"


def hub_dir() -> Path:
    """The data directory of the user's own hub."""
    named = os.environ.get("PROGRESS_HUB_DATA")
    return Path(named).absolute() if named else home() / "hub"


def config_file() -> Path:
    """The user's config.toml; it may not exist."""
    named = os.environ.get("PROGRESS_CONFIG")
    if named:
        return Path(named)
    return _platform_dir("config") / "config.toml"


def hubs_file() -> Path:
    """The keys of hubs that the user has logged in to, beside config.toml; it may not exist."""
    return config_file().with_name("hubs.json")


def _platform_dir(kind: Literal["config", "state"]) -> Path:
    if sys.platform != "linux":
        import platformdirs

        named_by = platformdirs.user_config_path if kind == "config" else platformdirs.user_state_path
        return named_by("progress")
    # platformdirs says the same here, but its imports take a tenth of the time in which a job is begun.
    named = os.environ.get(f"XDG_{kind.upper()}_HOME", "").strip()
    return Path(named or Path.home() / XDG_DEFAULTS[kind], "progress")
