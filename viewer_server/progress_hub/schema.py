"""The tables of the store; migrations/ creates them, and a test holds the two equal."""

from __future__ import annotations

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
    false,
)

metadata = MetaData()

# `tally` is what only reading all of a run's events could tell again, see Run.position: counts, and how it speaks.
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
    Index("runs_by_start", "started", "id"),
)

# `minted` links were made by the hub, for its owner's list; the others are the publisher's.
links = Table(
    "links",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("minted", Boolean, nullable=False, server_default=false()),
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
    Column("marks", Text),
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
