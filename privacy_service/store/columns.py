"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class Instant(TypeDecorator[datetime]):
    """An instant, to the microsecond, in UTC.

    Binding a naive datetime raises ValueError. SQLite keeps text of fixed width without a zone, so
    every value is turned to UTC on the way in: text order is then time order.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant has a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def counting() -> TypeEngine[int]:
    """64 bits on both. As a lone primary key on SQLite it is the row id itself, not an index."""
    return BigInteger().with_variant(Integer(), "sqlite")


def word() -> TypeEngine[str]:
    """Text that is compared byte by byte on both.

    So pages have the same order everywhere, and no update of the system's collations can break an
    index on PostgreSQL.
    """
    return Text().with_variant(Text(collation="C"), "postgresql")


def document() -> TypeEngine[Any]:
    """A small JSON value that is read and written whole."""
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
