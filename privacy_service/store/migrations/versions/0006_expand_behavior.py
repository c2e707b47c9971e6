"""Expand: behavior contracts, and what was judged by them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "behavior_contracts",
        sa.Column("id", WORD, nullable=False),
        sa.Column("newest", sa.Integer, nullable=False),
        sa.Column("party", WORD, nullable=False),
        sa.Column("provider", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_behavior_contracts"),
    )
    op.create_index("ix_behavior_contracts_provider", "behavior_contracts", ["provider"])
    op.create_index(
        "ix_behavior_contracts_party_provider", "behavior_contracts", ["party", "provider"]
    )
    op.create_table(
        "behavior_versions",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("party", WORD, nullable=False),
        sa.Column("provider", WORD, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("put_at", INSTANT, nullable=False),
        sa.Column("put_by", WORD, nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "number", name="pk_behavior_versions"),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["behavior_contracts.id"],
            name="fk_behavior_versions_contract_id_behavior_contracts",
        ),
    )
    op.create_table(
        "behavior_checks",
        sa.Column("position", COUNT, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("party", WORD, nullable=False),
        sa.Column("provider", WORD, nullable=False),
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("side", WORD, nullable=False),
        sa.Column("use_case", WORD),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("broken", DOCUMENT, nullable=False),
        sa.Column("failures", DOCUMENT, nullable=False),
        sa.Column("confidence", sa.Float),
        sa.Column("latency_ms", COUNT),
        sa.Column("words", COUNT, nullable=False),
        sa.Column("treated", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_behavior_checks"),
        sa.ForeignKeyConstraint(
            ["position"],
            ["audit_entries.position"],
            name="fk_behavior_checks_position_audit_entries",
        ),
    )
    op.create_index("ix_behavior_checks_contract_id_at", "behavior_checks", ["contract_id", "at"])
