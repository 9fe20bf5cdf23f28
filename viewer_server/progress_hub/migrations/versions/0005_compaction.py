"""Which runs have had their small chunks put together; those from before are, once they are complete."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("runs", sa.Column("compacted", sa.Boolean, nullable=False, server_default=sa.false()))
    complete = sa.text("complete AND NOT compacted")
    op.create_index("runs_to_compact", "runs", ["id"], sqlite_where=complete)
