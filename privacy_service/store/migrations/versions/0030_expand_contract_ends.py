"""Expand: contracts that are looked at again, and at their end; what a change would have done."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    for name, kind in (
        ("certified_at", INSTANT),
        ("retired_at", INSTANT),
        ("retired_by", WORD),
        ("retire_reason", sa.Text),
    ):
        op.add_column("contract_courses", sa.Column(name, kind))
    op.add_column("contract_proposals", sa.Column("impact", DOCUMENT))
