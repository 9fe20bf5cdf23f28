"""How much slower are secrets looked for in output that is made of their beginnings?

    python -m bench.redact_hostile [--small]

Lines of beginnings of every known shape, cut at every place and glued by what may stand before or within a secret,
beside lines of a log: what takes the longest, each as a multiple of those. One process, no job.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.harness import Figures, Row, Scale, alone
from bench.redact import LINE, SECRETS
from tests.support.secrets import PRIVATE_KEY, TOKENS

from progress_run.redact.mask import Mask
from progress_run.redact.wish import Wish

GLUE = ("", " ", "m", "1", ".", "-", "_", "=", "a" * 30, "\x1b[0m")
SHOWN = 5
BAR = 60.0
"""Times of what ordinary lines take; a scan from each of many beginnings to the end of a long word is hundreds."""


def measure(scale: Scale) -> list[Row]:
    """The slowest of all, in nanoseconds a byte."""
    size = 16 * 1024 if scale.small else 128 * 1024
    mask, log = Mask(Wish(), SECRETS), "".join(LINE.format(n=n) for n in range(1000)).encode()
    mask.text("".join(token + secret for token, secret in TOKENS.values()) * 2)  # all patterns are compiled by now
    ordinary = nanoseconds(mask, log, size, 1 + scale.rounds)
    took = {unit: nanoseconds(mask, unit, size, 1) for unit in units()}
    slowest = sorted(took, key=lambda unit: -took[unit])[:SHOWN]
    return [row(unit, nanoseconds(mask, unit, size, scale.rounds), ordinary) for unit in slowest]


def units() -> Iterator[bytes]:
    """What lines are made of, again and again."""
    whole = [
        *("".join(parts) for parts in TOKENS.values()),
        PRIVATE_KEY.replace("\n", "")[:40],
        "://a:b",
        "-----BEGIN ",
    ]
    begun = {text[:end] for text in whole for end in range(2, min(len(text), 45))}
    for beginning in sorted(begun):
        for glue in GLUE:
            yield (glue + beginning).encode()


def nanoseconds(mask: Mask, unit: bytes, size: int, rounds: int) -> float:
    """For a byte of output made of it, at best."""
    data = (unit * (size // len(unit) + 1))[:size]
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        mask.spans(data)
        mask.begins(data)
        best = min(best, time.perf_counter() - began)
    return best / size * 1e9


def row(unit: bytes, took: float, ordinary: float) -> Row:
    """Beside ordinary lines."""
    beside = {"lines of a log": Figures.of([ordinary], "ns/byte")}
    limit = "each beginning is looked at on its own"
    bar = f"≤{BAR:g} × lines of a log"
    return Row(f"`{unit!r}` again and again", Figures.of([took], "ns/byte"), beside, bar, took <= BAR * ordinary, limit)


if __name__ == "__main__":
    alone(measure)
