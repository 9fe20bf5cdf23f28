"""The one connection that writes and checkpoints the store, on an OS thread of its own, with group commit.

Whatever has queued up since a commit goes into the next one, a moment later at the earliest; when none was just before,
a write is committed at once. A commit that fails for want of disk, permission or a lock is tried again until it
succeeds: nothing is acknowledged meanwhile, and since a publisher keeps a small window in flight, little can pile up.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from progress_hub import schema
from progress_run import failpoint

log = logging.getLogger(__name__)

COMMIT_INTERVAL = 0.004
"""Seconds from one commit to the next: each costs as much as many rows, and where there are many nobody is alone."""
RETRY_SECONDS = 0.5
PASSING = ("is locked", "is full", "disk I/O error", "unable to open", "readonly", "out of memory")
"""Words of SQLite's messages for what may be over at the next try; anything else would fail for ever."""
LINKS_REMEMBERED = 64
"""How many links of a run are known, at most, while there are some that work no longer."""
POSITION = ("size", "lines", "events", "heard", "tally")
VERDICT = ("complete", "sha256", "holes", "torn", "conflict")

DELETE_CHUNKS = delete(schema.chunks).where(
    schema.chunks.c.run == bindparam("of"),
    schema.chunks.c.at >= bindparam("start"),
    schema.chunks.c.at < bindparam("end"),
)
DELETE_INDEXES = tuple(
    delete(table).where(table.c.run == bindparam("of")) for table in (schema.indexes, schema.stretches)
)
DELETE_EVENTS = delete(schema.events).where(
    schema.events.c.run == bindparam("of"),
    schema.events.c.seq >= bindparam("start"),
    schema.events.c.seq < bindparam("end"),
)
DELETE_LINKS = delete(schema.links).where(schema.links.c.run == bindparam("of"))
DELETE_RUN = delete(schema.runs).where(schema.runs.c.id == bindparam("of"))
"""What removal.py erases with."""


def _add_link() -> Any:
    """Adds a link to a run, unless it has `most` that work already."""
    links = schema.links
    names = ("sha256", "run", "role", "minted", "label", "created", "expires")
    new = {name: bindparam(f"new_{name}", type_=links.c[name].type) for name in names}
    in_time = or_(links.c.expires.is_(None), links.c.expires > new["created"])
    working = select(func.count()).where(links.c.run == new["run"], links.c.revoked.is_(None), in_time)
    return insert(links).from_select(names, select(*new.values()).where(working.scalar_subquery() < bindparam("most")))


def _forget_links() -> Any:
    """Forgets a run's links that work no longer, but for the LINKS_REMEMBERED newest of all."""
    links = schema.links
    mine = links.c.run == bindparam("of")
    newest = select(links.c.sha256).where(mine).order_by(links.c.created.desc()).limit(LINKS_REMEMBERED)
    over = or_(links.c.revoked.is_not(None), links.c.expires <= bindparam("now"))
    return delete(links).where(mine, over, links.c.minted, links.c.sha256.not_in(newest))


ADD_LINK, FORGET_LINKS = _add_link(), _forget_links()
REVOKE_LINK = update(schema.links).where(schema.links.c.sha256 == bindparam("of")).values(revoked=bindparam("at"))
_INSERT_KEY = insert(schema.keys)
PUT_KEY = _INSERT_KEY.on_conflict_do_update(
    index_elements=["id"], set_={name: _INSERT_KEY.excluded[name] for name in ("last_used", "revoked")}
)

_INSERT_CHUNK = insert(schema.chunks)
_INSERT_EVENT = insert(schema.events)
_REPLACE_EVENT = _INSERT_EVENT.on_conflict_do_update(
    index_elements=["run", "seq"],
    set_={name: _INSERT_EVENT.excluded[name] for name in ("kind", "name", "body", "sum")},
)
_INSERT_LINK = insert(schema.links).on_conflict_do_nothing()
_INSERT_STRETCH = insert(schema.stretches).prefix_with("OR REPLACE")
_INSERT_INDEX = insert(schema.indexes).prefix_with("OR REPLACE")
_INSERT_RUN = insert(schema.runs)
_UPSERT_RUN = _INSERT_RUN.on_conflict_do_update(
    index_elements=["id"], set_={"epoch": _INSERT_RUN.excluded.epoch, "meta": _INSERT_RUN.excluded.meta}
)
_UPDATE_RUN = update(schema.runs).where(schema.runs.c.id == bindparam("run"))

Row = dict[str, Any]


@dataclass
class Write:
    """Rows that become durable together, for one run, or none.

    `position`, `verdict` and `owner` are columns of the run to update.
    """

    run: str
    header: Row | None = None
    links: list[Row] = field(default_factory=list)
    chunk: Row | None = None
    events: list[Row] = field(default_factory=list)
    position: Row | None = None
    verdict: Row | None = None
    """What is known of the copy's integrity."""
    owner: Row | None = None
    """What the hub's owner wants of it, columns of the run as well."""
    of_run: bool = True
    """Else `run` is but a name for what its outcome is of, such as a key."""
    further: list[tuple[Any, Row]] = field(default_factory=list)
    """Further statements, and what they take."""
    erase: list[tuple[Any, Row]] = field(default_factory=list)
    """Statements that delete some of it, and what they take."""
    scrub: bool = False
    """Leave nothing of what was deleted in the write-ahead log either."""
    replaced: tuple[int, int] | None = None
    """The range of output whose damaged chunks `chunk` begins to replace."""
    merged: tuple[int, int] | None = None
    """The range of output whose chunks `chunk` is made of, and stands for from then on."""
    replaced_events: list[Row] = field(default_factory=list)
    index: Row | None = None
    stretches: list[Row] = field(default_factory=list)
    """Of the index, those that are new or have grown; an index of what is replaced is forgotten."""
    mend: bool = False
    """Nothing to write: what follows continues from the run's durable end again, after a write of it had failed."""
    done: Callable[[bool], None] | None = None
    """Called on the event loop: whether it is durable, or has failed for good."""


@dataclass(frozen=True)
class Outcome:
    """What became of a write: committed, or failed for good."""

    write: Write
    failed: bool


class Writer:
    """A thread that commits writes in the order they come; it calls `deliver` with what became of them."""

    def __init__(self, connection: Connection, deliver: Callable[[list[Outcome]], None]) -> None:
        self._connection = connection
        self._deliver = deliver
        self._queue: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        self._broken: set[str] = set()  # runs of which a write has failed: what was queued behind it would leave a hole
        self._failing = False
        self._next_commit = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, write: Write) -> None:
        """Queue a write; returns at once."""
        self._queue.put(write)

    def close(self, timeout: float) -> None:
        """Commit what is queued, for at most `timeout` seconds, and let go of the database."""
        self._stopping.set()
        self._queue.put(None)
        self._thread.join(timeout)

    def _run(self) -> None:
        while group := self._next_group():
            self._deliver(self._commit(group))
        self._connection.close()

    def _next_group(self) -> list[Write]:
        """Everything that waits, once something does; nothing when it is time to stop."""
        group = []
        write = self._queue.get()
        time.sleep(max(0.0, self._next_commit - time.monotonic()))
        self._next_commit = time.monotonic() + COMMIT_INTERVAL
        while write is not None:
            group.append(write)
            try:
                write = self._queue.get_nowait()
            except queue.Empty:
                return group
        if group:
            self._queue.put(None)
        return group

    def _commit(self, group: list[Write]) -> list[Outcome]:
        if any(write.run in self._broken for write in group):
            return [self._commit_one(write) for write in group]  # a mend among them lets in what is behind it
        try:
            self._transact_until_done(group)
        except (SQLAlchemyError, ValueError, OverflowError):
            return [self._commit_one(write) for write in group]
        return [self._outcome(write) for write in group]

    def _commit_one(self, write: Write) -> Outcome:
        """Commit one write alone, so that one which can't be written holds up no other run's."""
        try:
            self._transact_until_done([] if write.run in self._broken else [write])
        except (SQLAlchemyError, ValueError, OverflowError):
            log.exception("A write of run %s failed", write.run)
            self._broken.add(write.run)
        return self._outcome(write)

    def _outcome(self, write: Write) -> Outcome:
        if write.mend:
            self._broken.discard(write.run)
        return Outcome(write, failed=write.run in self._broken)

    def _transact_until_done(self, group: list[Write]) -> None:
        while True:
            try:
                self._transact(group)
            except OperationalError as error:
                if not any(words in str(error.orig) for words in PASSING):
                    raise
                self._say_that_it_fails(error)
                if self._stopping.wait(RETRY_SECONDS):
                    raise
            else:
                return self._say_that_it_works()

    def _say_that_it_fails(self, error: OperationalError) -> None:
        if not self._failing:
            log.error("The store can't be written: %s. Nothing is lost; it is tried again until it can.", error.orig)
        self._failing = True

    def _say_that_it_works(self) -> None:
        if self._failing:
            log.error("The store can be written again.")
        self._failing = False

    def _transact(self, group: list[Write]) -> None:
        failpoint.reach("hub.before-commit")
        with self._connection.begin():
            self._execute(_UPSERT_RUN, [write.header for write in group if write.header])
            self._execute(_INSERT_LINK, [link for write in group for link in write.links])
            self._execute(DELETE_CHUNKS, [_range(write) for write in group if write.replaced or write.merged])
            for forget in DELETE_INDEXES:
                self._execute(forget, [{"of": write.run} for write in group if write.replaced])
            self._execute(_INSERT_STRETCH, [stretch for write in group for stretch in write.stretches])
            self._execute(_INSERT_INDEX, [write.index for write in group if write.index])
            self._execute(_INSERT_CHUNK, [write.chunk for write in group if write.chunk])
            self._execute(_INSERT_EVENT, [event for write in group for event in write.events])
            self._execute(_REPLACE_EVENT, [event for write in group for event in write.replaced_events])
            positions = {write.run: write.position for write in group if write.position}
            self._update(POSITION, positions)
            self._update(VERDICT, {write.run: write.verdict for write in group if write.verdict})
            for write in group:
                if write.owner:
                    self._update(tuple(write.owner), {write.run: write.owner})
                for statement, row in (*write.further, *write.erase):
                    self._connection.execute(statement, row)
            failpoint.reach("hub.in-commit")
        failpoint.reach("hub.after-commit")
        if any(write.scrub for write in group):
            self._connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.commit()

    def _execute(self, statement: Any, rows: list[Row]) -> None:
        if rows:
            self._connection.execute(statement, rows)

    def _update(self, columns: tuple[str, ...], changes: dict[str, Row]) -> None:
        if changes:
            statement = _UPDATE_RUN.values({column: bindparam(column) for column in columns})
            self._connection.execute(statement, [{"run": run, **row} for run, row in changes.items()])


def _range(write: Write) -> dict[str, Any]:
    start, end = write.replaced or write.merged or (0, 0)
    return {"of": write.run, "start": start, "end": end}
