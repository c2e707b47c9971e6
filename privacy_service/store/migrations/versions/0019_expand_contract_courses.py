"""Expand: how contracts stand, and what was done with them. What was put is their first steps."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "contract_courses",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("suspended_at", INSTANT),
        sa.Column("suspended_by", WORD),
        sa.Column("suspend_reason", sa.Text),
        sa.PrimaryKeyConstraint("contract_id", name="pk_contract_courses"),
    )
    op.create_table(
        "contract_steps",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "number", name="pk_contract_steps"),
        sqlite_with_rowid=False,
    )
    for versions in ("contract_versions", "behavior_versions"):
        op.execute(
            "INSERT INTO contract_steps (contract_id, number, kind, at, by, version, reason)"  # noqa: S608
            f" SELECT contract_id, number - 1, 'put', put_at, put_by, number, '' FROM {versions}"
        )
