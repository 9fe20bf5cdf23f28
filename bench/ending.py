"""How much later a job of over a second ends under `progress run`, hub warm, at a terminal, than in a bare one.

    python -m bench.ending [ROUNDS]

Prints the median time from the job's last word to the end of the command, for both, and what the runner adds.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.hub import Hub
from tests.support.runner import Home
from tests.support.terminal import Terminal

JOB = "import time; time.sleep(1.5); print('x' * 10000); print('ended', time.time())"


def main() -> None:
    """Both in turn, so that the machine's moods hit both."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder, Hub() as hub:
        home = Home(Path(folder))
        home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="2")
        job = [sys.executable, "-c", JOB]
        bare, ours = [], []
        for _ in range(rounds):
            bare.append(ending(job, home))
            ours.append(ending(home.argv(*job), home))
        home.clear_away()
    print(f"bare {median(bare)}, under progress run {median(ours)}")
    print(f"added: {1000 * (statistics.median(ours) - statistics.median(bare)):.0f} ms")


def ending(argv: Sequence[str], home: Home) -> float:
    """Seconds from the job's last word to the end of the command."""
    with Terminal(argv, environ=home.environ) as terminal:
        terminal.finish()
        now = time.time()
        said = terminal.output.split(b"ended ")[1].split()[0]
    return now - float(said)


def median(seconds: list[float]) -> str:
    """Median and range in ms."""
    low, high = min(seconds), max(seconds)
    return f"{1000 * statistics.median(seconds):.0f} ms ({1000 * low:.0f} to {1000 * high:.0f})"


if __name__ == "__main__":
    main()
