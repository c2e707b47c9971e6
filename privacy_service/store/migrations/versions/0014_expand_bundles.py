"""Expand: bundles for people who ask for access or for a copy."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "bundles",
        sa.Column("request_id", WORD, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("phase", WORD, nullable=False),
        sa.Column("cursor", WORD, nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("withheld", sa.Integer(), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("ready_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["request_id"], ["subject_requests.id"], name="fk_bundles_request_id_subject_requests"
        ),
        sa.PrimaryKeyConstraint("request_id", name="pk_bundles"),
    )
    op.create_index("ix_bundles_phase_request_id", "bundles", ["phase", "request_id"])
    op.create_table(
        "bundle_parts",
        sa.Column("request_id", WORD, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["bundles.request_id"], name="fk_bundle_parts_request_id_bundles"
        ),
        sa.PrimaryKeyConstraint("request_id", "number", name="pk_bundle_parts"),
    )
