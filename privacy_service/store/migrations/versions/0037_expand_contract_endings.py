"""Expand: contracts at their end, what was deleted for it, and the receipt once nothing is left."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COUNTING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "contract_endings",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("tokens", COUNTING, nullable=False),
        sa.Column("receipt", sa.Text),
        sa.Column("receipt_position", COUNTING),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("contract_id", name="pk_contract_endings"),
    )
    # Those that were retired before there was this table.
    op.execute(
        "INSERT INTO contract_endings (contract_id, began_at, tokens) "
        "SELECT contract_id, retired_at, 0 FROM contract_courses WHERE retired_at IS NOT NULL"
    )
