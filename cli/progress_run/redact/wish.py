"""What the user wants masked, and what stands in its place."""

from __future__ import annotations

from typing import NamedTuple

MASK = "***"


class Wish(NamedTuple):
    """Beside the default set, what `patterns` match and the values of the variables `names`; or nothing at all.

    The patterns are valid regular expressions.
    """

    patterns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    nothing: bool = False
