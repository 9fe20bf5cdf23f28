"""What is counted of a run's events and how it speaks, and runs in the order in which they started."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("runs", sa.Column("tally", sa.JSON, nullable=False, server_default="{}"))
    op.create_index("runs_by_start", "runs", ["started", "id"])
