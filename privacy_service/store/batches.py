"""One batch of units of work: one transaction, as if each had had its own.

The units run one after another. First together: no savepoints, and the rows that can wait are
written once at the end. A unit that raises before it has changed anything is simply forgotten.
If one has changed something by then, or the database refuses a statement, everything is rolled
back and the batch runs again with a savepoint around each unit. So the common case costs no
savepoints, and a failing unit still takes nothing with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from privacy_service.errors import PrivacyError
from privacy_service.store.failures import contended, refused, translated
from privacy_service.store.high_water import HighWater
from privacy_service.store.statements import Writes
from privacy_service.store.views import Writing

Work = Callable[[Writing], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one unit: what it returned, or what it raised."""

    returned: Any = None
    raised: BaseException | None = None


class CommitUnsure(Exception):  # noqa: N818 -- it says what is so, as our reasons do
    """The commit itself failed: what it held may be there or not."""

    def __init__(self, error: SQLAlchemyError) -> None:
        super().__init__()
        self.error = error


def transact(engine: Engine, works: Sequence[Work], water: HighWater) -> list[Outcome]:
    """Runs the units and commits, once; every unit's outcome, in order.

    Raises CommitUnsure where the commit itself fails, SQLAlchemyError where the database fails
    before it, and DATABASE_RESTORED where the log is shorter than it was: then nothing was written.
    """
    try:
        return _transaction(engine, works, _run_together, water)
    except _Spoilt as spoilt:
        if len(works) == 1:
            return [Outcome(raised=spoilt.raised)]
    return _transaction(engine, works, _run_apart, water)


def _transaction(
    engine: Engine,
    works: Sequence[Work],
    run: Callable[[_Batch, Sequence[Work]], list[Outcome]],
    water: HighWater,
) -> list[Outcome]:
    with engine.connect() as connection, connection.begin() as transaction:
        batch = _Batch(connection)
        water.require(batch.log_size)
        outcomes = run(batch, works)
        try:
            transaction.commit()
        except SQLAlchemyError as error:
            # Whatever the transaction has become: it must not be there for the next batch.
            connection.invalidate()
            if contended(error):
                raise
            raise CommitUnsure(error) from None
        water.rise(batch.log_size)
    return outcomes


def _run_together(batch: _Batch, works: Sequence[Work]) -> list[Outcome]:
    try:
        outcomes = [batch.run(work) for work in works]
        batch.finish()
    except SQLAlchemyError as error:
        if refused(error):
            raise _Spoilt(translated(error)) from None
        raise
    except PrivacyError as refusal:  # a row that was kept back until the end
        raise _Spoilt(refusal) from None
    return outcomes


def _run_apart(batch: _Batch, works: Sequence[Work]) -> list[Outcome]:
    outcomes = [batch.run_within_savepoint(work) for work in works]
    batch.finish()
    return outcomes


class _Spoilt(Exception):  # noqa: N818 -- it says what is so, as our reasons do
    """A unit failed with `raised`, and cannot be undone without the others."""

    def __init__(self, raised: BaseException) -> None:
        super().__init__()
        self.raised = raised


class _Batch:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._writes = Writes(connection)
        self._writing = Writing(self._writes)

    @property
    def log_size(self) -> int:
        return self._writing.audit.size()

    def run(self, work: Work) -> Outcome:
        mark, frontier = self._writes.mark(), self._writing.audit.frontier()
        try:
            return Outcome(returned=work(self._writing))
        except SQLAlchemyError:
            raise
        except BaseException as raised:  # noqa: BLE001 -- it is its caller's, whatever it is
            if not self._writes.untouched_since(mark):
                raise _Spoilt(raised) from None
            self._writes.forget_since(mark)
            self._writing.audit.rewind(frontier)
            return Outcome(raised=raised)

    def run_within_savepoint(self, work: Work) -> Outcome:
        mark, frontier = self._writes.mark(), self._writing.audit.frontier()
        savepoint = self._connection.begin_nested()
        try:
            returned = work(self._writing)
            self._writes.flush()
        except SQLAlchemyError as error:
            if not refused(error):
                raise
            outcome = Outcome(raised=translated(error))
        except BaseException as raised:  # noqa: BLE001 -- it is its caller's, whatever it is
            outcome = Outcome(raised=raised)
        else:
            savepoint.commit()
            return Outcome(returned=returned)
        savepoint.rollback()
        self._writes.forget_since(mark)
        self._writing.audit.rewind(frontier)
        return outcome

    def finish(self) -> None:
        self._writing.audit.finish()
        self._writes.flush()
