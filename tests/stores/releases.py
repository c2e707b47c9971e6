"""What each released schema was: its tables with rows in them, and what its release says to it.

`python -m tests.stores.releases` writes both for the newest revision, below `released/REVISION/`:
`KIND.sql`, a database as that release leaves it, and `KIND.jsonl`, every statement that it issues
in its daily work. They are made once, when a revision is released, and never again: the tests hold
every later schema against them.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Json, Jsonb
from sqlalchemy import Connection, event

from privacy_service.evidence.queries import DisclosureQuery, EntryQuery
from privacy_service.store.database import Database
from privacy_service.store.schema import REVISIONS
from privacy_service.store.views import View, Writing
from tests.faults.transfers import transfer
from tests.stores.databases import KINDS, NOW, empty_url, later, opened, programs, server
from tests.stores.samples import SUBJECT, contract, data_key

RELEASED = Path(__file__).parent / "released"
LIVE, SHREDDED = SUBJECT, "cd" * 32


def fill(database: Database) -> None:
    """Rows in every table, by the release's own hand."""
    database.commit(lambda tx: tx.contracts.put(contract()))
    database.commit(lambda tx: tx.contracts.put(contract(digest="sha256:" + "2" * 64)))
    for number in range(20):
        transfer(database, f"kept-{number}")
    database.commit(_keys)


def _keys(tx: Writing) -> None:
    tx.data_keys.put(data_key())
    tx.data_keys.put(data_key(id="key-2", subject=SHREDDED))
    tx.data_keys.shred("acme", SHREDDED, at=NOW)


def work(database: Database) -> None:
    """A day of the release: everything that it writes, and reads while it writes."""
    database.commit(lambda tx: tx.contracts.put(contract(id="new")))
    database.commit(lambda tx: tx.contracts.put(contract(digest="sha256:" + "3" * 64)))
    for number in range(3):
        transfer(database, f"new-{number}")
    transfer(database, "kept-0")
    database.commit(_more_keys)
    database.commit(lambda tx: tx.records.delete("acme", "kept-1"))
    database.commit(lambda tx: tx.replays.purge(later(days=2), 2))
    with database.reading() as view:
        look(view)


def _more_keys(tx: Writing) -> None:
    tx.data_keys.put(data_key(id="key-3", subject="ef" * 32))
    tx.data_keys.update_wrapping("key-1", under="partner/acme#1", wrapping_key="a#2", wrapped=b"2")
    tx.data_keys.shred("acme", "ef" * 32, at=NOW)


def look(view: View) -> None:
    """Reads every face of the store."""
    query = EntryQuery(partner="acme", action="EnforcementService/Transfer")
    view.audit.entries(0, 10, query)
    view.audit.frontier(3)
    view.contracts.for_pair("acme", "globex")
    view.contracts.list("acme")
    view.contracts.versions("acme-to-globex")
    view.contracts.generation()
    view.data_keys.get_many("acme", [LIVE, SHREDDED])
    view.data_keys.by_id(["key-1"])
    view.data_keys.under("partner/acme#1")
    view.disclosures.list(DisclosureQuery(partner="acme", subjects=(LIVE,)))
    view.quotas.used("quota-of-all", NOW)
    view.records.get("acme", "kept-2")
    view.records.list("acme", subject=LIVE)
    view.replays.find("acme", "kept-3")
    view.tokens.get("kept-3-1")


# -- Writing them -------------------------------------------------------------------------------


def main() -> None:
    folder = RELEASED / REVISIONS[-1]
    folder.mkdir(parents=True)
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as scratch:
            url = empty_url(kind, Path(scratch))
            with opened(url) as database:
                database.migrate()
                fill(database)
            (folder / f"{kind}.sql").write_text(_dumped(url), "utf-8")
            with opened(url) as database, _recorded(database) as statements:
                work(database)
            lines = (json.dumps(each, ensure_ascii=False) + "\n" for each in statements)
            (folder / f"{kind}.jsonl").write_text("".join(lines), "utf-8")


def _dumped(url: str) -> str:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return "".join(line + "\n" for line in connection.iterdump())
    said = subprocess.run(
        [
            str(programs() / "pg_dump"),
            "--inserts",
            "--no-owner",
            "-h",
            server(),
            "-U",
            "postgres",
            _name(url),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return "".join(
        f"{line}\n"
        for line in said.splitlines()
        if line and not line.startswith(("--", "\\", "SET ", "SELECT pg_catalog.set_config"))
    )


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


@contextmanager
def _recorded(database: Database) -> Iterator[list[dict[str, Any]]]:
    """What the writing engine is told, as it is told."""
    statements: list[dict[str, Any]] = []

    def listen(
        _connection: Connection, _cursor: Any, statement: str, values: Any, _c: Any, many: bool
    ) -> None:
        rows = values if many else [values]
        if not statement.startswith("BEGIN"):
            statements.append({"sql": statement, "rows": [_written(row) for row in rows]})

    for engine in (database._engines.writing, database._engines.reading):
        event.listen(engine, "before_cursor_execute", listen)
    yield statements


def _written(row: Any) -> Any:
    if isinstance(row, dict):
        return {name: _word(value) for name, value in row.items()}
    return [_word(value) for value in row]


def _word(value: Any) -> Any:
    if isinstance(value, psycopg.Binary):
        value = value.obj
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, Jsonb | Json):
        return {"json": value.obj}
    assert isinstance(value, int | str | None), type(value)
    return value


# -- Reading them -------------------------------------------------------------------------------


def revisions() -> list[str]:
    """Every revision that was released."""
    return sorted(folder.name for folder in RELEASED.iterdir())


def restored(revision: str, kind: str, directory: Path) -> str:
    """The URL of a database as that release left it."""
    url = empty_url(kind, directory)
    script = (RELEASED / revision / f"{kind}.sql").read_text("utf-8")
    if kind == "sqlite":
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
    else:
        with psycopg.connect(host=server(), user="postgres", dbname=_name(url)) as connection:
            connection.execute(script.encode())
    return url


def statements(revision: str, kind: str) -> list[dict[str, Any]]:
    """What that release says in its daily work."""
    text = (RELEASED / revision / f"{kind}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def say(database: Database, statement: dict[str, Any]) -> None:
    """Says it, each of its rows, in one transaction on the driver itself."""
    with database._engines.writing.begin() as connection:
        for row in statement["rows"]:
            connection.exec_driver_sql(statement["sql"], _read(row))


def _read(row: Any) -> Any:
    if isinstance(row, dict):
        return {name: _meant(value) for name, value in row.items()}
    return tuple(_meant(value) for value in row)


def _meant(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "json":
        return Jsonb(inner)
    return base64.b64decode(inner) if kind == "bytes" else datetime.fromisoformat(inner)


if __name__ == "__main__":
    main()
