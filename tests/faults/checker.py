"""Judges a history: what was lost, repeated, put elsewhere, or acknowledged before it was durable.

Knows nothing of the programs it judges. The truth has to be random bytes, of which any 32 occur once only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

BLOCK = 32
"""Bytes by which a place in the truth is recognised."""
STEP = 1 << 20


class Death(NamedTuple):
    """A process was killed: what had been acknowledged by then, and how much of the truth the store then held."""

    acked: int
    durable: int


@dataclass
class History:
    """What happened to one run: the bytes its job wrote, the copies that others ended up with, and the deaths."""

    truth: bytes
    copies: dict[str, bytes] = field(default_factory=dict)
    deaths: list[Death] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """Bytes by what is wrong with them, over all copies; `foreign` ones stand nowhere in the truth."""

    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    foreign: int = 0
    undurable: int = 0
    equal: bool = True

    @property
    def flawless(self) -> bool:
        """Nothing is wrong."""
        return self == Verdict()

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(
            self.lost + other.lost,
            self.duplicated + other.duplicated,
            self.reordered + other.reordered,
            self.foreign + other.foreign,
            self.undurable + other.undurable,
            self.equal and other.equal,
        )


class Stretch(NamedTuple):
    """Consecutive bytes of a copy that stand at `at` in the truth too; None for bytes that don't."""

    at: int | None
    size: int


def judge(history: History) -> Verdict:
    """The whole history's verdict."""
    verdict = Verdict(undurable=sum(max(0, death.acked - death.durable) for death in history.deaths))
    for copy in history.copies.values():
        verdict += judge_copy(history.truth, copy)
    return verdict


def judge_copy(truth: bytes, copy: bytes) -> Verdict:
    """One copy, in the order in which its bytes were shown, against the truth."""
    seen, furthest = bytearray(len(truth)), 0
    duplicated = reordered = foreign = 0
    for at, size in align(truth, copy):
        if at is None:
            foreign += size
            continue
        duplicated += seen.count(1, at, at + size)
        reordered += seen.count(0, at, max(at, min(at + size, furthest)))
        seen[at : at + size] = b"\1" * size
        furthest = max(furthest, at + size)
    return Verdict(seen.count(0), duplicated, reordered, foreign, equal=copy == truth)


def align(truth: bytes, copy: bytes) -> Iterator[Stretch]:
    """The copy from its first byte to its last, as stretches of the truth."""
    index: dict[bytes, int] = {}
    place = expected = 0
    while place < len(copy):
        same = common(truth, expected, copy, place)
        if same:
            yield Stretch(expected, same)
            place, expected = place + same, expected + same
            continue
        index = index or {truth[at : at + BLOCK]: at for at in range(0, len(truth) - BLOCK + 1, BLOCK)}
        skipped, expected = _find(index, truth, copy, place)
        if skipped:
            yield Stretch(None, skipped)
        place += skipped


def common(truth: bytes, at: int, copy: bytes, place: int) -> int:
    """How many bytes are the same from there on."""
    same = 0
    while (step := min(STEP, len(truth) - at - same, len(copy) - place - same)) > 0:
        left, right = truth[at + same : at + same + step], copy[place + same : place + same + step]
        if left != right:
            return same + next(n for n, (one, other) in enumerate(zip(left, right, strict=True)) if one != other)
        same += step
    return same


def _find(index: dict[bytes, int], truth: bytes, copy: bytes, place: int) -> tuple[int, int]:
    """How many bytes from `place` on are not to be found in the truth, and where in it those behind them stand."""
    for skipped in range(len(copy) - place):
        at = index.get(copy[place + skipped : place + skipped + BLOCK])
        if at is not None:
            back = 0
            while back < min(skipped, at) and copy[place + skipped - back - 1] == truth[at - back - 1]:
                back += 1
            return skipped - back, at - back
    return len(copy) - place, len(truth)
