"""The hub is killed again and again, or was never there: the job goes on, and everything arrives."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.end_to_end.stage import (
    JOBS,
    Cue,
    Published,
    at_hub,
    encrypted_too,
    get,
    hub_at_a_quiet_port,
    published,
    sha256,
)
from tests.support.browser import Open
from tests.support.hub import Hub
from tests.support.node_viewer import NodeViewer
from tests.support.runner import Home

from progress_run.commands.run import DRAIN

KILLS = 5
LINES = 1000
LINE_BYTES = len("line 100\n")


@pytest.fixture
def mortal_hub() -> Iterator[Hub]:
    """A hub at a port that is free again after its death."""
    with hub_at_a_quiet_port() as hub:
        yield hub


@encrypted_too
def test_killed_five_times_under_three_viewers(
    home: Home, mortal_hub: Hub, cue: Cue, tmp_path: Path, visit: Open
) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(2**32))
    print(f"SEED={seed}")  # shown when the test fails; in the environment it repeats the moments
    moments = sorted(random.Random(seed).sample(range(10, LINES * 9 // 10), KILLS))
    at_hub(home, mortal_hub.url, mortal_hub.key)
    runner = home.start(str(JOBS / "count.py"), cue.path, str(LINES), "20", stdout=subprocess.DEVNULL)
    run = published(home).on_the_hub()
    reader = visit(run.hub, run.token, fragment=run.fragment)
    reader.says("live")
    with NodeViewer(run.hub.url, run.token, tmp_path / "early") as early:
        cue.give()
        kill_at(run, mortal_hub, moments[:3])
        with NodeViewer(run.hub.url, run.token, tmp_path / "late") as late:
            kill_at(run, mortal_hub, moments[3:])
            assert runner.wait(60) == 0
            run.arrives()
            assert sha256(early.whole()) == sha256(late.whole()) == sha256(get(run.link + "/output"))
            assert sha256(run.ansi) == sha256(run.run.output)
    assert run.run.output.decode().splitlines() == counted(1, LINES)
    reader.reaches(len(run.run.output))
    assert reader.lines == counted(1, LINES)
    reader.shows(f"line {LINES}")
    assert reader.rows.last.get_attribute("data-n") == str(LINES)


def kill_at(run: Published, hub: Hub, moments: list[int]) -> None:
    """Kill the hub when the job has printed so many lines, and start it again."""
    for lines in moments:
        run.grows_to(lines * LINE_BYTES)
        hub.restart()


def counted(first: int, last: int) -> list[str]:
    """The lines of count.py."""
    return [f"line {number}" for number in range(first, last + 1)]


@encrypted_too
def test_without_a_hub_the_job_is_as_without_us(home: Home, mortal_hub: Hub) -> None:
    at_hub(home, mortal_hub.url, mortal_hub.key)
    mortal_hub.stop()
    job = ["sh", "-c", "echo out; echo err >&2; sleep 1; exit 3"]
    bare = subprocess.run(job, capture_output=True)
    ours = home.run(*job)
    assert (ours.returncode, ours.stdout, ours.stderr) == (bare.returncode, bare.stdout, bare.stderr)
    run = published(home)
    assert not run.complete
    mortal_hub.start()
    run.arrives()
    assert run.ansi == run.run.output == b"out\nerr\n"


@encrypted_too
def test_without_a_hub_nobody_waits_for_it(home: Home, mortal_hub: Hub) -> None:
    """On a machine that is busy otherwise, some time."""
    at_hub(home, mortal_hub.url, mortal_hub.key)
    mortal_hub.stop()
    assert any(seconds_of(lambda: home.run("sleep", "1")) < 1 + DRAIN for _ in range(5))


def seconds_of(act: Callable[[], object]) -> float:
    """How long something took."""
    start = time.monotonic()
    act()
    return time.monotonic() - start
