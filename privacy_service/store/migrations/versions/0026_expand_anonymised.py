"""Expand: since when a record is anonymous."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("records", sa.Column("anonymised_at", sa.DateTime(timezone=True)))
