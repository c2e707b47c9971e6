"""Expand: deletions, until the tombstone journal has them.

What was shredded before this release is put down as well: a journal that begins now has it all.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "tombstones_unwritten",
        sa.Column("kind", WORD, nullable=False),
        sa.Column("partner", WORD, nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "partner", "word", name="pk_tombstones_unwritten"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tombstones_unwritten_at", "tombstones_unwritten", ["at"])
    op.create_table(
        "tombstone_journal",
        sa.Column("origin", WORD, nullable=False),
        sa.Column("number", COUNT, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_tombstone_journal"),
    )
    op.execute(
        "INSERT INTO tombstones_unwritten (kind, partner, word, at)"
        " SELECT 'key', partner, subject, shredded_at FROM data_keys"
        " WHERE shredded_at IS NOT NULL"
    )
