"""What a job pays for a hub that takes 1 MB/s: a job at full speed, with that hub and with none, in turn.

    python -m bench.slow_hub [PAIRS]

Prints, for `yes` and for bytes that can't be compressed, how fast the job gets on; then how much memory recorder and
sender hold while the backlog grows and is delivered, and whether all of it arrived. Hub and link stand back where the
job wants the processors, since they stand for another machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
from tests.faults.proxy import UPSTREAM, Bandwidth, Proxy
from tests.support.hub import Hub
from tests.support.runner import NO_HUB, Home

MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None
"""Where the runs are recorded: the disk, written to in the background, would blur what is measured."""
RATE = 1_000_000
WARM = 1.0
"""Seconds that are left out: starting the sender is paid once, however long the job."""
NOISE = "import os; block = os.urandom(1_000_000)\nfor _ in range({}): os.write(1, block)"
JOBS = {
    "yes, in a pipe": ["--no-pty", "sh", "-c", "yes | head -c 3000000000"],
    "yes, at a terminal": ["--pty", "sh", "-c", "yes | head -c 60000000"],
    "noise, in a pipe": ["--no-pty", sys.executable, "-c", NOISE.format(3000)],
}
DELIVERED = ["--no-pty", "sh", "-c", f'{sys.executable} -c "{NOISE.format(20)}"; yes | head -c 200000000']


def main() -> None:
    """Pairs first, then the one that is delivered to its end."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with slow_hub(nice=19) as (hub, url):
        for name, job in JOBS.items():
            paces = [(pace(job, url, hub.key), pace(job, NO_HUB, "")) for _ in range(pairs)]
            ratio = statistics.median(none / slow for slow, none in paces)
            slow, none = (statistics.median(column) / 1e6 for column in zip(*paces, strict=True))
            print(
                f"{name}: {slow:.1f} MB/s with the slow hub, {none:.1f} MB/s with none: {100 * (ratio - 1):+.1f} %",
                flush=True,
            )
    with slow_hub(nice=0) as (hub, url):
        deliver(hub, url)


@contextlib.contextmanager
def slow_hub(nice: int) -> Iterator[tuple[Hub, str]]:
    """A hub, and where it is behind its slow link."""
    with Hub() as hub:
        os.setpriority(os.PRIO_PROCESS, hub.process.pid, nice)
        link = os.fork()
        if link == 0:
            os.nice(nice)
            serve(hub)
        port_file = hub.data / "link"
        while not port_file.exists():
            time.sleep(0.01)
        try:
            yield hub, port_file.read_text()
        finally:
            os.kill(link, 9)
            os.waitpid(link, 0)


def serve(hub: Hub) -> None:
    """The slow link, for as long as it is left alive."""
    with Proxy(hub.port) as proxy, proxy.toxic(Bandwidth(RATE, UPSTREAM)):
        (hub.data / "draft").write_text(proxy.url)
        (hub.data / "draft").rename(hub.data / "link")
        threading.Event().wait()


@contextlib.contextmanager
def home_at(url: str, key: str) -> Iterator[Home]:
    """A home whose runs go there; nothing of it is left at the end."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        home = Home(Path(folder))
        home.environ.update(PROGRESS_HUB=url, PROGRESS_KEY=key)
        try:
            yield home
        finally:
            home.clear_away()


def pace(job: list[str], url: str, key: str) -> float:
    """Bytes a second of `progress run` of the job, by its own recording; delivery is cut off at its end."""
    with home_at(url, key) as home:
        subprocess.run(
            home.argv(*job), env=home.environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True
        )
        with open(home.only_run.path / "timing") as file:
            marks = [(int(offset), float(t)) for offset, t, _fd in map(str.split, file)]
    (start, began), (end, ended) = next(mark for mark in marks if mark[1] > WARM), marks[-1]
    return (end - start) / (ended - began)


def deliver(hub: Hub, url: str) -> None:
    """One run to its end, with an eye on memory."""
    with home_at(url, hub.key) as home:
        started = time.monotonic()
        subprocess.Popen(home.argv(*DELIVERED), env=home.environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        peaks: dict[str, int] = {}
        while not home.runs or not is_complete(hub, home):
            for process in home.processes():
                with contextlib.suppress(psutil.Error):
                    kind = "sender" if "sender" in " ".join(process.cmdline()) else process.name()
                    peaks[kind] = max(peaks.get(kind, 0), process.memory_info().rss)
            time.sleep(0.1)
        took = time.monotonic() - started
        stored = hashlib.sha256()
        with urllib.request.urlopen(f"{hub.url}/r/{home.only_run.record['view_token']}.ansi") as reply:
            while block := reply.read(1 << 20):
                stored.update(block)
        output = home.only_run.output
    same, size = hashlib.sha256(output).digest() == stored.digest(), len(output)
    print(f"{size / 1e6:.0f} MB arrived after {took:.0f} s, same: {same}")
    print("peak memory:", ", ".join(f"{kind} {peak / 1e6:.1f} MB" for kind, peak in sorted(peaks.items())))


def is_complete(hub: Hub, home: Home) -> bool:
    """Whether the hub has all of it."""
    with contextlib.suppress(OSError):
        return bool(hub.info(home.only_run.record["view_token"])["complete"])
    return False


if __name__ == "__main__":
    main()
