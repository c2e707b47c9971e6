"""Expand: when recipients must have deleted what they were given; notices without a request."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "recipient_ends",
        sa.Column("position", COUNT, autoincrement=False, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("notice_id", WORD),
        sa.ForeignKeyConstraint(
            ["position"],
            ["disclosures.position"],
            name="fk_recipient_ends_position_disclosures",
        ),
        sa.PrimaryKeyConstraint("position", name="pk_recipient_ends"),
    )
    op.create_index("ix_recipient_ends_notice_id_due_at", "recipient_ends", ["notice_id", "due_at"])
    op.execute(
        "INSERT INTO recipient_ends (position, due_at)"
        " SELECT position, recipient_keeps_until FROM disclosures"
        " WHERE recipient_keeps_until IS NOT NULL"
    )
    with op.batch_alter_table("notices") as batch:
        batch.alter_column("request_id", existing_type=WORD, nullable=True)
