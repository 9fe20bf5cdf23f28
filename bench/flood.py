"""What does a job pay that pours out ten million lines at a terminal?

    python -m bench.flood [--rounds N] [--small]

Peers are `script`, asciinema and expect's `unbuffer`; the limit is a bare PTY pump (bench/pty_pump.py). What the sender
has left to deliver is delivered before the next one has its turn.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench import peers
from bench.harness import Figures, Row, Scale, alone, interleaved
from bench.shell import at_terminal, environment, into_cat, leave_nothing
from tests.support.hub import Hub
from tests.support.runner import Home

PUMP = [sys.executable, str(Path(__file__).parent / "pty_pump.py")]
WAYS: dict[str, Callable[[Sequence[str], Mapping[str, str]], float]] = {
    "at a terminal": at_terminal,
    "`| cat > /dev/null`": into_cat,
}
"""Where the output goes: the job has a PTY in both, and in the second we don't write to another."""
WITH, WITHOUT = "with a hub", "without a hub"
BARS = {WITH: 0.30, WITHOUT: 0.22}
"""Times of what `script` takes."""
LIMIT = (
    "The limit is the bare PTY pump, which records nothing: a PTY hands on 4095 bytes at a time, and for each of these "
    "a worker of the kernel and the reader wake each other, at the job's PTY and, at a terminal, at the user's again. "
    "Of the recorder's own time py-spy finds 59 % in reading the PTY, 11 % in making line ends, 8 % in writing to the "
    "user and 7 % in the recording."
)


def measure(scale: Scale) -> list[Row]:
    """The job's time, from the command's start to its end."""
    job = ["seq", "1", str(100_000 if scale.small else 10_000_000)]
    with tempfile.TemporaryDirectory() as folder, Hub() as hub:
        home = Home(Path(folder))
        return [row for way in WAYS for row in compare(way, job, home, hub, scale)]


def compare(way: str, job: list[str], home: Home, hub: Hub, scale: Scale) -> list[Row]:
    """One way that the output goes, with and without a hub."""
    time = WAYS[way]
    contenders: dict[str, Callable[[], float]] = {
        name: lambda argv=argv: time(argv, home.environ)  # type: ignore[misc]
        for name, argv in beside(job, scale).items()
    }
    for name, to in ((WITH, hub), (WITHOUT, None)):
        contenders[name] = lambda to=to: ours(way, home, job, to)  # type: ignore[misc]
    samples = interleaved(scale.rounds, contenders)
    figures = {name: Figures.of(each, "s") for name, each in samples.items()}
    return [row(way, name, figures, scale) for name in BARS]


def beside(job: list[str], scale: Scale) -> dict[str, list[str]]:
    """The command lines of peers and of the limit."""
    commands = {"bare PTY pump": [*PUMP, *job]}
    if script := peers.found("script", "bsdutils"):
        commands["script"] = [str(script), "-qefc", " ".join(job), os.devnull]
    if unbuffer := peers.found("unbuffer", "expect"):
        commands["unbuffer"] = [str(unbuffer), *job]
    if not scale.small:
        asciinema = str(peers.pip("asciinema", "2.4.0"))
        commands["asciinema"] = [asciinema, "rec", "-q", "--overwrite", "-c", " ".join(job), os.devnull]
    return commands


def ours(way: str, home: Home, job: list[str], hub: Hub | None) -> float:
    """Seconds of one run; then nothing of it is left that could be in anybody's way."""
    took = WAYS[way](home.argv("--pty", "--quiet", *job), environment(home, hub))
    leave_nothing(home, hub)
    return took


def row(way: str, name: str, figures: dict[str, Figures], scale: Scale) -> Row:
    """Ours beside all others."""
    others = {other: each for other, each in figures.items() if other not in BARS}
    comparable = "script" in others and not scale.small  # of a short job we'd compare the start
    met = figures[name].median <= BARS[name] * others["script"].median if comparable else None
    what = f"`seq 1 10000000` {way}, {name}"
    return Row(what, figures[name], others, f"≤{BARS[name]:.2f} × `script -qefc`", met, LIMIT)


if __name__ == "__main__":
    alone(measure)
