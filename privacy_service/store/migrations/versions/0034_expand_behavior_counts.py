"""Expand: counts of checks by minute and hour, and up to where checks are counted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
COUNTING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "behavior_counts",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("begins_at", INSTANT, nullable=False),
        sa.Column("spans", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("use_case", WORD, nullable=False),
        sa.Column("side", WORD, nullable=False),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint(
            "contract_id", "begins_at", "spans", "number", "use_case", "side",
            name="pk_behavior_counts",
        ),
    )  # fmt: skip
    op.create_index("ix_behavior_counts_begins_at", "behavior_counts", ["begins_at"])
    op.create_table(
        "behavior_counted",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("position", COUNTING, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_behavior_counted"),
    )
