"""Expand: trainings that reviewers acknowledged, and reviews that were escalated."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("reviews", sa.Column("escalated", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "acknowledgements",
        sa.Column("person", WORD, nullable=False),
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("training", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("person", "contract_id", "training", name="pk_acknowledgements"),
        sqlite_with_rowid=False,
    )
