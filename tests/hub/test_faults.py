"""Hubs that die, stores that can't be written, publishers that fight: nothing acknowledged is lost."""

from __future__ import annotations

import random
import resource
import sqlite3

from tests.support.clients import Publisher, Viewer
from tests.support.hub import Hub, wait_until


def test_what_was_acknowledged_survives_sigkill(own_hub: Hub) -> None:
    data = random.Random(2).randbytes(400_000)
    run, token, end = "", "", 0
    for round_ in range(3):
        publisher = Publisher(own_hub, run, token=token)
        run, token = publisher.run, publisher.token
        position = publisher.open()
        assert position["end"] >= end
        publisher.end = position["end"]
        publisher.append_all(data[publisher.end : (round_ + 1) * 100_000])
        publisher.append(publisher.end, data[publisher.end : publisher.end + 60_000])
        end = publisher.end
        own_hub.restart()
        publisher.close()
    assert own_hub.get(f"/r/{token}/output")[:end] == data[:end]
    with Publisher(own_hub, run, token=token) as publisher, Viewer(own_hub, token) as viewer:
        publisher.end = publisher.open()["end"]
        publisher.append_all(data[publisher.end :], codec="zlib")
        publisher.event({"kind": "exit", "code": 7, "signal": None})
        assert publisher.seal(data)["complete"]
        viewer.wait_for(lambda: viewer.run["complete"], "that it is complete")
        assert viewer.output == data
        assert viewer.run["exit_code"] == 7


def test_a_run_without_a_publisher_is_lost_until_it_comes_back() -> None:
    with Hub() as hub, Publisher(hub) as first:
        first.open()
        first.append_all(b"hello\n")
        with Viewer(hub, first.token) as viewer:
            first.close()
            viewer.wait_for(lambda: viewer.run["state"] == "lost", "that it is lost")
            with Publisher(hub, first.run, token=first.token) as second:
                second.open()
                viewer.wait_for(lambda: viewer.run["state"] == "running", "that it runs")


def test_the_higher_epoch_wins(hub: Hub) -> None:
    with Publisher(hub, epoch=1) as old, Publisher(hub, old.run, token=old.token, epoch=2) as new:
        old.open()
        old.append_all(b"from the old one")
        assert new.open() == {"end": 16, "events_end": 0, "complete": False}
        old.wait_for(lambda: old.fenced, "that the old one is told")
        old.fenced = False
        old.append(16, b"too late")
        old.wait_for(lambda: old.fenced, "that the old one is told again")
        assert old.open()["error"]["code"] == "fenced"
        new.end = 16
        new.append_all(b", and the new")
        assert hub.get(f"/r/{old.token}/output") == b"from the old one, and the new"
        hub.restart()
        with Publisher(hub, old.run, token=old.token, epoch=1) as again:
            assert again.open()["error"]["code"] == "fenced"


def test_a_run_id_is_taken_by_its_links(hub: Hub) -> None:
    with Publisher(hub) as mine, Publisher(hub, mine.run) as other, Publisher(hub, token=mine.token) as thief:
        mine.open()
        assert other.open()["error"]["code"] == "taken"
        assert thief.open()["error"]["code"] == "taken"


def test_gaps_and_repetitions(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append(100, b"beyond the end")
        publisher.wait_for(lambda: len(publisher.needs) == 1, "that the gap is refused")
        assert publisher.needs == [{"run": publisher.run, "end": 0, "events_end": 0}]
        publisher.append(0, b"abc")
        publisher.append(0, b"abc")
        publisher.append(1, b"bcdef", "zlib")
        publisher.wait_for(lambda: publisher.end == 6, "an ack of all")
        publisher.end = 0
        publisher.append(0, b"abc")
        publisher.wait_for(lambda: publisher.end == 6, "an ack of what was there")
        assert hub.get(f"/r/{publisher.token}/output") == b"abcdef"


def test_seals_are_checked(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(b"hello")
        assert publisher.seal(b"hello, and more") == {"end": 5, "events_end": 0, "complete": False}
        assert publisher.seal(b"other") == {"end": 5, "events_end": 0, "complete": False, "differs": True}
        assert publisher.seal(b"hello")["complete"]
        assert publisher.open()["complete"]


def test_a_locked_store_delays_acks_and_nothing_else(own_hub: Hub) -> None:
    with Publisher(own_hub) as publisher, sqlite3.connect(own_hub.data / "hub.db", isolation_level=None) as other:
        publisher.open()
        publisher.append_all(b"before\n")
        with Viewer(own_hub, publisher.token) as viewer:
            other.execute("BEGIN IMMEDIATE")
            publisher.append(7, b"while locked\n")
            viewer.wait_for(lambda: viewer.output.endswith(b"while locked\n"), "that viewers get it at once")
            assert own_hub.get(f"/r/{publisher.token}/output") == b"before\n"
            wait_until(lambda: "can't be written" in own_hub.log, "that the log says so")
            assert publisher.end == 7
            other.execute("ROLLBACK")
            publisher.wait_for(lambda: publisher.end == 20, "an ack after the lock is gone")


def test_a_full_disk_delays_acks_and_recovers_without_a_restart(own_hub: Hub) -> None:
    data = random.Random(3).randbytes(120_000)
    with Publisher(own_hub) as publisher:
        publisher.open()
        publisher.append_all(data[:60_000])
        # To SQLite a file that may not grow is what a full disk is.
        unlimited = resource.prlimit(own_hub.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        publisher.append(60_000, data[60_000:])
        wait_until(lambda: "can't be written" in own_hub.log, "that the log says so")
        assert publisher.end == 60_000
        assert own_hub.get(f"/r/{publisher.token}/output") == data[:60_000]
        resource.prlimit(own_hub.process.pid, resource.RLIMIT_FSIZE, unlimited)
        publisher.wait_for(lambda: publisher.end == 120_000, "an ack after there is room")
        assert publisher.seal(data)["complete"]
