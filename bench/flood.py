"""What does a job pay that pours out ten million lines at a terminal?

    python -m bench.flood [--rounds N] [--small]

Peers are `script`, asciinema and expect's `unbuffer`; the limit is a bare PTY pump (bench/pty_pump.py). What the sender
has left to deliver is delivered before the next one has its turn.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import peers
from bench.harness import Figures, Row, Scale, alone, interleaved
from bench.shell import at_terminal, environment, leave_nothing
from tests.support.hub import Hub
from tests.support.runner import Home

PUMP = [sys.executable, str(Path(__file__).parent / "pty_pump.py")]
WITH, WITHOUT = "ours with a hub", "ours without a hub"
BARS = {WITH: 0.30, WITHOUT: 0.22}
"""Times of what `script` takes."""
LIMIT = (
    "The limit is the bare PTY pump, which records nothing: a PTY hands on 4095 bytes at a time, and for each of these "
    "a worker of the kernel and the reader wake each other, at the job's PTY and at the user's. Between the pump and "
    "us lie our start, the writing of the recording, and the start of the sender beside the job."
)


def measure(scale: Scale) -> list[Row]:
    """The job's time, from the command's start to its end."""
    job = ["seq", "1", str(100_000 if scale.small else 10_000_000)]
    with tempfile.TemporaryDirectory() as folder, Hub() as hub:
        home = Home(Path(folder))
        contenders: dict[str, Callable[[], float]] = {
            WITH: lambda: ours(home, job, hub),
            WITHOUT: lambda: ours(home, job, None),
        }
        for name, argv in beside(job, scale).items():
            contenders[name] = lambda argv=argv: at_terminal(argv, home.environ)  # type: ignore[misc]
        samples = interleaved(scale.rounds, contenders)
    figures = {name: Figures.of(each, "s") for name, each in samples.items()}
    return [row(name, figures) for name in BARS]


def beside(job: list[str], scale: Scale) -> dict[str, list[str]]:
    """The command lines of peers and of the limit."""
    commands = {"bare PTY pump": [*PUMP, *job], "no wrapper": job}
    if script := peers.found("script", "bsdutils"):
        commands["script"] = [str(script), "-qefc", " ".join(job), os.devnull]
    if unbuffer := peers.found("unbuffer", "expect"):
        commands["unbuffer"] = [str(unbuffer), *job]
    if not scale.small:
        asciinema = str(peers.pip("asciinema", "2.4.0"))
        commands["asciinema"] = [asciinema, "rec", "-q", "--overwrite", "-c", " ".join(job), os.devnull]
    return commands


def ours(home: Home, job: list[str], hub: Hub | None) -> float:
    """Seconds of one run; then nothing of it is left that could be in anybody's way."""
    took = at_terminal(home.argv("--quiet", *job), environment(home, hub))
    leave_nothing(home, hub)
    return took


def row(name: str, figures: dict[str, Figures]) -> Row:
    """Ours beside all others."""
    others = {other: each for other, each in figures.items() if other not in BARS}
    met = figures[name].median <= BARS[name] * others["script"].median if "script" in others else None
    return Row(f"`seq 1 10000000`, {name}", figures[name], others, f"≤{BARS[name]:.2f} × `script -qefc`", met, LIMIT)


if __name__ == "__main__":
    alone(measure)
