"""How long from a job's write to the message in the page's socket and to the text in its DOM, at 100 lines a second?

Hub and Chromium share the machine. ttyd is in no package that this machine's Debian has, and so not compared with.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

from bench.harness import Figures, Row, Scale, alone
from bench.watching import Watched, browser, frontail, ours, rtail
from tests.support.hub import Hub

LINES, FEW = 500, 100
WORK = """
for number in range(1, {lines} + 1):
    time.sleep(max(0, began + number / 100 - time.time()))
    print(f"line {{number}} {{time.time():.6f}};", flush=True)
"""
BARS = {"socket": (3.0, 12.0), "dom": (20.0, 50.0)}
PLACES = {"socket": "message in the page's socket", "dom": "text in the DOM"}

Samples = dict[tuple[str, int], list[float]]
"""By place and percentile, in ms, one a round."""


def measure(scale: Scale) -> list[Row]:
    """Median and 99th percentile for each place."""
    lines = FEW if scale.small else LINES
    work = WORK.format(lines=lines)
    with Hub() as hub, browser() as chromium:
        contenders: dict[str, Callable[[], AbstractContextManager[Watched]]] = {
            "ours": partial(ours, chromium, hub, work)
        }
        if not scale.small:
            contenders.update(frontail=partial(frontail, chromium, work), rtail=partial(rtail, chromium, work))
        samples: dict[str, Samples] = {name: {} for name in contenders}
        for _ in range(scale.rounds):
            for name, contender in contenders.items():
                with contender() as watched:
                    take(watched, lines, samples[name])
    return [row(place, percent, samples) for place in BARS for percent in (50, 99)]


def take(watched: Watched, lines: int, samples: Samples) -> None:
    """One round of one contender."""
    watched.run(lines / 100 + 30)
    watched.page.wait_for_timeout(500)
    for place in BARS:
        delays: list[float] = watched.page.evaluate(f"Object.values(watched.{place})")
        hundredths = statistics.quantiles(delays, n=100) if len(delays) > 1 else [float("inf")] * 99
        for percent in (50, 99):
            samples.setdefault((place, percent), []).append(hundredths[percent - 1])


def row(place: str, percent: int, samples: dict[str, Samples]) -> Row:
    """What was found, beside the peers."""
    figures = {name: Figures.of(found[place, percent], "ms") for name, found in samples.items()}
    mine, most = figures.pop("ours"), BARS[place][percent // 99]
    return Row(f"{PLACES[place]}, p{percent}", mine, figures, f"≤{most:g} ms", mine.median <= most)


if __name__ == "__main__":
    alone(measure)
