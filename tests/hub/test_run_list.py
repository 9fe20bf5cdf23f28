"""The owner's list: told as it changes, and what the owner may do with a run of it."""

from __future__ import annotations

import http.client
import itertools
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from tests.support.clients import ListWatcher, Publisher, Viewer, new_token, sha256
from tests.support.damage import flip_a_bit
from tests.support.hostile import RawWebSocket
from tests.support.hub import MODES, Hub, wait_until

from progress_hub.owner import Owner
from progress_run import protocol
from progress_run.protocol import LISTED_RUNS, TOKEN_PATTERN, ListedRun

TASK = {"kind": "task", "id": "t", "label": "Training", "percent": 42.9, "state": "running"}
EXIT = {"kind": "exit", "code": 0, "signal": None}
SECRET = b"the password is swordfish\n"


@pytest.fixture
def publisher(hub: Hub) -> Iterator[Publisher]:
    """A publisher whose run is open."""
    with Publisher(hub) as opened:
        opened.open()
        yield opened


def ask(hub: Hub, method: str, path: str, key: str | None = None) -> tuple[int, str]:
    """Status and body of the owner's request, or of somebody's with another key."""
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20)
    connection.request(method, path, headers={"Authorization": f"Bearer {hub.owner_key if key is None else key}"})
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


def listed(hub: Hub) -> dict[str, dict[str, Any]]:
    """The first page of the list, by id."""
    return {run["id"]: run for run in json.loads(ask(hub, "GET", "/api/runs")[1])}


def link(hub: Hub, run: str) -> str:
    """The token of the list's link to a run."""
    status, body = ask(hub, "POST", f"/api/runs/{run}/link")
    assert status == 200, body
    token: str = json.loads(body)["token"]
    return token


def finished(hub: Hub, output: bytes = b"done\n", **meta: Any) -> tuple[str, str]:
    """The id and the token of a run that is over and complete."""
    with Publisher(hub) as publisher:
        publisher.open(**({"meta": meta} if meta else {}))
        publisher.append_all(output)
        publisher.event(EXIT)
        seal = {"size": len(output), "sha256": sha256(output)}
        publisher.call("seal", {"run": publisher.run, "epoch": publisher.epoch, **seal})
        return publisher.run, publisher.token


# --- told as it changes


def test_who_looks_at_the_list_is_told_of_runs_as_they_begin_and_go_on(hub: Hub) -> None:
    with ListWatcher(hub) as watcher, Publisher(hub) as publisher:
        publisher.open()
        watcher.wait_for(lambda: publisher.run in watcher.runs, "the new run")
        assert watcher.runs[publisher.run].keys() == ListedRun.__annotations__.keys()
        publisher.append_all(b"epoch 1\r\n")
        publisher.event(TASK)

        def mine(name: str) -> Any:
            return watcher.runs[publisher.run][name]

        watcher.wait_for(lambda: mine("last_line") == "epoch 1" and mine("progress"), "its line and its progress")
        assert (mine("state"), mine("progress")["percent"]) == ("running", 42.9)
        publisher.event({"kind": "exit", "code": 3, "signal": None})
        watcher.wait_for(lambda: (mine("state"), mine("exit_code")) == ("failed", 3), "its end")


def test_tags_keep_their_order_however_they_are_told(hub: Hub) -> None:
    with ListWatcher(hub) as watcher, Publisher(hub) as publisher:
        publisher.open(meta={"tags": {"team": "ml", "gpu": "a100"}})
        watcher.wait_for(lambda: publisher.run in watcher.runs, "the run")
        told = [watcher.runs[publisher.run], listed(hub)[publisher.run]]
    assert [list(run["tags"]) for run in told] == [["gpu", "team"]] * 2


def test_no_line_before_damage_is_the_last(own_hub: Hub) -> None:
    with Publisher(own_hub) as publisher:
        publisher.open()
        publisher.append_all(b"first\n")
        publisher.append_all(b"second\n")
    flip_a_bit(own_hub, publisher.run, len(b"first\n"))
    own_hub.restart()
    assert listed(own_hub)[publisher.run]["last_line"] == ""


def test_many_changes_are_few_messages(hub: Hub, publisher: Publisher) -> None:
    with ListWatcher(hub) as watcher:
        started = time.monotonic()
        for n in range(300):
            publisher.event({**TASK, "percent": n / 3})
        watcher.wait_for(
            lambda: (watcher.runs.get(publisher.run, {}).get("progress") or {}).get("percent") == 299 / 3,
            "the last change",
        )
        assert watcher.messages <= 4 * (time.monotonic() - started) + 2


def test_nothing_is_looked_at_while_nobody_looks(hub: Hub, publisher: Publisher) -> None:
    percents = itertools.count(1)

    def is_missed() -> bool:
        publisher.event({**TASK, "percent": next(percents)})
        return not is_told(hub, publisher)

    # Once the hub knows that earlier watchers have gone, and the run changes by itself no more.
    wait_until(is_missed, "a change while nobody looks is nobody's")


def is_told(hub: Hub, publisher: Publisher) -> bool:
    """Whether somebody who begins to look is told of the run, and not only of what changes from now on."""
    with ListWatcher(hub) as watcher, Publisher(hub) as other:
        other.open()
        watcher.wait_for(lambda: other.run in watcher.runs, "what changes from now on")
        return publisher.run in watcher.runs


def test_a_run_whose_publisher_dies_is_told_to_be_lost(hub: Hub) -> None:
    with ListWatcher(hub) as watcher:
        with Publisher(hub) as publisher:
            publisher.open()
            publisher.append_all(b"and then\n")
        watcher.wait_for(lambda: watcher.runs.get(publisher.run, {}).get("state") == "lost", "that it is lost")


def test_a_run_that_was_alive_when_the_hub_died_is_told_to_be_lost(own_hub: Hub) -> None:
    with Publisher(own_hub) as publisher:
        publisher.open()
        publisher.append_all(b"and then\n")
        own_hub.restart()
    assert listed(own_hub)[publisher.run]["state"] == "running"  # for its publisher may come back
    with ListWatcher(own_hub) as watcher:
        watcher.wait_for(lambda: watcher.runs.get(publisher.run, {}).get("state") == "lost", "that it is lost")


def test_who_does_not_read_is_told_that_something_was_missed(own_hub: Hub) -> None:
    tags = {f"tag-{n}": "v" * 200 for n in range(20)}
    with Publisher(own_hub) as publisher, RawWebSocket(own_hub) as deaf:
        deaf.say("40/runs," + json.dumps({"key": own_hub.owner_key, "protocol": protocol.PROTOCOL}))
        deaf.read_until(b"40/runs,")
        for n in range(LISTED_RUNS):
            publisher.run, publisher.token = f"run-{n}", new_token()
            publisher.open(meta={"name": str(n), "tags": tags})
        with ListWatcher(own_hub) as honest:
            messages, told = 0, 0
            while told < 2_000_000:  # which the sockets between and SLOW_BYTES can't hold
                for n in range(LISTED_RUNS):
                    publisher.run, publisher.end = f"run-{n}", 0
                    publisher.append(messages, b"x", t=float(messages))
                messages += 1
                known = honest.messages
                honest.wait_for(lambda known=known: honest.messages > known, "what has changed")
                told += sum(len(json.dumps(run)) for run in honest.runs.values())
            hub = psutil.Process(own_hub.process.pid)
            assert hub.memory_info().rss < 300_000_000
            assert len(deaf.got) < 100_000
        deaf.read_until(b'["missed"')
        assert len(deaf.got) < told
    assert "Traceback" not in own_hub.log


@pytest.mark.parametrize("nonsense", ['2/runs,["runs",{}]', '2/runs,["connect",{}]', '51-/runs,["x",{}]', "3/runs,0[]"])
def test_who_looks_at_the_list_has_nothing_to_say(hub: Hub, nonsense: str) -> None:
    with RawWebSocket(hub) as raw:
        raw.say("40/runs," + json.dumps({"key": hub.owner_key, "protocol": protocol.PROTOCOL}))
        raw.read_until(b"40/runs,")
        raw.say("4" + nonsense)
        assert raw.ends()
    assert "Traceback" not in hub.log


@pytest.mark.parametrize("key", ["", "wrong", "é", None])
def test_a_wrong_key_is_refused_in_words(hub: Hub, key: str | None) -> None:
    with ListWatcher(hub, hub.key if key is None else key) as watcher:
        assert watcher.refused == {
            "code": "bad_key",
            "message": "The owner key is wrong; `progress hub key --owner` prints the right one on the hub.",
        }


def test_hostile_names_and_tags_are_short_and_harmless(hub: Hub) -> None:
    run, _token = finished(
        hub,
        name="\x1b]0;x\x07" + "n" * 9000,
        user="u\u202ex",
        host="\x00",
        tags={f"k{n}": "v" * 900 for n in range(25)},
        started=4e9,
    )
    found = listed(hub)[run]
    assert (len(found["name"]), found["user"], found["host"]) == (200, "ux", "")
    assert len(found["tags"]) == 20
    assert max(map(len, found["tags"].values())) == 200


# --- links


def test_the_list_opens_a_run_by_a_link_of_its_own(hub: Hub, publisher: Publisher) -> None:
    publisher.append_all(b"hello\n")
    token = link(hub, publisher.run)
    assert token != publisher.token
    assert link(hub, publisher.run) == token  # as often as it is asked for: no heap of links
    assert hub.info(token)["role"] == "view"
    assert hub.get(f"/r/{token}/output") == b"hello\n"
    assert ask(hub, "POST", "/api/runs/nobody/link")[0] == 404
    assert token not in hub.log
    publisher.append_all(b"and the publisher can still take it up again\n")
    with Publisher(hub, publisher.run, token=publisher.token, epoch=2) as again:
        assert "error" not in again.open()


def test_links_of_the_list_depend_on_the_key_and_the_run() -> None:
    tokens = {Owner(key).token(run) for key in ("one", "two") for run in ("a", "b")}
    assert len(tokens) == 4
    assert all(re.fullmatch(TOKEN_PATTERN, token) for token in tokens)
    assert Owner("one").token("a") == Owner("one").token("a")


# --- deleting and keeping


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/link"), ("DELETE", ""), ("POST", "/keep"), ("DELETE", "/keep")]
)
def test_only_the_owner_may(hub: Hub, publisher: Publisher, method: str, path: str) -> None:
    for key in (hub.key, publisher.token, ""):
        assert ask(hub, method, f"/api/runs/{publisher.run}{path}", key)[0] == 401
    assert hub.info(publisher.token)["state"] == "waiting"


def test_a_deleted_run_is_gone_with_its_links_and_its_bytes(own_hub: Hub) -> None:
    run, token = finished(own_hub, SECRET * 1000)
    kept, kept_token = finished(own_hub, b"stays\n")
    mine = link(own_hub, run)
    with Viewer(own_hub, token) as viewer, ListWatcher(own_hub) as watcher:
        assert ask(own_hub, "DELETE", f"/api/runs/{run}") == (204, "")
        viewer.wait_for(lambda: not viewer.socket.connected, "that the viewer is sent away")
        watcher.wait_for(lambda: run in watcher.gone, "that it is gone")
    assert list(listed(own_hub)) == [kept]
    for gone in (token, mine):
        assert own_hub.status(f"/r/{gone}/info") == 404
    with Viewer(own_hub, token) as viewer:
        assert viewer.refused is not None
        assert viewer.refused["code"] == "bad_link"
    for method, path in (("DELETE", ""), ("POST", "/keep"), ("POST", "/link")):
        status, sentence = ask(own_hub, method, f"/api/runs/{run}{path}")
        assert (status, sentence) == (404, "No such run is here any more.\n")
    assert own_hub.get(f"/r/{kept_token}/output") == b"stays\n"
    wait_until(lambda: rows_of(own_hub, run) == 0, "no row of it is left")
    own_hub.stop()
    assert all(SECRET.strip() not in file.read_bytes() for file in own_hub.data.glob("hub.db*"))
    own_hub.start()
    assert "Traceback" not in own_hub.log


def rows_of(hub: Hub, run: str) -> int:
    """How many rows the store has of a run."""
    with sqlite3.connect(f"file:{hub.data}/hub.db?mode=ro", uri=True) as store:
        tables = ("links", "chunks", "events", "indexes", "stretches")
        columns = (("runs", "id"), *((table, "run") for table in tables))
        counts = [
            store.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", [run]).fetchone()[0]
            for table, column in columns
        ]
    return sum(counts)


def test_a_run_that_goes_on_is_not_deleted(hub: Hub, publisher: Publisher) -> None:
    publisher.append_all(b"working\n")
    status, sentence = ask(hub, "DELETE", f"/api/runs/{publisher.run}")
    assert (status, sentence) == (409, "This run is running. Stop it first, or wait until it has ended.\n")
    assert hub.get(f"/r/{publisher.token}/output") == b"working\n"


def test_who_still_publishes_a_deleted_run_is_told_to_stop(hub: Hub, publisher: Publisher) -> None:
    publisher.append_all(b"one\n")
    publisher.event(EXIT)
    assert ask(hub, "DELETE", f"/api/runs/{publisher.run}")[0] == 204
    publisher.append(publisher.end, b"two\n")
    publisher.wait_for(lambda: publisher.fenced, "that it is told")
    assert hub.status(f"/r/{publisher.token}/info") == 404
    with Publisher(hub, publisher.run, token=publisher.token, epoch=2) as again:  # who means it may begin anew
        wait_until(lambda: "error" not in again.open(), "it is out of the store")
        again.append_all(b"new\n")
        assert hub.get(f"/r/{publisher.token}/output") == b"new\n"


@pytest.mark.parametrize("mode", MODES)
def test_a_hub_that_dies_in_the_middle_of_deleting_goes_on_with_it(mode: str) -> None:
    with Hub(mode) as hub:
        run, token = finished(hub, SECRET)
        hub.stop()
        with sqlite3.connect(hub.data / "hub.db") as store:  # as it is after the first of the commits
            store.execute("UPDATE runs SET removed = 1 WHERE id = ?", [run])
        store.close()
        hub.start()
        assert listed(hub) == {}
        wait_until(lambda: rows_of(hub, run) == 0, "the rest is deleted")
        assert hub.status(f"/r/{token}/info") == 404


@pytest.mark.parametrize("mode", MODES)
def test_runs_beyond_the_number_to_keep_are_deleted_but_for_those_the_owner_keeps(mode: str) -> None:
    with Hub(mode) as hub:
        runs = [finished(hub, started=1000.0 + n, name=str(n))[0] for n in range(5)]
        assert ask(hub, "POST", f"/api/runs/{runs[0]}/keep")[0] == 204
        assert [run["kept"] for run in listed(hub).values()] == [False, False, False, False, True]
        with Publisher(hub) as old:  # as old as can be, and still going on
            old.open(meta={"started": 1.0})
            old.append_all(b"patience\n")
            hub.stop()
        data = hub.data
        with Hub(mode, "--keep-runs", "2", data=data) as strict:
            wait_until(lambda: list(listed(strict)) == [runs[4], runs[3], runs[0], old.run], "the newest and the kept")
            assert ask(strict, "DELETE", f"/api/runs/{runs[0]}/keep")[0] == 204
            assert not listed(strict)[runs[0]]["kept"]


@pytest.mark.parametrize("mode", MODES)
def test_runs_are_deleted_by_age_where_that_is_asked_for(mode: str) -> None:
    with Hub(mode) as hub:
        finished(hub)
        hub.restart()
        assert len(listed(hub)) == 1  # by default everything stays
        hub.stop()
        with Hub(mode, "--keep-days", "0.000001", data=hub.data) as strict:
            wait_until(lambda: listed(strict) == {}, "it is too old")
