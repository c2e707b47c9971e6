"""Expand: releases of a period, a partner or a contract are looked at again by a job."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
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
        "reinspections",
        sa.Column("id", WORD, nullable=False),
        sa.Column("query", DOCUMENT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("total", COUNTING, nullable=False),
        sa.Column("place", COUNTING, nullable=False),
        sa.Column("until", COUNTING, nullable=False),
        sa.Column("looked", COUNTING, nullable=False),
        sa.Column("wrong", COUNTING, nullable=False),
        sa.Column("skipped", DOCUMENT, nullable=False),
        sa.Column("found", DOCUMENT, nullable=False),
        sa.Column("breaches", DOCUMENT, nullable=False),
        sa.Column("begun_by", WORD, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_reinspections"),
    )
    op.create_index("ix_reinspections_state", "reinspections", ["state"])
