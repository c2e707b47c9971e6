"""Expand: audit entries are found by what they are about, and keep their hash beside them.

Both indexes are filled for the entries that are there. Their hashes stay empty: they follow from
the entries' bytes. So do those of entries that the release before appends meanwhile.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# An entry that someone has damaged may be no JSON: it is found by its position alone.
READ = {
    "sqlite": (
        """
        UPDATE audit_entries SET resource = json_extract(CAST(leaf AS TEXT), '$.resource')
        WHERE json_valid(CAST(leaf AS TEXT))
        """,
        """
        INSERT OR IGNORE INTO audit_subjects (subject, position)
        SELECT named.value, position
        FROM audit_entries, json_each(CAST(leaf AS TEXT), '$.subjects') AS named
        WHERE json_valid(CAST(leaf AS TEXT))
        """,
    ),
    "postgresql": (
        """
        UPDATE audit_entries SET resource = convert_from(leaf, 'UTF8')::jsonb ->> 'resource'
        WHERE encode(leaf, 'escape') LIKE '{%}'
        """,
        """
        INSERT INTO audit_subjects (subject, position)
        SELECT DISTINCT named, position
        FROM audit_entries, jsonb_array_elements_text(
            coalesce(convert_from(leaf, 'UTF8')::jsonb -> 'subjects', '[]')
        ) AS named
        WHERE encode(leaf, 'escape') LIKE '{%}'
        """,
    ),
}


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("digest", sa.LargeBinary()))
    op.add_column("audit_entries", sa.Column("resource", WORD))
    op.create_index("ix_audit_entries_resource_position", "audit_entries", ["resource", "position"])
    op.create_table(
        "audit_subjects",
        sa.Column("subject", WORD, nullable=False),
        sa.Column("position", COUNT, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["position"],
            ["audit_entries.position"],
            name="fk_audit_subjects_position_audit_entries",
        ),
        sa.PrimaryKeyConstraint("subject", "position", name="pk_audit_subjects"),
        sqlite_with_rowid=False,
    )
    for statement in READ[op.get_bind().dialect.name]:
        op.execute(statement)
