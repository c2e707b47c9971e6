"""Expand: versions that judge beside the one in force, and what they saw."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
COUNTING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SHADOW = ["contract_shadows.contract_id", "contract_shadows.round"]


def upgrade() -> None:
    op.create_table(
        "contract_shadows",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("round", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("share", sa.Integer, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("started_by", WORD, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_by", WORD),
        sa.PrimaryKeyConstraint("contract_id", "round", name="pk_contract_shadows"),
    )
    op.create_index("ix_contract_shadows_until", "contract_shadows", ["until"])
    op.create_table(
        "shadow_counts",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("round", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("what", WORD, nullable=False),
        sa.Column("active", WORD, nullable=False),
        sa.Column("candidate", WORD, nullable=False),
        sa.Column("seen", COUNTING, nullable=False),
        sa.PrimaryKeyConstraint(
            "contract_id", "round", "kind", "what", "active", "candidate", name="pk_shadow_counts"
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "round"],
            SHADOW,
            name="fk_shadow_counts_contract_id_round_contract_shadows",
        ),
    )
    op.create_table(
        "shadow_differences",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("round", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("position", COUNTING, autoincrement=False, nullable=False),
        sa.Column("reference", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("active", WORD, nullable=False),
        sa.Column("candidate", WORD, nullable=False),
        sa.Column("differs", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "round", "position", name="pk_shadow_differences"),
        sa.ForeignKeyConstraint(
            ["contract_id", "round"],
            SHADOW,
            name="fk_shadow_differences_contract_id_round_contract_shadows",
        ),
    )
