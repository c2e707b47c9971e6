"""What enforcement answers: the decision, what it rests on, and its proof.

An answer is given when a contract was applied to a payload, also when it refused: the decision,
the coverage and the audit position are then the proof of that refusal. What keeps a contract from
being applied at all (none in force, unreadable payload, dead detector) is a PrivacyError instead.

Paths are JSON Pointers (RFC 6901); the root is the empty string. These values are built by
enforcement alone, so a contradiction in one is a fault of ours: ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from privacy_service.contracts.dates import DateWarning
from privacy_service.contracts.model import TermSource, TreatmentKind
from privacy_service.enforcement.findings import Gap, Place


class Effect(StrEnum):
    """What became of the payload."""

    ALLOW = "ALLOW"
    """Released as it came."""
    TREATED = "TREATED"
    """Released, with fields removed or values changed."""
    HOLD = "HOLD"
    """Not released; a person may still release it."""
    REFUSE = "REFUSE"
    """Not released."""

    @property
    def releases(self) -> bool:
        return self in (Effect.ALLOW, Effect.TREATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReason:
    """Why, in one stable code and one fixed sentence; where and for which entity, if one is."""

    code: str
    message: str
    path: str | None = None
    entity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The effect, and every reason for it. What is not released has at least one reason."""

    effect: Effect
    reasons: tuple[DecisionReason, ...] = ()

    def __post_init__(self) -> None:
        _hold(self.effect.releases or bool(self.reasons), "a refusal needs a reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageGap:
    """So many texts at or below `path` that were not inspected whole, and why."""

    kind: Gap
    path: str
    count: int = 1

    def __post_init__(self) -> None:
        _hold(self.count > 0, "a gap counts at least one text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was looked at, of what was left after minimizing.

    `values_total` counts scalars; `values_inspected` those inspected whole; `keys_inspected`
    member names; `values_by_model` the values that the language model read too. `rounds` is how
    often the payload was inspected: the second round looks at what comes out.
    """

    values_total: int
    values_inspected: int
    keys_inspected: int
    values_by_model: int
    gaps: tuple[CoverageGap, ...] = ()
    rounds: int = 1

    def __post_init__(self) -> None:
        counts = (self.keys_inspected, self.values_by_model, self.rounds)
        _hold(all(count >= 0 for count in counts), "counts are not negative")
        _hold(0 <= self.values_inspected <= self.values_total, "inspected is at most total")

    @property
    def complete(self) -> bool:
        """Whether every value was inspected whole: the default condition for release."""
        return not self.gaps and self.values_inspected == self.values_total


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedTreatment:
    """One treatment at one place.

    `entity` is the finding's or declared entity, None for a field treated as such. `count` is how
    many values or findings. `type_changed`: the JSON type could not be kept. `source`: whose term.
    """

    path: str
    treatment: TreatmentKind
    source: TermSource
    entity: str | None = None
    count: int = 1
    type_changed: bool = False

    def __post_init__(self) -> None:
        _hold(self.count > 0, "a treatment that touched nothing was not applied")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractStamp:
    """A contract version that was applied, and the partner whose terms it holds."""

    id: str
    version: int
    digest: str
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditStamp:
    """Where the proof stands in the audit log named `origin`.

    `position` is the effect's entry, `attempt` the attempt's. `tree_size` is the size of the log
    once the effect was in it, None when that is not known in this transaction.
    """

    position: int
    attempt: int
    origin: str
    tree_size: int | None = None

    def __post_init__(self) -> None:
        _hold(0 <= self.attempt < self.position, "the attempt comes before its effect")
        _hold(self.tree_size is None or self.tree_size > self.position, "the entry is in the tree")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a transfer or preview comes to.

    `payload` is None unless the effect releases. `review_id` names the review that a held one waits
    for. `decided_by` says per term (`purposes`,
    `fields:$.email`, `entities:US_SSN`) whose word won where one party was stricter. A preview
    has no `audit`, `disclosure_id` or `record_id`: it records no effect. `warnings` are dates of
    the contracts that come near or are past.
    """

    decision: Decision
    coverage: Coverage
    content_type: str
    payload: bytes | None = field(default=None, repr=False)
    treatments: tuple[AppliedTreatment, ...] = ()
    contracts: tuple[ContractStamp, ...] = ()
    decided_by: Mapping[str, TermSource] = field(default_factory=dict)
    audit: AuditStamp | None = None
    disclosure_id: str | None = None
    record_id: str | None = None
    review_id: str | None = None
    warnings: tuple[DateWarning, ...] = ()

    def __post_init__(self) -> None:
        released = self.payload is not None
        _hold(released == self.decision.effect.releases, "a payload goes out with a release only")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedFinding:
    """Personal data found by Inspect.

    `start` and `end` are code points of the decoded value at `path` (of the key where `place` is
    KEY); `original_start` and `original_end` are code points of the payload as it was sent.
    """

    entity: str
    path: str
    place: Place
    start: int
    end: int
    original_start: int
    original_end: int
    score: float
    detector: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectAnswer:
    """Every finding in document order, and what was looked at."""

    findings: tuple[LocatedFinding, ...]
    coverage: Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealAnswer:
    """The value that the token stood for, and the audit entry that says it was revealed."""

    value: str = field(repr=False)
    audit: AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredEntity:
    """How many tokens of one entity were replaced by their values."""

    entity: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreAnswer:
    """The content with its tokens restored. `left` are words that could be tokens and stayed."""

    content: bytes = field(repr=False)
    content_type: str
    restored: tuple[RestoredEntity, ...]
    left: int
    audit: AuditStamp


def _hold(holds: object, says: str, /) -> None:
    if not holds:
        raise ValueError(says)
