"""Links with a label and an end, and the keys that the hub's owner adds."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("links", sa.Column("label", sa.Text, nullable=False, server_default=""))
    op.add_column("links", sa.Column("created", sa.Float, nullable=False, server_default="0"))
    op.add_column("links", sa.Column("expires", sa.Float))
    op.add_column("links", sa.Column("revoked", sa.Float))
    op.execute(
        "UPDATE links SET label = CASE minted WHEN 1 THEN 'list' ELSE role END, "
        "created = (SELECT started FROM runs WHERE runs.id = links.run)"
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("last_used", sa.Float),
        sa.Column("revoked", sa.Float),
    )
