"""How much memory the sender takes behind a backlog: a run of SIZE MB is recorded without a hub, then delivered.

    python -m bench.sender_memory [SIZE]

Prints the sender's peak memory and its pace; needs the package installed (`make test` does it).
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
from tests.support.hub import Hub
from tests.support.runner import Home


def main() -> None:
    """Record, deliver, report."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder, Hub() as hub:
        home = Home(Path(folder))
        home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY="not yet known")
        job = f"import os, sys\nfor _ in range({size}): sys.stdout.write(os.urandom(375000).hex() + '\\n' * 250000)\n"
        home.run(sys.executable, "-c", job, capture_output=False, stdout=subprocess.DEVNULL, timeout=600)
        home.clear_away()
        peak, seconds = deliver(home, hub)
        recorded = (home.only_run.path / "output.log").stat().st_size
        stored = hashlib.sha256()
        with urllib.request.urlopen(f"{hub.url}/r/{home.only_run.record['view_token']}.ansi") as reply:
            while block := reply.read(1 << 20):
                stored.update(block)
        same = stored.hexdigest() == hashlib.sha256(home.only_run.output).hexdigest()
    print(f"{recorded / 1e6:.0f} MB delivered in {seconds:.1f} s ({recorded / 1e6 / seconds:.0f} MB/s), same: {same}")
    print(f"peak memory of the sender: {peak / 1e6:.1f} MB")


def deliver(home: Home, hub: Hub) -> tuple[int, float]:
    """Peak bytes of memory and seconds of a sender that delivers the one run."""
    code = "import sys; from progress_run.sender.process import main; sys.exit(main())"
    environ = {**home.environ, "PROGRESS_KEY": hub.key}
    argv = [sys.executable, "-c", code, str(home.only_run.path)]
    started, peak = time.monotonic(), 0
    with subprocess.Popen(argv, env=environ, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as sender:
        process = psutil.Process(sender.pid)
        while sender.poll() is None:
            peak = max(peak, process.memory_info().rss)
            time.sleep(0.02)
    assert json.loads((home.only_run.path / "delivery.json").read_text())["complete"]
    return peak, time.monotonic() - started


if __name__ == "__main__":
    main()
