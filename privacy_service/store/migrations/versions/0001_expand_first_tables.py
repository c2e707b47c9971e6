"""Expand: the first tables.

There is no way back from a migration but a backup: dropping a column loses evidence.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
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
        "audit_entries",
        sa.Column("position", COUNT, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("action", WORD, nullable=False),
        sa.Column("partner", WORD),
        sa.Column("counterparty", WORD),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_action_position", "audit_entries", ["action", "position"])
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])
    op.create_index(
        "ix_audit_entries_counterparty_position", "audit_entries", ["counterparty", "position"]
    )
    op.create_index("ix_audit_entries_partner_position", "audit_entries", ["partner", "position"])

    op.create_table(
        "audit_log",
        sa.Column("origin", WORD, nullable=False),
        sa.Column("size", COUNT, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_audit_log"),
    )
    op.create_table(
        "audit_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", COUNT, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name="pk_audit_nodes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contract_book",
        sa.Column("name", WORD, nullable=False),
        sa.Column("generation", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_contract_book"),
    )
    op.create_table(
        "contracts",
        sa.Column("id", WORD, nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("party", WORD, nullable=False),
        sa.Column("counterparty", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contracts"),
    )
    op.create_index("ix_contracts_counterparty", "contracts", ["counterparty"])
    op.create_index("ix_contracts_party", "contracts", ["party"])

    op.create_table(
        "data_keys",
        sa.Column("partner", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("id", WORD),
        sa.Column("wrapping_key", WORD),
        sa.Column("wrapped", sa.LargeBinary()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("shredded_at", INSTANT),
        sa.CheckConstraint(
            "(shredded_at IS NULL AND id IS NOT NULL AND wrapping_key IS NOT NULL"
            " AND wrapped IS NOT NULL)"
            " OR (shredded_at IS NOT NULL AND wrapping_key IS NULL AND wrapped IS NULL)",
            name=op.f("ck_data_keys_live_or_shredded"),
        ),
        sa.PrimaryKeyConstraint("partner", "subject", name="pk_data_keys"),
        sa.UniqueConstraint("id", name="uq_data_keys_id"),
    )
    op.create_index("ix_data_keys_wrapping_key_id", "data_keys", ["wrapping_key", "id"])

    op.create_table(
        "quota_uses",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("period_start", INSTANT, nullable=False),
        sa.Column("used", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "period_start", name="pk_quota_uses"),
    )
    op.create_table(
        "records",
        sa.Column("partner", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("content_type", WORD, nullable=False),
        sa.Column("size", COUNT, nullable=False),
        sa.Column("data_keys", DOCUMENT, nullable=False),
        sa.Column("subjects", DOCUMENT, nullable=False),
        sa.Column("contracts", DOCUMENT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("keep_until", INSTANT),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "id", name="pk_records"),
    )
    op.create_table(
        "replays",
        sa.Column("partner", WORD, nullable=False),
        sa.Column("request_id", WORD, nullable=False),
        sa.Column("request_digest", WORD, nullable=False),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=False),
        sa.Column("position", COUNT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("partner", "request_id", name="pk_replays"),
    )
    op.create_index("ix_replays_expires_at", "replays", ["expires_at"])

    op.create_table(
        "tokens",
        sa.Column("token", WORD, nullable=False),
        sa.Column("sender", WORD, nullable=False),
        sa.Column("recipient", WORD, nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("entity", WORD, nullable=False),
        sa.Column("subject", WORD),
        sa.Column("data_key", WORD, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("minted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_tokens"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contract_versions",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("party", WORD, nullable=False),
        sa.Column("counterparty", WORD, nullable=False),
        sa.Column("direction", WORD, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("effective_from", INSTANT, nullable=False),
        sa.Column("effective_until", INSTANT),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("put_at", INSTANT, nullable=False),
        sa.Column("put_by", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name="fk_contract_versions_contract_id_contracts"
        ),
        sa.PrimaryKeyConstraint("contract_id", "number", name="pk_contract_versions"),
    )
    op.create_table(
        "disclosures",
        sa.Column("position", COUNT, autoincrement=False, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("sender", WORD, nullable=False),
        sa.Column("recipient", WORD, nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("contracts", DOCUMENT, nullable=False),
        sa.Column("subjects", DOCUMENT, nullable=False),
        sa.Column("categories", DOCUMENT, nullable=False),
        sa.Column("consent", WORD),
        sa.Column("record", WORD),
        sa.Column("recipient_keeps_until", INSTANT),
        sa.ForeignKeyConstraint(
            ["position"], ["audit_entries.position"], name="fk_disclosures_position_audit_entries"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_disclosures"),
        sa.UniqueConstraint("id", name="uq_disclosures_id"),
    )
    op.create_index("ix_disclosures_at", "disclosures", ["at"])
    op.create_index("ix_disclosures_recipient_position", "disclosures", ["recipient", "position"])
    op.create_index("ix_disclosures_sender_position", "disclosures", ["sender", "position"])

    op.create_table(
        "record_subjects",
        sa.Column("partner", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("record_id", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["partner", "record_id"],
            ["records.partner", "records.id"],
            name="fk_record_subjects_partner_record_id_records",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("partner", "subject", "record_id", name="pk_record_subjects"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_record_subjects_partner_record_id", "record_subjects", ["partner", "record_id"]
    )

    op.create_table(
        "disclosure_contracts",
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", COUNT, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["position"],
            ["disclosures.position"],
            name="fk_disclosure_contracts_position_disclosures",
        ),
        sa.PrimaryKeyConstraint(
            "contract_id", "number", "position", name="pk_disclosure_contracts"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "disclosure_subjects",
        sa.Column("subject", WORD, nullable=False),
        sa.Column("position", COUNT, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["position"],
            ["disclosures.position"],
            name="fk_disclosure_subjects_position_disclosures",
        ),
        sa.PrimaryKeyConstraint("subject", "position", name="pk_disclosure_subjects"),
        sqlite_with_rowid=False,
    )
