"""The scene that all this is for: a job prints a line, works half a second, prints the next; a page shows just that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.end_to_end.stage import JOBS, Cue, at_hub, embedded, published
from tests.support.browser import Open
from tests.support.hub import MODES, Hub
from tests.support.runner import Home

STEPS = [f"step {number}" for number in range(1, 7)]

SCENES = 10
"""It is played again for a line that was late: the machine may be busy for a tenth of a second; lumps come always."""

WATCH_ROWS = """() => {
    window.appeared = {};
    const look = () => {
        for (const row of document.querySelectorAll("[role=log] .row .text"))
            window.appeared[row.textContent] ??= performance.now() / 1000;
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}"""
"""Notes, in the page, when each line is drawn for the first time, in seconds."""


@pytest.fixture(params=["embedded", *MODES])
def home_at(request: pytest.FixtureRequest, home: Home) -> Iterator[Home]:
    """A home whose runs are published at a hub that was started in one of the ways there are."""
    if request.param == "embedded":
        yield embedded(home)
    else:
        with Hub(request.param) as hub:
            yield at_hub(home, hub.url, hub.key)


@pytest.mark.parametrize("mode", ["--pty", "--no-pty"])
def test_lines_appear_as_they_are_printed(home_at: Home, cue: Cue, tmp_path: Path, visit: Open, mode: str) -> None:
    scenes: list[Scene] = []
    while not each_line_was_on_time(scenes):
        assert len(scenes) < SCENES, f"the job printed, and the page showed, after (seconds): {scenes}"
        scenes.append(play(home_at, cue, tmp_path / "times", visit, mode, len(scenes)))


class Scene(NamedTuple):
    """The seconds from each line to the next, as the job printed them and as the page showed them."""

    printed: list[float]
    shown: list[float]


def play(home: Home, cue: Cue, times: Path, visit: Open, mode: str, nth: int) -> Scene:
    """Run the job under the eyes of a reader."""
    runner = home.start(mode, str(JOBS / "steps.py"), cue.path, str(times))
    run = published(home, nth).on_the_hub()
    reader = visit(run.hub, run.token)
    reader.says("live")
    reader.page.evaluate(WATCH_ROWS)
    cue.give()
    reader.shows(STEPS[-1])
    assert runner.communicate(timeout=60)[0].decode().splitlines() == STEPS
    when = reader.page.evaluate("window.appeared")
    return Scene(intervals(json.loads(times.read_text())), intervals([when[step] for step in STEPS]))


def each_line_was_on_time(scenes: list[Scene]) -> bool:
    """Whether, in one scene or another, the page showed it half a second after the one before."""
    lines = zip(*(scene.shown for scene in scenes), strict=True)
    return scenes != [] and all(any(abs(seconds - 0.5) <= 0.1 for seconds in line) for line in lines)


def intervals(times: list[float]) -> list[float]:
    """The seconds from each time to the next."""
    return [round(later - earlier, 3) for earlier, later in pairwise(times)]
