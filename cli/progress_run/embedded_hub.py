"""The user's own hub: found if it runs, else started on a socket bound here, so that its link is known at once."""

from __future__ import annotations

import base64
import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from progress_run.run_directory import try_lock, write_atomically
from progress_run.spawn import STAND_BACK, spawn

if TYPE_CHECKING:
    import socket

HOST = "127.0.0.1"
PORT = 8787
BACKLOG = 128
"""Early visitors wait here while the hub is importing."""

KEY = "key"
OWNER_KEY = "owner_key"
"""Opens the list of all runs, where the other one publishes."""
STATE = "hub.json"
LOCK = "hub.lock"
"""Held (flock) as long as a hub lives on the directory; handed over to the hub with its socket."""
START_LOCK = "hub.start.lock"
LOG = "hub.log"

MODULE = "progress_hub.__main__"
"""Started as a program: nothing here imports the hub."""


class Hub:
    """A hub of the user's own: where it is, its publish key, and what it takes to start it if it doesn't run yet."""

    def __init__(
        self, url: str, key: str, directory: Path, listener: socket.socket | None = None, lock: int | None = None
    ) -> None:
        self.url = url
        self.key = key
        self.directory = directory
        self._socket = listener
        self._lock = lock

    @property
    def running(self) -> bool:
        """It ran already when it was looked for."""
        return self._socket is None

    def start(self) -> None:
        """Start the hub on the bound socket, as a process of its own that outlives us; nothing if it runs."""
        if self._socket is None or self._lock is None:
            return
        fds = (self._socket.fileno(), self._lock)
        args = ["serve", "--data", os.fspath(self.directory), "--fd", str(fds[0]), "--lock-fd", str(fds[1])]
        try:
            with open(self.directory / LOG, "ab") as log:
                spawn(MODULE, args, os.environ, output=log.fileno(), kept=fds, nice=STAND_BACK)
        finally:
            self._socket.close()
            os.close(self._lock)
            self._socket = self._lock = None


def find(directory: Path, host: str = HOST, port: int | None = None) -> Hub:
    """The hub that lives on `directory`, or one that only has to be started.

    Raises:
        OSError: the directory can't be used, or no port can be bound.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _one_at_a_time(directory):
        lock = try_lock(directory / LOCK)
        state = read_state(directory)
        if lock is None:
            if "url" not in state:
                raise OSError(
                    errno.EBUSY, "a hub holds the lock, and hub.json does not say where it is", str(directory)
                )
            return Hub(state["url"], read_key(directory), directory)
        listener = _listen(host, [port] if port is not None else _usual_ports(state))
        url = f"http://{host}:{listener.getsockname()[1]}"
        write_atomically(directory / STATE, json.dumps({"url": url}))
        return Hub(url, read_key(directory), directory, listener, lock)


def is_running(directory: Path) -> bool:
    """Whether a hub lives on the directory."""
    if not (directory / LOCK).exists():
        return False
    lock = try_lock(directory / LOCK)
    if lock is None:
        return True
    os.close(lock)
    return False


def read_state(directory: Path) -> dict[str, Any]:
    """What hub.json says: `{url, pid, version, protocol, started}`, less before the hub is up; {} if there is none."""
    try:
        state = json.loads((directory / STATE).read_text())
        urlsplit(state["url"]).port  # noqa: B018 -- raises for what is no URL
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return dict(state)


def read_key(directory: Path, name: str = KEY) -> str:
    """The publish key, or OWNER_KEY; made by whoever needs it first."""
    path = directory / name
    with contextlib.suppress(FileExistsError):
        draft = path.with_name(f".{name}.{os.getpid()}")
        key = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
        if not path.exists():
            write_atomically(draft, key + "\n")
            try:
                os.link(draft, path)  # whole or not at all, and only if nobody was faster
            finally:
                draft.unlink()
    return path.read_text().strip()


@contextlib.contextmanager
def _one_at_a_time(directory: Path) -> Iterator[None]:
    fd = os.open(directory / START_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _usual_ports(state: dict[str, Any]) -> list[int]:
    """The port of the last time first, so that old links keep working; any free one at last."""
    last = urlsplit(str(state.get("url", ""))).port
    return [*([last] if last else []), PORT, 0]


def _listen(host: str, ports: list[int]) -> socket.socket:
    import socket  # which takes longer than the rest of this module, and a hub that runs needs no other

    for port in ports:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            listener.close()
            if port == ports[-1]:
                raise
            continue
        listener.listen(BACKLOG)
        return listener
    raise OSError("no port to listen on")
