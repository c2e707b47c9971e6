"""Expand: the consent ledger, and which of its records a disclosure rests on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "consent_terms",
        sa.Column("digest", WORD, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_consent_terms"),
    )
    op.create_table(
        "consents",
        sa.Column("partner", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("terms", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["terms"], ["consent_terms.digest"], name="fk_consents_terms_consent_terms"
        ),
        sa.PrimaryKeyConstraint("partner", "id", name="pk_consents"),
    )
    op.create_index("ix_consents_terms", "consents", ["terms"])
    op.create_table(
        "consent_subjects",
        sa.Column("partner", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("consent_id", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["partner", "consent_id"],
            ["consents.partner", "consents.id"],
            name="fk_consent_subjects_partner_consent_id_consents",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("partner", "subject", "consent_id", name="pk_consent_subjects"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_consent_subjects_partner_consent_id", "consent_subjects", ["partner", "consent_id"]
    )
    op.create_index("ix_consent_subjects_subject", "consent_subjects", ["subject"])
    op.create_table(
        "consent_events",
        sa.Column("partner", WORD, nullable=False),
        sa.Column("consent_id", WORD, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("expression", WORD, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("valid_for", WORD),
        sa.ForeignKeyConstraint(
            ["partner", "consent_id"],
            ["consents.partner", "consents.id"],
            name="fk_consent_events_partner_consent_id_consents",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("partner", "consent_id", "number", name="pk_consent_events"),
        sqlite_with_rowid=False,
    )
    op.add_column("disclosures", sa.Column("ledger_consents", DOCUMENT))
