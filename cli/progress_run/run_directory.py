"""A run's directory on the job's machine: the one source of everything that is ever sent.

Layout (each file can be read with ordinary tools while the run goes on):

    meta.json        command, cwd, host, user, git commit, environment, started, terminal size, hub, links
    output.log       the bytes the terminal got, with what is secret masked (redactor.py)
    timing           `offset seconds fd` a line: from this offset on, output was written at this time by this descriptor
    events.ndjson    one event a line, `seq` counting from 0
    recorder.lock    held (flock) by the recorder, or who stands in for it, until the run's end is written
    sender.lock      held (flock) by the sender that delivers this run; its text is the epoch
    delivery.json    how far the hub durably has it, written by the sender
    sender.log       what the sender had to say
    sealed/          of an end-to-end encrypted run: output.log, timing and events.ndjson as its hub gets them
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any, TypedDict

from progress_run.protocol import EVENT_BYTES, Meta, Position

META = "meta.json"
OUTPUT = "output.log"
TIMING = "timing"
EVENTS = "events.ndjson"
EVENTS_SOCKET = "events.sock"
RECORDER_LOCK = "recorder.lock"
SENDER_LOCK = "sender.lock"
DELIVERY = "delivery.json"
SENDER_LOG = "sender.log"
E2E = "e2e"
"""The name of the key in a link's fragment."""
RESERVE = "reserve"
"""Space kept back so that the last events can be written on a full disk."""


class Encrypted(TypedDict, total=False):
    """What an end-to-end encrypted run has beside: its key, 256 bits in URL-safe base64 without padding."""

    key: str


class Record(Encrypted):
    """What meta.json holds; `hub` is the hub's URL, the tokens are the secrets in the run's links.

    `own_hub` says that it is the user's own, which may be at another port by now.
    """

    id: str
    meta: Meta
    hub: str
    own_hub: bool
    view_token: str
    owner_token: str


def link_of(record: Record, token: str) -> str:
    """The link with this token, and what it takes to read the run there: browsers keep a fragment to themselves."""
    secret = secret_of(record)
    return f"{record['hub']}/r/{token}" + (f"#{secret}" if secret else "")


def secret_of(record: Record) -> str:
    """The part of a link's fragment that an encrypted run needs, "" for another."""
    return f"{E2E}={record['key']}" if "key" in record else ""


def new_run_id(now: float) -> str:
    """An id that sorts by time and gives nothing away: UTC date and time to the millisecond, then 40 random bits."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    return f"{stamp}-{int(now * 1000) % 1000:03d}-{os.urandom(5).hex()}"


def create(runs: Path, run_id: str) -> Path:
    """Make the directory of a new run, readable by its user alone; it counts once its meta.json is there.

    Raises:
        OSError: it can't be made, or another run has this id (FileExistsError).
    """
    runs.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = runs / run_id
    path.mkdir(mode=0o700)
    return path


def write_record(path: Path, record: Record) -> None:
    """Write the run's meta.json."""
    write_atomically(path / META, json.dumps(record, indent=1))


def read_record(path: Path) -> Record:
    """The run's meta.json."""
    record: Record = json.loads((path / META).read_text())
    return record


def read_delivery(path: Path) -> Position | None:
    """How far the hub has the run; None if no sender has said so yet."""
    try:
        delivery: Position = json.loads((path / DELIVERY).read_text())
    except (OSError, ValueError):
        return None
    return delivery


def write_delivery(path: Path, position: Position) -> None:
    """Leave on disk how far the hub has the run."""
    write_atomically(path / DELIVERY, json.dumps(position))


def is_recording(path: Path) -> bool:
    """Whether somebody may still write to the run: its recorder, or the monitor of one that was killed."""
    lock = open_lock(path / RECORDER_LOCK)
    try:
        return is_held(lock)
    finally:
        os.close(lock)


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's text so that a reader, or a crash, sees the old or the new one whole; mode 0600."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(fd, "wb") as file:
        file.write(text.encode())
    draft.replace(path)


def try_lock(path: Path) -> int | None:
    """Take the lock file and return its descriptor, or None while another process holds it."""
    fd = open_lock(path)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        return None
    return fd


def open_lock(path: Path) -> int:
    """Open a lock file without taking it; its descriptor."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def is_held(lock: int) -> bool:
    """Whether another process holds an open lock file, also one that was deleted meanwhile."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    fcntl.flock(lock, fcntl.LOCK_UN)
    return False


def last_event(path: Path) -> dict[str, Any]:
    """The last complete event of a run, {} if there is none."""
    with open(path / EVENTS, "rb") as file:
        return read_last_event(file.fileno())[0]


def read_last_event(events: int) -> tuple[dict[str, Any], int]:
    """The last complete event in an open file of events, {} if there is none, and where its line ends."""
    start = max(0, os.fstat(events).st_size - 8 * EVENT_BYTES)
    *lines, _torn = os.pread(events, 8 * EVENT_BYTES, start).split(b"\n")
    if not lines:
        return {}, start
    event: dict[str, Any] = json.loads(lines[-1])
    return event, start + sum(len(line) + 1 for line in lines)
