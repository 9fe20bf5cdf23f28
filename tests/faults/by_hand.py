"""What a publisher that speaks the protocol by hand delivers: random bytes, encrypted where a scenario's runs are."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

from tests.faults.noise import noise
from tests.faults.stage import ENCRYPTED

from progress_run.protocol import RECORD_BYTES
from progress_run.sealed.sealer import Sealer

EXIT: dict[str, Any] = {"kind": "exit", "code": 0, "signal": None}


class Given:
    """All that the hub gets of one run: `truth` is the output, of which any 32 bytes occur once only either way.

    Attributes:
        changes: what of the metadata differs from other runs'.
    """

    def __init__(self, seed: int, size: int) -> None:
        self.truth = noise(seed, size)
        self.changes: dict[str, Any] = {}
        self.ending = EXIT
        if ENCRYPTED.get():
            sealer = Sealer(secrets.token_urlsafe(32))
            self.truth = b"".join(records(sealer, self.truth, RECORD_BYTES))
            self.changes = {"meta": {"started": time.time(), "sealed": sealer.meta({"name": "job"})}}
            self.ending = {**EXIT, "data": sealer.event({**EXIT, "seq": 0})}


def records(sealer: Sealer, output: bytes, size: int) -> Iterator[bytes]:
    """Output as an encrypted run's hub gets it, in records of so many bytes."""
    for number, at in enumerate(range(0, len(output), size)):
        yield sealer.record(number, at, [(at, 0.0, 1)], output[at : at + size])
