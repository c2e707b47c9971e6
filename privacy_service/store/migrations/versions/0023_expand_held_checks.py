"""Expand: prompts and outputs that wait for a person, beside payloads."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("reviews", sa.Column("kind", WORD, nullable=False, server_default="transfer"))
    op.add_column("reviews", sa.Column("party", WORD))
    op.add_column("reviews", sa.Column("priority", sa.Integer, nullable=False, server_default="1"))
    op.add_column("reviews", sa.Column("due_at", INSTANT))
    op.add_column("reviews", sa.Column("reason_code", WORD))
    op.create_index("ix_reviews_party", "reviews", ["party"])
