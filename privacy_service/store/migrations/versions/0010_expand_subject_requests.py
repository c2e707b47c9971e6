"""Expand: subject requests, erasures, tombstones, notices; indexes by subject."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
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
        "notice_addresses",
        sa.Column("partner", WORD, nullable=False),
        sa.Column("channel", WORD, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("put_at", INSTANT, nullable=False),
        sa.Column("put_by", WORD, nullable=False),
        sa.PrimaryKeyConstraint("partner", name="pk_notice_addresses"),
    )
    op.create_table(
        "subject_requests",
        sa.Column("id", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("regime", WORD, nullable=False),
        sa.Column("place", WORD, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("opened_by", WORD, nullable=False),
        sa.Column("due_legal", INSTANT),
        sa.Column("due_conservative", INSTANT),
        sa.Column("due_first", INSTANT),
        sa.Column("due_rule", WORD, nullable=False),
        sa.Column("due_standing", WORD, nullable=False),
        sa.Column("due_digest", WORD, nullable=False),
        sa.Column("due_why", DOCUMENT, nullable=False),
        sa.Column("asked", DOCUMENT, nullable=False),
        sa.Column("extended", DOCUMENT),
        sa.Column("identity_level", WORD),
        sa.Column("evidence", WORD),
        sa.Column("reason", WORD),
        sa.Column("contracts", DOCUMENT, nullable=False),
        sa.Column("merged", sa.Integer(), nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_subject_requests"),
    )
    op.create_index("ix_subject_requests_state_id", "subject_requests", ["state", "id"])
    op.create_table(
        "tombstones",
        sa.Column("digest", WORD, nullable=False),
        sa.Column("partner", WORD, nullable=False),
        sa.Column("request_id", WORD, nullable=False),
        sa.Column("erased_at", INSTANT, nullable=False),
        sa.Column("keep_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", "partner", name="pk_tombstones"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tombstones_keep_until", "tombstones", ["keep_until"])
    op.create_table(
        "erasures",
        sa.Column("request_id", WORD, nullable=False),
        sa.Column("phase", WORD, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("cursor", DOCUMENT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT),
        sa.Column("deleted", DOCUMENT, nullable=False),
        sa.Column("kept", DOCUMENT, nullable=False),
        sa.Column("receipt", sa.Text()),
        sa.Column("receipt_position", COUNT),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["subject_requests.id"], name="fk_erasures_request_id_subject_requests"
        ),
        sa.PrimaryKeyConstraint("request_id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_phase_request_id", "erasures", ["phase", "request_id"])
    op.create_table(
        "notices",
        sa.Column("id", WORD, nullable=False),
        sa.Column("request_id", WORD, nullable=False),
        sa.Column("recipient", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("concerns", DOCUMENT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("channel", WORD, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("deadline", INSTANT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("confirmed_by", WORD),
        sa.Column("reason", WORD),
        sa.ForeignKeyConstraint(
            ["request_id"], ["subject_requests.id"], name="fk_notices_request_id_subject_requests"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_recipient_id", "notices", ["recipient", "id"])
    op.create_index(
        "ix_notices_request_id_recipient", "notices", ["request_id", "recipient"], unique=True
    )
    op.create_index("ix_notices_state_next_at", "notices", ["state", "next_at"])
    op.create_table(
        "subject_request_history",
        sa.Column("request_id", WORD, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("step", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["subject_requests.id"],
            name="fk_subject_request_history_request_id_subject_requests",
        ),
        sa.PrimaryKeyConstraint("request_id", "number", name="pk_subject_request_history"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subject_request_identifiers",
        sa.Column("request_id", WORD, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("partner", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["subject_requests.id"],
            name="fk_subject_request_identifiers_request_id_subject_requests",
        ),
        sa.PrimaryKeyConstraint(
            "request_id", "digest", "partner", name="pk_subject_request_identifiers"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_subject_request_identifiers_digest", "subject_request_identifiers", ["digest"]
    )
    op.create_index("ix_data_keys_subject_partner", "data_keys", ["subject", "partner"])
    op.create_index(
        "ix_record_subjects_subject_partner_record_id",
        "record_subjects",
        ["subject", "partner", "record_id"],
    )
    op.create_index("ix_replays_position", "replays", ["position"])
    op.create_index(
        "ix_tokens_nobodys",
        "tokens",
        ["sender", "recipient", "minted_at"],
        sqlite_where=sa.text("subject IS NULL"),
        postgresql_where=sa.text("subject IS NULL"),
    )
    op.create_index("ix_tokens_subject_token", "tokens", ["subject", "token"])
