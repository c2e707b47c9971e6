"""Expand: notices about breaches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "breach_notices",
        sa.Column("id", WORD, nullable=False),
        sa.Column("breach_id", WORD, nullable=False),
        sa.Column("rule", WORD, nullable=False),
        sa.Column("place", WORD, nullable=False),
        sa.Column("phase", WORD, nullable=False),
        sa.Column("language", WORD, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("missing", DOCUMENT, nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("drafted_by", WORD, nullable=False),
        sa.Column("drafted_at", INSTANT, nullable=False),
        sa.Column("approved_by", WORD),
        sa.Column("approved_at", INSTANT),
        sa.Column("approved_digest", WORD),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", INSTANT),
        sa.Column("sent_at", INSTANT),
        sa.Column("reference", WORD, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["breaches.id"], name="fk_breach_notices_breach_id_breaches"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_breach_notices"),
    )
    op.create_index("ix_breach_notices_breach_id", "breach_notices", ["breach_id"])
    op.create_index("ix_breach_notices_state_not_before", "breach_notices", ["state", "not_before"])
