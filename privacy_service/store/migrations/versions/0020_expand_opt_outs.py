"""Expand: people who have opted out by a signal; recipients are told of an end as well."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "opt_outs",
        sa.Column("subject", WORD, nullable=False),
        sa.Column("partner", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("subject", "partner", name="pk_opt_outs"),
        sqlite_with_rowid=False,
    )
    # A request may have one notice of each kind for a recipient: what was stricter is let go.
    columns = ["request_id", "recipient", "kind"]
    op.create_index("ix_notices_request_id_recipient_kind", "notices", columns, unique=True)
    op.drop_index("ix_notices_request_id_recipient", "notices")
