"""What is damaged in the hub's store is repaired from the run directory, while the job runs and at its end."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from tests.end_to_end.no_websocket import NoWebSocket
from tests.end_to_end.stage import Cue, at_hub, encrypted_too, published
from tests.support.damage import change_store, flip_a_bit
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home

SIZE = 3_000_000
NOTES = """
import json, os, socket, sys
reports = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for number in range(60):
    event = {"kind": "note", "level": "info", "text": str(number)}
    reports.sendto(json.dumps(event).encode(), os.environ["PROGRESS_EVENTS"])
open(sys.argv[1]).read()
"""
JOB = f"head -c {SIZE} /dev/urandom; cat "


@pytest.fixture(params=["websocket", "polling"])
def on_its_way(home: Home, standing_hub: Hub, request: pytest.FixtureRequest) -> Iterator[Home]:
    """A home that reaches the hub by one transport or the other."""
    if request.param == "websocket":
        yield at_hub(home, standing_hub.url, standing_hub.key)
        return
    with NoWebSocket(standing_hub.port) as proxy:
        yield at_hub(home, proxy.url, standing_hub.key)


@encrypted_too
def test_damage_that_a_reader_finds_is_repaired_while_the_job_runs(
    on_its_way: Home, standing_hub: Hub, cue: Cue
) -> None:
    runner = on_its_way.start("sh", "-c", JOB + cue.path, stdout=subprocess.DEVNULL)
    run = published(on_its_way).on_the_hub()
    wait_until(lambda: len(run.copy) == SIZE, "it has arrived")
    hole = flip_a_bit(standing_hub, run.run.record["id"], 1_500_000)
    flip_a_bit(standing_hub, run.run.record["id"], 2_500_000)
    assert standing_hub.status(f"/r/{run.token}/output?from={hole[0]}") == 410
    wait_until(lambda: standing_hub.info(run.token)["holes"] == [], "both are repaired")
    assert run.copy == run.run.output
    cue.give()
    run.arrives()
    assert runner.wait(60) == 0
    assert standing_hub.info(run.token)["complete"]


@encrypted_too
def test_many_damaged_events_are_repaired_while_the_job_runs(on_its_way: Home, standing_hub: Hub, cue: Cue) -> None:
    runner = on_its_way.start("python3", "-c", NOTES, cue.path, stdout=subprocess.DEVNULL)
    run = published(on_its_way).on_the_hub()
    wait_until(lambda: standing_hub.info(run.token)["events"] >= 60, "all have arrived")
    change_store(standing_hub, "UPDATE events SET body = '{}' WHERE run = ?", run.run.record["id"])
    url = f"/r/{run.token}/events"
    assert standing_hub.get(url).count(b"damaged") >= 60
    wait_until(lambda: b"damaged" not in standing_hub.get(url), "they are repaired")
    cue.give()
    run.arrives()
    assert runner.wait(60) == 0


@encrypted_too
def test_damage_that_nobody_has_seen_is_repaired_at_the_end(home: Home, cue: Cue) -> None:
    with Hub() as hub:
        runner = at_hub(home, hub.url, hub.key).start("sh", "-c", JOB + cue.path, stdout=subprocess.DEVNULL)
        run = published(home).on_the_hub()
        wait_until(lambda: len(run.copy) == SIZE, "it has arrived")
        change_store(hub, "DELETE FROM chunks WHERE run = ? AND at > 1000000", run.run.record["id"])
        hub.restart()  # what it knew of the bytes when they came in is forgotten
        cue.give()
        run.arrives()
        assert runner.wait(60) == 0
        assert run.copy == run.run.output
        assert hub.info(run.token)["complete"]
