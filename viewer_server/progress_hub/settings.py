"""The hub's settings: each is defined once here, with its default and its help."""

from __future__ import annotations

import dataclasses
import ipaddress
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs

from progress_hub.rhythm import STALLED_AFTER
from progress_run.protocol import LINKS_PER_RUN

ENVIRONMENT_PREFIX = "PROGRESS_HUB_"
SECRETS = ("key", "owner_key")
"""They come from the environment or from a file, never from a command line."""
KEY_CHARACTERS = 16
"""The fewest of a key of one's own: shorter ones can be guessed."""


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
    public: bool = _setting(
        False, "Listen where other machines reach it without TLS: on a trusted network, or behind a proxy with TLS."
    )
    tls_cert: str = _setting("", "PEM file of the certificate chain to serve HTTPS with.")
    tls_key: str = _setting("", "PEM file of the certificate's key, unless the certificate's own file has it.")
    proxies: tuple[str, ...] = _setting(
        (), "Addresses or networks of reverse proxies whose X-Forwarded-* headers are believed, separated by commas."
    )
    allowed_hosts: tuple[str, ...] = _setting(
        (), "Host names to answer to, separated by commas, beside addresses, loopback names and the machine's own."
    )
    allowed_origins: tuple[str, ...] = _setting(
        (), "Origins of other sites whose pages may connect, separated by commas."
    )
    connections: int = _setting(
        0, "Connections at a time; 0 is as many as the concurrency model serves well. Viewers get three quarters."
    )
    viewers_per_address: int = _setting(
        256,
        "Viewers let in from one other machine; behind a proxy that isn't named all come from one. 0 is any number.",
    )
    viewers_per_link: int = _setting(5000, "Viewers connected by one link at a time; 0 is any number.")
    publishers_per_address: int = _setting(1024, "Publishers let in from one other machine; 0 is any number.")
    runs_per_publisher: int = _setting(10_000, "Runs that one connection may publish; 0 is any number.")
    messages_per_second: float = _setting(
        5000.0, "Messages a second that are taken from one publisher; more wait, and none is lost. 0 is any number."
    )
    links_per_run: int = _setting(LINKS_PER_RUN, "Links of a run that work at a time; 0 is any number.")
    keys: int = _setting(200, "Keys of this hub that are not revoked, the two in its files included; 0 is any number.")
    run_bytes: int = _setting(256 * 1024**3, "The most output of one run, in bytes; 0 is any amount.")
    run_events: int = _setting(100_000_000, "The most events of one run; 0 is any number.")
    failures_per_minute: int = _setting(
        100, "Wrong links and keys a minute from one address that are answered in full; 0 is any number."
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
        if self.tls_key and not self.tls_cert:
            raise SettingsError("tls_key has no certificate; name that with tls_cert.")
        self._check_keys()
        self._check_proxies()
        self._check_numbers()

    def _check_keys(self) -> None:
        for name in SECRETS:
            if 0 < len(getattr(self, name)) < KEY_CHARACTERS:
                raise SettingsError(
                    f"{name} has less than {KEY_CHARACTERS} characters and can be guessed; "
                    "`openssl rand -hex 32` prints a good one."
                )

    def _check_proxies(self) -> None:
        for each in self.proxies:
            try:
                ipaddress.ip_network(each, strict=False)
            except ValueError:
                raise SettingsError(f"proxies has {each!r}; it takes addresses and networks as 10.0.0.0/8.") from None

    def _check_numbers(self) -> None:
        for name in _numbers() - {"port"}:
            value, more = getattr(self, name), name in ("search_seconds", "stalled_after")
            if not 0 <= value < math.inf or (more and not value):
                least = "has to be more than 0" if more else "can be 0 or more"
                raise SettingsError(f"{name} is {value:g}; it {least}.")

    @classmethod
    def load(cls, config: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
        """Settings from the environment, else from a Flask-like configuration, else their defaults."""
        given: dict[str, Any] = {}
        for name in (field.name for field in dataclasses.fields(cls)):
            value = environment.get(ENVIRONMENT_PREFIX + name.upper(), config.get(name.upper()))
            if value is not None:
                given[name] = convert(name, value)
        return cls(**given)


def _numbers() -> set[str]:
    """The settings that are numbers."""
    return {field.name for field in dataclasses.fields(Settings) if type(field.default) in (int, float)}


def convert(name: str, value: Any) -> Any:
    """A setting's value in its own type, from text where it came from a flag or the environment."""
    if name == "data":
        return Path(value).expanduser()
    kind = type(getattr(Settings, name))
    if kind is tuple:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(part.strip() for part in parts if part.strip())
    if kind is bool:
        return value if isinstance(value, bool) else _is_yes(name, value)
    try:
        return kind(value)
    except ValueError:
        raise SettingsError(f"{name} is {value!r}; it has to be a number.") from None


def _is_yes(name: str, value: Any) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        return words[str(value).lower()]
    except KeyError:
        raise SettingsError(f"{name} is {value!r}; it can be yes or no.") from None
