"""The tables of the store; migrations/ creates them, and a test holds the two equal."""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    and_,
    false,
    not_,
)

metadata = MetaData()

LONG_MARKS = 200
"""Characters from which on marks are stored packed: a number of three digits for each line of a chatty run."""


class Marks(TypeDecorator[str]):
    """JSON, kept as one zlib stream where it is long."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> Any:
        """As it is stored."""
        return zlib.compress(value.encode()) if value and len(value) >= LONG_MARKS else value

    def process_result_value(self, value: Any, dialect: Any) -> str | None:
        """As it was given; None where it is damaged, since no sum protects it."""
        if not isinstance(value, bytes):
            return None if value is None else str(value)
        with suppress(zlib.error, UnicodeDecodeError):
            return zlib.decompress(value).decode()
        return None


# `tally` is what only reading all of a run's events could tell again, see Run.position: counts, and how it speaks.
# `compacted` runs have had their small chunks put together (compaction.py).
# `kept` runs are exempt from being deleted by age or number; `removed` ones are being deleted (removal.py).
# `holes` are ranges [from, to) of output, and `torn` the numbers of events, whose rows were found damaged.
runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("meta", JSON, nullable=False),
    Column("started", Float, nullable=False),
    Column("size", Integer, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Column("heard", Float, nullable=False),
    Column("tally", JSON, nullable=False, server_default="{}"),
    Column("complete", Boolean, nullable=False),
    Column("sha256", Text),
    Column("holes", JSON, nullable=False),
    Column("torn", JSON, nullable=False),
    Column("conflict", Integer),
    Column("kept", Boolean, nullable=False, server_default=false()),
    Column("removed", Boolean, nullable=False, server_default=false()),
    Column("compacted", Boolean, nullable=False, server_default=false()),
    Index("runs_by_start", "started", "id"),
)

# `minted` links were made at the hub, for its owner's list or by the run's owner; the others are the publisher's.
# `created`, `expires` and `revoked` are Unix seconds.
links = Table(
    "links",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("minted", Boolean, nullable=False, server_default=false()),
    Column("label", Text, nullable=False, server_default=""),
    Column("created", Float, nullable=False, server_default="0"),
    Column("expires", Float),
    Column("revoked", Float),
)

# What opens the hub, beside the keys in its two files. `created`, `last_used` and `revoked` are Unix seconds.
keys = Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("last_used", Float),
    Column("revoked", Float),
)

# `data` is as it came: packed by `codec`; `size` and `sum` are of the unpacked bytes.
chunks = Table(
    "chunks",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("at", Integer, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("t", Float, nullable=False),
    Column("codec", Text, nullable=False),
    Column("sum", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("marks", Marks),
)

# `name` is the task's id or the metric's name: the last event of each is its state. `sum` is of `body` in UTF-8.
# A sum is the XXH3-64 in hex with the seed `at` or `seq`: what was moved to another place is damaged.
events = Table(
    "events",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("sum", Text, nullable=False),
    Index("events_by_name", "run", "kind", "name", "seq"),
)

Index("runs_to_compact", runs.c.id, sqlite_where=and_(runs.c.complete, not_(runs.c.compacted)))

# What index.py has found out of a run's output up to offset `at`; all of it can be computed again.
indexes = Table(
    "indexes",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("at", Integer, nullable=False),
    Column("state", JSON, nullable=False),
)

# Stretches of output, from `at` to the next one's; see index.Stretch.
stretches = Table(
    "stretches",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("at", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("t", Float, nullable=False),
    Column("drawn", Boolean, nullable=False),
    Column("style", Text, nullable=False),
    Column("modes", Text, nullable=False),
)
