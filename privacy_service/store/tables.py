"""Every table. docs/data-model.md says what each row means and who moves it.

Changing a table here needs a migration: a test compares the two on both databases.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

from privacy_service.store.columns import Instant, counting, document, word

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# -- The audit log ----------------------------------------------------------------------------

audit_log = Table(
    "audit_log",
    metadata,
    Column("origin", word(), primary_key=True),
    Column("size", counting(), nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("position", counting(), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False, index=True),
    Column("action", word(), nullable=False),
    Column("partner", word()),
    Column("counterparty", word()),
    Column("leaf", LargeBinary, nullable=False),
    Column("digest", LargeBinary),
    Column("resource", word()),
    Column("outcome", word()),
    Index(None, "action", "position"),
    Index(None, "partner", "position"),
    Index(None, "counterparty", "position"),
    Index(None, "resource", "position"),
    Index(None, "outcome", "position"),
)

audit_subjects = Table(
    "audit_subjects",
    metadata,
    Column("subject", word(), primary_key=True),
    Column(
        "position", counting(), ForeignKey("audit_entries.position"), primary_key=True,
        autoincrement=False,
    ),
    sqlite_with_rowid=False,
)  # fmt: skip

audit_nodes = Table(
    "audit_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", counting(), primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# -- Sharing contracts ------------------------------------------------------------------------

contract_book = Table(
    "contract_book",
    metadata,
    Column("name", word(), primary_key=True),
    Column("generation", counting(), nullable=False),
)

contracts = Table(
    "contracts",
    metadata,
    Column("id", word(), primary_key=True),
    Column("newest", Integer, nullable=False),
    Column("party", word(), nullable=False, index=True),
    Column("counterparty", word(), nullable=False, index=True),
)

contract_versions = Table(
    "contract_versions",
    metadata,
    Column("contract_id", word(), ForeignKey("contracts.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", word(), nullable=False),
    Column("party", word(), nullable=False),
    Column("counterparty", word(), nullable=False),
    Column("direction", word(), nullable=False),
    Column("status", word(), nullable=False),
    Column("effective_from", Instant, nullable=False),
    Column("effective_until", Instant),
    Column("source", Text, nullable=False),
    Column("put_at", Instant, nullable=False),
    Column("put_by", word(), nullable=False),
)

# How contracts of both kinds stand: an id belongs to one of them.

contract_courses = Table(
    "contract_courses",
    metadata,
    Column("contract_id", word(), primary_key=True),
    Column("suspended_at", Instant),
    Column("suspended_by", word()),
    Column("suspend_reason", Text),
    Column("back_to", Integer),
    Column("planned_number", Integer),
    Column("planned_at", Instant, index=True),
    Column("planned_by", word()),
    Column("canary_number", Integer),
    Column("canary_share", Integer),
    Column("as_of", Instant),
    Column("certified_at", Instant),
    Column("retired_at", Instant),
    Column("retired_by", word()),
    Column("retire_reason", Text),
)

contract_steps = Table(
    "contract_steps",
    metadata,
    Column("contract_id", word(), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", word(), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", word(), nullable=False),
    Column("version", Integer),
    Column("reason", Text, nullable=False),
    sqlite_with_rowid=False,
)

contract_proposals = Table(
    "contract_proposals",
    metadata,
    Column("contract_id", word(), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", word(), nullable=False),
    Column("party", word(), nullable=False),
    Column("other", word(), nullable=False),
    Column("authors", document(), nullable=False),
    Column("reason", Text, nullable=False),
    Column("base", Integer, nullable=False),
    Column("changes", document(), nullable=False),
    Column("governance", document(), nullable=False),
    Column("draft", Boolean, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("trials", document(), nullable=False),
    Column("approvals", document(), nullable=False),
    Column("rejected_by", word()),
    Column("activated_at", Instant),
    Column("impact", document()),
    Column("regression", document()),
)

contract_endings = Table(
    "contract_endings",
    metadata,
    Column("contract_id", word(), primary_key=True),
    Column("began_at", Instant, nullable=False),
    Column("tokens", counting(), nullable=False),
    Column("receipt", Text),
    Column("receipt_position", counting()),
    Column("ended_at", Instant),
)

contract_shadows = Table(
    "contract_shadows",
    metadata,
    Column("contract_id", word(), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("share", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("started_by", word(), nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Instant, nullable=False, index=True),
    Column("ended_at", Instant),
    Column("ended_by", word()),
)

shadow_counts = Table(
    "shadow_counts",
    metadata,
    Column("contract_id", word(), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("kind", word(), primary_key=True),
    Column("what", word(), primary_key=True),
    Column("active", word(), primary_key=True),
    Column("candidate", word(), primary_key=True),
    Column("seen", counting(), nullable=False),
    ForeignKeyConstraint(
        ["contract_id", "round"], ["contract_shadows.contract_id", "contract_shadows.round"]
    ),
)

shadow_differences = Table(
    "shadow_differences",
    metadata,
    Column("contract_id", word(), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("position", counting(), primary_key=True, autoincrement=False),
    Column("reference", word(), nullable=False),
    Column("at", Instant, nullable=False),
    Column("number", Integer, nullable=False),
    Column("active", word(), nullable=False),
    Column("candidate", word(), nullable=False),
    Column("differs", document(), nullable=False),
    ForeignKeyConstraint(
        ["contract_id", "round"], ["contract_shadows.contract_id", "contract_shadows.round"]
    ),
)

quota_uses = Table(
    "quota_uses",
    metadata,
    Column("contract_id", word(), primary_key=True),
    Column("period_start", Instant, primary_key=True),
    Column("used", counting(), nullable=False),
)

# -- Sealed records and what opens them -------------------------------------------------------

data_keys = Table(
    "data_keys",
    metadata,
    Column("partner", word(), primary_key=True),
    Column("subject", word(), primary_key=True),
    Column("id", word(), unique=True),
    Column("wrapping_key", word()),
    Column("wrapped", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("shredded_at", Instant),
    # A live key has all three, a shredded one keeps only its id.
    CheckConstraint(
        "(shredded_at IS NULL AND id IS NOT NULL AND wrapping_key IS NOT NULL"
        " AND wrapped IS NOT NULL)"
        " OR (shredded_at IS NOT NULL AND wrapping_key IS NULL AND wrapped IS NULL)",
        name="live_or_shredded",
    ),
    Index(None, "wrapping_key", "id"),
    Index(None, "partner", "wrapping_key", "id"),
    Index(None, "subject", "partner"),
)

key_uses = Table(
    "key_uses",
    metadata,
    Column("wrapping_key", word(), primary_key=True),
    Column("uses", counting(), nullable=False),
)

wrapped_secrets = Table(
    "wrapped_secrets",
    metadata,
    Column("name", word(), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("wrapping_key", word(), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)

records = Table(
    "records",
    metadata,
    Column("partner", word(), primary_key=True),
    Column("id", word(), primary_key=True),
    Column("content_type", word(), nullable=False),
    Column("size", counting(), nullable=False),
    Column("data_keys", document(), nullable=False),
    Column("subjects", document(), nullable=False),
    Column("contracts", document(), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("keep_until", Instant, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("used_at", Instant),
    Column("restricted_at", Instant),
    Column("anonymised_at", Instant),
)

record_subjects = Table(
    "record_subjects",
    metadata,
    Column("partner", word(), primary_key=True),
    Column("subject", word(), primary_key=True),
    Column("record_id", word(), primary_key=True),
    ForeignKeyConstraint(
        ["partner", "record_id"], ["records.partner", "records.id"], ondelete="CASCADE"
    ),
    Index(None, "partner", "record_id"),
    Index(None, "subject", "partner", "record_id"),
    sqlite_with_rowid=False,
)

minted_tokens = Table(
    "minted_tokens",
    metadata,
    Column("token", word(), primary_key=True),
    # The person's digest; empty where nobody is known.
    Column("person", word(), primary_key=True),
    Column("sender", word(), nullable=False),
    Column("recipient", word(), nullable=False),
    Column("purpose", word(), nullable=False),
    Column("entity", word(), nullable=False),
    Column("data_key", word(), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("minted_at", Instant, nullable=False),
    Index(None, "person", "token"),
    Index(
        "ix_minted_tokens_nobodys",
        "sender",
        "recipient",
        "minted_at",
        sqlite_where=text("person = ''"),
        postgresql_where=text("person = ''"),
    ),
    sqlite_with_rowid=False,
)

# What the release before this one knows of tokens: one person's row each. Nothing here reads or
# writes it; triggers keep it true to minted_tokens until a `contract` migration drops it.
tokens = Table(
    "tokens",
    metadata,
    Column("token", word(), primary_key=True),
    Column("sender", word(), nullable=False),
    Column("recipient", word(), nullable=False),
    Column("purpose", word(), nullable=False),
    Column("entity", word(), nullable=False),
    Column("subject", word()),
    Column("data_key", word(), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("minted_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# -- Deletions, until the tombstone journal has them ------------------------------------------

tombstones_unwritten = Table(
    "tombstones_unwritten",
    metadata,
    Column("kind", word(), primary_key=True),
    Column("partner", word(), primary_key=True),
    Column("word", word(), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    sqlite_with_rowid=False,
)

tombstone_journal = Table(
    "tombstone_journal",
    metadata,
    Column("origin", word(), primary_key=True),
    Column("number", counting(), nullable=False),
    Column("digest", word(), nullable=False),
)

# -- Subject requests, and what comes of them --------------------------------------------------

subject_requests = Table(
    "subject_requests",
    metadata,
    Column("id", word(), primary_key=True),
    Column("kind", word(), nullable=False),
    Column("state", word(), nullable=False),
    Column("regime", word(), nullable=False),
    Column("place", word(), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("opened_by", word(), nullable=False),
    Column("due_legal", Instant),
    Column("due_conservative", Instant),
    Column("due_first", Instant),
    Column("due_rule", word(), nullable=False),
    Column("due_standing", word(), nullable=False),
    Column("due_digest", word(), nullable=False),
    Column("due_why", document(), nullable=False),
    Column("asked", document(), nullable=False),
    Column("extended", document()),
    Column("identity_level", word()),
    Column("evidence", word()),
    Column("reason", word()),
    Column("contracts", document(), nullable=False),
    Column("merged", Integer, nullable=False),
    Column("closed_at", Instant),
    Column("purpose", word()),
    Column("acknowledge_by", Instant),
    Index(None, "state", "id"),
    Index(None, "kind", "state"),
)

subject_request_identifiers = Table(
    "subject_request_identifiers",
    metadata,
    Column("request_id", word(), ForeignKey("subject_requests.id"), primary_key=True),
    Column("digest", word(), primary_key=True),
    Column("partner", word(), primary_key=True),
    Index(None, "digest"),
    sqlite_with_rowid=False,
)

subject_request_history = Table(
    "subject_request_history",
    metadata,
    Column("request_id", word(), ForeignKey("subject_requests.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("by", word(), nullable=False),
    Column("step", word(), nullable=False),
    Column("state", word(), nullable=False),
    Column("says", Text, nullable=False),
    sqlite_with_rowid=False,
)

erasures = Table(
    "erasures",
    metadata,
    Column("request_id", word(), ForeignKey("subject_requests.id"), primary_key=True),
    Column("phase", word(), nullable=False),
    Column("round", Integer, nullable=False),
    Column("cursor", document(), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("erased_at", Instant),
    Column("deleted", document(), nullable=False),
    Column("kept", document(), nullable=False),
    Column("receipt", Text),
    Column("receipt_position", counting()),
    Column("final", Boolean, nullable=False),
    Index(None, "phase", "request_id"),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("digest", word(), primary_key=True),
    Column("partner", word(), primary_key=True),
    Column("request_id", word(), nullable=False),
    Column("erased_at", Instant, nullable=False),
    Column("keep_until", Instant, nullable=False, index=True),
    sqlite_with_rowid=False,
)

notices = Table(
    "notices",
    metadata,
    Column("id", word(), primary_key=True),
    Column("request_id", word(), ForeignKey("subject_requests.id")),
    Column("recipient", word(), nullable=False),
    Column("kind", word(), nullable=False),
    Column("concerns", document(), nullable=False),
    Column("state", word(), nullable=False),
    Column("channel", word(), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("deadline", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("told_at", Instant),
    Column("confirmed_at", Instant),
    Column("confirmed_by", word()),
    Column("reason", word()),
    Index(None, "request_id", "recipient", "kind", unique=True),
    Index(None, "recipient", "id"),
    Index(None, "state", "next_at"),
)

notice_addresses = Table(
    "notice_addresses",
    metadata,
    Column("partner", word(), primary_key=True),
    Column("channel", word(), nullable=False),
    Column("target", Text, nullable=False),
    Column("put_at", Instant, nullable=False),
    Column("put_by", word(), nullable=False),
    Column("language", word()),
    Column("secret_number", Integer),
)

corrections = Table(
    "corrections",
    metadata,
    Column("request_id", word(), ForeignKey("subject_requests.id"), primary_key=True),
    Column("partner", word(), nullable=False),
    Column("data_keys", document(), nullable=False),
    Column("fields", document(), nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("sealed", LargeBinary),
)

bundles = Table(
    "bundles",
    metadata,
    Column("request_id", word(), ForeignKey("subject_requests.id"), primary_key=True),
    Column("key", word(), nullable=False),
    Column("phase", word(), nullable=False),
    Column("cursor", word(), nullable=False),
    Column("parts", Integer, nullable=False),
    Column("withheld", Integer, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("ready_at", Instant),
    Index(None, "phase", "request_id"),
)

bundle_parts = Table(
    "bundle_parts",
    metadata,
    Column("request_id", word(), ForeignKey("bundles.request_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sealed", Text, nullable=False),
)

# -- What callers may reveal ------------------------------------------------------------------

allowances = Table(
    "allowances",
    metadata,
    Column("name", word(), primary_key=True),
    Column("paid_at", Instant, nullable=False, index=True),
)

# -- What was released, and the answers that were given ---------------------------------------

disclosures = Table(
    "disclosures",
    metadata,
    Column(
        "position", counting(), ForeignKey("audit_entries.position"), primary_key=True,
        autoincrement=False,
    ),
    Column("id", word(), nullable=False, unique=True),
    Column("at", Instant, nullable=False, index=True),
    Column("sender", word(), nullable=False),
    Column("recipient", word(), nullable=False),
    Column("purpose", word(), nullable=False),
    Column("contracts", document(), nullable=False),
    Column("subjects", document(), nullable=False),
    Column("categories", document(), nullable=False),
    Column("consent", word()),
    Column("record", word()),
    Column("recipient_keeps_until", Instant),
    Column("ledger_consents", document()),
    Index(None, "sender", "position"),
    Index(None, "recipient", "position"),
)  # fmt: skip

disclosure_subjects = Table(
    "disclosure_subjects",
    metadata,
    Column("subject", word(), primary_key=True),
    Column(
        "position", counting(), ForeignKey("disclosures.position"), primary_key=True,
        autoincrement=False,
    ),
    sqlite_with_rowid=False,
)  # fmt: skip

disclosure_contracts = Table(
    "disclosure_contracts",
    metadata,
    Column("contract_id", word(), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column(
        "position", counting(), ForeignKey("disclosures.position"), primary_key=True,
        autoincrement=False,
    ),
    sqlite_with_rowid=False,
)  # fmt: skip

recipient_ends = Table(
    "recipient_ends",
    metadata,
    Column(
        "position", counting(), ForeignKey("disclosures.position"), primary_key=True,
        autoincrement=False,
    ),
    Column("due_at", Instant, nullable=False),
    Column("notice_id", word()),
    Index(None, "notice_id", "due_at"),
)  # fmt: skip

replays = Table(
    "replays",
    metadata,
    Column("partner", word(), primary_key=True),
    Column("request_id", word(), primary_key=True),
    Column("request_digest", word(), nullable=False),
    Column("sealed_answer", LargeBinary, nullable=False),
    Column("position", counting(), nullable=False, index=True),
    Column("expires_at", Instant, nullable=False, index=True),
)

# -- Legal holds ------------------------------------------------------------------------------

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", word(), primary_key=True),
    Column("by_subject", Boolean, nullable=False),
    Column("partner", word()),
    Column("contract_id", word()),
    Column("counterparties", document(), nullable=False),
    Column("record_query", Text),
    Column("matter", word(), nullable=False),
    Column("reason", Text, nullable=False),
    Column("approver", word(), nullable=False),
    Column("review_on", word(), nullable=False),
    Column("use", word(), nullable=False),
    Column("placed_by", word(), nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("lift_proposed_by", word()),
    Column("lift_proposed_at", Instant),
    Column("lift_reason", Text),
    Column("lifted_by", word()),
    Column("lifted_at", Instant, index=True),
    Column("request_id", word(), index=True),
)

legal_hold_subjects = Table(
    "legal_hold_subjects",
    metadata,
    Column("subject", word(), primary_key=True),
    Column("hold_id", word(), ForeignKey("legal_holds.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# -- Breaches ---------------------------------------------------------------------------------

breaches = Table(
    "breaches",
    metadata,
    Column("id", word(), primary_key=True),
    Column("title", Text, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("state", word(), nullable=False),
    Column("newest", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", word(), nullable=False),
    Column("closed_at", Instant),
)

breach_entries = Table(
    "breach_entries",
    metadata,
    Column("breach_id", word(), ForeignKey("breaches.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("by", word(), nullable=False),
    Column("kind", word(), nullable=False),
    Column("statement", document(), nullable=False),
)

quarantines = Table(
    "quarantines",
    metadata,
    Column("id", word(), primary_key=True),
    Column("partner", word(), nullable=False),
    Column("stopped", word(), nullable=False),
    Column("breach_id", word(), ForeignKey("breaches.id")),
    Column("reason", Text, nullable=False),
    Column("placed_by", word(), nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("lift_proposed_by", word()),
    Column("lift_proposed_at", Instant),
    Column("lift_reason", Text),
    Column("lifted_by", word()),
    Column("lifted_at", Instant, index=True),
    Column("certificate", word()),
)

breach_notices = Table(
    "breach_notices",
    metadata,
    Column("id", word(), primary_key=True),
    Column("breach_id", word(), ForeignKey("breaches.id"), nullable=False, index=True),
    Column("rule", word(), nullable=False),
    Column("place", word(), nullable=False),
    Column("phase", word(), nullable=False),
    Column("language", word(), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("missing", document(), nullable=False),
    Column("to", Text, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("state", word(), nullable=False),
    Column("drafted_by", word(), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("approved_by", word()),
    Column("approved_at", Instant),
    Column("approved_digest", word()),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant),
    Column("sent_at", Instant),
    Column("reference", word(), nullable=False),
    Column("said", Text, nullable=False),
    Column("partner", word(), index=True),
    Index(None, "state", "not_before"),
)

# -- What the service notices by itself -------------------------------------------------------

incidents = Table(
    "incidents",
    metadata,
    Column("cause", word(), primary_key=True),
    Column("about", word(), primary_key=True),
    Column("breach_id", word(), ForeignKey("breaches.id"), nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("waits", document()),
    Column("told_at", Instant),
)

reinspections = Table(
    "reinspections",
    metadata,
    Column("id", word(), primary_key=True),
    Column("query", document(), nullable=False),
    Column("state", word(), nullable=False, index=True),
    Column("total", counting(), nullable=False),
    Column("place", counting(), nullable=False),
    Column("until", counting(), nullable=False),
    Column("looked", counting(), nullable=False),
    Column("wrong", counting(), nullable=False),
    Column("skipped", document(), nullable=False),
    Column("found", document(), nullable=False),
    Column("breaches", document(), nullable=False),
    Column("begun_by", word(), nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

watch_places = Table(
    "watch_places",
    metadata,
    Column("name", word(), primary_key=True),
    Column("position", counting(), nullable=False),
)

volume_hours = Table(
    "volume_hours",
    metadata,
    Column("measure", word(), primary_key=True),
    Column("about", word(), primary_key=True),
    Column("hour", Instant, primary_key=True),
    Column("count", counting(), nullable=False),
    sqlite_with_rowid=False,
)

mailings = Table(
    "mailings",
    metadata,
    Column("notice_id", word(), ForeignKey("breach_notices.id"), primary_key=True),
    Column("state", word(), nullable=False),
    Column("question", document(), nullable=False),
    Column("contacts", document(), nullable=False),
    Column("batch", Integer, nullable=False),
    Column("people", counting(), nullable=False),
    Column("place", word(), nullable=False),
    Column("walked", Boolean, nullable=False),
    Column("batches", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("begun_by", word(), nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(None, "state", "not_before"),
)

mailing_people = Table(
    "mailing_people",
    metadata,
    Column("notice_id", word(), ForeignKey("mailings.notice_id"), primary_key=True),
    Column("subject", word(), primary_key=True),
    Column("reach", word(), nullable=False),
    Column("recipient", word()),
    Index(None, "notice_id", "recipient"),
    sqlite_with_rowid=False,
)

mailing_letters = Table(
    "mailing_letters",
    metadata,
    Column("notice_id", word(), ForeignKey("mailings.notice_id"), primary_key=True),
    Column("recipient", word(), primary_key=True),
    Column("state", word(), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("said", word(), nullable=False),
    Index(None, "notice_id", "state"),
    sqlite_with_rowid=False,
)

# -- Jobs -------------------------------------------------------------------------------------

job_workers = Table(
    "job_workers",
    metadata,
    Column("executor", word(), primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

# -- Behavior contracts and what was judged by them -------------------------------------------

behavior_contracts = Table(
    "behavior_contracts",
    metadata,
    Column("id", word(), primary_key=True),
    Column("newest", Integer, nullable=False),
    Column("party", word(), nullable=False),
    Column("provider", word(), nullable=False, index=True),
    Index(None, "party", "provider"),
)

behavior_versions = Table(
    "behavior_versions",
    metadata,
    Column("contract_id", word(), ForeignKey("behavior_contracts.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", word(), nullable=False),
    Column("party", word(), nullable=False),
    Column("provider", word(), nullable=False),
    Column("source", Text, nullable=False),
    Column("put_at", Instant, nullable=False),
    Column("put_by", word(), nullable=False),
)

behavior_checks = Table(
    "behavior_checks",
    metadata,
    Column(
        "position", counting(), ForeignKey("audit_entries.position"), primary_key=True,
        autoincrement=False,
    ),
    Column("at", Instant, nullable=False),
    Column("party", word(), nullable=False),
    Column("provider", word(), nullable=False),
    Column("contract_id", word(), nullable=False),
    Column("number", Integer, nullable=False),
    Column("side", word(), nullable=False),
    Column("use_case", word()),
    Column("outcome", word(), nullable=False),
    Column("broken", document(), nullable=False),
    Column("failures", document(), nullable=False),
    Column("confidence", Float),
    Column("latency_ms", counting()),
    Column("words", counting(), nullable=False),
    Column("treated", counting(), nullable=False),
    Column("check_id", word()),
    Index(None, "contract_id", "at"),
    Index(None, "party", "check_id"),
    Index(
        "ix_behavior_checks_fired", "contract_id", "at",
        sqlite_where=text("CAST(failures AS TEXT) != '[]'"),
        postgresql_where=text("CAST(failures AS TEXT) != '[]'"),
    ),
)  # fmt: skip

check_outcomes = Table(
    "check_outcomes",
    metadata,
    Column("id", word(), primary_key=True),
    Column(
        "position", counting(), ForeignKey("behavior_checks.position"), nullable=False, index=True
    ),
    Column("contract_id", word(), nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", word(), nullable=False),
    Column("broken", document(), nullable=False),
    Column("failure", word()),
    Column("reported_by", word(), nullable=False),
    Index(None, "contract_id", "at"),
)

# -- Monitors ---------------------------------------------------------------------------------

behavior_counts = Table(
    "behavior_counts",
    metadata,
    Column("contract_id", word(), primary_key=True),
    Column("begins_at", Instant, primary_key=True),
    Column("spans", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("use_case", word(), primary_key=True),
    Column("side", word(), primary_key=True),
    Column("counts", document(), nullable=False),
    Index(None, "begins_at"),
)

behavior_counted = Table(
    "behavior_counted",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", counting(), nullable=False),
)

# -- Playbooks --------------------------------------------------------------------------------

playbook_runs = Table(
    "playbook_runs",
    metadata,
    Column("id", word(), primary_key=True),
    Column("contract_id", word(), nullable=False),
    Column("number", Integer, nullable=False),
    Column("party", word(), nullable=False),
    Column("provider", word(), nullable=False),
    Column("playbook", word(), nullable=False),
    Column("failure_mode", word()),
    Column("severity", word()),
    Column("cause", word(), nullable=False),
    Column("use_case", word()),
    Column("reason", Text, nullable=False),
    Column("started_by", word(), nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("detected_at", Instant, nullable=False),
    Column("targets", document(), nullable=False),
    Column("step", Integer, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("step_since", Instant, nullable=False),
    Column("timeline", document(), nullable=False),
    Column("tasks", document(), nullable=False),
    Column("breach_id", word(), ForeignKey("breaches.id")),
    Column("contained_at", Instant),
    Column("resolved_at", Instant, index=True),
    Column("resolved_by", word()),
    Column("residual", word()),
    Column("residual_says", Text, nullable=False),
    Index(None, "contract_id", "playbook"),
)

behavior_curbs = Table(
    "behavior_curbs",
    metadata,
    Column("id", word(), primary_key=True),
    Column("contract_id", word(), nullable=False),
    Column("party", word(), nullable=False),
    Column("run_id", word(), ForeignKey("playbook_runs.id")),
    Column("kind", word(), nullable=False),
    Column("does", document(), nullable=False),
    Column("side", word(), nullable=False),
    Column("from_number", Integer),
    Column("to_number", Integer),
    Column("reason", Text, nullable=False),
    Column("placed_by", word(), nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("tally", document(), nullable=False),
    Column("lifted_by", word()),
    Column("lifted_at", Instant, index=True),
)

# -- Consent ----------------------------------------------------------------------------------

consent_terms = Table(
    "consent_terms",
    metadata,
    Column("digest", word(), primary_key=True),
    Column("document", document(), nullable=False),
)

consents = Table(
    "consents",
    metadata,
    Column("partner", word(), primary_key=True),
    Column("id", word(), primary_key=True),
    Column("terms", word(), ForeignKey("consent_terms.digest"), nullable=False, index=True),
)

consent_subjects = Table(
    "consent_subjects",
    metadata,
    Column("partner", word(), primary_key=True),
    Column("subject", word(), primary_key=True),
    Column("consent_id", word(), primary_key=True),
    ForeignKeyConstraint(
        ["partner", "consent_id"], ["consents.partner", "consents.id"], ondelete="CASCADE"
    ),
    Index(None, "partner", "consent_id"),
    Index(None, "subject"),
    sqlite_with_rowid=False,
)

consent_events = Table(
    "consent_events",
    metadata,
    Column("partner", word(), primary_key=True),
    Column("consent_id", word(), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", word(), nullable=False),
    Column("at", Instant, nullable=False),
    Column("expression", word(), nullable=False),
    Column("by", word(), nullable=False),
    Column("valid_for", word()),
    ForeignKeyConstraint(
        ["partner", "consent_id"], ["consents.partner", "consents.id"], ondelete="CASCADE"
    ),
    sqlite_with_rowid=False,
)

# -- Opt-out signals --------------------------------------------------------------------------

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("subject", word(), primary_key=True),
    Column("partner", word(), primary_key=True),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# -- Retention --------------------------------------------------------------------------------

retention_schedules = Table(
    "retention_schedules",
    metadata,
    Column("id", word(), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", word(), nullable=False),
    Column("source", Text, nullable=False),
    Column("put_at", Instant, nullable=False),
    Column("put_by", word(), nullable=False),
)

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", word(), primary_key=True),
    Column("state", word(), nullable=False, index=True),
    Column("go_on", Boolean, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("made_by", word(), nullable=False),
    Column("made_at", Instant, nullable=False, index=True),
    Column("run_by", word(), nullable=False),
    Column("schedules", document(), nullable=False),
    Column("round", Integer, nullable=False),
    Column("place", document(), nullable=False),
    Column("planned", document(), nullable=False),
    Column("done", document(), nullable=False),
    Column("items", word(), nullable=False),
    Column("begun_at", Instant),
    Column("ended_at", Instant),
    Column("certificate", Text),
    Column("certificate_position", counting()),
)

sweep_times = Table(
    "sweep_times",
    metadata,
    Column("name", word(), primary_key=True),
    Column("cron", word(), nullable=False),
    Column("set_at", Instant, nullable=False),
    Column("set_by", word(), nullable=False),
    Column("begun_for", Instant, nullable=False),
)
# -- Reviews ----------------------------------------------------------------------------------

reviews = Table(
    "reviews",
    metadata,
    Column("id", word(), primary_key=True),
    Column("sender", word(), nullable=False, index=True),
    Column("recipient", word(), nullable=False, index=True),
    Column("purpose", word(), nullable=False),
    Column("content_type", word(), nullable=False),
    Column("contracts", document(), nullable=False),
    Column("reasons", document(), nullable=False),
    Column("seen", word(), nullable=False),
    Column("held_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("four_eyes", Boolean, nullable=False),
    Column("state", word(), nullable=False),
    Column("assigned_to", word()),
    Column("approvals", document(), nullable=False),
    Column("decided_by", word()),
    Column("decided_at", Instant),
    Column("note", Text),
    Column("position", counting()),
    Column("subjects", document(), nullable=False),
    Column("data_keys", document(), nullable=False),
    Column("sealed", LargeBinary),
    Column("kind", word(), nullable=False, server_default="transfer"),
    Column("party", word(), index=True),
    Column("priority", Integer, nullable=False, server_default="1"),
    Column("due_at", Instant),
    Column("reason_code", word()),
    Column("escalated", Integer, nullable=False, server_default="0"),
    Column("forget_at", Instant),
    Index(None, "state", "expires_at"),
)

recorded_cases = Table(
    "recorded_cases",
    metadata,
    Column("review_id", word(), ForeignKey("reviews.id"), primary_key=True),
    Column("pinned_at", Instant, nullable=False),
    Column("pinned_by", word(), nullable=False),
    Column("reason", Text, nullable=False),
    Column("keep_until", Instant, nullable=False, index=True),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("person", word(), primary_key=True),
    Column("contract_id", word(), primary_key=True),
    Column("training", word(), primary_key=True),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

sample_judgements = Table(
    "sample_judgements",
    metadata,
    Column("review_id", word(), ForeignKey("reviews.id"), primary_key=True),
    Column("by", word(), primary_key=True),
    Column("contract_id", word(), nullable=False),
    Column("at", Instant, nullable=False),
    Column("label", word(), nullable=False),
    Index(None, "contract_id", "at"),
    sqlite_with_rowid=False,
)

review_subjects = Table(
    "review_subjects",
    metadata,
    Column("subject", word(), primary_key=True),
    Column(
        "review_id", word(), ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True,
        index=True,
    ),
    sqlite_with_rowid=False,
)  # fmt: skip
