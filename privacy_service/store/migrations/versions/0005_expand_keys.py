"""Expand: keys with a provider: wrapped secrets, uses of key-encryption keys, keys by wrapping."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_index(
        "ix_data_keys_partner_wrapping_key_id", "data_keys", ["partner", "wrapping_key", "id"]
    )
    op.create_table(
        "key_uses",
        sa.Column("wrapping_key", WORD, nullable=False),
        sa.Column("uses", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("wrapping_key", name="pk_key_uses"),
    )
    op.create_table(
        "wrapped_secrets",
        sa.Column("name", WORD, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapping_key", WORD, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name="pk_wrapped_secrets"),
    )
