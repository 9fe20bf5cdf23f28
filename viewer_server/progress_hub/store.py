"""Where runs are kept: SQLite in WAL mode, one connection that writes (writer.py), and readers that can't."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from progress_hub import queries
from progress_hub.concurrency import Concurrency, Doorbell
from progress_hub.index import Index
from progress_hub.migrate import NewerSchema, migrate
from progress_hub.queries import KeyRecord, LinkRecord, RunRecord
from progress_hub.timed import Timed
from progress_hub.wire import Refused
from progress_hub.writer import Outcome, Write, Writer

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

CLOSE_SECONDS = 3.0
RUNS_PER_READ = 100
ELSEWHERE = "name another directory with --data."
COMMIT_SECONDS = 10.0
"""How long a write that is waited for may take before whoever asked for it is told to try later."""


class StoreError(Exception):
    """The store can't be opened; says why and what to do."""


class Store:
    """The store of one hub. Methods that read block, but not the event loop: they run on other OS threads."""

    def __init__(self, path: Path, concurrency: Concurrency) -> None:
        """Open or create the database at `path`, migrating it; raises `StoreError`."""
        log.info("%s", about_sqlite(sqlite3.sqlite_version_info))
        self._offload = concurrency.offload
        self._event = concurrency.event
        self._doorbell = Doorbell(concurrency)
        self._outcomes: deque[list[Outcome]] = deque()
        self._closed = False
        try:
            connection = _writing_engine(path).connect()
            migrate(connection)
        except DBAPIError as error:
            raise StoreError(
                f"The hub's database {path} can't be used: {error.orig}. Free some space or {ELSEWHERE}"
            ) from error
        except NewerSchema as error:
            raise StoreError(f"The hub's database {path} is of a newer hub. Update this one or {ELSEWHERE}") from error
        self._readers = _reading_engine(path)
        self._writer = Writer(connection, self._deliver)

    def submit(self, write: Write) -> None:
        """Queue a write; `outcomes` tells when it is durable."""
        self._writer.submit(write)

    def awaited(self, write: Write) -> Callable[[], None]:
        """Returns what waits until a write, yet to be submitted, is durable; that raises `Refused`."""
        settled, results = self._event(), []

        def done(durable: bool) -> None:
            results.append(durable)
            settled.set()

        def wait() -> None:
            settled.wait(COMMIT_SECONDS)
            if results != [True]:
                raise Refused("unavailable", "The hub can't write to its store at the moment; try again later.")

        write.done = done
        return wait

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
        return self._read(queries.run_record, run)

    def link(self, sha256: str) -> LinkRecord | None:
        """A link by the SHA-256 of its token; None as well once it is revoked or expired."""
        found = self.known_link(sha256)
        return found if found and found.works_at(time.time()) else None

    def known_link(self, sha256: str) -> LinkRecord | None:
        """Likewise, whatever has become of it."""
        return self._read(queries.link, sha256)

    def links(self, run: str) -> list[LinkRecord]:
        """All links of a run that are known, the oldest first."""
        return self._read(queries.links, run)

    def known_keys(self) -> list[KeyRecord]:
        """The keys that were added to the hub, the oldest first."""
        return self._read(queries.keys)

    def newest(self, most: int, before: str | None) -> list[str] | None:
        """The ids of the runs that started last, before that run if it is given; None when there is no such run."""
        return self._read(queries.newest, most, before)

    def removed(self) -> list[str]:
        """The ids of the runs that are being deleted."""
        return self._read(queries.removed)

    def uncompacted(self, besides: Collection[str]) -> list[str]:
        """The ids of some runs that are complete, besides these, and have their small chunks still."""
        return self._read(queries.uncompacted, RUNS_PER_READ, besides)

    def outdated(self, heard_before: float, newest: int) -> list[str]:
        """The ids of the runs nobody asked to keep, last heard before then or beyond the `newest`; 0 is all of them."""
        return self._read(queries.outdated, heard_before, newest)

    def output(self, run: str, start: int, end: int) -> bytes:
        """Output from `start`, about READ_BYTES of it and none from `end` on; raises `Damaged`."""
        return b"".join(piece.data for piece in self.timed(run, start, end))

    def timed(self, run: str, start: int, end: int) -> list[Timed]:
        """Likewise, with its times."""
        return self._read(queries.output, run, start, end)

    def times(self, run: str, start: int, end: int) -> list[Timed]:
        """The first chunks over a range, without their output."""
        return self._read(queries.times, run, start, end)

    def begun_by(self, run: str, t: float, start: int, end: int) -> Timed | None:
        """The last of the chunks over a range that had been begun by `t`, without its output."""
        return self._read(queries.begun_by, run, t, start, end)

    def index(self, run: str) -> Index:
        """What is known of where in a run's output is what."""
        return self._read(queries.index, run)

    def events(self, run: str, start: int, end: int) -> tuple[list[str], list[int]]:
        """Some events from `start` as JSON and none from `end` on, and the numbers of those that are damaged."""
        return self._read(queries.events, run, start, end)

    def events_of(self, run: str, kind: str, start: int) -> list[dict[str, Any]]:
        """Events of one kind from number `start` on, some of them, without those that are damaged."""
        return self._read(queries.events_of, run, kind, start)

    def _read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        def read() -> T:
            with self._readers.connect() as connection:
                connection.exec_driver_sql("BEGIN")  # all of a query sees the same state of the store
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
        "query_only, a lock keeps other hubs out, and every chunk's sum is checked when it is read."
    )


def _writing_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"check_same_thread": False})
    _pragmas(
        engine,
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=1000",
        "foreign_keys=ON",
        "secure_delete=ON",  # what was deleted is overwritten
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
        # Damage can turn a text into one that can't be decoded, which is for its sum to find.
        connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
