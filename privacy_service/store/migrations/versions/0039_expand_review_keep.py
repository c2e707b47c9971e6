"""Expand: behavior contracts say how long what was approved is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reviews", sa.Column("forget_at", sa.DateTime(timezone=True)))
