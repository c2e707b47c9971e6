"""Pages of a list that has several ways in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, and_, select, union

T = TypeVar("T")


AT_A_TIME = 500
"""Values that one statement names: databases bound how many it may."""


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values, in runs that one statement may name."""
    for start in range(0, len(values), AT_A_TIME):
        yield values[start : start + AT_A_TIME]


def any_of(
    key: ColumnElement[int],
    ways: Sequence[ColumnElement[bool]],
    wanted: Sequence[ColumnElement[bool]],
    limit: int,
) -> CompoundSelect[Any]:
    """The first `limit` keys by each way in, of the rows that are wanted.

    One bounded walk of each way's own index. A plain OR would sort everything that matches before
    it takes a page of it.
    """
    walks = [
        select(key).where(and_(way, *wanted)).order_by(key).limit(limit).subquery() for way in ways
    ]
    return union(*(select(walk.c[0]) for walk in walks))
