"""What can be said of a breach. Statements are appended and never changed: a correction is a later
one about the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.law.reach import Count


class Source(StrEnum):
    """Who noticed."""

    PERSON = "person"
    PARTNER = "partner"
    SERVICE = "service"


class Nature(StrEnum):
    """What was hurt."""

    CONFIDENTIALITY = "confidentiality"
    INTEGRITY = "integrity"
    AVAILABILITY = "availability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The first statement. `title` names no person. A drill is marked as such for good."""

    kind: ClassVar[str] = "opened"
    title: str
    source: Source
    reported_by: str | None = None
    """The partner that told us."""
    natures: tuple[Nature, ...] = ()
    capacities: tuple[str, ...] = ()
    """What we are in it: `controller`, `financial_entity`, …"""
    seats: tuple[str, ...] = ()
    """Where we are established."""
    drill: bool = False
    says: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        require("title", bool(self.title.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSaid:
    """When something was: `awareness`, `detection`, … with the evidence for it."""

    kind: ClassVar[str] = "time"
    name: str
    at: datetime
    evidence: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsSaid:
    """What is known of scope and protection. What is None is not said."""

    kind: ClassVar[str] = "facts"
    total: Count | None = None
    residents: Mapping[str, Count] = field(default_factory=dict)
    capacities: tuple[str, ...] | None = None
    seats: tuple[str, ...] | None = None
    natures: tuple[Nature, ...] | None = None
    encrypted: bool | None = None
    key_exposed: bool | None = None
    evidence: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """What the ledger and the record store said was concerned, and what was asked of them."""

    kind: ClassVar[str] = "scope"
    question: Mapping[str, str]
    subjects: int
    disclosures: int = 0
    records: int = 0
    categories: Mapping[str, int] = field(default_factory=dict)
    recipients: Mapping[str, int] = field(default_factory=dict)
    contracts: Mapping[str, int] = field(default_factory=dict)
    """People by contract version; one person may be under several."""
    regions: Mapping[str, int] = field(default_factory=dict)
    """People by the region of the party whose data it was: an approximation."""
    protection: Mapping[str, int] = field(default_factory=dict)
    """Values that left, by how they were protected."""
    exposed: Mapping[str, int] = field(default_factory=dict)
    """Records by the exposed key that seals them."""
    unnamed: int = 0
    """Disclosures, or tokens under a key, that name nobody: their people are not counted."""
    tokens: int = 0
    several: int = 0
    """Disclosures and records that name more than one identifier: they may be one person's."""

    @property
    def is_approximate(self) -> bool:
        """Whether there may be more people than were counted, or fewer."""
        return self.unnamed > 0 or self.several > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What the service noticed by itself, and where the evidence is: entries of the audit log, what
    it is about by id or digest, and how many of what. `cause` and `severity` are words of
    `breaches/incidents.py`.
    """

    kind: ClassVar[str] = "noticed"
    cause: str
    about: str
    severity: str
    says: str = field(repr=False)
    positions: tuple[int, ...] = ()
    named: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """A decision about the risk: that no notice is needed is one, too."""

    kind: ClassVar[str] = "assessment"
    method: str
    """Whose factors were used: `edpb`, `hipaa`, `own`."""
    factors: Mapping[str, str] = field(repr=False)
    decided: Mapping[str, bool]
    """Conditions of rules: `risk`, `high_risk`, …"""
    decider: str
    reasons: str = field(repr=False)

    def __post_init__(self) -> None:
        require("decided", bool(self.decided))
        require("decider", bool(self.decider.strip()))
        require("reasons", bool(self.reasons.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseSaid:
    """A pause of clocks: who asked for it, from when, until when. A later one of the same id and
    start gives it its end.
    """

    kind: ClassVar[str] = "pause"
    id: str
    start: datetime
    until: datetime | None = None
    asked_by: str = field(repr=False)
    written: bool = False

    def __post_init__(self) -> None:
        require("until", self.until is None or self.until > self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionTaken:
    """A longer period was taken, and that was told."""

    kind: ClassVar[str] = "extension"
    rule: str
    id: str
    told_at: datetime
    reasons: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A notice or report reached its recipient."""

    kind: ClassVar[str] = "filing"
    rule: str
    at: datetime
    channel: str
    reference: str = ""
    place: str | None = None
    """Which authority, where a rule asks for several."""
    reasons_for_delay: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingFailed:
    """What was said to be filed did not arrive: it bounced, or was never sent."""

    kind: ClassVar[str] = "filing_failed"
    rule: str
    reference: str
    says: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """Somebody was reminded of an obligation, or alarmed: once for each stage of its clock."""

    kind: ClassVar[str] = "reminder"
    rule: str
    place: str
    stage: str
    due: str


LIFTED: Final = " lifted"
"""How what a measure is called ends that undoes another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureTaken:
    """Something was done to contain, mitigate or prevent."""

    kind: ClassVar[str] = "measure"
    what: str
    at: datetime
    says: str = field(repr=False)
    contained: bool = False
    """Whether the breach was contained with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSet:
    """Somebody has something to do. The same task again changes it."""

    kind: ClassVar[str] = "task"
    task: str
    title: str = field(repr=False)
    owner: str
    due_on: date
    corrective: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone:
    """A task was done."""

    kind: ClassVar[str] = "task_done"
    task: str
    says: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What was asked for from then on: each obligation by rule and place, as it was found."""

    kind: ClassVar[str] = "obligations"
    found: tuple[Mapping[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTaken:
    """Evidence went from here into somebody's hands: what, by its digest, whose, and why. Who took
    it out, and when, is who says so.
    """

    kind: ClassVar[str] = "custody"
    sha256: str
    to: str
    reason: str = field(repr=False)

    def __post_init__(self) -> None:
        require("to", bool(self.to.strip()))
        require("reason", bool(self.reason.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """It is over: causes, and what was learnt."""

    kind: ClassVar[str] = "closing"
    causes: str = field(repr=False)
    lessons: str = field(repr=False)
    breach: bool = True
    """False: it was found that there was none."""

    def __post_init__(self) -> None:
        require("causes", bool(self.causes.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    """It was not over."""

    kind: ClassVar[str] = "reopening"
    reasons: str = field(repr=False)


Statement = (
    Opened
    | TimeSaid
    | FactsSaid
    | Scoped
    | Noticed
    | Assessed
    | PauseSaid
    | ExtensionTaken
    | Filed
    | FilingFailed
    | Reminded
    | MeasureTaken
    | TaskSet
    | TaskDone
    | Computed
    | EvidenceTaken
    | Closed
    | Reopened
)

STATEMENTS: Mapping[str, type[Statement]] = {
    one.kind: one
    for one in (
        Opened, TimeSaid, FactsSaid, Scoped, Assessed, PauseSaid, ExtensionTaken, Filed,
        FilingFailed, Reminded,
        MeasureTaken, TaskSet, TaskDone, Computed, Closed, Reopened, Noticed,
        EvidenceTaken,
    )
}  # fmt: skip
"""Each kind of statement by its word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A statement in its place: `number` counts from 1, `at` is when it was said."""

    number: int
    at: datetime
    by: str
    statement: Statement


def require(name: str, holds: bool, /) -> None:  # noqa: FBT001
    """Raises REQUEST_INVALID for the field."""
    if not holds:
        raise PrivacyError(errors.REQUEST_INVALID, field=name)
