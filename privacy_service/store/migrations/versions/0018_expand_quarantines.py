"""Expand: quarantines: partners between which and any other nothing passes."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "quarantines",
        sa.Column("id", WORD, nullable=False),
        sa.Column("partner", WORD, nullable=False),
        sa.Column("stopped", WORD, nullable=False),
        sa.Column("breach_id", WORD),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("placed_by", WORD, nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("lift_proposed_by", WORD),
        sa.Column("lift_proposed_at", INSTANT),
        sa.Column("lift_reason", sa.Text),
        sa.Column("lifted_by", WORD),
        sa.Column("lifted_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["breaches.id"], name="fk_quarantines_breach_id_breaches"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quarantines"),
    )
    op.create_index("ix_quarantines_lifted_at", "quarantines", ["lifted_at"])
