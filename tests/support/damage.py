"""A hub's store read, and damaged, behind its back while it runs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from tests.support.hub import Hub


def read_store(hub: Hub, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows of the hub's database."""
    with closing(sqlite3.connect(hub.data / "hub.db", timeout=20)) as database:
        return database.execute(query, values).fetchall()


def change_store(hub: Hub, statement: str, *values: object) -> None:
    """Change rows of the hub's database."""
    with closing(sqlite3.connect(hub.data / "hub.db", timeout=20)) as database, database:
        database.execute(statement, values)


def flip_a_bit(hub: Hub, run: str, at: int) -> tuple[int, int]:
    """Flip one bit in the chunk that has the byte at `at`; returns the chunk's range."""
    query = "SELECT at, size, data FROM chunks WHERE run = ? AND at <= ? ORDER BY at DESC LIMIT 1"
    with closing(sqlite3.connect(hub.data / "hub.db", timeout=20)) as database, database:
        database.execute("BEGIN IMMEDIATE")  # the hub may be putting small chunks together
        [(start, size, data)] = database.execute(query, (run, at))
        flipped = bytes([data[0] ^ 1]) + data[1:]
        database.execute("UPDATE chunks SET data = ? WHERE run = ? AND at = ?", (flipped, run, start))
    return start, start + size
