"""What the store promises to those above it."""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from tests.support.hub import wait_until

from progress_hub import concurrency, schema
from progress_hub.migrate import NEWEST
from progress_hub.queries import READ_BYTES, Damaged, sum_of
from progress_hub.store import Store, StoreError, about_sqlite
from progress_hub.writer import Outcome, Write, Writer

HEADER = {
    "id": "r", "epoch": 1, "meta": {"name": "job"}, "started": 1.0, "size": 0, "lines": 0, "events": 0, "heard": 1.0,
    "tally": {}, "complete": False, "sha256": None, "holes": [], "torn": [], "conflict": None,
}  # fmt: skip


class Settled:
    """A store, and what became of the writes it was given."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = Store(path, concurrency.load("threading"))
        self.outcomes: list[Outcome] = []
        threading.Thread(target=self._collect, daemon=True).start()

    def write(self, *writes: Write) -> list[Outcome]:
        """Submit writes, wait for them, and return their outcomes."""
        before = len(self.outcomes)
        for write in writes:
            self.store.submit(write)
        wait_until(lambda: len(self.outcomes) == before + len(writes), "the writes settle")
        return self.outcomes[before:]

    def _collect(self) -> None:
        for outcomes in self.store.outcomes():
            self.outcomes += outcomes


@pytest.fixture
def settled(tmp_path: Path) -> Iterator[Settled]:
    """A store with one run in it."""
    made = Settled(tmp_path / "hub.db")
    made.write(Write("r", header=HEADER, links=[{"sha256": "a", "run": "r", "role": "view"}]))
    yield made
    made.store.close()


def chunk(at: int, data: bytes, codec: str = "") -> Write:
    packed = zlib.compress(data) if codec else data
    row = {"run": "r", "at": at, "size": len(data), "t": 0.0, "codec": codec, "sum": sum_of(data, at), "data": packed}
    position = {"size": at + len(data), "lines": 0, "events": 0, "heard": 2.0, "tally": {}}
    return Write("r", chunk={**row, "marks": None}, position=position)


def test_what_was_written_is_read_by_any_offset(settled: Settled) -> None:
    settled.write(chunk(0, b"hello "), chunk(6, b"wonderful ", "zlib"), chunk(16, b"world"))
    whole = b"hello wonderful world"
    for start in range(len(whole)):
        for end in range(start + 1, len(whole) + 1):
            assert settled.store.output("r", start, end) == whole[start:end]
    record = settled.store.run("r")
    assert record is not None
    assert (record.size, record.heard, record.links) == (21, 2.0, {"a": "view"})
    link = settled.store.link("a")
    assert link is not None
    assert (link.run, link.role, link.private) == ("r", "view", False)
    assert settled.store.link("b") is None
    assert settled.store.run("s") is None


def test_a_read_is_bounded(settled: Settled) -> None:
    piece = bytes(65536)
    settled.write(*[chunk(at, piece) for at in range(0, 40 * 65536, 65536)])
    assert READ_BYTES <= len(settled.store.output("r", 0, 40 * 65536)) < READ_BYTES + 65536


def test_damage_is_found_and_not_served(settled: Settled) -> None:
    settled.write(chunk(0, b"good"), chunk(4, b"bad"))
    with closing(sqlite3.connect(settled.path)) as other, other:
        other.execute("UPDATE chunks SET data = x'626164ff' WHERE at = 4")
    assert settled.store.output("r", 0, 7) == b"good"
    with pytest.raises(Damaged) as found:
        settled.store.output("r", 5, 7)
    assert (found.value.start, found.value.end) == (4, 7)


def test_a_chunk_that_is_gone_is_a_hole(settled: Settled) -> None:
    settled.write(chunk(0, b"one"), chunk(3, b"two"), chunk(6, b"three"))
    with closing(sqlite3.connect(settled.path)) as other, other:
        other.execute("DELETE FROM chunks WHERE at = 3")
    with pytest.raises(Damaged) as found:
        settled.store.output("r", 4, 9)
    assert (found.value.start, found.value.end) == (3, 6)
    assert settled.store.output("r", 6, 11) == b"three"


def test_a_write_that_cannot_be_leaves_no_hole_and_hinders_no_other_run(settled: Settled) -> None:
    outcomes = settled.write(chunk(0, b"one"), chunk(0, b"again"), chunk(5, b"behind it"), Write("q"))
    assert [outcome.failed for outcome in outcomes] == [False, True, True, False]
    assert [outcome.failed for outcome in settled.write(chunk(14, b"later"), Write("r", mend=True))] == [True, False]
    assert [outcome.failed for outcome in settled.write(chunk(3, b"two"))] == [False]
    assert settled.store.output("r", 0, 6) == b"onetwo"


def test_what_comes_behind_a_mend_in_one_group_is_written(settled: Settled) -> None:
    assert [outcome.failed for outcome in settled.write(chunk(0, b"one"), chunk(0, b"again"))] == [False, True]
    before = len(settled.outcomes)
    with closing(sqlite3.connect(settled.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # holds the writer up, so that what follows becomes one group
        for write in (Write("q", header={**HEADER, "id": "q"}), Write("r", mend=True), chunk(3, b"two")):
            settled.store.submit(write)
    wait_until(lambda: len(settled.outcomes) == before + 3, "the writes settle")
    assert [outcome.failed for outcome in settled.outcomes[before:]] == [False, False, False]
    assert settled.store.output("r", 0, 6) == b"onetwo"


def test_a_locked_database_is_waited_for(settled: Settled) -> None:
    with closing(sqlite3.connect(settled.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        settled.store.submit(chunk(0, b"kept"))
        assert settled.store.link("a") is not None
    wait_until(lambda: len(settled.outcomes) == 2, "the write is committed")
    assert settled.store.output("r", 0, 4) == b"kept"


def test_a_store_that_is_read_only_for_a_while_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = Settled(tmp_path / "hub.db")
    made.write(Write("r", header=HEADER))
    made.store.close()
    outcomes: list[Outcome] = []
    engine = create_engine(f"sqlite:///{made.path}", connect_args={"check_same_thread": False})
    connection = engine.connect()
    database = connection.connection.driver_connection
    assert isinstance(database, sqlite3.Connection)
    database.execute("PRAGMA query_only = ON")  # to SQLite this is what a file system is that has become read-only
    writer = Writer(connection, outcomes.extend)
    writer.submit(chunk(0, b"kept"))
    wait_until(lambda: "readonly database" in caplog.text, "that it can't be written is said")
    assert not outcomes
    database.execute("PRAGMA query_only = OFF")
    wait_until(lambda: len(outcomes) == 1, "it is committed")
    assert not outcomes[0].failed
    writer.close(timeout=5)
    engine.dispose()


def test_the_last_event_of_each_task_is_its_state(settled: Settled) -> None:
    def row(seq: int, kind: str, name: str) -> dict[str, object]:
        body = f'{{"seq": {seq}, "t": {seq}.5}}'
        return {
            "run": "r",
            "seq": seq,
            "kind": kind,
            "name": name,
            "body": body,
            "sum": sum_of(body.encode(), seq),
        }

    rows = [row(0, "task", "a"), row(1, "task", "b"), row(2, "task", "a"), row(3, "note", ""), row(4, "exit", "")]
    settled.write(Write("r", events=rows, position={"size": 0, "lines": 0, "events": 5, "heard": 2.0, "tally": {}}))
    record = settled.store.run("r")
    assert record is not None
    assert [(began, event["seq"]) for began, event in record.latest] == [(0.5, 2), (1.5, 1), (4.5, 4)]
    assert settled.store.events("r", 1, 3) == (['{"seq": 1, "t": 1.5}', '{"seq": 2, "t": 2.5}'], [])
    with closing(sqlite3.connect(settled.path)) as other, other:
        other.execute("UPDATE events SET body = '{\"seq\": 9}' WHERE seq = 2")
    bodies, torn = settled.store.events("r", 0, 5)
    assert torn == [2]
    assert [json.loads(body)["seq"] for body in bodies] == [0, 1, 2, 3, 4]
    assert "damaged" in bodies[2]
    record = settled.store.run("r")
    assert record is not None
    assert [event["seq"] for _began, event in record.latest] == [1, 4]


def test_migrations_make_the_schema(settled: Settled) -> None:
    with create_engine(f"sqlite:///{settled.path}").connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []
        assert context.get_current_revision() == NEWEST


def test_a_database_of_a_newer_hub_is_refused(settled: Settled) -> None:
    settled.store.close()
    with closing(sqlite3.connect(settled.path)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"is of a newer hub\. Update this one"):
        Store(settled.path, concurrency.load("threading"))


def test_a_database_of_an_older_hub_opens_with_all_its_links(tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{tmp_path}/hub.db").connect() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "progress_hub:migrations")
        command.upgrade(config, "0005")
        connection.commit()
    columns = ", ".join(HEADER)
    values = [json.dumps(value) if isinstance(value, (dict, list)) else value for value in HEADER.values()]
    with closing(sqlite3.connect(tmp_path / "hub.db")) as old, old:
        old.execute(f"INSERT INTO runs ({columns}) VALUES ({', '.join('?' * len(HEADER))})", values)
        old.execute("INSERT INTO links VALUES ('a', 'r', 'owner', 0), ('b', 'r', 'view', 1)")
    made = Settled(tmp_path / "hub.db")
    found = [(link.sha256, link.role, link.label, link.created, link.expires) for link in made.store.links("r")]
    assert found == [("a", "owner", "owner", 1.0, None), ("b", "view", "list", 1.0, None)]
    assert made.store.link("a") is not None
    assert made.store.known_keys() == []
    made.store.close()


def test_what_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_bytes(b"this is no database, but long enough to look like one" * 100)
    with pytest.raises(StoreError, match="file is not a database"):
        Store(tmp_path / "hub.db", concurrency.load("threading"))


def test_the_known_bug_is_spoken_of_where_it_is() -> None:
    assert "one connection alone writes" in about_sqlite((3, 40, 1))
    assert about_sqlite((3, 51, 3)) == "SQLite 3.51.3."
