"""What is fixed when a run begins: its id, its links, what is known of the job, and what the job is told."""

from __future__ import annotations

import base64
import json
import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from progress_run import environment, git, run_directory
from progress_run.protocol import META_BYTES, Meta, Policy
from progress_run.recorder.recording import Redaction
from progress_run.recorder.terminal import get_size
from progress_run.run_directory import Record
from progress_run.script import Command

OUR_SECRETS = ("PROGRESS_KEY", "PROGRESS_HUB_KEY", "PROGRESS_HUB_OWNER_KEY")
"""Environment of ours that the job must not see."""

TOKEN_BYTES = 18
KEY_BYTES = 32

COMMAND_BYTES = META_BYTES // 2
"""The most of a command line that is shown; the job gets all of it."""


def new_record(
    name: str,
    command: Command,
    tags: dict[str, str],
    hub: str,
    started: float,
    redaction: Redaction,
    *,
    own_hub: bool,
    pty: bool,
    policy: Policy,
    e2e: bool,
) -> Record:
    """Everything that meta.json holds; of name, command line and tags what `redaction` leaves of them."""
    meta: Meta = {
        "name": redaction.text(name),
        "command": shown_command(redaction.command(command.argv)),
        "cwd": _working_directory(),
        "host": os.uname().nodename,
        "user": _user(),
        "tags": {key: redaction.text(text) for key, text in tags.items()},
        "started": started,
        "pty": pty,
        "control": policy,
        "environment": environment.summary(os.environ, command.program),
        **_size(pty=pty),  # type: ignore[typeddict-item]  # a part of the same shape
    }
    head = git.head_of(Path(meta["cwd"]))
    if head:
        meta["git"] = head
    record: Record = {
        "id": run_directory.new_run_id(started),
        "meta": meta,
        "hub": hub,
        "own_hub": own_hub,
        "view_token": _random(TOKEN_BYTES),
        "owner_token": _random(TOKEN_BYTES),
    }
    if e2e:
        record["key"] = _random(KEY_BYTES)
    return record


def public_environment() -> dict[str, str]:
    """The user's environment without our secrets."""
    return {name: value for name, value in os.environ.items() if name not in OUR_SECRETS}


def job_environment(run_id: str, link: str, events: Path, *, pty: bool) -> Mapping[str, str]:
    """What the job is told: where it is watched, and where it may report."""
    environ = public_environment()
    environ.update(PROGRESS_RUN_ID=run_id, PROGRESS_RUN_URL=link, PROGRESS_EVENTS=os.fspath(events))
    if not pty:
        environ.setdefault("PYTHONUNBUFFERED", "1")
    return environ


def shown_command(argv: list[str]) -> list[str]:
    """The command line, cut where it is longer than a hub takes, with the number of arguments left out."""
    shown: list[str] = []
    room = COMMAND_BYTES
    for index, argument in enumerate(argv):
        room -= len(json.dumps(argument)) + 2
        if room < 0:
            return [*shown, f"… {len(argv) - index} more"]
        shown.append(argument)
    return shown


def _size(*, pty: bool) -> dict[str, int]:
    rows, cols = get_size(1)[:2] if pty and os.isatty(1) else (24, 80) if pty else (0, 0)
    return {"cols": cols, "rows": rows}


def _random(size: int) -> str:
    return base64.urlsafe_b64encode(os.urandom(size)).decode().rstrip("=")


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        return "(deleted)"
