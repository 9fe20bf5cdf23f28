"""The hub's data directory: its lock, its keys, and hub.json, which says where the hub is."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import Any

KEY_BYTES = 32


class Locked(Exception):
    """Another hub lives on this data directory."""


def create(directory: Path) -> None:
    """Make the directory, for its owner alone, unless it is there."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def lock(directory: Path) -> int:
    """Take the lock that a hub holds for as long as it lives; returns its descriptor. Raises `Locked`."""
    descriptor = os.open(directory / "hub.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Locked from None
    return descriptor


def publish_key(directory: Path) -> str:
    """The key of publishers; made by whoever needs it first."""
    return _key(directory / "key")


def owner_key(directory: Path) -> str:
    """The key of the hub's owner, likewise."""
    return _key(directory / "owner_key")


def _key(path: Path) -> str:
    if not path.exists():
        _create_key(path)
    key = path.read_text().strip()
    if not key:
        raise OSError(errno.EIO, "this key is empty; remove the file to get a new one", str(path))
    return key


def _create_key(path: Path) -> None:
    """Create the file whole: it is linked into place, and whoever comes second keeps the first one's."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(descriptor)  # an empty key, after a power cut, would let everybody in
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def write_hub_file(directory: Path, content: dict[str, Any]) -> None:
    """Say in hub.json where the hub is; replaced as a whole."""
    draft = directory / f"hub.json.{os.getpid()}"
    draft.write_text(json.dumps(content) + "\n")
    draft.replace(directory / "hub.json")


def known_url(directory: Path) -> str | None:
    """The URL in hub.json, if there is one."""
    try:
        url = json.loads((directory / "hub.json").read_text())["url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(url)
