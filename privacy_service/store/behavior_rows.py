"""Behavior contracts as the store gives them back and takes them."""

from __future__ import annotations

from dataclasses import dataclass

from privacy_service.store.versions import Unnumbered


@dataclass(frozen=True, slots=True, kw_only=True)
class UnnumberedBehavior(Unnumbered):
    """A version of a behavior contract before the store gave it a number."""

    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBehavior(UnnumberedBehavior):
    """An immutable version of a behavior contract; `number` counts from 1 per contract."""

    number: int
