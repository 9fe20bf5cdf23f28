"""How much memory do the recorder and the sender take?

    python -m bench.sender_memory [--rounds N] [--small]

A run of 100 MB is recorded without a hub, then delivered by a sender that starts behind all of it. Figures are peaks of
resident memory, shared pages included, in MB of a million bytes.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
from bench.harness import Figures, Row, Scale, alone
from tests.support.hub import Hub
from tests.support.runner import Home

RECORDER_BAR, SENDER_BAR = 25, 45
"""MB."""
JOB = "import os, sys\nfor _ in range({}): sys.stdout.write(os.urandom(375000).hex() + '\\n' * 250000)\n"
SENDER = "import sys; from progress_run.sender.process import main; sys.exit(main())"


def measure(scale: Scale) -> list[Row]:
    """The peaks of both; whether the hub has the bytes is looked at each time."""
    with Hub() as hub:
        recorder, sender = peaks(hub, scale)
        sealing, sealed = peaks(hub, scale, "--e2e")
    return [
        Row("recorder, peak", recorder, {}, f"≤{RECORDER_BAR} MB", recorder.median <= RECORDER_BAR),
        Row("sender behind a backlog, peak", sender, {}, f"≤{SENDER_BAR} MB", sender.median <= SENDER_BAR),
        Row("recorder with `--e2e`, peak", sealing, {"without": recorder}),
        Row("sender with `--e2e`, peak", sealed, {"without": sender}),
    ]


def peaks(hub: Hub, scale: Scale, *options: str) -> tuple[Figures, Figures]:
    """Those of the recorder and the sender of runs with these options."""
    each = [once(hub, 5 if scale.small else 100, *options) for _ in range(scale.rounds)]
    recorder, sender = (Figures.of(column, "MB") for column in zip(*each, strict=True))
    return recorder, sender


def once(hub: Hub, size: int, *options: str) -> tuple[float, float]:
    """Peak MB of the recorder and the sender of one run of `size` MB."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY="not yet known")
        with home.start(
            "--quiet", *options, sys.executable, "-c", JOB.format(size), stdout=subprocess.DEVNULL
        ) as running:
            recorder = peak(running)
        home.clear_away()
        environ = {**home.environ, "PROGRESS_KEY": hub.key}
        argv = [sys.executable, "-c", SENDER, str(home.only_run.path)]
        with subprocess.Popen(
            argv, env=environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as running:
            sender = peak(running)
        assert stored(home, hub) == hashlib.sha256(home.only_run.given_away()).digest(), "not what was recorded"
    return recorder, sender


def peak(running: subprocess.Popen[bytes]) -> float:
    """The most MB that a process held until its end."""
    process, most = psutil.Process(running.pid), 0
    while running.poll() is None:
        most = max(most, process.memory_info().rss)
        time.sleep(0.01)
    return most / 1e6


def stored(home: Home, hub: Hub) -> bytes:
    """The sum of what the hub has of the run."""
    total = hashlib.sha256()
    with urllib.request.urlopen(f"{hub.url}/r/{home.only_run.record['view_token']}/output") as reply:
        while block := reply.read(1 << 20):
            total.update(block)
    return total.digest()


if __name__ == "__main__":
    alone(measure)
