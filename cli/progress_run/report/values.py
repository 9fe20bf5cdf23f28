"""What a job hands us, as texts and numbers, whatever it was: an array of one number, a label of a megabyte."""

from __future__ import annotations

import contextlib
import operator

TYPE_CHECKING = False  # typing itself takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LONGEST_LABEL = 200
LONGEST_NOTE = 6000


def number(value: Any) -> float | None:
    """An int or a float; None for what is neither and can't be made one, such as an array."""
    if type(value) is float or type(value) is int:
        return value
    convert: Callable[[Any], float]
    for convert in (operator.index, float):  # numpy's integers, other numbers
        with contextlib.suppress(Exception):  # the job's own types may raise anything
            return convert(value)
    return None


def truth(value: object) -> bool:
    """Whether it is set; False for what can't say, such as an array."""
    try:
        return bool(value)
    except Exception:  # noqa: BLE001 -- the job's own types may raise anything
        return False


def text(value: object, longest: int = LONGEST_LABEL) -> str:
    """Its text, cut; the name of its type if it has none."""
    try:
        return str(value)[:longest]
    except Exception:  # noqa: BLE001 -- the job's own types may raise anything
        return type(value).__name__
