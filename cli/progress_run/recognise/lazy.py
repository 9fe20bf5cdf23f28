"""Regular expressions that cost nothing until they are needed: a job that is over at once doesn't wait for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

_METHODS = ("finditer", "findall", "match", "search", "sub")


class Pattern:
    """A regular expression over text, compiled at its first use."""

    finditer: Callable[..., Iterator[re.Match[str]]]
    findall: Callable[..., list[Any]]
    match: Callable[..., re.Match[str] | None]
    search: Callable[..., re.Match[str] | None]
    sub: Callable[..., str]

    def __init__(self, source: str) -> None:
        self._source = source

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self._source)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)
