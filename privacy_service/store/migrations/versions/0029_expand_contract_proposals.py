"""Expand: versions that are proposed, planned or tried on a share, and what is gone back to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    for name, kind in (
        ("back_to", sa.Integer),
        ("planned_number", sa.Integer),
        ("planned_at", INSTANT),
        ("planned_by", WORD),
        ("canary_number", sa.Integer),
        ("canary_share", sa.Integer),
        ("as_of", INSTANT),
    ):
        op.add_column("contract_courses", sa.Column(name, kind))
    op.create_index("ix_contract_courses_planned_at", "contract_courses", ["planned_at"])
    op.create_table(
        "contract_proposals",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("party", WORD, nullable=False),
        sa.Column("other", WORD, nullable=False),
        sa.Column("authors", DOCUMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("changes", DOCUMENT, nullable=False),
        sa.Column("governance", DOCUMENT, nullable=False),
        sa.Column("draft", sa.Boolean, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("trials", DOCUMENT, nullable=False),
        sa.Column("approvals", DOCUMENT, nullable=False),
        sa.Column("rejected_by", WORD),
        sa.Column("activated_at", INSTANT),
        sa.PrimaryKeyConstraint("contract_id", "number", name="pk_contract_proposals"),
    )
