"""What readers ask of the store: one question a function, put to a connection that can't write.

Every chunk and every event is held against its sum when it is read; one that is not what was written is never given.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal, not_, select, tuple_
from xxhash import xxh3_64_hexdigest

from progress_hub import schema
from progress_hub.index import Index, Stretch
from progress_hub.timed import Timed
from progress_run import failpoint

READ_BYTES = 1024 * 1024
"""About how much output one read brings."""
EVENTS_PER_READ = 1000
CHUNKS_PER_READ = 10_000
LINK_ID_DIGITS = 16
MOST_NAMES = 1000
"""How many tasks, and how many metrics, a run is looked through for: its publisher may have made up any number."""


class Damaged(Exception):
    """Output of `run` from offset `start` to `end` isn't in the store as it was written: it is not served."""

    def __init__(self, run: str, start: int, end: int) -> None:
        super().__init__(f"Output of run {run} from byte {start} to {end} is damaged in the store.")
        self.run = run
        self.start = start
        self.end = end


def sum_of(data: bytes, place: int) -> str:
    """The sum of a chunk or an event, which holds for its place alone: the offset, or the number."""
    return xxh3_64_hexdigest(data, seed=place)


@dataclass(frozen=True)
class RunRecord:
    """A run as the store has it.

    `latest` holds the last event of each task and metric, and the exit event, with the `t` of the first of its name,
    in the order of those.
    """

    id: str
    epoch: int
    meta: dict[str, Any]
    started: float
    size: int
    lines: int
    events: int
    heard: float
    tally: dict[str, Any]
    complete: bool
    sha256: str | None
    holes: list[list[int]]
    torn: list[int]
    conflict: int | None
    kept: bool
    removed: bool
    compacted: bool
    links: dict[str, str]
    latest: list[tuple[float, dict[str, Any]]]

    @property
    def left_out(self) -> int:
        """How many events there was no room for."""
        return int(self.tally.get("left_out", 0))

    @property
    def received_events(self) -> int:
        """How many of its publisher's events are done with, whether kept or not."""
        return self.events + self.left_out


def run_record(connection: Connection, run: str) -> RunRecord | None:
    """The run with this id."""
    row = connection.execute(select(schema.runs).where(schema.runs.c.id == run)).mappings().one_or_none()
    if row is None:
        return None
    table = schema.links
    links = select(table.c.sha256, table.c.role).where(table.c.run == run, table.c.minted.is_(False))
    return RunRecord(
        **row,
        links={link.sha256: link.role for link in connection.execute(links)},
        latest=_latest(connection, run),
    )


def _latest(connection: Connection, run: str) -> list[tuple[float, dict[str, Any]]]:
    """Of each task and metric and of the end, when it first was, and the last event."""
    kinds = [{"of": run, "of_kind": kind} for kind in ("task", "metric", "exit")]
    spans = [tuple(row) for kind in kinds for row in connection.execute(_SPANS, kind)]
    table = schema.events
    ends = sorted({seq for span in spans for seq in span})
    query = select(table.c.seq, table.c.body, table.c.sum).where(table.c.run == run, table.c.seq.in_(ends))
    whole = {row.seq: json.loads(row.body) for row in connection.execute(query) if _is_whole(row)}
    return [(whole.get(first, whole[last])["t"], whole[last]) for first, last in sorted(spans) if last in whole]


def _spans() -> Any:
    """The numbers of the first and the last event of each name, in a run and of a kind.

    One step through the index a name: a group by would read all of a kind's events, and of those may be millions.
    """
    table = schema.events
    mine = (table.c.run == bindparam("of"), table.c.kind == bindparam("of_kind"))
    names = select(func.min(table.c.name).label("name"), literal(1).label("nth")).where(*mine).cte(recursive=True)
    following = select(func.min(table.c.name)).where(*mine, table.c.name > names.c.name).scalar_subquery()
    more = select(following, names.c.nth + 1).where(names.c.name.is_not(None), names.c.nth < MOST_NAMES)
    names = names.union_all(more)
    first, last = (
        select(find(table.c.seq)).where(*mine, table.c.name == names.c.name).scalar_subquery()
        for find in (func.min, func.max)
    )
    return select(first, last).where(names.c.name.is_not(None))


_SPANS = _spans()


@dataclass(frozen=True)
class LinkRecord:
    """A link: the run it leads to, whether that takes a key as well, and what it allows from when to when."""

    sha256: str
    run: str
    private: bool
    role: str
    label: str
    created: float
    expires: float | None
    revoked: float | None

    @property
    def id(self) -> str:
        """What it is called by, which opens nothing."""
        return self.sha256[:LINK_ID_DIGITS]

    def works_at(self, now: float) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked is None and (self.expires is None or now < self.expires)


def link(connection: Connection, sha256: str) -> LinkRecord | None:
    """A link by the SHA-256 of its token, whether it still works or not."""
    row = connection.execute(_LINKS.where(schema.links.c.sha256 == sha256)).one_or_none()
    return _link(row) if row else None


def links(connection: Connection, run: str) -> list[LinkRecord]:
    """All links of a run that are known, the oldest first."""
    oldest_first = _LINKS.where(schema.links.c.run == run).order_by(schema.links.c.created, schema.links.c.sha256)
    return [_link(row) for row in connection.execute(oldest_first)]


def _link(row: Any) -> LinkRecord:
    fields = {name: row._mapping[name] for name in LinkRecord.__match_args__}
    return LinkRecord(**{**fields, "private": bool(row.private)})


_LINKS = select(schema.links, schema.runs.c.meta["private"].as_boolean().label("private")).join(schema.runs)


@dataclass(frozen=True)
class KeyRecord:
    """A key of the hub; of those in files, it isn't known when they were made."""

    id: str
    name: str
    kind: str
    sha256: str
    created: float | None = None
    last_used: float | None = None
    revoked: float | None = None


def keys(connection: Connection) -> list[KeyRecord]:
    """The keys that were added to the hub, the oldest first."""
    return [
        KeyRecord(**row) for row in connection.execute(select(schema.keys).order_by(schema.keys.c.created)).mappings()
    ]


def newest(connection: Connection, most: int, before: str | None) -> list[str] | None:
    """The ids of the runs that started last, newest first, and before that run if it is given; None without it."""
    runs = schema.runs
    query = select(runs.c.id).where(runs.c.removed.is_(False))
    query = query.order_by(runs.c.started.desc(), runs.c.id.desc()).limit(most)
    if before is not None:
        started = connection.execute(select(runs.c.started).where(runs.c.id == before)).scalar()
        if started is None:
            return None
        query = query.where(tuple_(runs.c.started, runs.c.id) < (started, before))
    return list(connection.scalars(query))


def removed(connection: Connection) -> list[str]:
    """The ids of the runs that are being deleted."""
    return list(connection.scalars(select(schema.runs.c.id).where(schema.runs.c.removed)))


def uncompacted(connection: Connection, most: int, besides: Collection[str]) -> list[str]:
    """The ids of some runs that are complete, besides these, and have their small chunks still."""
    runs = schema.runs
    todo = (runs.c.complete, not_(runs.c.compacted), runs.c.removed.is_(False), runs.c.id.not_in(besides))
    return list(connection.scalars(select(runs.c.id).where(*todo).limit(most)))


def outdated(connection: Connection, heard_before: float, newest: int) -> list[str]:
    """The ids of the runs nobody asked to keep, last heard before then or beyond the `newest`; 0 is all of them."""
    runs = schema.runs
    query = select(runs.c.id, runs.c.heard).where(runs.c.kept.is_(False), runs.c.removed.is_(False))
    rows = connection.execute(query.order_by(runs.c.started.desc(), runs.c.id.desc()))
    return [run for place, (run, heard) in enumerate(rows) if heard < heard_before or (newest and place >= newest)]


def output(connection: Connection, run: str, start: int, end: int) -> list[Timed]:
    """Output from `start`, about READ_BYTES of it and none from `end` on, with its times; raises `Damaged`."""
    failpoint.reach("hub.before-read")
    pieces: list[Timed] = []
    at = start
    for row in connection.execute(_chunks_over(run, start, end)):
        raw = _unpacked(row)
        if raw is None or not row.at <= at < row.at + row.size:
            break
        data = raw[at - row.at : end - row.at]
        pieces.append(Timed(at, at + len(data), row._mapping["t"], row.marks, data))
        at += len(data)
        if at - start >= READ_BYTES:
            break
    if at == start < end:
        raise Damaged(run, *_hole(connection, run, at))
    return pieces


def times(connection: Connection, run: str, start: int, end: int) -> list[Timed]:
    """The first CHUNKS_PER_READ chunks over a range, without their output."""
    rows = connection.execute(_chunks_over(run, start, end).with_only_columns(*_TIMES).limit(CHUNKS_PER_READ))
    return [_timed(row) for row in rows]


def begun_by(connection: Connection, run: str, t: float, start: int, end: int) -> Timed | None:
    """The last of the chunks over a range that had been begun by `t`, without its output."""
    begun = _chunks_over(run, start, end).with_only_columns(*_TIMES).where(schema.chunks.c.t <= t)
    last = begun.order_by(None).order_by(schema.chunks.c.at.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    return _timed(row) if row else None


def index(connection: Connection, run: str) -> Index:
    """What is known of where in a run's output is what; an empty one, if nothing is."""
    stretches, indexes = schema.stretches, schema.indexes
    row = connection.execute(select(indexes).where(indexes.c.run == run)).one_or_none()
    if row is None:
        return Index()
    query = select(*(stretches.c[name] for name in Stretch.__match_args__)).where(stretches.c.run == run)
    known = [Stretch(*stretch) for stretch in connection.execute(query.order_by(stretches.c.at))]
    return Index.restore(row.at, known, row.state)


def _timed(row: Any) -> Timed:
    return Timed(row.at, row.at + row.size, row._mapping["t"], row.marks)  # `row.t` is SQLAlchemy's own


_TIMES = (schema.chunks.c.at, schema.chunks.c.size, schema.chunks.c.t, schema.chunks.c.marks)


def _chunks_over(run: str, start: int, end: int) -> Any:
    chunks = schema.chunks
    first = select(func.max(chunks.c.at)).where(chunks.c.run == run, chunks.c.at <= start).scalar_subquery()
    return (
        select(chunks)
        .where(chunks.c.run == run, chunks.c.at >= func.coalesce(first, start), chunks.c.at < end)
        .order_by(chunks.c.at)
        .execution_options(yield_per=64)
    )


def _unpacked(row: Any) -> bytes | None:
    """The output in a chunk; None when it isn't what was written."""
    try:
        raw: bytes = zlib.decompress(row.data) if row.codec == "zlib" else row.data
    except (zlib.error, TypeError):  # SQLite gives a text where one bit of its type has changed
        return None
    return raw if isinstance(raw, bytes) and len(raw) == row.size and sum_of(raw, row.at) == row.sum else None


def _hole(connection: Connection, run: str, at: int) -> tuple[int, int]:
    """The range around `at`, from the last whole chunk before it to the next chunk behind it, whole or not."""
    chunks = schema.chunks
    mine = select(chunks).where(chunks.c.run == run)
    before = connection.execute(mine.where(chunks.c.at <= at).order_by(chunks.c.at.desc()).limit(1)).one_or_none()
    behind = select(func.min(chunks.c.at)).where(chunks.c.run == run, chunks.c.at > at)
    size = select(schema.runs.c.size).where(schema.runs.c.id == run)
    start = 0
    if before is not None:
        start = before.at if _unpacked(before) is None else before.at + before.size
    return start, connection.execute(behind).scalar() or connection.execute(size).scalar_one()


def events(connection: Connection, run: str, start: int, end: int) -> tuple[list[str], list[int]]:
    """Events from `start` as JSON, at most EVENTS_PER_READ of them and none from `end` on, and those that are damaged.

    In the place of a damaged event stands a note that says so, since whoever reads counts on every number.
    """
    table = schema.events
    query = (
        select(table.c.seq, table.c.body, table.c.sum)
        .where(table.c.run == run, table.c.seq >= start, table.c.seq < end)
        .order_by(table.c.seq)
        .limit(EVENTS_PER_READ)
    )
    whole = {row.seq: row.body for row in connection.execute(query) if _is_whole(row)}
    wanted = range(start, min(end, start + EVENTS_PER_READ))
    torn = [seq for seq in wanted if seq not in whole]
    bodies: list[str] = []
    for seq in wanted:
        bodies.append(whole.get(seq) or _stand_in(seq, bodies[-1] if bodies else "{}"))
    return bodies, torn


def events_of(connection: Connection, run: str, kind: str, start: int) -> list[dict[str, Any]]:
    """Events of one kind from number `start` on, EVENTS_PER_READ at most, without those that are damaged."""
    table = schema.events
    query = (
        select(table.c.seq, table.c.body, table.c.sum)
        .where(table.c.run == run, table.c.kind == kind, table.c.seq >= start)
        .order_by(table.c.seq)
        .limit(EVENTS_PER_READ)
    )
    return [json.loads(row.body) for row in connection.execute(query) if _is_whole(row)]


def _is_whole(event: Any) -> bool:
    try:
        return isinstance(event.body, str) and sum_of(event.body.encode(), event.seq) == event.sum
    except UnicodeEncodeError:
        return False


def _stand_in(seq: int, before: str) -> str:
    previous = json.loads(before)
    note = {"level": "error", "text": "An event is damaged in the hub's store."}
    return json.dumps({"seq": seq, "t": previous.get("t", 0), "at": previous.get("at", 0), "kind": "note", **note})
