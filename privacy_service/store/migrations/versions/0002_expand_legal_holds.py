"""Expand: legal holds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("id", WORD, nullable=False),
        sa.Column("by_subject", sa.Boolean(), nullable=False),
        sa.Column("partner", WORD),
        sa.Column("contract_id", WORD),
        sa.Column("counterparties", DOCUMENT, nullable=False),
        sa.Column("record_query", sa.Text()),
        sa.Column("matter", WORD, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approver", WORD, nullable=False),
        sa.Column("review_on", WORD, nullable=False),
        sa.Column("use", WORD, nullable=False),
        sa.Column("placed_by", WORD, nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("lift_proposed_by", WORD),
        sa.Column("lift_proposed_at", INSTANT),
        sa.Column("lift_reason", sa.Text()),
        sa.Column("lifted_by", WORD),
        sa.Column("lifted_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_legal_holds"),
    )
    op.create_index("ix_legal_holds_lifted_at", "legal_holds", ["lifted_at"])
    op.create_table(
        "legal_hold_subjects",
        sa.Column("subject", WORD, nullable=False),
        sa.Column("hold_id", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["hold_id"],
            ["legal_holds.id"],
            name="fk_legal_hold_subjects_hold_id_legal_holds",
        ),
        sa.PrimaryKeyConstraint("subject", "hold_id", name="pk_legal_hold_subjects"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_legal_hold_subjects_hold_id", "legal_hold_subjects", ["hold_id"])
