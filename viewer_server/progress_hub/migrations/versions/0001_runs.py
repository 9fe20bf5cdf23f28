"""Runs, their links, output and events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("meta", sa.JSON, nullable=False),
        sa.Column("started", sa.Float, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("heard", sa.Float, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("sha256", sa.Text),
        sa.Column("holes", sa.JSON, nullable=False),
        sa.Column("torn", sa.JSON, nullable=False),
        sa.Column("conflict", sa.Integer),
    )
    op.create_table(
        "links",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), nullable=False, index=True),
        sa.Column("role", sa.Text, nullable=False),
    )
    op.create_table(
        "chunks",
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("at", sa.Integer, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("t", sa.Float, nullable=False),
        sa.Column("codec", sa.Text, nullable=False),
        sa.Column("sum", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("marks", sa.Text),
    )
    op.create_table(
        "events",
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sum", sa.Text, nullable=False),
    )
    op.create_index("events_by_name", "events", ["run", "kind", "name", "seq"])
