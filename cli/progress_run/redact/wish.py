"""What the user wants masked, and what stands in its place."""

from __future__ import annotations

from dataclasses import dataclass

MASK = "***"

SHORTEST = 8
"""Characters of the shortest secret that is taken for one unasked: too much else would look the same."""


@dataclass(frozen=True)
class Wish:
    """Beside the default set, what `patterns` match and the values of the variables `names`; or nothing at all.

    The patterns are valid regular expressions.
    """

    patterns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    nothing: bool = False
