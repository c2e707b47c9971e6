"""Pages of lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One page of a list. `next` is the desk's own cursor to the next page, None on the last."""

    items: tuple[T, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page begins and how long it may be.

    `after` is the `next` of the page before it, None for the first.
    """

    after: str | None = None
    limit: int = 50


FIRST_PAGE: Final = Place()
"""The first page of a list, as long as usual."""
