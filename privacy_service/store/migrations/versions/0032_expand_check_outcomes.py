"""Expand: what is said of checks afterwards, which failure modes fired when, samples judged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
FIRED = sa.text("CAST(failures AS TEXT) != '[]'")


def upgrade() -> None:
    op.add_column("behavior_checks", sa.Column("check_id", WORD))
    op.create_index("ix_behavior_checks_party_check_id", "behavior_checks", ["party", "check_id"])
    op.create_index(
        "ix_behavior_checks_fired",
        "behavior_checks",
        ["contract_id", "at"],
        sqlite_where=FIRED,
        postgresql_where=FIRED,
    )
    op.create_table(
        "check_outcomes",
        sa.Column("id", WORD, nullable=False),
        sa.Column("position", COUNT, nullable=False),
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("broken", DOCUMENT, nullable=False),
        sa.Column("failure", WORD),
        sa.Column("reported_by", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_check_outcomes"),
        sa.ForeignKeyConstraint(
            ["position"],
            ["behavior_checks.position"],
            name="fk_check_outcomes_position_behavior_checks",
        ),
    )
    op.create_index("ix_check_outcomes_position", "check_outcomes", ["position"])
    op.create_index("ix_check_outcomes_contract_id_at", "check_outcomes", ["contract_id", "at"])
    op.create_table(
        "sample_judgements",
        sa.Column("review_id", WORD, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("label", WORD, nullable=False),
        sa.PrimaryKeyConstraint("review_id", "by", name="pk_sample_judgements"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name="fk_sample_judgements_review_id_reviews"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_sample_judgements_contract_id_at", "sample_judgements", ["contract_id", "at"]
    )
