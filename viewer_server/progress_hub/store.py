"""Where runs are kept: SQLite in WAL mode, one connection that writes (writer.py), and readers that can't."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from progress_hub import schema
from progress_hub.concurrency import Concurrency, Doorbell
from progress_hub.writer import Outcome, Write, Writer

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

READ_BYTES = 1024 * 1024
"""About how much output one read brings."""
EVENTS_PER_READ = 1000
CLOSE_SECONDS = 3.0


class StoreError(Exception):
    """The store can't be opened; says why and what to do."""


class Damaged(Exception):
    """A chunk in the store isn't what was written: its bytes are not served."""


@dataclass(frozen=True)
class RunRecord:
    """A run as the store has it; `latest` holds the last event of each task and metric, and the exit event."""

    id: str
    epoch: int
    meta: dict[str, Any]
    started: float
    size: int
    lines: int
    events: int
    heard: float
    complete: bool
    sha256: str | None
    links: dict[str, str]
    latest: list[dict[str, Any]]


class Store:
    """The store of one hub. Methods that read block, but not the event loop: they run on other OS threads."""

    def __init__(self, path: Path, concurrency: Concurrency) -> None:
        """Open or create the database at `path`, migrating it; raises `StoreError`."""
        log.info("%s", about_sqlite(sqlite3.sqlite_version_info))
        self._offload = concurrency.offload
        self._doorbell = Doorbell(concurrency)
        self._outcomes: deque[list[Outcome]] = deque()
        self._closed = False
        try:
            connection = _writing_engine(path).connect()
            _migrate(connection)
        except DBAPIError as error:
            raise StoreError(f"The hub's database {path} can't be used: {error.orig}.") from error
        self._readers = _reading_engine(path)
        self._writer = Writer(connection, self._deliver)

    def submit(self, write: Write) -> None:
        """Queue a write; `outcomes` tells when it is durable."""
        self._writer.submit(write)

    def outcomes(self) -> Iterator[list[Outcome]]:
        """What became of writes, in their order, a group a time; waits for the next one until the store is closed."""
        while not self._closed:
            self._doorbell.wait()
            while self._outcomes:
                yield self._outcomes.popleft()
        self._doorbell.close()

    def close(self) -> None:
        """Commit what is queued and close the database."""
        self._readers.dispose()
        self._writer.close(CLOSE_SECONDS)
        self._closed = True
        self._doorbell.ring()

    def run(self, run: str) -> RunRecord | None:
        """The run with this id."""
        return self._read(_run, run)

    def link(self, sha256: str) -> tuple[str, str] | None:
        """The run's id and the role that a link gives, by the SHA-256 of its token."""
        return self._read(_link, sha256)

    def output(self, run: str, start: int, end: int) -> bytes:
        """Output from `start`, about READ_BYTES of it and none from `end` on; raises `Damaged`."""
        return self._read(_output, run, start, end)

    def events(self, run: str, start: int, end: int) -> list[str]:
        """Events from `start` as JSON, at most EVENTS_PER_READ of them and none from `end` on."""
        return self._read(_events, run, start, end)

    def sha256(self, run: str, size: int) -> str:
        """The digest of the run's first `size` bytes, in hex; raises `Damaged`."""
        digest, at = hashlib.sha256(), 0
        while at < size:
            piece = self.output(run, at, size)
            digest.update(piece)
            at += len(piece)
        return digest.hexdigest()

    def _read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        def read() -> T:
            with self._readers.connect() as connection:
                return query(connection, *args, **kwargs)

        found: T = self._offload(read)
        return found

    def _deliver(self, outcomes: list[Outcome]) -> None:
        self._outcomes.append(outcomes)
        self._doorbell.ring()


def about_sqlite(version: tuple[int, ...]) -> str:
    """What the log says of the SQLite that is used, and of a bug that many versions have."""
    name = ".".join(map(str, version))
    if not (3, 7, 0) <= version <= (3, 51, 2):
        return f"SQLite {name}."
    return (
        f"SQLite {name} can corrupt a database in WAL mode when several connections write or checkpoint at once "
        "(fixed in 3.51.3). The hub isn't exposed: one connection alone writes and checkpoints, its readers are "
        "query_only, a lock keeps other hubs out, and every chunk's CRC is checked when it is read."
    )


def _writing_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"check_same_thread": False})
    _pragmas(
        engine,
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=1000",
        "foreign_keys=ON",
        "journal_size_limit=67108864",
    )
    return engine


def _reading_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", pool_size=8, max_overflow=56)
    _pragmas(engine, "query_only=ON", "wal_autocheckpoint=0", "busy_timeout=5000")
    return engine


def _pragmas(engine: Engine, *pragmas: str) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")


def _migrate(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "progress_hub:migrations")
    command.upgrade(config, "head")
    connection.commit()


def _run(connection: Connection, run: str) -> RunRecord | None:
    row = connection.execute(select(schema.runs).where(schema.runs.c.id == run)).mappings().one_or_none()
    if row is None:
        return None
    links = select(schema.links.c.sha256, schema.links.c.role).where(schema.links.c.run == run)
    return RunRecord(
        **row,
        links={row.sha256: row.role for row in connection.execute(links)},
        latest=[json.loads(body) for (body,) in connection.execute(_latest_events(run))],
    )


def _latest_events(run: str) -> Any:
    table = schema.events
    last = (
        select(func.max(table.c.seq))
        .where(table.c.run == run, table.c.kind.in_(("task", "metric", "exit")))
        .group_by(table.c.kind, table.c.name)
    )
    return select(table.c.body).where(table.c.run == run, table.c.seq.in_(last)).order_by(table.c.seq)


def _link(connection: Connection, sha256: str) -> tuple[str, str] | None:
    links = schema.links
    row = connection.execute(select(links.c.run, links.c.role).where(links.c.sha256 == sha256)).one_or_none()
    return (row.run, row.role) if row else None


def _output(connection: Connection, run: str, start: int, end: int) -> bytes:
    chunks = schema.chunks
    first = select(func.max(chunks.c.at)).where(chunks.c.run == run, chunks.c.at <= start).scalar_subquery()
    query = (
        select(chunks)
        .where(chunks.c.run == run, chunks.c.at >= first, chunks.c.at < end)
        .order_by(chunks.c.at)
        .execution_options(yield_per=64)
    )
    pieces, at = [], start
    for row in connection.execute(query):
        raw = _checked(row, at)
        pieces.append(raw[at - row.at : end - row.at])
        at += len(pieces[-1])
        if at - start >= READ_BYTES:
            break
    if at == start < end:
        raise Damaged(f"Output of run {run} from byte {start} on is missing from the store.")
    return b"".join(pieces)


def _checked(row: Any, at: int) -> bytes:
    """The output in a chunk that has to hold the byte at `at`."""
    try:
        raw: bytes = zlib.decompress(row.data) if row.codec == "zlib" else row.data
    except zlib.error:
        raw = b""
    if len(raw) != row.size or zlib.crc32(raw) != row.crc or not row.at <= at < row.at + row.size:
        raise Damaged(f"Output of run {row.run} from byte {row.at} on is damaged in the store.")
    return raw


def _events(connection: Connection, run: str, start: int, end: int) -> list[str]:
    table = schema.events
    query = (
        select(table.c.body)
        .where(table.c.run == run, table.c.seq >= start, table.c.seq < end)
        .order_by(table.c.seq)
        .limit(EVENTS_PER_READ)
    )
    return list(connection.execute(query).scalars())
