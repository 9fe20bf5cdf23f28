"""What 100 000 reports a second cost a job: the same loop under `progress run` with a hub, and bare, in turn.

    python -m bench.reports [ROUNDS]

The loop works a little and sets two tasks each time; outside `progress run` that does nothing. Prints the reports a
second, the ratio of the times, how many events became of them at the hub, and whether the last values are right there.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.support.hub import Hub, wait_until
from tests.support.runner import Home

LOOPS = 250_000
JOB = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parents[1] / "cli")!r})
from progress_run import task
with task("even", total={LOOPS}) as even, task("odd", total={2 * LOOPS}) as odd:
    began = time.perf_counter()
    for number in range({LOOPS}):
        sum(range(600))
        even.update(current=number + 1)
        odd.update(current=2 * number + 1)
    print(time.perf_counter() - began)
"""
LAST = {"even": LOOPS, "odd": 2 * LOOPS - 1}


def main() -> None:
    """Both in turn, so that the machine's moods hit both."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder, Hub() as hub:
        home = Home(Path(folder))
        home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="5")
        job = [sys.executable, "-c", JOB]
        pairs = [(seconds(job, home), seconds(home.argv("--quiet", *job), home)) for _ in range(rounds)]
        infos = [info(hub, run.record["view_token"]) for run in home.runs]
        home.clear_away()
    slower = statistics.median(ours / bare for bare, ours in pairs) - 1
    print(f"{2 * LOOPS / statistics.median(ours for _, ours in pairs):.0f} reports a second: {100 * slower:+.1f} %")
    print(f"events at the hub: {statistics.median(told['events'] for told in infos):.0f} of {2 * LOOPS} reports")
    print(f"last values right: {all(last(told) == LAST for told in infos)}")


def seconds(argv: list[str], home: Home) -> float:
    """How long the loop took, by its own word."""
    done = subprocess.run(argv, env=home.environ, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return float(done.stdout)


def info(hub: Hub, token: str) -> dict[str, Any]:
    """A run once the hub has all of it."""
    wait_until(lambda: hub.info(token)["complete"], "it is delivered", 60)
    return dict(hub.info(token))


def last(told: dict[str, Any]) -> dict[str, float]:
    """The last value of each task."""
    return {task["label"]: task["current"] for task in told["tasks"]}


if __name__ == "__main__":
    main()
