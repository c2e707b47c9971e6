"""Behavior contracts as the store gives them back and takes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnnumberedBehavior:
    """A version of a behavior contract before the store gave it a number."""

    id: str
    digest: str
    party: str
    provider: str
    source: str = field(repr=False)
    put_at: datetime
    put_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBehavior(UnnumberedBehavior):
    """An immutable version of a behavior contract; `number` counts from 1 per contract."""

    number: int
