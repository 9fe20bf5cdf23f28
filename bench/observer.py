"""What understanding a job's bars takes: the processor time of the sender beside a job that redraws them at 1 MB/s.

    python -m bench.observer [RECORDING...]

Replays recordings of bars over and over at that pace, each for some seconds at a terminal, and with no hub, so that
the sender does nothing else. Prints its share of one processor, start-up left out.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import psutil
from tests.support.runner import Home
from tests.support.terminal import Terminal

RECORDINGS = Path(__file__).parents[1] / "tests" / "recognise" / "recordings"
USUAL = ["tqdm_positions", "rich_download", "pip"]
PACE = 1_000_000
SECONDS, WARM = 8.0, 2.0
JOB = f"""
import json, sys, time
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()[1:]
bars = "".join(data for _, kind, data in map(json.loads, lines) if kind == "o").encode()
bars = bars * ({PACE} // 10 // len(bars) + 1)
began = time.monotonic()
for tenth in range({int(SECONDS * 10)}):
    time.sleep(max(0, began + tenth / 10 - time.monotonic()))
    sys.stdout.buffer.write(bars[:{PACE // 10}])
    sys.stdout.buffer.flush()
"""


def main() -> None:
    """One recording after the other."""
    for name in sys.argv[1:] or USUAL:
        print(f"{name}: {100 * share(RECORDINGS / f'{name}.cast'):.1f} % of a processor", flush=True)


def share(recording: Path) -> float:
    """The sender's processor time, in seconds a second."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        job = home.argv("--pty", "--quiet", sys.executable, "-c", JOB, str(recording))
        with Terminal(job, environ=home.environ) as terminal:
            time.sleep(WARM)
            sender = next(each for each in home.processes() if "sender" in " ".join(each.cmdline()))
            before, began = busy(sender), time.monotonic()
            time.sleep(SECONDS - WARM - 1)
            taken = (busy(sender) - before) / (time.monotonic() - began)
            terminal.finish()
        home.clear_away()
    return taken


def busy(process: psutil.Process) -> float:
    """Processor time so far, in seconds."""
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
