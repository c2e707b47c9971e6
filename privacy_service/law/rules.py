"""A rule of law, or of one's own policy, as a rule pack holds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

FILING: Final = "filing/"
"""A clock that starts with another filing: `filing/RULE-ID`."""


class Concerns(StrEnum):
    """What a rule answers."""

    BREACH = "breach"
    REQUEST = "request"


class Basis(StrEnum):
    """Who wants it: the law, or ourselves. A target of our own is never shown as law."""

    LAW = "law"
    POLICY = "policy"


class Confidence(StrEnum):
    """How well the rule is sourced. Only the first three are followed."""

    PRIMARY = "primary"
    """The legal text itself was read."""
    SECONDARY = "secondary"
    """Two or more independent sources agree."""
    CONFIRMED = "confirmed"
    """Somebody of yours who may say so has confirmed it (`confirmed_by`)."""
    SINGLE = "single"
    CONFLICTING = "conflicting"
    UNVERIFIED = "unverified"


FOLLOWED: Final = frozenset({Confidence.PRIMARY, Confidence.SECONDARY, Confidence.CONFIRMED})


class Standing(StrEnum):
    """How a rule is shown, and whether it is followed."""

    LAW = "law"
    POLICY = "own policy"
    UNVERIFIED = "unverified"
    NOT_IN_FORCE = "not in force"


class Recipient(StrEnum):
    """Who has to hear of it."""

    AUTHORITY = "authority"
    SUBJECTS = "subjects"
    CONTROLLER = "controller"
    PARTNER = "partner"
    MEDIA = "media"
    CREDIT_AGENCIES = "credit_agencies"
    OURSELVES = "ourselves"


class Duty(StrEnum):
    """What has to be done."""

    NOTIFY = "notify"
    REPORT = "report"
    ASSESS = "assess"
    RECORD = "record"
    ACKNOWLEDGE = "acknowledge"
    RESPOND = "respond"


class Shape(StrEnum):
    """How a period is counted."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEAR_END_DAYS = "days_after_year_end"


class Roll(StrEnum):
    """What becomes of a period whose last day is no working day."""

    NONE = "none"
    WORKING_DAY = "next_working_day"
    NOON = "noon_of_next_working_day"


class Comparator(StrEnum):
    """How a count is compared with the number of the law."""

    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    FEWER_THAN = "fewer_than"
    AT_MOST = "at_most"


class Counted(StrEnum):
    """What a threshold counts: people everywhere, or those who live in the rule's jurisdiction."""

    SUBJECTS = "subjects"
    RESIDENTS = "residents"
    RESIDENTS_OF_ONE_STATE = "residents_of_one_state"


class OnEncryption(StrEnum):
    """What it does to a duty that all of the data was encrypted."""

    SUPPRESSES = "suppresses"
    REVIEW = "review"


class OnPause(StrEnum):
    """What a pause does: the clock stands still, or nothing is due before the pause ends."""

    STOPS = "stops_the_clock"
    DEFERS = "defers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """How periods are counted under one body of law."""

    id: str
    citation: str
    source: str
    verified_on: date
    confidence: Confidence
    event_hour_counts: bool = True
    hours_roll: Roll = Roll.NONE
    days_roll: Roll = Roll.NONE
    doubt: str | None = None
    """What is not settled about it."""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """So many hours, days, working days or months from a time; for `days_after_year_end`, from
    the end of the calendar year in which that time lies.
    """

    origin: tuple[str, ...]
    """Which time starts it: the first of these that came."""
    shape: Shape
    length: int
    falls_away_after: str | None = None
    """Within `earlier_of`: a time that, if it comes after this period has ended, voids it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When it is due: the earliest of some periods; or, without a number in law, our own target."""

    periods: tuple[Period, ...] = ()
    no_number: str | None = None
    """The law's words where it names no number."""
    target: Period | None = None
    counting: str = ""
    no_roll_for: tuple[str, ...] = ()
    """Capacities that a roll to the next working day does not relieve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """From how many on."""

    counts: Counted
    comparator: Comparator
    value: int

    def holds(self, count: int) -> bool:
        """Whether so many reach it."""
        match self.comparator:
            case Comparator.MORE_THAN:
                return count > self.value
            case Comparator.AT_LEAST:
                return count >= self.value
            case Comparator.FEWER_THAN:
                return count < self.value
            case Comparator.AT_MOST:
                return count <= self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """What follows if the data was encrypted and no key was exposed."""

    effect: OnEncryption
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A longer period that may be taken with reasons, told before the first one ends."""

    id: str
    adds: int
    citation: str
    needs: str
    """What has to be told, and to whom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What may hold the clock."""

    id: str
    effect: OnPause
    citation: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Something that the notice or answer has to hold."""

    id: str
    says: str
    citation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One duty toward one recipient. `digest` is of all that it says, however it was written."""

    id: str
    pack: str
    title: str
    concerns: Concerns
    regime: str
    jurisdiction: str
    basis: Basis
    duty: Duty
    recipient: Recipient
    to: str
    """The recipient by name, for a person."""
    citation: str
    source: str
    verified_on: date
    confidence: Confidence
    confirmed_by: str | None = None
    note: str | None = None
    effective_from: date | None = None
    effective_until: date | None = None
    capacities: tuple[str, ...] = ()
    """Who is bound: `controller`, `hipaa_covered_entity`, … Empty: everyone."""
    not_for: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    """Facts that have to hold: `risk`, `high_risk`, … A fact that nobody decided yet holds."""
    requests: tuple[str, ...] = ()
    """Kinds of requests that it answers before the regime's other rules do: `objection`. Empty:
    those that no other rule of the regime names."""
    threshold: Threshold | None = None
    encryption: Encryption | None = None
    deadline: Deadline = field(default_factory=Deadline)
    extensions: tuple[Extension, ...] = ()
    pauses: tuple[Pause, ...] = ()
    contents: tuple[Content, ...] = ()
    must_not_hold: tuple[str, ...] = ()
    late: str | None = None
    """What a late notice has to say besides."""
    digest: str = ""

    def standing(self, on: date) -> Standing:
        """How the rule stands on that day. It is followed only as law or as own policy."""
        if self.effective_from is None or on < self.effective_from:
            return Standing.NOT_IN_FORCE
        if self.effective_until is not None and on >= self.effective_until:
            return Standing.NOT_IN_FORCE
        if self.basis is Basis.POLICY:
            return Standing.POLICY
        return Standing.LAW if self.confidence in FOLLOWED else Standing.UNVERIFIED

    def followed(self, on: date) -> bool:
        """Whether what it asks for is asked for on that day."""
        return self.standing(on) in (Standing.LAW, Standing.POLICY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A jurisdiction: what it lies in, its time zone, and the calendar of its holidays."""

    id: str
    name: str
    within: tuple[str, ...]
    time_zone: str
    calendar: str | None
    """As the `holidays` library names it: `BR`, `US-CA`; None: weekends alone are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A file of rules."""

    id: str
    title: str
    rules: tuple[Rule, ...]
    countings: tuple[Counting, ...]
    places: tuple[Place, ...]
    replaces: tuple[str, ...] = ()
    """Rules of other packs that this one replaces or takes out."""
