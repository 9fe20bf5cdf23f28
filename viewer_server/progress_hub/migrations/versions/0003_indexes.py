"""Where lines and stretches of a run's output begin, and when; runs from before are indexed when someone reads them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "indexes",
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
    )
    op.create_table(
        "stretches",
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("at", sa.Integer, primary_key=True),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("t", sa.Float, nullable=False),
        sa.Column("drawn", sa.Boolean, nullable=False),
        sa.Column("style", sa.Text, nullable=False),
        sa.Column("modes", sa.Text, nullable=False),
    )
