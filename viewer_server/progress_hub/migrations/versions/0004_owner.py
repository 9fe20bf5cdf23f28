"""What the hub's owner wants of runs, and the links that the hub makes for its owner."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for table, column in (("runs", "kept"), ("runs", "removed"), ("links", "minted")):
        op.add_column(table, sa.Column(column, sa.Boolean, nullable=False, server_default=sa.false()))
