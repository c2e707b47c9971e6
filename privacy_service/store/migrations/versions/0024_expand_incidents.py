"""Expand: entries are found by outcome; what the service noticed by itself.

The column is filled for the entries that are there; one that an older replica appends meanwhile has
none, and is looked at.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# An entry that someone has damaged may be no JSON: it stays without an outcome.
READ = {
    "sqlite": """
        UPDATE audit_entries
        SET outcome = coalesce(json_extract(CAST(leaf AS TEXT), '$.outcome'), '')
        WHERE json_valid(CAST(leaf AS TEXT))
        """,
    "postgresql": """
        UPDATE audit_entries
        SET outcome = coalesce(convert_from(leaf, 'UTF8')::jsonb ->> 'outcome', '')
        WHERE encode(leaf, 'escape') LIKE '{%}'
        """,
}


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("outcome", WORD))
    op.execute(READ[op.get_bind().dialect.name])
    op.create_index("ix_audit_entries_outcome_position", "audit_entries", ["outcome", "position"])
    op.create_table(
        "incidents",
        sa.Column("cause", WORD, nullable=False),
        sa.Column("about", WORD, nullable=False),
        sa.Column("breach_id", WORD, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("waits", DOCUMENT),
        sa.Column("told_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["breaches.id"], name="fk_incidents_breach_id_breaches"
        ),
        sa.PrimaryKeyConstraint("cause", "about", name="pk_incidents"),
    )
    op.create_table(
        "watch_places",
        sa.Column("name", WORD, nullable=False),
        sa.Column("position", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_watch_places"),
    )
    op.create_table(
        "volume_hours",
        sa.Column("measure", WORD, nullable=False),
        sa.Column("about", WORD, nullable=False),
        sa.Column("hour", INSTANT, nullable=False),
        sa.Column("count", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("measure", "about", "hour", name="pk_volume_hours"),
        sqlite_with_rowid=False,
    )
