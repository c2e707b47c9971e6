"""Expand: retention schedules and sweeps, and what they ask of a record."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.add_column("records", sa.Column("used_at", INSTANT))
    op.add_column("records", sa.Column("restricted_at", INSTANT))
    op.create_index("ix_records_keep_until", "records", ["keep_until"])
    op.create_table(
        "retention_schedules",
        sa.Column("id", WORD, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("put_at", INSTANT, nullable=False),
        sa.Column("put_by", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id", "number", name="pk_retention_schedules"),
    )
    op.create_table(
        "sweeps",
        sa.Column("id", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("go_on", sa.Boolean(), nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.Column("made_by", WORD, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("run_by", WORD, nullable=False),
        sa.Column("schedules", DOCUMENT, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("place", DOCUMENT, nullable=False),
        sa.Column("planned", DOCUMENT, nullable=False),
        sa.Column("done", DOCUMENT, nullable=False),
        sa.Column("items", WORD, nullable=False),
        sa.Column("begun_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("certificate", sa.Text()),
        sa.Column("certificate_position", COUNT),
        sa.PrimaryKeyConstraint("id", name="pk_sweeps"),
    )
    op.create_index("ix_sweeps_made_at", "sweeps", ["made_at"])
    op.create_index("ix_sweeps_state", "sweeps", ["state"])
    op.create_table(
        "sweep_times",
        sa.Column("name", WORD, nullable=False),
        sa.Column("cron", WORD, nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", WORD, nullable=False),
        sa.Column("begun_for", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sweep_times"),
    )
