"""Expand: allowances: how much callers have used of what they may reveal."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "allowances",
        sa.Column("name", WORD, nullable=False),
        sa.Column("paid_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_allowances"),
    )
    op.create_index("ix_allowances_paid_at", "allowances", ["paid_at"])
