"""What a driver's error becomes: one of our reasons, and a cause that carries no row value.

Database drivers put values into their messages (PostgreSQL's DETAIL names the key that is taken),
so the original goes no further than this module.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from privacy_service import errors
from privacy_service.errors import PrivacyError

# PostgreSQL: serialization_failure and deadlock_detected.
_CONTENDED = frozenset({"40001", "40P01"})
# SQLSTATE classes whose messages name servers, roles, limits and times, never a row:
# connection, authorization, database name, resources, limits, operator, system.
_SPOKEN = ("08", "28", "3D", "53", "54", "57", "58")


class DriverFailure(Exception):  # noqa: N818 -- it says what is so, as our reasons do
    """What went wrong, as far as it can be told without a value: type, code and constraint."""


def contended(error: exc.SQLAlchemyError) -> bool:
    """Whether the same transaction may well succeed if it is run again."""
    return isinstance(error, exc.DBAPIError) and _code(error.orig) in _CONTENDED


def passing(error: exc.SQLAlchemyError) -> bool:
    """Whether the transaction was certainly not committed, and may succeed if it is run again:
    contention, or a connection that turned out to be dead before the commit.
    """
    lost = isinstance(error, exc.DBAPIError) and error.connection_invalidated
    return lost or contended(error)


def refused(error: exc.SQLAlchemyError) -> bool:
    """Whether the database lives, and refused one statement for what is in it."""
    kinds = (exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.StatementError)
    lost = isinstance(error, exc.OperationalError | exc.InterfaceError | exc.InternalError)
    return isinstance(error, kinds) and not lost


def translated(error: exc.SQLAlchemyError, **details: str | int) -> PrivacyError:
    """The error that callers see: STORE_UNAVAILABLE, STORE_BUSY where no connection is free, or
    INTERNAL where the fault is ours.
    """
    if isinstance(error, exc.TimeoutError):  # the pool's
        refusal = PrivacyError(errors.STORE_BUSY, limit="store_readers")
    else:
        reason = errors.INTERNAL if refused(error) else errors.STORE_UNAVAILABLE
        refusal = PrivacyError(reason, **details)
    refusal.__cause__ = DriverFailure(_told(error))
    return refusal


@contextmanager
def translating() -> Iterator[None]:
    """Turns driver errors into ours."""
    failure: PrivacyError
    try:
        yield
        return
    except exc.SQLAlchemyError as error:
        failure = translated(error)
    # Raised out here, so that the driver's error is not kept as its context.
    raise failure


def _told(error: exc.SQLAlchemyError) -> str:
    origin = error.orig if isinstance(error, exc.StatementError) else error
    if not isinstance(error, exc.DBAPIError):
        return f"{type(error).__name__} {type(origin).__name__}"
    parts = [type(origin).__name__, _code(origin), _constraint(origin), _message(origin)]
    return " ".join(part for part in parts if part)


def _code(origin: BaseException | None) -> str:
    if isinstance(origin, sqlite3.Error):
        return getattr(origin, "sqlite_errorname", "")
    return getattr(origin, "sqlstate", None) or ""


def _constraint(origin: BaseException | None) -> str:
    return getattr(getattr(origin, "diag", None), "constraint_name", None) or ""


def _message(origin: BaseException | None) -> str:
    if isinstance(origin, sqlite3.Error):
        return str(origin)  # SQLite names tables and columns, not values
    code = _code(origin)
    if code and not code.startswith(_SPOKEN):
        return ""
    return getattr(getattr(origin, "diag", None), "message_primary", None) or ""
