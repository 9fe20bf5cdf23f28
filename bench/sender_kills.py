"""Kills a job's sender N times, each as soon as it is up, and compares the job with one whose sender is left alone.

    python -m bench.sender_kills [N]

Prints how the job ended, how evenly it worked, and whether everything arrived; exits with 1 if anything differs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from tests.support.hub import Hub
from tests.support.runner import Home, Run

from progress_run.run_directory import read_delivery

JOB = """
import os, sys, time
stop, worst, rounds, last = sys.argv[1], 0.0, 0, time.perf_counter()
while not os.path.exists(stop):
    print(f"{rounds:08d} " + "x" * 91)
    time.sleep(0.01)
    now = time.perf_counter()
    worst, last, rounds = max(worst, now - last), now, rounds + 1
print("at most", round(1000 * worst), "ms", file=sys.stderr)
sys.exit(7)
"""
"""Prints a line in 10 ms until a file appears, and says at last how long the longest one took."""


@dataclass
class Outcome:
    """What became of a job and its run."""

    code: int
    user: bytes
    words: str
    seconds: float
    run: Run
    kills: int

    @property
    def pace(self) -> float:
        """Lines a second."""
        return self.user.count(b"\n") / self.seconds


def main() -> None:
    """One job under fire, and one in peace."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as folder, Hub() as hub:
        home = Home(Path(folder))
        home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="60")
        fire = play(home, lambda run: kill_senders(run, kills))
        peace = play(home, lambda _run: sleep(min(60.0, fire.seconds)))
        whole = [is_whole(hub, each) for each in (fire, peace)]
        home.clear_away()
    for name, each in (("killed", fire), ("left alone", peace)):
        print(f"sender {name} {each.kills} times: code {each.code}, {len(each.user):,} bytes,", end=" ")
        print(f"{each.pace:.1f} lines/s, {' '.join(each.words.split())} between two, {each.seconds:.0f} s")
    print(f"everything arrived: {all(whole)}; pace {fire.pace / peace.pace:.3f} of that in peace")
    sys.exit(not (all(whole) and fire.code == peace.code == 7))


def play(home: Home, during: Callable[[Run], int]) -> Outcome:
    """A job, with something happening to its sender."""
    folder = Path(tempfile.mkdtemp(dir=home.path.parent))
    nth = len(home.runs)
    argv = home.argv(sys.executable, "-c", JOB, str(folder / "stop"))
    with open(folder / "user", "wb") as user, open(folder / "words", "wb") as words:
        started = time.monotonic()
        runner = subprocess.Popen(argv, env=home.environ, stdin=subprocess.DEVNULL, stdout=user, stderr=words)
        while len(home.runs) == nth:
            time.sleep(0.01)
        run = home.runs[nth]
        kills = during(run)
        (folder / "stop").touch()
        seconds = time.monotonic() - started
        code = runner.wait()
    return Outcome(code, (folder / "user").read_bytes(), (folder / "words").read_text(), seconds, run, kills)


def kill_senders(run: Run, count: int) -> int:
    """SIGKILL whatever delivers the run, as soon as it is there: each fourth while it starts, the others at work."""
    killed = 0
    while killed < count:
        for process in senders(run):
            before = read_delivery(run.path)
            while killed % 4 and read_delivery(run.path) == before:
                time.sleep(0.005)
            process.kill()
            process.wait(5)
            killed += 1
        time.sleep(0.005)
    return killed


def senders(run: Run) -> list[psutil.Process]:
    """The live processes that have the run's directory as their argument."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if str(run.path) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def sleep(seconds: float) -> int:
    """Let so much time pass."""
    time.sleep(seconds)
    return 0


def is_whole(hub: Hub, outcome: Outcome) -> bool:
    """Whether the user's, the recorded and the delivered copy are the same, and the hub says so."""
    link = f"{hub.url}/r/{outcome.run.record['view_token']}"
    with urllib.request.urlopen(f"{link}/output") as reply:
        arrived = hashlib.sha256(reply.read()).digest()
    with urllib.request.urlopen(f"{link}/info") as reply:
        complete = json.load(reply)["complete"]
    user = hashlib.sha256(outcome.run.stream(1)).digest() == hashlib.sha256(outcome.user).digest()
    return bool(complete) and user and arrived == hashlib.sha256(outcome.run.output).digest()


if __name__ == "__main__":
    main()
