"""What does each viewer, each run and each GB in the store cost a hub, as there are more of them?

Slopes by least squares, so that what a hub takes in any case isn't counted; then how a hub with 10 GB answers.
"""

from __future__ import annotations

import multiprocessing
import statistics
import urllib.request
from collections.abc import Callable, Sequence

import psutil
from bench.harness import Figures, Row, Scale, alone
from bench.hub_fan_out import Live
from bench.hub_ingest import RUNS, TOKEN, publish, request
from bench.hub_runs import sample as sample_runs
from tests.support.hub import Hub

from progress_run.protocol import CHUNK_BYTES

VIEWERS, LIVE_RUNS = (1, 100, 250, 500), (10, 250, 500, 1000)
GIGABYTES = (0.1, 1.0, 4.0, 10.0)
FEW: dict[Sequence[float], Sequence[float]] = {VIEWERS: (1, 10), LIVE_RUNS: (2, 10), GIGABYTES: (0.002, 0.004)}
ASKED = 20
"""How often each question is put to a hub with so much in its store."""


def measure(scale: Scale) -> list[Row]:
    """Once over each range, however many rounds are asked for: it is the slope that evens out the moods."""
    viewers, runs, gigabytes = (FEW[each] if scale.small else each for each in (VIEWERS, LIVE_RUNS, GIGABYTES))
    seconds = 0.3 if scale.small else 8.0
    return [*of_viewers(viewers, seconds), *of_runs(runs, seconds), *of_store(gigabytes)]


def of_viewers(counts: Sequence[float], seconds: float) -> list[Row]:
    """Viewers of one run of 200 lines a second."""
    live = [Live(int(count), seconds) for count in counts]
    for each in live:
        each()
    shares = [each.cpu[0] for each in live]
    memory = [count * each.viewer_kb[0] + 1000 * each.growth[0] for count, each in zip(counts, live, strict=True)]
    return [
        Row("a further viewer, in the hub's memory", figure(slope(counts, memory), "KB")),
        Row("100 further viewers at 200 lines/s, of a processor", figure(100 * slope(counts, shares), "%")),
    ]


def of_runs(counts: Sequence[float], seconds: float) -> list[Row]:
    """Runs that nobody watches, of 10 lines a second each."""
    samples = [sample_runs(int(count), seconds) for count in counts]
    shares, late = [each[3] for each in samples], [each[4] for each in samples]
    return [
        Row("100 further runs at 10 lines/s, of a processor", figure(100 * slope(counts, shares), "%")),
        Row("100 further runs: p99 of written → durable ack", figure(100 * slope(counts, late), "ms")),
    ]


def of_store(gigabytes: Sequence[float]) -> list[Row]:
    """One hub whose store grows by lines of logs."""
    with Hub() as hub:
        grown = 0.0
        found = []
        for size in gigabytes:
            name = f"up-to-{1000 * size:.0f}-MB"
            fill(hub, name, size - grown)
            grown = size
            found.append(answers(hub, name))
    first, listed, memory = zip(*found, strict=True)
    return [
        slope_row("a further GB in the store", gigabytes, memory, "MB of the hub's memory", 1.0),
        slope_row("a further GB in the store: first bytes of a run", gigabytes, first, "ms", 1000.0),
        slope_row("a further GB in the store: the list of runs", gigabytes, listed, "ms", 1000.0),
        Row(f"first bytes of a run, {gigabytes[-1]:g} GB in the store", figure(1000 * first[-1], "ms")),
        Row(f"the list of runs, {gigabytes[-1]:g} GB in the store", figure(1000 * listed[-1], "ms")),
    ]


def fill(hub: Hub, name: str, gigabytes: float) -> None:
    """RUNS further runs of so much together."""
    context = multiprocessing.get_context("spawn")
    took = context.Queue()
    count = max(1, int(gigabytes * 1e9) // RUNS // CHUNK_BYTES)
    runs = [f"{name}-{number}" for number in range(RUNS)]
    publisher = context.Process(target=publish, args=(hub.port, hub.key, runs, False, count, took))
    publisher.start()
    took.get()
    publisher.join()


def answers(hub: Hub, name: str) -> tuple[float, float, float]:
    """Seconds to the first bytes of a run and to the list of runs, medians; the hub's memory in MB."""
    first = median(lambda: request(f"{hub.url}/r/{TOKEN}-{name}-0.ansi", 1024))
    listed = median(lambda: runs_listed(hub))
    return first, listed, psutil.Process(hub.process.pid).memory_info().rss / 1e6


def runs_listed(hub: Hub) -> float:
    """Seconds until the owner has the list."""
    asked = urllib.request.Request(f"{hub.url}/api/runs", headers={"Authorization": f"Bearer {hub.owner_key}"})
    return request(asked)


def median(ask: Callable[[], float]) -> float:
    """Of ASKED answers."""
    return statistics.median(ask() for _ in range(ASKED))


def slope(x: Sequence[float], y: Sequence[float]) -> float:
    """Of the line with the least squares."""
    return statistics.linear_regression(x, y).slope


def slope_row(what: str, x: Sequence[float], y: Sequence[float], unit: str, factor: float) -> Row:
    """A slope, in `unit` of which `y` is `factor` times as many."""
    return Row(what, figure(factor * slope(x, y), unit))


def figure(value: float, unit: str) -> Figures:
    """One that stands for itself."""
    return Figures.of([value], unit)


if __name__ == "__main__":
    alone(measure)
