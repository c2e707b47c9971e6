"""Expand: a row for each person behind a token, and triggers for the release that has one in all.

The release before reads and writes `tokens`, where the first person's row is the only one. While
both releases run, what one of them mints has to be found by the other, and what this one deletes
may not stay in the table of that one. A later `contract` drops `tokens` and the triggers with it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_SAME = "token, sender, recipient, purpose, entity, data_key, sealed, minted_at"
_NEW = (
    "NEW.token, NEW.sender, NEW.recipient, NEW.purpose, NEW.entity, NEW.data_key, NEW.sealed,"
    " NEW.minted_at"
)
_TO_MINTED = (
    f"INSERT INTO minted_tokens ({_SAME}, person) VALUES ({_NEW}, coalesce(NEW.subject, ''))"  # noqa: S608
    " ON CONFLICT (token, person) DO NOTHING"
)
_TO_TOKENS = (
    f"INSERT INTO tokens ({_SAME}, subject) VALUES ({_NEW}, nullif(NEW.person, ''))"  # noqa: S608
    " ON CONFLICT (token) DO NOTHING"
)
_OUT_OF_TOKENS = "DELETE FROM tokens WHERE token = OLD.token AND coalesce(subject, '') = OLD.person"
_TRIGGERS = (
    ("tokens_to_minted", "INSERT ON tokens", _TO_MINTED),
    ("minted_to_tokens", "INSERT ON minted_tokens", _TO_TOKENS),
    ("minted_out_of_tokens", "DELETE ON minted_tokens", _OUT_OF_TOKENS),
)


def upgrade() -> None:
    op.create_table(
        "minted_tokens",
        sa.Column("token", WORD, nullable=False),
        sa.Column("person", WORD, nullable=False),
        sa.Column("sender", WORD, nullable=False),
        sa.Column("recipient", WORD, nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("entity", WORD, nullable=False),
        sa.Column("data_key", WORD, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("minted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("token", "person", name="pk_minted_tokens"),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO minted_tokens ({_SAME}, person)"  # noqa: S608 -- no value is in it
        f" SELECT {_SAME}, coalesce(subject, '') FROM tokens"
    )
    # Of no release: the one before looks tokens up as they stand.
    op.drop_index("ix_tokens_nobodys", "tokens")
    op.drop_index("ix_tokens_subject_token", "tokens")
    op.create_index("ix_minted_tokens_person_token", "minted_tokens", ["person", "token"])
    op.create_index(
        "ix_minted_tokens_nobodys",
        "minted_tokens",
        ["sender", "recipient", "minted_at"],
        sqlite_where=sa.text("person = ''"),
        postgresql_where=sa.text("person = ''"),
    )
    for name, when, does in _TRIGGERS:
        for statement in _trigger(name, when, does):
            op.execute(sa.text(statement))


def _trigger(name: str, when: str, does: str) -> tuple[str, ...]:
    if op.get_bind().dialect.name == "sqlite":
        return (f"CREATE TRIGGER {name} AFTER {when} BEGIN {does}; END",)
    body = f"AS $$ BEGIN {does}; RETURN NULL; END $$"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {body}",
        f"CREATE TRIGGER {name} AFTER {when} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )
