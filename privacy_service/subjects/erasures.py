"""What an erasure does and leaves: what was deleted, what was kept and why, and its tombstones.

A restriction and an objection delete nothing, and end as an erasure does: recipients are told, and
a receipt says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Thing(StrEnum):
    """What is kept about a person, and can be deleted."""

    RECORD = "record"
    TOKEN = "token"  # noqa: S105 -- a word
    ANSWER = "answer"
    """The sealed answer to a transfer, kept for retries."""
    REVIEW = "review"
    """A payload that waits for a person's decision, or was approved and not yet forgotten."""
    EXAMPLE = "contract_example"
    """An example in a contract, in one version."""
    DATA_KEY = "data_key"
    STATEMENT = "statement"
    """What completes what is kept: a record that a rectification has made."""


class Phase(StrEnum):
    """How far the work is. Jobs work on what is being deleted, upheld, lifted, or told.

    An erasure begins with deleting, a rectification with correcting, what deletes nothing with
    upholding. What was upheld and done
    is worked on once more when it is lifted.
    """

    CORRECTING = "correcting"
    WAITING = "waiting"
    """A rectification that waits for what protects a record, as a blocked erasure does."""
    UPHOLDING = "upholding"
    LIFTING = "lifting"
    DELETING = "deleting"
    BLOCKED = "blocked"
    TELLING = "telling"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Count:
    """So many things of one partner; `reason` is why they were kept, empty where they were not."""

    partner: str
    thing: Thing
    reason: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """That a person was erased at a partner ("" everywhere): nothing new about them is taken, and a
    restored backup is erased again, until `keep_until`.
    """

    digest: str
    partner: str
    request_id: str
    erased_at: datetime
    keep_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The work on one request for erasure, rectification or restriction, or on an objection.

    `cursor` is how far each kind of thing was looked at in this `round`. `deleted` (of a
    rectification: corrected) counts up, `kept` (left) is as of the last look.
    `receipt` is the newest receipt, and `final` whether none will follow.
    """

    request_id: str
    phase: Phase
    round: int
    started_at: datetime
    cursor: Mapping[str, str]
    erased_at: datetime | None = None
    deleted: tuple[Count, ...] = ()
    kept: tuple[Count, ...] = ()
    receipt: str | None = None
    receipt_position: int | None = None
    final: bool = False

    def with_deleted(self, more: Iterable[Count]) -> Erasure:
        """With more things deleted."""
        return replace(self, deleted=summed((*self.deleted, *more)))


def summed(counts: Iterable[Count]) -> tuple[Count, ...]:
    """The counts with one for each partner, thing and reason, sorted."""
    total: dict[tuple[str, Thing, str], int] = {}
    for one in counts:
        place = (one.partner, one.thing, one.reason)
        total[place] = total.get(place, 0) + one.count
    return tuple(
        Count(partner=partner, thing=thing, reason=reason, count=count)
        for (partner, thing, reason), count in sorted(total.items())
        if count
    )
