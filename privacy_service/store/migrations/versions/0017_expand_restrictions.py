"""Expand: restrictions and objections: holds that belong to a request, and what is objected to."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("subject_requests", sa.Column("purpose", WORD))
    op.create_index("ix_subject_requests_kind_state", "subject_requests", ["kind", "state"])
    op.add_column("legal_holds", sa.Column("request_id", WORD))
    op.create_index("ix_legal_holds_request_id", "legal_holds", ["request_id"])
