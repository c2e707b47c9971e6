"""Expand: until when a person has to hear that a request has come."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subject_requests", sa.Column("acknowledge_by", sa.DateTime(timezone=True)))
