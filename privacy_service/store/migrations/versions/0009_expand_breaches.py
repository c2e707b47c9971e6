"""Expand: breaches and what is said of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "breaches",
        sa.Column("id", WORD, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("opened_by", WORD, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_breaches"),
    )
    op.create_table(
        "breach_entries",
        sa.Column("breach_id", WORD, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("statement", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["breaches.id"], name="fk_breach_entries_breach_id_breaches"
        ),
        sa.PrimaryKeyConstraint("breach_id", "number", name="pk_breach_entries"),
    )
