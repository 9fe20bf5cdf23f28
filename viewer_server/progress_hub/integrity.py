"""Whether a run's copy is what its publisher has: damage is found, told and repaired, and difference is refused.

A flaw is damage in the store itself, which a sum shows; it is filled with what a publisher sends again. What is whole
and yet differs from what comes is a conflict: somebody else's bytes, which never overwrite what is there.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from typing import Any

from progress_hub.concurrency import Concurrency
from progress_hub.queries import Damaged
from progress_hub.run import Check, Run, chunk_row, event_row, united
from progress_hub.runs import Runs
from progress_hub.store import Store
from progress_hub.timed import Timed
from progress_hub.wire import Append, Blocks, Events, Refused, Seal
from progress_hub.writer import Write
from progress_run.protocol import BLOCK_BYTES, EVENTS_PER_MESSAGE, Sums

log = logging.getLogger(__name__)

STEP_BYTES = 256 * 1024
"""How much is read at a time of what is streamed: as much is in memory for each reader that takes its time."""
CHECK_SECONDS = 5.0
"""How long a `seal` waits for the store to be read back before the publisher is told to ask again."""

Range = tuple[int, int]


class Integrity:
    """Reads runs with an eye on their sums, and keeps what it finds in `Run.verdict` and in the store."""

    def __init__(self, runs: Runs, store: Store, concurrency: Concurrency) -> None:
        self._runs = runs
        self._store = store
        self._concurrency = concurrency

    # --- reading

    def output(self, run_id: str, start: int, end: int) -> bytes:
        """Some of a run's durable output from `start`, none from `end` on; raises `Damaged`, which is remembered."""
        return b"".join(piece.data for piece in self.timed(run_id, start, end))

    def whole(self, run_id: str, start: int, end: int) -> bytes:
        """All output from `start` to `end`, or `Damaged`."""
        return b"".join(piece.data for pieces in self.pieces(run_id, start, end) for piece in pieces)

    def timed(self, run_id: str, start: int, end: int) -> list[Timed]:
        """Likewise, with its times."""
        try:
            return self._store.timed(run_id, start, end)
        except Damaged:
            with self._runs.held(run_id) as run:
                return self._output_again(run, start, end)

    def pieces(self, run_id: str, start: int, end: int) -> Iterator[list[Timed]]:
        """All output from `start` to `end`, a little at a time. Damage raises `Damaged`: this isn't all, then."""
        while start < end:
            pieces = self.timed(run_id, start, min(end, start + STEP_BYTES))
            start = pieces[-1].end
            yield pieces

    def events(self, run_id: str, start: int, end: int) -> list[str]:
        """Some of a run's durable events from `start` as JSON, a stand-in where one is damaged."""
        bodies, torn = self._store.events(run_id, start, end)
        if torn:
            with self._runs.held(run_id) as run:
                return self._events_again(run, start, end)
        return bodies

    def _output_again(self, run: Run, start: int, end: int) -> list[Timed]:
        replaced = run.replaced
        try:
            return self._store.timed(run.id, start, end)
        except Damaged as damage:
            self._note_hole(run, (damage.start, damage.end), replaced)
            raise

    def _events_again(self, run: Run, start: int, end: int) -> list[str]:
        replaced = run.replaced
        bodies, torn = self._store.events(run.id, start, end)
        self._note_torn(run, torn, replaced)
        return bodies

    def _note_hole(self, run: Run, hole: Range, replaced: int) -> None:
        with self._runs.lock:
            holes = united(run.verdict.holes, hole)
            if _holds_still(run, replaced) and holes != run.verdict.holes:
                log.error("Output of run %s from byte %d to %d is damaged in the store.", run.id, *hole)
                self._judge(run, complete=False, sha256=None, holes=holes)

    def _note_torn(self, run: Run, torn: list[int], replaced: int) -> None:
        with self._runs.lock:
            if _holds_still(run, replaced) and not set(torn) <= set(run.verdict.torn):
                log.error("Events %s of run %s are damaged in the store.", torn, run.id)
                all_torn = sorted({*run.verdict.torn, *torn})
                self._judge(run, complete=False, sha256=None, torn=all_torn)

    def _judge(self, run: Run, **changes: Any) -> None:
        self._runs.submit(run, self._verdict(run, **changes))

    def _verdict(self, run: Run, **changes: Any) -> Write:
        run.verdict = run.verdict._replace(**changes)
        return Write(run.id, verdict=run.verdict._asdict())

    # --- what is sent again

    def compare(self, run: Run, message: Append) -> None:
        """Hold output that is there already, and whole, against what comes; raises `Refused` as a conflict."""
        end = min(message.end, run.end)
        while not self._compared(run, message, end):
            pass  # damage was found on the way, which is a hole now

    def fill(self, run: Run, message: Append) -> None:
        """Put what comes in the place of damaged output; the caller has the lock."""
        for hole in list(run.verdict.holes):
            self._fill(run, message, hole)

    def _compared(self, run: Run, message: Append, end: int) -> bool:
        try:
            for start, stop in _outside(run.verdict.holes, message.at, end):
                self._compare(run, message, start, stop)
        except Damaged:
            if run.replacing:
                self._runs.commit(Write(run.id))  # it may be what was damaged
            return False
        return True

    def _compare(self, run: Run, message: Append, start: int, end: int) -> None:
        while start < end:
            ours = self._received(run, start, end)
            theirs = message.raw[start - message.at : start - message.at + len(ours)]
            if ours != theirs:
                self._refuse(run, start + _first_difference(ours, theirs))
            start += len(ours)

    def _received(self, run: Run, start: int, end: int) -> bytes:
        """Some of the output from `start`, durable or not."""
        with self._runs.lock:
            for piece in run.tail:
                if piece.at <= start < piece.end:
                    return piece.data[start - piece.at : end - piece.at]
        return self.output(run.id, start, end)

    def _refuse(self, run: Run, at: int) -> None:
        message = f"The bytes of run {run.id} at offset {at} differ from those the hub has; it keeps its own."
        log.error("%s", message)
        with self._runs.lock:
            if run.verdict.conflict is None:
                self._judge(run, conflict=at)
        raise Refused("conflict", message)

    def _fill(self, run: Run, message: Append, hole: list[int]) -> None:
        """A damaged chunk is replaced from the beginning of the hole on."""
        start, end = hole[0], min(message.end, hole[1])
        if not message.at <= start < end:
            return
        holes = [each for each in run.verdict.holes if each != hole]
        write = self._verdict(run, holes=sorted([*holes, [end, hole[1]]]) if end < hole[1] else holes)
        write.chunk, write.replaced = chunk_row(message.part(start, end)), (start, hole[1])
        self._replace(run, write)

    def fill_events(self, run: Run, message: Events) -> None:
        """Put events that come in the place of damaged ones; where some were left out, their numbers are others."""
        if run.left_out:
            return
        with self._runs.lock:
            pairs = zip(message.events, message.bodies, strict=True)
            rows = [event_row(run.id, event, body) for event, body in pairs if event["seq"] in run.verdict.torn]
            if rows:
                mended = {row["seq"] for row in rows}
                write = self._verdict(run, torn=[seq for seq in run.verdict.torn if seq not in mended])
                write.replaced_events = rows
                self._replace(run, write)
                for event in message.events:
                    if event["seq"] in mended:
                        run.summary.take(event)

    def _replace(self, run: Run, write: Write) -> None:
        def done(_durable: bool) -> None:
            run.replacing -= 1
            run.replaced += 1

        run.replacing += 1
        write.done = done
        self._runs.submit(run, write)

    def blocks(self, run: Run, message: Blocks) -> Sums:
        """The sums of what is durable, block by block, for a publisher to compare."""
        self._runs.commit(Write(run.id))
        size = run.record.size
        end = min(message.end, size)
        sums = [self._block(run, at, min(at + BLOCK_BYTES, end)) for at in range(message.start, end, BLOCK_BYTES)]
        if not message.start:
            self._read_events(run)
        return {"sums": sums, "end": size, "torn": [] if run.left_out else run.verdict.torn[:EVENTS_PER_MESSAGE]}

    def _block(self, run: Run, start: int, end: int) -> str | None:
        try:
            sha256 = self._digest(run, start, end)
        except Damaged:
            return None
        self._note_whole(run, start, end)
        return sha256

    def _digest(self, run: Run, start: int, end: int) -> str:
        digest = hashlib.sha256()
        while start < end:
            piece = self.output(run.id, start, end)
            self._concurrency.offload(digest.update, piece)
            start += len(piece)
        return digest.hexdigest()

    def _note_whole(self, run: Run, start: int, end: int) -> None:
        """Where all could be read there is no hole: one was noted of bytes that were just being replaced."""
        with self._runs.lock:
            holes = [list(part) for hole in run.verdict.holes for part in _outside([[start, end]], *hole)]
            if holes != run.verdict.holes:
                self._judge(run, holes=holes)

    # --- the seal

    def seal(self, run: Run, message: Seal) -> dict[str, bool]:
        """Record that the run is complete, once all of it is here and the same; returns what else to reply.

        Raises `Refused` as a conflict when more is here than was sealed.
        """
        self._runs.commit(Write(run.id))  # what was appended before it is durable with it
        known = run.complete and not message.reread and message.sha256 == run.record.sha256
        if message.size > run.record.size or known:
            return {}
        if message.size < run.record.size:
            self._refuse(run, message.size)
        sha256 = self._sha256(run, message.reread)
        if sha256 is None:
            return {"checking": True}
        with self._runs.lock:
            if run.verdict.flawed or sha256 != message.sha256:
                return {"differs": True}
            if run.end != message.size:
                return {}  # another publisher has taken it meanwhile, and has more
            wait = self._runs.begin(self._verdict(run, complete=True, sha256=sha256))
        wait()
        return {}

    def _sha256(self, run: Run, reread: bool) -> str | None:
        """The digest of all there is, known from when it came in or read back; None while that takes its time.

        Raises `Refused` when it can't be read.
        """
        with self._runs.lock:
            if not reread and run.digest is not None and run.end == run.record.size:
                return run.digest.hexdigest()
            check = run.check
            if check is None or check.size != run.record.size:
                check = run.check = Check(run.record.size, self._concurrency.event())
                run.holds += 1
                self._concurrency.spawn(self._read_back, run, check)
        check.finished.wait(CHECK_SECONDS)
        if check.failed or check.sha256 is not None:
            run.check = None
        if check.failed:
            raise Refused("unavailable", "The hub can't read its copy of this run; its log says why.")
        return check.sha256

    def _read_back(self, run: Run, check: Check) -> None:
        try:
            self._read_events(run)
            check.sha256 = self._block(run, 0, check.size) or ""
        except Exception:
            log.exception("Run %s could not be read back", run.id)
            check.failed = True
        finally:
            check.finished.set()
            self._runs.release(run)

    def _read_events(self, run: Run) -> None:
        at = 0
        while at < run.record.events:
            at += len(self.events(run.id, at, run.record.events))


def _holds_still(run: Run, replaced: int) -> bool:
    """Whether damage that was read since `replaced` can't be what has been replaced meanwhile."""
    return not run.replacing and run.replaced == replaced


def _outside(holes: list[list[int]], start: int, end: int) -> list[Range]:
    """What of a range lies in no hole."""
    parts = []
    for hole in holes:
        if start < min(end, hole[0]):
            parts.append((start, min(end, hole[0])))
        start = max(start, hole[1])
    return [*parts, (start, end)] if start < end else parts


def _first_difference(one: bytes, other: bytes) -> int:
    return next(at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
