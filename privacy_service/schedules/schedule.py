"""A retention schedule: what it covers, from when its periods run, and what happens then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from privacy_service.contracts.model import Treatment
from privacy_service.periods import Period
from privacy_service.subjects.kept import KeptThing
from privacy_service.subjects.record_query import RecordQuery


class Kind(StrEnum):
    """What is kept."""

    RECORDS = "records"
    TOKENS = "tokens"


class Trigger(StrEnum):
    """What a schedule's periods begin with."""

    COLLECTION = "collection"
    LAST_ACTIVITY = "last-activity"
    CONTRACT_END = "contract-end"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    CASE_CLOSED = "case-closed"


class Action(StrEnum):
    """What happens to a thing whose time is over."""

    ERASE = "erase"
    ANONYMISE = "anonymise"
    """What the schedule names stays, about nobody; the rest is erased."""
    RESTRICT = "restrict"
    """It is stored, and used for legal claims alone (GDPR Art. 18)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staying:
    """A field that stays of a record that is made anonymous: kept, or generalized."""

    path: str
    treatment: Treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What a schedule rests on. `verified_on` None: nobody has looked yet."""

    citation: str
    source: str | None = None
    verified_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Covers:
    """What a schedule is about: what all that is named covers; what is not named is not asked.

    `categories` are entities: any of them. A token has one; a sealed copy has those of its
    disclosure; what a partner put itself has none that is known.
    """

    kinds: frozenset[Kind] = frozenset({Kind.RECORDS})
    partner: str | None = None
    contract: str | None = None
    query: RecordQuery | None = None
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one thing: what a schedule may ask.

    Instants are None where what they are about has not happened: a contract without an end, a
    consent that nobody withdrew.
    """

    kind: Kind
    thing: KeptThing
    collected_at: datetime
    last_activity_at: datetime
    contract_ended_at: datetime | None = None
    consent_withdrawn_at: datetime | None = None
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSchedule:
    """One schedule, in one version.

    A thing stays for `at_least`, because a law demands it, and for `at_most`, because a law or the
    owner allows no more; one of the two is set. `action` is what happens after `at_most`, `staying`
    what is left where that is to make it anonymous. `zone` is
    whose calendar counts; `closed_on` is the day on which the case was closed, None while it is
    not. It holds from `effective_from` on, and until `effective_until` if that is set.
    """

    id: str
    title: str
    covers: Covers
    trigger: Trigger
    at_least: Period | None = None
    at_most: Period | None = None
    action: Action = Action.ERASE
    staying: tuple[Staying, ...] = ()
    zone: ZoneInfo
    closed_on: date | None = None
    authority: Authority
    owner: str
    review_on: date
    effective_from: datetime
    effective_until: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether it holds at an instant."""
        ended = self.effective_until is not None and self.effective_until <= at
        return self.effective_from <= at and not ended

    def is_about(self, facts: Facts) -> bool:
        """Whether it covers the thing."""
        covers, thing = self.covers, facts.thing
        return (
            facts.kind in covers.kinds
            and (covers.partner is None or covers.partner == thing.partners[0])
            and (covers.contract is None or covers.contract in thing.contracts)
            and (not covers.categories or not covers.categories.isdisjoint(facts.categories))
            and (
                covers.query is None
                or (thing.record is not None and covers.query.matches(thing.record))
            )
        )

    def begins(self, facts: Facts) -> datetime | None:
        """From when on its periods run for the thing; never before it was collected."""
        at = {
            Trigger.COLLECTION: facts.collected_at,
            Trigger.LAST_ACTIVITY: facts.last_activity_at,
            Trigger.CONTRACT_END: facts.contract_ended_at,
            Trigger.CONSENT_WITHDRAWN: facts.consent_withdrawn_at,
            Trigger.CASE_CLOSED: self._closed_at(),
        }[self.trigger]
        return None if at is None else max(at, facts.collected_at)

    def _closed_at(self) -> datetime | None:
        """The end of the day on which the case was closed."""
        if self.closed_on is None:
            return None
        return datetime.combine(self.closed_on + timedelta(days=1), time(), self.zone)
