"""A burst of a million lines while a tab is open: is it all there, when is its end shown, what of the job?"""

from __future__ import annotations

import shlex
import tempfile
import time
from pathlib import Path

from bench.harness import Figures, Row, Scale, alone
from bench.watching import Watched, browser, finished, job, ours, started
from tests.support.hub import Hub, wait_until

LINES, FEW = 1_000_000, 20_000
WORK = """
for first in range(1, {lines} + 1, 1000):
    sys.stdout.write("".join(f"a burst's line {{n}};\\n" for n in range(first, first + 1000)))
"""
SHOWN, SLOWER = 1.0, 1.1
PATIENCE = 20.0
"""Seconds after the job's end, then what has not come is taken never to come."""

READ = """async ([from, to]) => {
    const lines = (await window.progress.read(from, to)).split("\\n");
    return lines.filter((line, i) => line === `a burst's line ${from + i};`).length;
}"""
STEP = 50_000
LOOK = 100
"""Milliseconds between looks at the page, which says itself when it was."""


def measure(scale: Scale) -> list[Row]:
    """Share of the lines, delay of the last, and the job's time, each per round."""
    lines = FEW if scale.small else LINES
    work = WORK.format(lines=lines)
    found: dict[str, list[float]] = {}
    with Hub() as hub, browser() as chromium:
        for _ in range(scale.rounds):
            found.setdefault("plain", []).append(plain(work))
            with ours(chromium, hub, work) as watched:
                seconds, shown = burst(watched, lines)
                found.setdefault("ours", []).append(seconds)
                found.setdefault("shown", []).append(shown)
                found.setdefault("there", []).append(there(watched, lines))
    return rows(found)


def burst(watched: Watched, lines: int) -> tuple[float, float]:
    """Seconds that the job took, and from its end to when its last line stood in the page; infinite for never."""
    watched.page.evaluate(f"watched.last = {lines}")
    began, ended = watched.run(60)
    until = time.monotonic() + PATIENCE
    while not (shown := watched.page.evaluate("watched.shown ?? 0")) and time.monotonic() < until:
        watched.page.wait_for_timeout(LOOK)
    return ended - began, shown / 1000 - ended if shown else float("inf")


def there(watched: Watched, lines: int) -> float:
    """Percent of the lines that a reader of the page gets to, each at its place."""
    page = watched.page
    wait_until(lambda: bool(page.evaluate("progress.whole")), "every line can be reached")
    steps = range(1, lines + 1, STEP)
    found: int = sum(page.evaluate(READ, [first, min(first + STEP, lines + 1)]) for first in steps)
    return 100 * found / lines


def plain(work: str) -> float:
    """Seconds that the job takes in a PTY of `script`, which every Debian has."""
    with tempfile.TemporaryDirectory() as folder:
        command = job(Path(folder), work)
        with started(["script", "-qefc", shlex.join(command), "/dev/null"]):
            began, ended = finished(Path(folder))
    return ended - began


def rows(found: dict[str, list[float]]) -> list[Row]:
    """What was found; the job beside itself in a PTY of `script`."""
    bare, mine = Figures.of(found["plain"], "s"), Figures.of(found["ours"], "s")
    whole, shown = Figures.of(found["there"], "%"), Figures.of(found["shown"], "s")
    return [
        Row("lines that are there", whole, {}, "100 %", whole.low == 100),
        Row("last line in the page, after the job's end", shown, {}, f"≤{SHOWN:g} s", shown.median <= SHOWN),
        Row("the job", mine, {"plain": bare}, f"≤{SLOWER:g} × plain", mine.median <= SLOWER * bare.median),
    ]


if __name__ == "__main__":
    alone(measure)
