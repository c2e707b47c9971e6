"""Expand: runs of playbooks, and the curbs that they and people put in the path of checks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "playbook_runs",
        sa.Column("id", WORD, nullable=False),
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("party", WORD, nullable=False),
        sa.Column("provider", WORD, nullable=False),
        sa.Column("playbook", WORD, nullable=False),
        sa.Column("failure_mode", WORD),
        sa.Column("severity", WORD),
        sa.Column("cause", WORD, nullable=False),
        sa.Column("use_case", WORD),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("started_by", WORD, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("detected_at", INSTANT, nullable=False),
        sa.Column("targets", DOCUMENT, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("step_since", INSTANT, nullable=False),
        sa.Column("timeline", DOCUMENT, nullable=False),
        sa.Column("tasks", DOCUMENT, nullable=False),
        sa.Column("breach_id", WORD),
        sa.Column("contained_at", INSTANT),
        sa.Column("resolved_at", INSTANT),
        sa.Column("resolved_by", WORD),
        sa.Column("residual", WORD),
        sa.Column("residual_says", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["breaches.id"], name="fk_playbook_runs_breach_id_breaches"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_playbook_runs"),
    )
    op.create_index("ix_playbook_runs_resolved_at", "playbook_runs", ["resolved_at"])
    op.create_index(
        "ix_playbook_runs_contract_id_playbook", "playbook_runs", ["contract_id", "playbook"]
    )
    op.create_table(
        "behavior_curbs",
        sa.Column("id", WORD, nullable=False),
        sa.Column("contract_id", WORD, nullable=False),
        sa.Column("party", WORD, nullable=False),
        sa.Column("run_id", WORD),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("does", DOCUMENT, nullable=False),
        sa.Column("side", WORD, nullable=False),
        sa.Column("from_number", sa.Integer),
        sa.Column("to_number", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("placed_by", WORD, nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("tally", DOCUMENT, nullable=False),
        sa.Column("lifted_by", WORD),
        sa.Column("lifted_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["run_id"], ["playbook_runs.id"], name="fk_behavior_curbs_run_id_playbook_runs"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_behavior_curbs"),
    )
    op.create_index("ix_behavior_curbs_lifted_at", "behavior_curbs", ["lifted_at"])
