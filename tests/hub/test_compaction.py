"""Small chunks of complete runs are put together, and nobody can tell but by the size of the store."""

from __future__ import annotations

from tests.support.clients import Publisher, Viewer
from tests.support.damage import change_store, flip_a_bit, read_store
from tests.support.hub import Hub, wait_until

from progress_hub.compaction import first_group
from progress_hub.timed import Timed
from progress_run.protocol import CHUNK_BYTES, MARKS_PER_CHUNK

LINES = [f"{n:06} \u001b[3{n % 8}mStraße\u001b[0m\n".encode() for n in range(2500)]
WHOLE = b"".join(LINES)
SECONDS = 60.0


def chatty(publisher: Publisher) -> None:
    """Publishes a run whose lines came one by one, a tenth of a second apart; it is not sealed yet."""
    publisher.open()
    at = 0
    for n, line in enumerate(LINES):
        publisher.append(at, line, t=n / 10)
        at += len(line)
        if n % 100 == 99:
            publisher.wait_for(lambda at=at: publisher.end == at, "an ack")  # type: ignore[misc]
    publisher.event({"kind": "exit", "code": 0, "signal": None})


def rows(hub: Hub, run: str) -> int:
    """How many chunks the store has of a run."""
    return int(read_store(hub, "SELECT count(*) FROM chunks WHERE run = ?", run)[0][0])


def wait_until_compacted(hub: Hub, run: str) -> None:
    """As the store has it."""
    done = "SELECT compacted FROM runs WHERE id = ?"
    wait_until(lambda: read_store(hub, done, run) == [(1,)], "the run is compacted", SECONDS)


def test_a_run_written_line_by_line(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        chatty(publisher)
        assert rows(hub, publisher.run) == len(LINES)
        paths = [f"/r/{publisher.token}.{kind}?download=1" for kind in ("cast", "ansi", "txt", "html")]
        before = [hub.get(path) for path in paths]
        with Viewer(hub, publisher.token) as viewer:
            assert publisher.seal(WHOLE)["complete"]
            wait_until_compacted(hub, publisher.run)
            assert rows(hub, publisher.run) <= 2 + len(LINES) // MARKS_PER_CHUNK
            viewer.wait_for(lambda: viewer.run["complete"], "that it is complete")
            assert viewer.output == WHOLE
    assert [hub.get(path) for path in paths] == before
    for start in (0, 1, len(WHOLE) // 2, len(WHOLE) - 1):
        assert hub.get(f"/r/{publisher.token}/output?from={start}") == WHOLE[start:]
    with Viewer(hub, publisher.token) as late:
        late.wait_for(lambda: late.output == WHOLE, "the whole")


def test_a_hub_that_is_killed_goes_on_with_it(own_hub: Hub) -> None:
    with Publisher(own_hub) as publisher:
        chatty(publisher)
        assert publisher.seal(WHOLE)["complete"]
        wait_until(lambda: rows(own_hub, publisher.run) < len(LINES), "it has begun", SECONDS)
        own_hub.kill()
    own_hub.start()
    wait_until_compacted(own_hub, publisher.run)
    assert own_hub.get(f"/r/{publisher.token}/output") == WHOLE
    assert own_hub.info(publisher.token)["complete"]


def test_damage_is_not_hidden(own_hub: Hub) -> None:
    with Publisher(own_hub) as publisher:
        chatty(publisher)
        at = len(b"".join(LINES[:2000]))
        change_store(own_hub, f"UPDATE chunks SET data = x'00' WHERE run = ? AND at = {at}", publisher.run)
        publisher.seal(WHOLE)
        hole = [at, at + len(LINES[2000])]
        publisher.wait_for(
            lambda: any(need.get("differs") for need in publisher.needs), "that it is asked for", SECONDS
        )
        assert own_hub.info(publisher.token)["holes"] == [hole]
        publisher.append(at, LINES[2000], t=200.0)
        wait_until(lambda: own_hub.info(publisher.token)["holes"] == [], "that it is mended")
        assert publisher.seal(WHOLE)["complete"]
        assert own_hub.get(f"/r/{publisher.token}/output") == WHOLE


def test_what_is_whole_behind_damage_stays(own_hub: Hub) -> None:
    with Publisher(own_hub) as publisher:
        chatty(publisher)
        assert publisher.seal(WHOLE)["complete"]
        own_hub.kill()
    begin, end = flip_a_bit(own_hub, publisher.run, len(WHOLE) - len(LINES[-1]) - 1)
    assert end < len(WHOLE)
    own_hub.start()
    wait_until(lambda: own_hub.info(publisher.token)["holes"] != [], "it is noticed", SECONDS)
    assert own_hub.info(publisher.token)["holes"] == [[begin, end]]
    assert own_hub.get(f"/r/{publisher.token}/output?from={end}") == WHOLE[end:]


def test_a_chunk_that_seems_to_have_no_size_keeps_no_other_run_waiting(own_hub: Hub) -> None:
    data = bytes(2 * CHUNK_BYTES)
    with Publisher(own_hub) as publisher:
        publisher.open()
        publisher.append_all(data, CHUNK_BYTES)
        publisher.event({"kind": "exit", "code": 0, "signal": None})
        change_store(own_hub, "UPDATE chunks SET size = 0 WHERE run = ? AND at = 0", publisher.run)
        publisher.seal(data)
        wait_until(lambda: own_hub.info(publisher.token)["holes"] == [[0, CHUNK_BYTES]], "it is noticed", SECONDS)
    with Publisher(own_hub) as other:
        other.open()
        for line in LINES[:2]:
            other.append_all(line)
        other.event({"kind": "exit", "code": 0, "signal": None})
        assert other.seal(b"".join(LINES[:2]))["complete"]
        wait_until_compacted(own_hub, other.run)


def test_a_group_has_room_in_one_chunk() -> None:
    small = [Timed(100 * n, 100 * (n + 1), float(n), None) for n in range(2000)]
    assert len(first_group(small)) == CHUNK_BYTES // 100
    tiny = [Timed(n, n + 1, float(n), None) for n in range(2000)]
    assert len(first_group(tiny)) == MARKS_PER_CHUNK
    large = [Timed(0, 2 * CHUNK_BYTES, 0.0, None), Timed(2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 1, 1.0, None)]
    assert len(first_group(large)) == 1
