"""One change between two versions of a contract, and which way it goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from privacy_service.contracts.written import Written


class Way(StrEnum):
    """A weakening needs a second person (`design.md`, rule 9); the others do not."""

    TIGHTENS = "tightens"
    """The recipient learns less, for less long, or may do less with it."""
    WEAKENS = "weakens"
    """The recipient may learn more, or it is not known that it does not."""
    NEUTRAL = "neutral"
    """Nothing changes about the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One changed term.

    `path` names it as `Terms.source` does (`fields:$.a`, `retention.recipient`). `before` and
    `after` are as the contract's YAML has them, None where it says nothing.
    """

    path: str
    before: Written | None
    after: Written | None
    direction: Way
    why: str


def overall(ways: Iterable[Way]) -> Way:
    """What several ways come to together: one weakening is a weakening."""
    met = set(ways)
    for way in (Way.WEAKENS, Way.TIGHTENS):
        if way in met:
            return way
    return Way.NEUTRAL


def compared(*, tighter: bool, looser: bool) -> Way:
    """The way, where `tighter` says that the new is at least as strict, `looser` that the old is.

    Both: they come to the same. Neither: it is not known to tighten, and so it weakens.
    """
    if tighter:
        return Way.NEUTRAL if looser else Way.TIGHTENS
    return Way.WEAKENS
