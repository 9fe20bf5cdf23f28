"""Whatever happens between a run directory and a hub, in whatever order: the store is a prefix of the truth.

And what was acknowledged is durable, and a real sender brings the run to its end. Every other run is encrypted: of such
a one, whole records alone are ever sent, and what is not sealed yet the sender seals.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import tempfile
import urllib.error
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import closing
from http.client import IncompleteRead
from itertools import accumulate
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.end_to_end.stage import hub_at_a_quiet_port
from tests.faults.autopsy import Autopsy
from tests.faults.by_hand import records
from tests.faults.noise import noise
from tests.faults.publisher import MortalPublisher
from tests.faults.seeds import write_run
from tests.support.clients import sha256
from tests.support.forked import start
from tests.support.hub import Hub, environment
from tests.support.runner import Run

from progress_run.sealed.layout import SEALED
from progress_run.sealed.sealer import Sealer

NOISE = noise(4, 200_000)
SENDER_SECONDS = 40
SIZES = st.integers(1, 3000)
RECORD = 1000


class RunAndHub(RuleBasedStateMachine):
    """`truth` is what the hub gets; of it, `written` bytes are there, and the publisher believes to have sent `sent`.

    `acked` is the most that it was promised.
    """

    hub: ClassVar[Hub]

    def __init__(self) -> None:
        super().__init__()
        self.written = self.sent = self.acked = 0
        self.damaged = False

    @initialize(seed=st.integers(0, 2**32), encrypted=st.booleans())
    def begin(self, seed: int, encrypted: bool) -> None:
        """A run directory without output, and the hub told of it."""
        self.folder = tempfile.TemporaryDirectory(prefix="machine-")
        self.path = Path(self.folder.name) / "runs" / f"run-{os.urandom(8).hex()}"
        self.record = write_run(self.path, self.hub.url, b"", random.Random(seed), encrypted=encrypted)
        links = [{"role": role, "sha256": sha256(self.record[f"{role}_token"].encode())} for role in ("view", "owner")]
        self.opening: dict[str, Any] = {"links": links}
        self.truth = NOISE
        self.ends: Sequence[int] = range(len(NOISE) + 1)
        if encrypted:
            self._encrypt(Sealer(self.record["key"]))
        self.autopsy = Autopsy(self.hub.data / "hub.db", self.path.name, lambda: self.truth)
        self._connect()

    def _encrypt(self, sealer: Sealer) -> None:
        pieces = list(records(sealer, NOISE, RECORD))
        self.truth, self.ends = b"".join(pieces), list(accumulate(map(len, pieces), initial=0))
        self.opening["meta"] = {"started": 1.0, "sealed": sealer.meta({"name": "job"})}

    @rule(size=SIZES)
    def write(self, size: int) -> None:
        """The job writes."""
        self.written = self.ends[bisect_right(self.ends, self.written + size) - 1]

    @rule(size=SIZES)
    def send(self, size: int) -> None:
        """The next piece; its ack is not waited for, so for all the publisher knows it is lost."""
        self._append(self.sent, size)
        self.sent = min(self.written, self.sent + size)

    @rule()
    def deliver(self) -> None:
        """All there is, until it is acknowledged."""
        while self.sent < self.written:
            self.send(16_384)
        self.publisher.end = 0
        self._append(0, 1)  # answered with an ack in any case
        self.publisher.wait_for(lambda: self.publisher.end >= self.written, "an ack of all")

    @rule(back=SIZES)
    def forget(self, back: int) -> None:
        """The publisher's knowledge loses its tail."""
        self.sent = max(0, self.sent - back)

    @rule(where=st.floats(0, 1), size=SIZES)
    def duplicate(self, where: float, size: int) -> None:
        """Something is sent again that was sent before, and maybe a little more."""
        self._append(int(where * self.sent), size)

    @rule(size=SIZES)
    def reorder(self, size: int) -> None:
        """A piece overtakes the one before it."""
        size = min(size, (self.written - self.sent) // 2)
        self._append(self.sent + size, size)
        self._append(self.sent, size)
        self.sent += size

    @rule()
    def reconnect(self) -> None:
        """The connection drops, and the hub is asked how far it is."""
        self._disconnect()
        self._connect()

    @rule()
    def kill(self) -> None:
        """SIGKILL to the hub, and another one in its place."""
        self._kill()
        if not self.damaged:
            assert self.acked <= self.autopsy.durable()
        self._restart()

    @rule(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
    def corrupt(self, where: float, bit: int) -> None:
        """A bit flips on the hub's disk while it is down."""
        self._kill()
        self.damaged |= flip_bit(self.hub.data / "hub.db", self.path.name, where, bit)
        self._restart()

    @invariant()
    def serves_a_prefix_of_the_truth(self) -> None:
        """No wrong byte is ever served, from wherever; and all that was promised is, unless it came to harm."""
        for start_at in (0, self.written // 2, max(0, self.written - 1)):
            served = self._served(start_at)
            assert served == self.truth[start_at : start_at + len(served)]
            assert start_at + len(served) <= max(self.written, start_at)
            assert self.damaged or len(served) >= self.acked - start_at

    def teardown(self) -> None:
        """A real sender brings the run to its end, whatever state it is in."""
        self._disconnect()
        output = self._leave()
        log = self.path / "sender.log"
        environ = {**environment(), "PROGRESS_KEY": self.hub.key}
        sender = start("tests.faults.lone_sender", [os.fspath(self.path)], environ, log)
        try:
            assert sender.wait(SENDER_SECONDS) == 0, log.read_text()
            assert Run(self.path).opened(self._served(0)) == output
            assert self.hub.info(self.record["view_token"])["complete"]
        finally:
            sender.send_signal(signal.SIGKILL)
            self.folder.cleanup()

    def _leave(self) -> bytes:
        """The run directory as a recorder leaves it; the last that it wrote it has not encrypted. Gives the output."""
        given = self.truth[: self.written]
        output = Run(self.path).opened(given)
        if self.truth != NOISE:
            (self.path / SEALED).mkdir()
            (self.path / SEALED / "output.log").write_bytes(given)
            output = NOISE[: len(output) + RECORD // 2]
        (self.path / "output.log").write_bytes(output)
        return output

    def _append(self, at: int, size: int) -> None:
        piece = self.truth[at : min(self.written, at + size)]
        if piece:
            self.publisher.append(at, piece)

    def _served(self, start_at: int) -> bytes:
        try:
            return self.hub.get(f"/r/{self.record['view_token']}/output?from={start_at}")
        except IncompleteRead as broken:
            return broken.partial
        except (urllib.error.HTTPError, ConnectionError):
            assert self.damaged
            return b""

    def _connect(self) -> None:
        self.publisher = MortalPublisher(self.hub, self.path.name)
        self.publisher.take_up(**self.opening)
        assert self.publisher.end >= self.acked
        self.sent = self.publisher.end

    def _disconnect(self) -> None:
        self.publisher.close()
        self.acked = max(self.acked, self.publisher.acked)

    def _kill(self) -> None:
        self.hub.kill()
        self._disconnect()

    def _restart(self) -> None:
        self.hub.start()
        self._connect()


def flip_bit(database: Path, run: str, where: float, bit: int) -> bool:
    """Change one bit of a run's chunks; whether there was one."""
    with closing(sqlite3.connect(database)) as connection, connection:
        chunks = connection.execute("SELECT rowid, data FROM chunks WHERE run = ? ORDER BY at", [run]).fetchall()
        if not chunks:
            return False
        row, data = chunks[int(where * len(chunks))]
        at = int(where * len(data))
        harmed = data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]
        connection.execute("UPDATE chunks SET data = ? WHERE rowid = ?", [harmed, row])
    return True


@pytest.fixture
def hub() -> Iterator[Hub]:
    """The hub that all the machine's runs are published at."""
    with hub_at_a_quiet_port() as hub:
        yield hub


def test_run_directory_and_hub(hub: Hub) -> None:
    RunAndHub.hub = hub
    examples = int(os.environ.get("MACHINE_EXAMPLES", "15"))
    unhurried = settings(
        max_examples=examples,
        stateful_step_count=20,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes; the blob repeats it
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(RunAndHub, settings=unhurried)
