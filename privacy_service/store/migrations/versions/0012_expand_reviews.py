"""Expand: payloads that wait for a person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", WORD, nullable=False),
        sa.Column("sender", WORD, nullable=False),
        sa.Column("recipient", WORD, nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("content_type", WORD, nullable=False),
        sa.Column("contracts", DOCUMENT, nullable=False),
        sa.Column("reasons", DOCUMENT, nullable=False),
        sa.Column("seen", WORD, nullable=False),
        sa.Column("held_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("four_eyes", sa.Boolean(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("assigned_to", WORD),
        sa.Column("approvals", DOCUMENT, nullable=False),
        sa.Column("decided_by", WORD),
        sa.Column("decided_at", INSTANT),
        sa.Column("note", sa.Text()),
        sa.Column("position", COUNT),
        sa.Column("subjects", DOCUMENT, nullable=False),
        sa.Column("data_keys", DOCUMENT, nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
    )
    op.create_index("ix_reviews_sender", "reviews", ["sender"])
    op.create_index("ix_reviews_recipient", "reviews", ["recipient"])
    op.create_index("ix_reviews_state_expires_at", "reviews", ["state", "expires_at"])
    op.create_table(
        "review_subjects",
        sa.Column("subject", WORD, nullable=False),
        sa.Column("review_id", WORD, nullable=False),
        sa.PrimaryKeyConstraint("subject", "review_id", name="pk_review_subjects"),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["reviews.id"],
            name="fk_review_subjects_review_id_reviews",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_review_subjects_review_id", "review_subjects", ["review_id"])
