"""Reads a hub's database as a stranger, with nothing but sqlite3 and zlib: how much of the truth does it hold?"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.faults.checker import common


class Autopsy:
    """Looks at one run, again and again; what was found in order once is not read a second time.

    Args:
        truth: what its publisher has sent, or more of it.
    """

    def __init__(self, database: Path, run: str, truth: Callable[[], bytes]) -> None:
        self._database = database
        self._run = run
        self._truth = truth
        self._sound = 0

    def durable(self) -> int:
        """How many bytes from the first one on are there and true, of those that the store says it has."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT size FROM runs WHERE id = ?", [self._run]).fetchone()
            truth = self._truth()
            query = "SELECT at, codec, data FROM chunks WHERE run = ? AND at >= ? ORDER BY at"
            for at, codec, data in connection.execute(query, [self._run, self._sound]):
                raw = zlib.decompress(data) if codec == "zlib" else data
                same = common(truth, at, raw, 0) if at == self._sound else 0
                self._sound += same
                if same < len(raw):
                    break
        return min(self._sound, row[0]) if row else 0
