"""The hub's settings: each is defined once here, with its default and its help."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import platformdirs

from progress_hub.rhythm import STALLED_AFTER

ENVIRONMENT_PREFIX = "PROGRESS_HUB_"


class SettingsError(ValueError):
    """A setting has a value the hub can't use; says which one and what it takes."""


def default_data_directory() -> Path:
    """`$PROGRESS_HOME/hub`, else the platform's state directory."""
    home = os.environ.get("PROGRESS_HOME")
    return Path(home, "hub") if home else Path(platformdirs.user_state_dir("progress"), "hub")


def _setting(default: Any, help_: str) -> Any:
    return dataclasses.field(default=default, metadata={"help": help_})


@dataclasses.dataclass(frozen=True)
class Settings:
    """Flask configuration keys are the upper-case names, environment variables `PROGRESS_HUB_` and the same."""

    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8787, "Port to listen on; 0 takes any free one.")
    data: Path = dataclasses.field(
        default_factory=default_data_directory,
        metadata={"help": "Directory for the database, the publish key and the lock.  [default: the state directory]"},
    )
    async_mode: str = _setting("eventlet", "Concurrency model: eventlet or threading.")
    key: str = _setting("", "Publish key; without one the file `key` in the data directory has it.")
    owner_key: str = _setting(
        "", "Key that opens the list of runs; without one the file `owner_key` in the data directory has it."
    )
    allowed_hosts: tuple[str, ...] = _setting(
        (), "Further Host names to answer to, separated by commas. Only loopback names are, when bound to loopback."
    )
    allowed_origins: tuple[str, ...] = _setting(
        (), "Origins of other sites whose pages may connect, separated by commas."
    )
    viewers_per_address: int = _setting(
        256, "Viewers let in from one other machine; behind a proxy all come from one. 0 is any number."
    )
    stalled_after: float = _setting(
        STALLED_AFTER, "Seconds of silence before a run is called stalled; later where it is often silent for long."
    )
    keep_days: float = _setting(0.0, "Days after which runs that have ended are deleted; 0 keeps them for ever.")
    keep_runs: int = _setting(0, "How many runs to keep, the newest; 0 keeps all. Runs kept in the list are exempt.")
    search_seconds: float = _setting(30.0, "Seconds that one search through a run may take.")

    def __post_init__(self) -> None:
        if self.async_mode not in ("eventlet", "threading"):
            raise SettingsError(f"async_mode is {self.async_mode!r}; it can be eventlet or threading.")
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"port is {self.port}; it can be 0 to 65535.")
        if self.viewers_per_address < 0:
            raise SettingsError(f"viewers_per_address is {self.viewers_per_address}; it can be 0 or more.")
        if not (0 <= self.keep_days < math.inf and self.keep_runs >= 0):
            raise SettingsError(f"keep_days is {self.keep_days:g}, keep_runs {self.keep_runs}; they can be 0 or more.")
        if not self.search_seconds > 0:
            raise SettingsError(f"search_seconds is {self.search_seconds:g}; it has to be more than 0 seconds.")
        if not self.stalled_after > 0:
            raise SettingsError(f"stalled_after is {self.stalled_after:g}; it has to be more than 0 seconds.")

    @classmethod
    def load(cls, config: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
        """Settings from the environment, else from a Flask-like configuration, else their defaults."""
        given: dict[str, Any] = {}
        for name in (field.name for field in dataclasses.fields(cls)):
            value = environment.get(ENVIRONMENT_PREFIX + name.upper(), config.get(name.upper()))
            if value is not None:
                given[name] = convert(name, value)
        return cls(**given)


_NUMBERS: dict[str, Callable[[Any], float]] = {
    "port": int,
    "viewers_per_address": int,
    "stalled_after": float,
    "keep_days": float,
    "keep_runs": int,
    "search_seconds": float,
}


def convert(name: str, value: Any) -> Any:
    """A setting's value in its own type, from text where it came from a flag or the environment."""
    if name in _NUMBERS:
        try:
            return _NUMBERS[name](value)
        except ValueError:
            raise SettingsError(f"{name} is {value!r}; it has to be a number.") from None
    if name == "data":
        return Path(value).expanduser()
    if name in ("allowed_hosts", "allowed_origins"):
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(part.strip() for part in parts if part.strip())
    return str(value)
