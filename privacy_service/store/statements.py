"""Running statements: for a reader as they come, for a writer some of them later, together.

Rows that cannot conflict and that nobody waits for (audit entries, disclosures, tokens) are kept
back and written with one statement per table at the end of a batch: on a network, the number of
round trips is then that of one unit of work, however many the batch holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import CoreExecuteOptionsParameter
from sqlalchemy.exc import SQLAlchemyError

from privacy_service import errors
from privacy_service.errors import PrivacyError

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialectal:
    """One statement that the two databases have no common words for."""

    sqlite: Executable
    postgresql: Executable

    def on(self, dialect: str) -> Executable:
        return self.postgresql if dialect == "postgresql" else self.sqlite


Statement = Executable | Dialectal

# Else an INSERT says -1 where the driver has the number at hand.
_COUNTED: CoreExecuteOptionsParameter = {"preserve_rowcount": True}


def insert_absent(table: Table) -> Dialectal:
    """An insert that does nothing where the row's primary key is taken."""
    key = list(table.primary_key.columns)
    return Dialectal(
        sqlite=sqlite.insert(table).on_conflict_do_nothing(index_elements=key),
        postgresql=postgresql.insert(table).on_conflict_do_nothing(index_elements=key),
    )


class Reads:
    """Runs statements in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._dialect

    def one(self, statement: Statement, values: Values | None = None) -> Row[Any] | None:
        """The first row, or None."""
        return self._execute(statement, values).first()

    def all(self, statement: Statement, values: Values | None = None) -> Sequence[Row[Any]]:
        return self._execute(statement, values).all()

    def _execute(
        self,
        statement: Statement,
        values: Values | Sequence[Values] | None,
        options: CoreExecuteOptionsParameter | None = None,
    ) -> CursorResult[Any]:
        if isinstance(statement, Dialectal):
            statement = statement.on(self._dialect)
        try:
            return self._connection.execute(statement, values, execution_options=options)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 -- drivers raise OverflowError, UnicodeEncodeError
            fault = type(error).__name__  # and no more of it: it holds the value
        raise PrivacyError(errors.INTERNAL, fault=fault)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a batch's writes to which they can be taken back."""

    changes: int
    pending: int


class Writes(Reads):
    """Runs a batch's statements, and keeps back those that can wait."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._pending: list[tuple[Statement, Values]] = []
        self._changes = 0

    def change(self, statement: Statement, values: Values) -> int:
        """Runs it now. How many rows it changed."""
        changed = self._execute(statement, values, _COUNTED).rowcount
        self._changes += changed != 0
        return changed

    def change_each(self, statement: Statement, rows: Sequence[Values]) -> None:
        """Runs it now, for each of the rows."""
        if rows:
            self._changes += 1
            # One row by itself: drivers prepare to send many in a way that costs more than one.
            self._execute(statement, rows if len(rows) > 1 else rows[0])

    def later(self, statement: Statement, values: Values) -> None:
        """Runs it at the next flush, before which `Settled` readers look."""
        self._pending.append((statement, values))

    def flush(self) -> None:
        """Writes what was kept back, in the order in which each statement was first used."""
        grouped: dict[Statement, list[Values]] = {}
        for statement, values in self._pending:
            grouped.setdefault(statement, []).append(values)
        self._pending.clear()
        for statement, rows in grouped.items():
            self.change_each(statement, rows)

    def mark(self) -> Mark:
        return Mark(self._changes, len(self._pending))

    def untouched_since(self, mark: Mark) -> bool:
        """Whether the database itself is as it was: what came since can just be forgotten."""
        return self._changes == mark.changes

    def forget_since(self, mark: Mark) -> None:
        """Drops what was kept back since."""
        del self._pending[mark.pending :]


class Settled(Reads):
    """Reads within a batch that see what the batch has kept back so far."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes._connection)  # noqa: SLF001 -- the two are one thing
        self._writes = writes

    def _execute(
        self,
        statement: Statement,
        values: Values | Sequence[Values] | None,
        options: CoreExecuteOptionsParameter | None = None,
    ) -> CursorResult[Any]:
        self._writes.flush()
        return super()._execute(statement, values, options)
