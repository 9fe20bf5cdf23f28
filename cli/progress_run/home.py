"""Where things live on the user's machine: $PROGRESS_HOME, else the platform's state directory."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The state directory; it may not exist yet."""
    named = os.environ.get("PROGRESS_HOME")
    return Path(named).absolute() if named else _platform_state_dir()


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
    from platformdirs import user_config_path

    return user_config_path("progress") / "config.toml"


def _platform_state_dir() -> Path:
    from platformdirs import user_state_path

    return user_state_path("progress")
