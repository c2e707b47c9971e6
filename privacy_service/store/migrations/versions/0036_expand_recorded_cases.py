"""Expand: reviews whose content is kept as recorded cases, and what candidates make of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "recorded_cases",
        sa.Column("review_id", WORD, nullable=False),
        sa.Column("pinned_at", INSTANT, nullable=False),
        sa.Column("pinned_by", WORD, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("keep_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("review_id", name="pk_recorded_cases"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name="fk_recorded_cases_review_id_reviews"
        ),
    )
    op.create_index("ix_recorded_cases_keep_until", "recorded_cases", ["keep_until"])
    op.add_column("contract_proposals", sa.Column("regression", DOCUMENT))
