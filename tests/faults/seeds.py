"""One seed, one run, one place at which sender or hub is killed: what was acknowledged is durable, and all arrives."""

from __future__ import annotations

import functools
import json
import os
import random
import re
import secrets
import subprocess
import tempfile
import time
from http.client import HTTPException
from pathlib import Path

from socketio.exceptions import SocketIOError
from tests.faults.autopsy import Autopsy
from tests.faults.by_hand import Given
from tests.faults.checker import Death, History
from tests.faults.noise import noise
from tests.faults.publisher import Lost, MortalPublisher
from tests.faults.stage import ENCRYPTED
from tests.support.clients import new_token
from tests.support.forked import armed, start
from tests.support.hub import Hub, StillbornError, environment, wait_until
from tests.support.runner import Run

from progress_run import run_directory

ROOT = Path(__file__).parents[2]
MOST_DEATHS = 3
"""Killed so often, a process is let live; some places are reached before any progress is made."""
NTH = (1, 1, 1, 2, 3, 5, 8)
"""The how manieth time a place is reached when it fails: some are reached once only in a process's life."""
SENDER_SECONDS = 60.0


@functools.cache
def places(part: str) -> list[str]:
    """Every failpoint of `hub` or `sender`, as the source names them."""
    sources = [
        file.read_text() for folder in ("cli", "viewer_server") for file in sorted(ROOT.glob(f"{folder}/**/*.py"))
    ]
    return sorted({name for text in sources for name in re.findall(rf'failpoint\.reach\("({part}\.[^"]+)"\)', text)})


def hub_seed(hub: Hub, seed: int) -> History:
    """A publisher delivers a run to a hub that dies at the seed's place, at the n-th time, up to MOST_DEATHS times."""
    chance, place = random.Random(seed), places("hub")[seed % len(places("hub"))]
    given = Given(seed, chance.randint(20_000, 200_000))
    truth = given.truth
    run, token, acked = f"seed-{seed}-{secrets.token_hex(4)}", new_token(), 0
    autopsy, history = Autopsy(hub.data / "hub.db", run, lambda: truth), History(truth)
    while True:
        lives = len(history.deaths) >= MOST_DEATHS
        hub.failpoints = {} if lives else armed(f"{place}=kill@{chance.choice(NTH)} {_delay(chance)}", seed)
        hub.kill()
        publisher = None
        try:
            hub.start()
            with MortalPublisher(hub, run, token=token) as publisher:
                publisher.take_up(**given.changes)
                publisher.deliver(truth, chance)
                if not publisher.events_end:
                    publisher.event(given.ending)
                assert publisher.seal(truth)["complete"]
                history.copies["hub"] = hub.get(f"/r/{token}/output")
                return history
        except (Lost, OSError, HTTPException, SocketIOError, StillbornError) as error:
            if lives and isinstance(error, StillbornError):
                raise
            hub.kill()
            acked = max(acked, publisher.acked if publisher else 0)
            history.deaths.append(Death(acked, autopsy.durable()))


def _delay(chance: random.Random) -> str:
    """A second place, at which time passes now and then: other orders of the same events."""
    return f"{chance.choice(places('hub'))}=sleep:{chance.choice([0.001, 0.01, 0.03])}%0.2"


def sender_seed(hub: Hub, seed: int) -> History:
    """A sender delivers a run directory, and dies at the seed's place, or meets an error there."""
    chance, place = random.Random(seed), places("sender")[seed % len(places("sender"))]
    truth = noise(seed, chance.randint(20_000, 600_000))
    history = History(truth)
    with tempfile.TemporaryDirectory(prefix=f"seed-{seed}-") as folder:
        path = Path(folder) / "runs" / f"seed-{seed}-{secrets.token_hex(4)}"
        record = write_run(path, hub.url, truth, chance, encrypted=ENCRYPTED.get())
        run = Run(path)
        autopsy = Autopsy(hub.data / "hub.db", path.name, run.given_away)
        while not _sender_succeeds(hub, path, place, seed, chance, len(history.deaths) >= MOST_DEATHS):
            history.deaths.append(Death(_delivered(path), autopsy.durable()))
        delivery, log = (path / "delivery.json").read_text(), (path / "sender.log").read_text()
        assert json.loads(delivery)["complete"], f"seed {seed}, {place}: {delivery}\n{log}"
        history.copies["hub"] = run.opened(hub.get(f"/r/{record['view_token']}/output"))
    return history


def _sender_succeeds(hub: Hub, path: Path, place: str, seed: int, chance: random.Random, lives: bool) -> bool:
    failpoint = f"{place}={chance.choice(['kill', 'error'])}@{chance.choice(NTH)}"
    environ = {**({} if lives else armed(failpoint, seed)), "PROGRESS_KEY": hub.key}
    wait_until(lambda: _is_free(path / "sender.lock"), "the kernel has let go of the dead sender's lock")
    sender = start("tests.faults.lone_sender", [os.fspath(path)], {**environment(), **environ}, path / "sender.log")
    try:
        return sender.wait(SENDER_SECONDS) == 0
    except subprocess.TimeoutExpired:
        raise AssertionError(f"the sender hangs: {(path / 'sender.log').read_text()}") from None


def write_run(path: Path, hub: str, truth: bytes, chance: random.Random, *, encrypted: bool) -> dict[str, str]:
    """A run directory as a recorder leaves it."""
    path.mkdir(parents=True)
    meta = {"name": "job", "command": ["job"], "started": time.time(), "pty": False, "cols": 0, "rows": 0}
    record = {"id": path.name, "hub": hub, "view_token": new_token(), "owner_token": new_token()}
    if encrypted:
        record["key"] = secrets.token_urlsafe(32)
    marks = sorted(chance.sample(range(1, len(truth)), 20)) if truth else []
    lines = [f"{at} {number / 10} {chance.randint(1, 2)}\n" for number, at in enumerate([0, *marks])]
    exit_event = {"seq": 0, "t": 3.0, "at": len(truth), "kind": "exit", "code": 0, "signal": None}
    (path / "output.log").write_bytes(truth)
    (path / "timing").write_text("".join(lines))
    (path / "events.ndjson").write_text(json.dumps(exit_event) + "\n")
    (path / "meta.json").write_text(json.dumps({**record, "meta": meta}))
    return record


def _delivered(path: Path) -> int:
    """How much the hub has acknowledged, as the sender has left it on disk."""
    delivery = path / "delivery.json"
    return int(json.loads(delivery.read_text())["end"]) if delivery.exists() else 0


def _is_free(lock: Path) -> bool:
    held = run_directory.try_lock(lock)
    if held is None:
        return False
    os.close(held)
    return True
