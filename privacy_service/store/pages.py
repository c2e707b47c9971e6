"""Pages of a list that has several ways in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, select, union


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
