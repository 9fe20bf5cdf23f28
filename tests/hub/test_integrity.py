"""What the hub has is what was sent: damage is found, told and repaired, and other bytes never take its place."""

from __future__ import annotations

import random

import pytest
from tests.support.clients import Publisher, Viewer, sha256
from tests.support.damage import change_store, flip_a_bit
from tests.support.forked import armed
from tests.support.hub import Hub, wait_until
from xxhash import xxh3_64_hexdigest

from progress_hub.integrity import CHECK_SECONDS
from progress_run.protocol import BLOCK_BYTES

NO_TEXT = "CAST(x'ff' AS TEXT)"
"""What SQLite has as text and Python can't decode."""
DATA = random.Random(5).randbytes(3 * BLOCK_BYTES - 1000)


def published(hub: Hub, data: bytes = DATA) -> Publisher:
    """A publisher whose run is complete on the hub."""
    publisher = Publisher(hub)
    publisher.open()
    publisher.append_all(data, size=60_000)
    publisher.event({"kind": "note", "text": "one"}, {"kind": "exit", "code": 0, "signal": None})
    assert publisher.seal(data)["complete"]
    return publisher


def test_a_flipped_bit_is_found_named_and_repaired(hub: Hub) -> None:
    with published(hub) as publisher, Viewer(hub, publisher.token) as viewer:
        start, end = flip_a_bit(hub, publisher.run, BLOCK_BYTES + 200_000)
        assert hub.get(f"/r/{publisher.token}/output?to={start}") == DATA[:start]
        assert hub.status(f"/r/{publisher.token}/output?from={start + 7}") == 410
        viewer.wait_for(lambda: viewer.run["holes"] == [[start, end]], "that viewers are told of the hole")
        assert not viewer.run["complete"]
        assert hub.get(f"/r/{publisher.token}/output?from={end}") == DATA[end:]
        publisher.wait_for(lambda: any(need.get("differs") for need in publisher.needs), "that it is asked for")

        assert publisher.seal(DATA)["differs"]
        sums = publisher.blocks()
        assert sums["sums"][1:2] == [None]
        assert [sums["sums"][0], sums["sums"][2]] == [sha256(DATA[:BLOCK_BYTES]), sha256(DATA[2 * BLOCK_BYTES :])]
        for at in range(BLOCK_BYTES, 2 * BLOCK_BYTES, 50_000):
            publisher.append(at, DATA[at : min(at + 50_000, 2 * BLOCK_BYTES)])
        assert publisher.blocks()["sums"][1] == sha256(DATA[BLOCK_BYTES : 2 * BLOCK_BYTES])
        assert publisher.seal(DATA)["complete"]
        viewer.wait_for(lambda: viewer.run["complete"] and not viewer.run["holes"], "that viewers are told it is whole")
    assert hub.get(f"/r/{publisher.token}/output") == DATA


def test_a_hole_is_remembered(own_hub: Hub) -> None:
    with published(own_hub, DATA[:200_000]) as publisher:
        hole = flip_a_bit(own_hub, publisher.run, 100_000)
        assert own_hub.status(f"/r/{publisher.token}/output?from={hole[0]}") == 410
        own_hub.stop()
        own_hub.start()
        info = own_hub.info(publisher.token)
        assert (info["holes"], info["complete"]) == ([list(hole)], False)


@pytest.mark.parametrize(
    "change",
    ["sum = 'x'", "size = size + 1", "codec = 'zlib'", "data = x''", "data = CAST(data AS TEXT)", f"sum = {NO_TEXT}"],
)
def test_whatever_is_wrong_with_a_chunk_is_found(hub: Hub, change: str) -> None:
    with published(hub, DATA[:200_000]) as publisher:
        change_store(hub, f"UPDATE chunks SET {change} WHERE run = ? AND at = 60000", publisher.run)
        assert hub.status(f"/r/{publisher.token}/output?from=60000") == 410
        assert hub.info(publisher.token)["holes"] == [[60_000, 120_000]]


def test_what_was_moved_to_another_place_is_damaged(hub: Hub) -> None:
    with published(hub, DATA[:200_000]) as publisher:
        change_store(hub, "UPDATE chunks SET at = at + 1 WHERE run = ? AND at = 60000", publisher.run)
        change_store(hub, "UPDATE events SET seq = 7 WHERE run = ? AND seq = 0", publisher.run)
        change_store(hub, "UPDATE events SET seq = 0 WHERE run = ? AND seq = 1", publisher.run)
        assert hub.status(f"/r/{publisher.token}/output?from=60001") == 410
        assert hub.status(f"/r/{publisher.token}/output?from=60000") == 410
        assert hub.info(publisher.token)["holes"] == [[60_000, 120_000]]
        assert hub.get(f"/r/{publisher.token}/events").count(b"damaged") == 2
        publisher.append(60_000, DATA[60_000:120_000])
        assert publisher.blocks()["sums"] == [sha256(DATA[:200_000])]


def test_a_chunk_that_is_gone_is_repaired(hub: Hub) -> None:
    with published(hub, DATA[:200_000]) as publisher:
        change_store(hub, "DELETE FROM chunks WHERE run = ? AND at IN (60000, 120000)", publisher.run)
        assert publisher.blocks()["sums"] == [None]
        publisher.append(60_000, DATA[60_000:120_000])
        publisher.append(120_000, DATA[120_000:180_000])
        assert publisher.seal(DATA[:200_000])["complete"]
    assert hub.get(f"/r/{publisher.token}/output") == DATA[:200_000]


def test_a_damaged_event_is_replaced_by_a_note_until_it_is_sent_again(hub: Hub) -> None:
    with published(hub, b"hello\n") as publisher:
        change_store(hub, "UPDATE events SET body = replace(body, 'one', 'eno') WHERE run = ?", publisher.run)
        bodies = hub.get(f"/r/{publisher.token}/events").splitlines()
        assert len(bodies) == 2
        assert b"damaged" in bodies[0]
        assert b"eno" not in bodies[0]
        assert not hub.info(publisher.token)["complete"]
        assert publisher.blocks()["torn"] == [0]
        publisher.events_end = 0
        publisher.event({"kind": "note", "text": "one"})
        assert publisher.seal(b"hello\n")["complete"]
        assert b'"one"' in hub.get(f"/r/{publisher.token}/events")


def test_an_event_that_is_no_text_any_more_is_damaged_like_any_other(hub: Hub) -> None:
    with published(hub, b"hello\n") as publisher:
        change_store(hub, f"UPDATE events SET body = {NO_TEXT} WHERE run = ? AND seq = 0", publisher.run)
        assert b"damaged" in hub.get(f"/r/{publisher.token}/events").splitlines()[0]
        assert publisher.blocks()["torn"] == [0]


def test_an_end_that_was_damaged_is_known_again_once_it_was_sent_again(own_hub: Hub) -> None:
    with published(own_hub, b"hello\n") as publisher:
        change_store(own_hub, "UPDATE events SET body = '{}' WHERE run = ? AND seq = 1", publisher.run)
    own_hub.restart()
    with Publisher(own_hub, publisher.run, token=publisher.token) as again:
        again.open()
        assert own_hub.info(again.token)["state"] == "running"
        assert again.blocks()["torn"] == [1]
        again.events_end = 1
        again.event({"kind": "exit", "code": 0, "signal": None})
        assert own_hub.info(again.token)["state"] == "succeeded"


def test_other_bytes_at_the_same_offset_are_refused_and_flagged(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(b"what was sent first")
        publisher.append(5, b"WAS SENT LATER, and more")
        publisher.wait_for(lambda: bool(publisher.refusals), "that it is refused")
        assert publisher.refusals[0]["error"]["code"] == "conflict"
        assert hub.get(f"/r/{publisher.token}/output") == b"what was sent first"
        assert hub.info(publisher.token)["conflict"] == 5


def test_a_sealed_run_that_is_shorter_is_a_conflict(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(b"all of it")
        assert publisher.seal(b"all")["error"]["code"] == "conflict"
        assert hub.info(publisher.token)["conflict"] == 3


def test_a_sealed_run_is_not_sealed_as_another(hub: Hub) -> None:
    with published(hub, b"all of it") as publisher:
        assert publisher.seal(b"all of IT")["differs"]
        assert publisher.seal(b"all")["error"]["code"] == "conflict"
        assert hub.info(publisher.token)["sha256"] == sha256(b"all of it")


def test_the_same_bytes_again_are_no_conflict_wherever_they_are_cut(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(DATA[:200_000], size=7_000, codec="zlib")
        randomly = random.Random(6)
        for _ in range(50):
            at = randomly.randrange(200_000)
            publisher.append(at, DATA[at : min(at + randomly.randrange(1, 60_000), 200_000)])
        assert publisher.seal(DATA[:200_000])["complete"]
        assert publisher.refusals == []


def test_what_was_garbled_on_the_way_is_asked_for_again(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append(0, b"garbled", sum=xxh3_64_hexdigest(b"as sent"))
        publisher.wait_for(lambda: bool(publisher.needs), "that it is asked for again")
        publisher.append(0, b"as sent", sum=xxh3_64_hexdigest(b"as sent"))
        publisher.wait_for(lambda: publisher.end == 7, "an ack")
        assert hub.get(f"/r/{publisher.token}/output") == b"as sent"


def test_a_seal_may_ask_for_the_store_to_be_read_back(hub: Hub) -> None:
    with published(hub, DATA[:200_000]) as publisher:
        flip_a_bit(hub, publisher.run, 100_000)
        assert publisher.seal(DATA[:200_000])["complete"]
        assert publisher.seal(DATA[:200_000], reread=True)["differs"]
        assert hub.info(publisher.token)["holes"]


def test_after_a_restart_a_seal_rests_on_what_the_store_has(own_hub: Hub) -> None:
    publisher = Publisher(own_hub)
    publisher.open()
    publisher.append_all(DATA[:200_000])
    flip_a_bit(own_hub, publisher.run, 100_000)
    own_hub.restart()
    publisher.close()
    with Publisher(own_hub, publisher.run, token=publisher.token) as again:
        again.open()
        assert again.seal(DATA[:200_000])["differs"]


def test_a_long_reading_back_is_asked_for_again() -> None:
    with Hub() as hub:
        with Publisher(hub) as publisher:
            publisher.open()
            publisher.append_all(DATA[:200_000])
        hub.failpoints = armed(f"hub.before-read=sleep:{CHECK_SECONDS + 1}", seed=0)
        hub.restart()
        with Publisher(hub, publisher.run, token=publisher.token) as again:
            again.open()
            assert again.seal(DATA[:200_000])["checking"]
            assert hub.get("/healthz")
            assert again.seal(DATA[:200_000]) == {"end": 200_000, "events_end": 0, "complete": True}


def test_what_is_read_while_it_is_replaced_is_no_new_damage() -> None:
    with Hub() as hub:
        hub.failpoints = armed("hub.before-commit=sleep:0.3%1", seed=0)
        hub.restart()
        with published(hub, b"hello\n") as publisher:
            change_store(hub, "UPDATE events SET body = '{}' WHERE run = ? AND seq = 0", publisher.run)
            assert publisher.blocks()["torn"] == [0]
            again = {"seq": 0, "t": 0.0, "at": 0, "kind": "note", "text": "one"}
            publisher.emit("event", {"run": publisher.run, "epoch": 1, "events": [again]})
            url = f"/r/{publisher.token}/events"
            wait_until(lambda: b"damaged" not in hub.get(url), "it is replaced")
            assert publisher.seal(b"hello\n")["complete"]


def test_a_store_that_cannot_be_read_back_is_no_reason_to_ask_for_ever() -> None:
    with Hub() as hub:
        with Publisher(hub) as publisher:
            publisher.open()
            publisher.append_all(DATA[:200_000])
        hub.failpoints = armed("hub.before-read=error", seed=0)
        hub.restart()
        with Publisher(hub, publisher.run, token=publisher.token) as again:
            again.open()
            assert again.seal(DATA[:200_000])["error"]["code"] == "unavailable"
            assert again.seal(DATA[:200_000])["complete"]


def test_who_is_fenced_while_its_bytes_are_compared_adds_none() -> None:
    with Hub() as hub:
        hub.failpoints = armed("hub.before-read=sleep:2", seed=0)
        hub.restart()
        with Publisher(hub) as old, Publisher(hub, old.run, token=old.token, epoch=2) as new:
            old.open()
            old.append_all(b"0123456789")
            old.append(5, b"56789, and what only the old one has")
            wait_until(lambda: not old.socket.eio.queue.unfinished_tasks, "it is sent")
            assert hub.get("/healthz")  # and taken up: reading what it is compared with lasts two seconds
            assert new.open()["end"] == 10
            new.append(10, b", and the new")
            old.wait_for(lambda: old.fenced, "that it is told")
            new.wait_for(lambda: new.end == 23, "an ack")
            assert old.blocks()["error"]["code"] == "fenced"  # once what it had sent before was dealt with
            assert new.seal(b"0123456789, and the new")["complete"]


def test_who_yields_takes_no_run_from_its_publisher(hub: Hub) -> None:
    with Publisher(hub, epoch=5) as live:
        live.open()
        with Publisher(hub, live.run, token=live.token, epoch=9) as other:
            refused = other.open(yields=True)["error"]
            assert (refused["code"], refused["epoch"]) == ("fenced", 5)
            live.append_all(b"still mine")
            live.close()
            wait_until(lambda: "end" in other.open(yields=True), "the run is free")
