"""What every script of the bench is made of: contenders in turn, figures, and rows that compare them.

A script is a module `bench.<question>` whose docstring begins with the question and that has

    def measure(scale: Scale) -> list[Row]
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Attributes:
        rounds: how often each contender gets its turn.
        small: a second or two a script, no peer that has to be installed: shows that the script works, and no more.
    """

    rounds: int = 5
    small: bool = False


SMOKE = Scale(rounds=1, small=True)


@dataclass(frozen=True)
class Figures:
    """Median, least and most of some samples, in `unit`."""

    median: float
    low: float
    high: float
    unit: str

    @classmethod
    def of(cls, samples: Sequence[float], unit: str) -> Figures:
        """Those of at least one sample."""
        return cls(statistics.median(samples), min(samples), max(samples), unit)

    def __str__(self) -> str:
        spread = "" if self.low == self.high else f" ({self.low:.3g} to {self.high:.3g})"
        return f"{self.median:.3g}{spread} {self.unit}"


@dataclass(frozen=True)
class Row:
    """One answer.

    Attributes:
        what: what was measured.
        ours: our figures.
        beside: those of peers, or of a physical limit, by name; measured in the same rounds.
        bar: what we promise, in words; empty if nothing.
        met: whether that was reached; None without a bar, or where what it compares with is not here.
        limit: what stands in the way, shown by profile; said where the bar is not reached.
    """

    what: str
    ours: Figures
    beside: dict[str, Figures] = field(default_factory=dict)
    bar: str = ""
    met: bool | None = None
    limit: str = ""

    def __str__(self) -> str:
        verdict = {True: "reached", False: "NOT REACHED", None: ""}[self.met]
        ends = [f"  bar: {self.bar}  {verdict}".rstrip()] if self.bar else []
        beside = [f"  {compared(self.ours, figures)} {name}: {figures}" for name, figures in self.beside.items()]
        return "\n".join([f"{self.what}: {self.ours}", *beside, *ends])


def compared(ours: Figures, theirs: Figures) -> str:
    """Ours as a multiple of theirs, empty where units differ."""
    if ours.unit != theirs.unit or not theirs.median:
        return ""
    return f"{ours.median / theirs.median:.3g} ×"


def interleaved(rounds: int, contenders: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """The samples of each contender; one after the other in each round, so that the machine's moods hit all."""
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            samples[name].append(contender())
    return samples


def answers(measure: Callable[[Scale], list[Row]], scale: Scale) -> list[Row]:
    """What a script finds; at a small scale no bar means anything."""
    return [replace(row, met=None) if scale.small else row for row in measure(scale)]


def alone(measure: Callable[[Scale], list[Row]]) -> None:
    """What `python -m bench.<question> [--rounds N] [--small]` does: measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=Scale.rounds)
    parser.add_argument("--small", action="store_true")
    given = parser.parse_args()
    for row in answers(measure, SMOKE if given.small else Scale(given.rounds)):
        print(row, flush=True)
