"""Expand: notices leave in more ways: by e-mail in a language, to partners, to many people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
COUNTING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("notice_addresses", sa.Column("language", WORD))
    op.add_column("breach_notices", sa.Column("partner", WORD))
    op.create_index("ix_breach_notices_partner", "breach_notices", ["partner"])
    op.create_table(
        "mailings",
        sa.Column("notice_id", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("question", DOCUMENT, nullable=False),
        sa.Column("contacts", DOCUMENT, nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("people", COUNTING, nullable=False),
        sa.Column("place", WORD, nullable=False),
        sa.Column("walked", sa.Boolean(), nullable=False),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("begun_by", WORD, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["breach_notices.id"], name="fk_mailings_notice_id_breach_notices"
        ),
        sa.PrimaryKeyConstraint("notice_id", name="pk_mailings"),
    )
    op.create_index("ix_mailings_state_not_before", "mailings", ["state", "not_before"])
    op.create_table(
        "mailing_people",
        sa.Column("notice_id", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("reach", WORD, nullable=False),
        sa.Column("recipient", WORD),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["mailings.notice_id"], name="fk_mailing_people_notice_id_mailings"
        ),
        sa.PrimaryKeyConstraint("notice_id", "subject", name="pk_mailing_people"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_mailing_people_notice_id_recipient", "mailing_people", ["notice_id", "recipient"]
    )
    op.create_table(
        "mailing_letters",
        sa.Column("notice_id", WORD, nullable=False),
        sa.Column("recipient", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("said", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["mailings.notice_id"], name="fk_mailing_letters_notice_id_mailings"
        ),
        sa.PrimaryKeyConstraint("notice_id", "recipient", name="pk_mailing_letters"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_mailing_letters_notice_id_state", "mailing_letters", ["notice_id", "state"])
