"""Expand: the secret of a partner's signed calls can be made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice_addresses", sa.Column("secret_number", sa.Integer))
