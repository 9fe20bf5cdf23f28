"""How much later does a job of over a second end under `progress run`, with a warm hub, than at a bare terminal?

python -m bench.ending [--rounds N] [--small]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.harness import Figures, Row, Scale, alone, interleaved
from tests.support.hub import Hub
from tests.support.runner import Home
from tests.support.terminal import Terminal

JOB = "import time; time.sleep({}); print('x' * 10000); print('ended', time.time())"
BAR = 0.150
"""Seconds that we may add."""


def measure(scale: Scale) -> list[Row]:
    """From the job's last word to the end of the command; the default drain of two seconds is not used up."""
    with tempfile.TemporaryDirectory() as folder, Hub() as hub:
        home = Home(Path(folder))
        home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="2")
        job = [sys.executable, "-c", JOB.format(0.1 if scale.small else 1.5)]
        contenders = {"ours": lambda: ending(home.argv(*job), home), "bare": lambda: ending(job, home)}
        samples = interleaved(scale.rounds, contenders)
        home.clear_away()
    ours, bare = (Figures.of([1000 * each for each in samples[name]], "ms") for name in contenders)
    added = statistics.median(samples["ours"]) - statistics.median(samples["bare"])
    return [Row("the job's last word → end of the command", ours, {"bare": bare}, "150 ms more", added <= BAR)]


def ending(argv: Sequence[str], home: Home) -> float:
    """Seconds from the job's last word to the end of the command."""
    with Terminal(argv, environ=home.environ) as terminal:
        terminal.finish()
        now = time.time()
        said = terminal.output.split(b"ended ")[1].split()[0]
    return now - float(said)


if __name__ == "__main__":
    alone(measure)
