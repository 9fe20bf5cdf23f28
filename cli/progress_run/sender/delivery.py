"""Delivers one run over one connection after the other, until the hub has confirmed the whole."""

from __future__ import annotations

import errno
import hashlib
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xxhash import xxh3_64_hexdigest

from progress_run import failpoint
from progress_run.protocol import BLOCK_BYTES, CHUNK_BYTES, POLLING_APPENDS, Append, Codec, Link, Position
from progress_run.run_directory import Record
from progress_run.sender.connection import Connection, RefusedError, UnreachableError, refusal
from progress_run.sender.window import Window
from progress_run.source import Piece, Source

STUCK_SECONDS = 15.0
"""In flight for so long without an ack: the connection is taken for dead, whatever it says of itself."""

WORTH_PACKING = 512
"""Bytes from which compressing is tried."""

SEALING_PAUSE = 0.1
"""Seconds after which more is encrypted, if nobody rings before: there was much of it, or no room on the disk."""

CHECKING_PAUSE = 1.0
"""Seconds after which a hub that is still reading its store is asked again."""

COMPARED_BYTES = 32 * BLOCK_BYTES
"""How much is compared at once: a hub takes a moment for it, and what the job writes goes out in between."""

HASHED_BYTES = 4 * 1024 * 1024
"""How much is hashed at an ack: a sender that takes up a long run must not stop for all of it."""

REPAIRS = 3
"""How often blocks are compared before what still differs is given up."""


class Delivery:
    """What is known of one run's delivery, over all its connections.

    Args:
        epoch: higher than that of any sender before for this run.
        on_progress: told the hub's position whenever it has moved.
        on_control: given what the hub hands on that viewers ask of the job, as it came.
        yields: leave the run to another sender that is connected with it.
        reread: have the hub read back what it has, also where it was complete before.
    """

    def __init__(
        self,
        path: Path,
        record: Record,
        epoch: int,
        on_progress: Callable[[Position], None],
        on_control: Callable[[dict[str, Any]], None],
        *,
        yields: bool = False,
        reread: bool = False,
    ) -> None:
        self.run = record["id"]
        self.source = source_of(path, record)
        self.window = Window()
        self.complete = False
        self._record = record
        self._epoch = epoch
        self._on_progress = on_progress
        self._on_control = on_control
        self._yields = yields
        self._reread = reread
        self._repairs = 0
        self._differs = False  # a comparison is due
        self._compared: int | None = None  # how far one that is under way has come
        self._ask_again = 0.0
        self._exited: int | None = None
        self._limit: RefusedError | None = None  # the hub takes no more of the output

    def open(self, connection: Connection) -> None:
        """Take the run up where the hub has it."""
        links: list[Link] = [
            {"role": "view", "sha256": token_hash(self._record["view_token"])},
            {"role": "owner", "sha256": token_hash(self._record["owner_token"])},
        ]
        failpoint.reach("sender.before-open")
        position = connection.open(
            {
                "run": self.run,
                "epoch": self._epoch,
                "meta": self.source.shown(self._record["meta"]),
                "links": links,
                "yields": self._yields,
            }
        )
        if self._record["meta"].get("private") and not position.get("private"):
            raise RefusedError(
                "not_private", "This hub is too old to keep a run private, so it gets nothing of this one."
            )
        self._yields = False  # it is ours: whoever takes it from now on has a higher epoch
        self._limit = None
        self.window.appends = connection.appends
        self.window.rewind(position["end"], position["events_end"], time.monotonic())
        self._exited = self._find_exit()  # the hub may have the last event already, which is then not read again
        self._confirmed(bool(position.get("complete")) and not self._reread)
        begun = self._reread and position["end"] and not position.get("complete")
        self._differs, self._compared = bool(position.get("differs") or begun), None

    def take(self, connection: Connection) -> None:
        """Take in what the hub has said.

        Raises:
            UnreachableError: the connection has dropped. RefusedError: another sender has the run.
        """
        while not connection.inbox.empty():
            event, data = connection.inbox.get()
            if event == "disconnect":
                raise UnreachableError("The connection to the hub was lost.")
            if data.get("run") != self.run:
                continue
            if event == "fenced":
                raise RefusedError("fenced", "Another sender has taken over this run.", data.get("epoch"))
            if event == "refused":
                self._refused(refusal(data.get("error")))
                continue
            if event == "control":
                self._on_control(data)
                continue
            now = time.monotonic()
            if event == "ack":
                failpoint.reach("sender.before-ack")
                self.window.acked(data["end"], data["events_end"], data.get("pace", 0), now)
                self.source.hash_up_to(min(self.window.end, self.source.size), HASHED_BYTES)
            else:
                self.window.resend(data["end"], data["events_end"], now)
            self._confirmed(False)
            self._differs = self._differs or bool(data.get("differs"))

    def give(self, connection: Connection) -> float:
        """Send what the window permits. Returns the seconds after which to come again, without a ring or an ack.

        Raises:
            UnreachableError: nothing has been acknowledged for too long.
            OSError: what there is can't be read, or not made readable for lack of room.
            RefusedError: the hub has more than there is here, or other bytes, or all of the run that it takes.
        """
        now = time.monotonic()
        if self._limit and self._has_delivered_exit:
            raise self._limit
        if self.window.stuck_for(now) > STUCK_SECONDS:
            raise UnreachableError("The hub has stopped answering.")
        pause = STUCK_SECONDS if self.source.take_in() else SEALING_PAUSE
        if self.source.stuck and self._has_what_can_be_read:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(self.source.path))
        if not (self._reread and self._is_repairing):  # what others began with other bytes is not for us to continue
            self._give_events(connection, now)
            pause = min(pause, self._give_output(connection, now))
        if self._is_repairing:
            self._repair(connection)
            return 0.0
        if self._is_whole():
            pause = min(pause, self._seal(connection))
        return min(pause, STUCK_SECONDS)

    @property
    def job_has_ended(self) -> bool:
        """The recorder has written the run's last event."""
        if self._exited is None:
            self._exited = self._find_exit()
        return self._exited is not None

    @property
    def is_level(self) -> bool:
        """The hub durably has every byte and event there is, and none of it is known to differ."""
        all_read = self.source.take_in()
        return all_read and not self._is_repairing and self._has_what_can_be_read

    def has_all_there_is(self) -> bool:
        """Whether the hub has all of a run that nobody records any more; raises `RefusedError` if it takes no more."""
        if self._limit and self.source.take_in() and not self.source.events(self.window.events_end):
            raise self._limit
        return self.is_level

    @property
    def _has_what_can_be_read(self) -> bool:
        if not self.window.all_acked or self.window.end != self.source.size:
            return False
        return not self.source.events(self.window.events_end)

    def _refused(self, error: RefusedError | UnreachableError) -> None:
        """Of a run that is too large for the hub, let it know at least how that ends."""
        if not isinstance(error, RefusedError) or error.code != "limit":
            raise error
        self._limit = error
        self.window.resend(self.window.end, self.window.events_sent, time.monotonic())

    @property
    def _has_delivered_exit(self) -> bool:
        return self._exited is not None and self.window.events_end > self._exited

    def _find_exit(self) -> int | None:
        last = self.source.last_event
        return int(last["seq"]) if last.get("kind") == "exit" else None

    def _give_events(self, connection: Connection, now: float) -> None:
        events = self.source.events(self.window.events_sent)
        if events:
            connection.events({"run": self.run, "epoch": self._epoch, "events": events})
            self.window.reported(self.window.events_sent + len(events), now)
            if events[-1]["kind"] == "exit":
                self._exited = events[-1]["seq"]

    def _give_output(self, connection: Connection, now: float) -> float:
        if self.window.sent > self.source.size:
            raise RefusedError("ahead", f"The hub has {self.window.end:,} bytes, this directory {self.source.size:,}.")
        while (
            not self._limit
            and (waiting := min(self.source.size - self.window.sent, CHUNK_BYTES))
            and self.window.room(waiting)
        ):
            pause = 0.0 if self._exited is not None else self.window.pause(now)
            if pause and waiting < CHUNK_BYTES:
                return pause
            piece = self.source.piece(self.window.sent)
            if piece is None:
                break
            self._append(connection, piece)
            self.window.appended(piece.at + len(piece.data), time.monotonic())
        return STUCK_SECONDS

    def _append(self, connection: Connection, piece: Piece) -> None:
        codec, packed = pack(piece.data) if self.source.compressible else ("", piece.data)
        message: Append = {
            "run": self.run,
            "epoch": self._epoch,
            "at": piece.at,
            "t": piece.t,
            "data": packed,
            "codec": codec,
            "marks": piece.marks,
            "sum": xxh3_64_hexdigest(piece.data),
        }
        failpoint.reach("sender.before-append")
        connection.append(message)
        failpoint.reach("sender.after-append")

    def _is_whole(self) -> bool:
        """The job has ended and the hub durably has all of it."""
        return self._has_delivered_exit and not self.complete and self.is_level

    def _seal(self, connection: Connection) -> float:
        """Declare the run whole; returns the seconds after which to ask again."""
        if (pause := self._ask_again - time.monotonic()) > 0:
            return pause
        failpoint.reach("sender.before-seal")
        size = self.window.end
        sha256 = self.source.sha256(size)
        position = connection.seal(
            {"run": self.run, "epoch": self._epoch, "size": size, "sha256": sha256, "reread": self._reread}
        )
        failpoint.reach("sender.after-seal")
        if not position.get("complete") or position.get("checking"):
            self._ask_again = time.monotonic() + CHECKING_PAUSE
            self.window.rewind(position["end"], position["events_end"], time.monotonic())
        if position.get("differs"):
            self._repairs += 1
            if self._repairs > REPAIRS:
                raise RefusedError("conflict", "The hub's copy of this run differs from this one, and can't be mended.")
            self._differs, self._ask_again = True, 0.0
        whole = not position.get("differs") and not position.get("checking")
        self._confirmed(bool(position.get("complete")) and whole)
        return CHECKING_PAUSE if position.get("checking") else 0.0

    @property
    def _is_repairing(self) -> bool:
        return self._differs or self._compared is not None

    def _repair(self, connection: Connection) -> None:
        """Compare some more with what the hub has, block by block, and send again what differs.

        Raises:
            RefusedError: the hub's bytes are whole, and others than ours.
        """
        if self._compared is None:
            self._compared, self._differs = 0, False
        start = self._compared
        sums = self._blocks(connection, start, start + COMPARED_BYTES)
        end = min(int(sums["end"]), self.source.size)
        at = start
        for sha256 in sums["sums"]:
            stop = min(at + BLOCK_BYTES, end)
            if at < stop and self.source.sha256_of(at, stop) != sha256:
                self._send_block(connection, at, stop)
            at += BLOCK_BYTES
        self._send_events(connection, sums["torn"])
        self._compared = at if start < at < end else None

    def _send_events(self, connection: Connection, torn: list[int]) -> None:
        for number, seq in enumerate(torn, 1):
            events = self.source.events(seq, 1)
            if events:  # else it was lost here as well
                connection.events({"run": self.run, "epoch": self._epoch, "events": events})
            if number % POLLING_APPENDS == 0:
                self._blocks(
                    connection, BLOCK_BYTES, BLOCK_BYTES
                )  # asks for nothing: long polling takes no more at once

    def _send_block(self, connection: Connection, start: int, end: int) -> None:
        """Send a block again, no more at once than long polling takes: it has no window of its own."""
        at, sent, theirs = start, 0, [None]
        while piece := self.source.piece(at, end) if at < end else None:
            self._append(connection, piece)
            at, sent = at + len(piece.data), sent + 1
            if sent % POLLING_APPENDS == 0 or at == end:
                theirs = self._blocks(connection, start, end)["sums"]
        if theirs != [self.source.sha256_of(start, end)]:
            raise RefusedError("conflict", f"From byte {start:,} to {end:,} the hub has other bytes, and keeps them.")

    def _blocks(self, connection: Connection, start: int, end: int) -> dict[str, Any]:
        return connection.blocks({"run": self.run, "epoch": self._epoch, "from": start, "to": end})

    def _confirmed(self, complete: bool) -> None:
        self.complete = complete
        self._on_progress({"end": self.window.end, "events_end": self.window.events_end, "complete": complete})


def source_of(path: Path, record: Record) -> Source:
    """What of a run its hub gets: all as it was recorded, or encrypted."""
    if "key" not in record:
        return Source(path)
    from progress_run.sender.sealed_source import SealedSource  # a library that others need not have

    return SealedSource(path, record["key"])


def pack(data: bytes) -> tuple[Codec, bytes]:
    """Compress at the source when that pays."""
    if len(data) >= WORTH_PACKING:
        packed = zlib.compress(data, 1)
        if len(packed) < 0.9 * len(data):
            return "zlib", packed
    return "", data


def token_hash(token: str) -> str:
    """All that a hub ever gets of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()
