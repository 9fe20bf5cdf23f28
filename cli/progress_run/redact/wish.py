"""What the user wants masked, and what stands in its place."""

from __future__ import annotations

from typing import NamedTuple

MASK = "***"

SHORTEST = 8
"""Characters of the shortest secret that is taken for one unasked: too much else would look the same."""


class Wish(NamedTuple):
    """Beside the default set, what `patterns` match and the values of the variables `names`; or nothing at all.

    The patterns are valid regular expressions.
    """

    patterns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    nothing: bool = False
