"""Where in a run's output is what: what pages ask that show a run without having it all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until

LINES = b"".join(b"line %06d with some text\n" % number for number in range(40_000))
"""A little more than a million bytes."""


@pytest.fixture
def publisher(hub: Hub) -> Iterator[Publisher]:
    with Publisher(hub) as publisher:
        publisher.open()
        yield publisher


def ask(hub: Hub, publisher: Publisher, what: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(hub.get(f"/r/{publisher.token}/{what}"))
    return found


def test_the_index_tells_of_every_stretch(hub: Hub, publisher: Publisher) -> None:
    publisher.append_all(LINES)
    publisher.append_all(b"\x1b[31mred\n")
    answer = ask(hub, publisher, "index")
    assert answer["size"] == len(LINES) + 9
    assert answer["entries"][0] == [0, 0, 0, 0, "", ""]
    assert len(answer["entries"]) == 5
    for at, line, t, drawn, style, modes in answer["entries"][1:]:
        assert LINES[at - 1 : at] == b"\n"
        assert line == LINES.count(b"\n", 0, at)
        assert (t, drawn, style, modes) == (0, 0, "", "")
    later = ask(hub, publisher, f"index?from={answer['entries'][2][0]}")
    assert later["entries"] == answer["entries"][2:]


def test_the_index_grows_with_the_run(hub: Hub, publisher: Publisher) -> None:
    assert ask(hub, publisher, "index") == {"size": 0, "entries": []}
    publisher.append_all(b"one\n")
    assert ask(hub, publisher, "index") == {"size": 4, "entries": [[0, 0, 0, 0, "", ""]]}
    publisher.append_all(b"\x1b[2Atwo\n")
    assert ask(hub, publisher, "index") == {"size": 12, "entries": [[0, 0, 0, 1, "", ""]]}


def test_an_index_survives_a_hub_that_is_killed(own_hub: Hub) -> None:
    with Publisher(own_hub) as publisher:
        publisher.open()
        publisher.append_all(LINES * 2)
        publisher.seal(LINES * 2)
        before = ask(own_hub, publisher, "index")

        def stored() -> list[Any]:
            with closing(sqlite3.connect(own_hub.data / "hub.db")) as store:
                return store.execute("SELECT at FROM indexes").fetchall()

        wait_until(lambda: stored() == [(len(LINES) * 2,)], "the index is stored")
        own_hub.restart()
        with closing(sqlite3.connect(own_hub.data / "hub.db")) as store, store:
            store.execute("UPDATE chunks SET data = x'00'")  # none of it has to be read again
        assert ask(own_hub, publisher, "index") == before


def test_damage_is_skipped_and_indexed_when_it_was_sent_again(own_hub: Hub) -> None:
    with Publisher(own_hub) as publisher:
        publisher.open()
        for at, line in ((0, b"one\n"), (4, b"two\n"), (8, b"six\n")):
            publisher.append(at, line)
        publisher.wait_for(lambda: publisher.end == 12, "an ack")
        with closing(sqlite3.connect(own_hub.data / "hub.db")) as other, other:
            other.execute("UPDATE chunks SET data = x'00' WHERE at = 4")
        assert ask(own_hub, publisher, "index")["entries"] == [[0, 0, 0, 0, "", ""], [8, 1, 0, 0, "", ""]]
        publisher.append(0, b"one\ntwo\nsix\n")
        whole = [[0, 0, 0, 0, "", ""]]
        wait_until(lambda: ask(own_hub, publisher, "index")["entries"] == whole, "the hole is filled and indexed")
        assert ask(own_hub, publisher, "at?t=0") == {"at": 12, "line": 3}


def test_times_come_from_the_marks(hub: Hub, publisher: Publisher) -> None:
    publisher.append(0, b"one\ntwo\n", t=1.0, marks=[[0, 1.0, 1], [4, 2.5, 2]])
    publisher.append(8, b"three\n", t=20.0)
    publisher.append(14, b"four\nfive\n", t=21.0, marks=[[19, 22.0, 1]])
    publisher.wait_for(lambda: publisher.end == 24, "an ack")
    marks = [[0, 1, 1], [4, 2.5, 2], [8, 20, 1], [14, 21, 1], [19, 22, 1]]
    assert ask(hub, publisher, "timing") == {"marks": marks, "to": 24}
    assert ask(hub, publisher, "timing?from=9&to=15") == {"marks": marks[2:], "to": 15}
    assert ask(hub, publisher, "timing?from=24")["marks"] == []
    for t, at, line in ((0.5, 0, 0), (1, 4, 1), (2.4, 4, 1), (3, 8, 2), (20, 14, 3), (21.5, 19, 4), (99, 24, 5)):
        assert ask(hub, publisher, f"at?t={t}") == {"at": at, "line": line}, t


def test_density_and_silences(hub: Hub, publisher: Publisher) -> None:
    publisher.append(0, b"a" * 100, t=1.0)
    publisher.append(100, b"b" * 50, t=99.0)
    publisher.wait_for(lambda: publisher.end == 150, "an ack")
    publisher.event({"kind": "exit", "code": 0, "signal": None, "t": 100.0})
    answer = ask(hub, publisher, "density?buckets=4")
    assert answer == {"duration": 100.0, "bytes": [100, 0, 0, 50], "silences": [[1.0, 98.0, 100]]}


@pytest.mark.parametrize(
    "query", ["at", "at?t=soon", "at?t=nan", "at?t=1e999", "density?buckets=1001", "index?from=-1"]
)
def test_queries_that_make_no_sense(hub: Hub, publisher: Publisher, query: str) -> None:
    assert hub.status(f"/r/{publisher.token}/{query}") == 400


@pytest.mark.parametrize("route", ["index", "timing", "density", "at?t=1"])
def test_an_unknown_link_leads_nowhere(hub: Hub, route: str) -> None:
    assert hub.status(f"/r/{'x' * 43}/{route}") == 404
