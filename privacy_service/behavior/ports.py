"""What judging asks of the world: the contracts, a place for proof, and the sharing contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import Outcome, Severity, Side
from privacy_service.behavior.request import CheckRequest
from privacy_service.contracts.course import Course
from privacy_service.contracts.dates import DateWarning
from privacy_service.enforcement.answer import Answer
from privacy_service.enforcement.ports import Passing, Release
from privacy_service.enforcement.request import TransferRequest
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether a check may go on: `refused` says why not; `probes` are what it is a probe of."""

    refused: PrivacyError | None = None
    probes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckBegun:
    """Where the attempt stands, the versions of the contracts of the two with how these stand, and
    whether the check may go on; or the answer that the request id was given before.
    """

    position: int
    versions: tuple[BehaviorVersion, ...] = ()
    courses: Mapping[str, Course] = field(default_factory=dict)
    admission: Admission = Admission()
    answer: CheckAnswer | None = None
    answered: bool = False
    """Whether the request id was answered before; without `answer`, it was not asked for what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecord:
    """What is kept of a check, for statistics: no content and nothing that was in it. `check_id` is
    its request id.
    """

    at: datetime
    check_id: str
    party: str
    provider: str
    contract_id: str
    number: int
    side: Side
    use_case: str | None
    outcome: Outcome
    broken: tuple[str, ...]
    failures: tuple[str, ...]
    confidence: float | None
    latency_ms: int | None
    words: int
    treated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCheck:
    """What waits for a person, with all that is needed to decide and to release it.

    `request` is what was asked, without its content. `answer` is the one that approval gives.
    `release` is what the sharing contract makes true with it, None where none is asked.
    """

    review_id: str
    request: CheckRequest
    answer: CheckAnswer
    release: Release | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A check that waits: why, how bad it is, until when, and who decides."""

    held: HeldCheck
    seen: str
    reasons: tuple[str, ...]
    severity: Severity
    held_at: datetime
    due_at: datetime
    expires_at: datetime
    four_eyes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A released output that people look at afterwards; two of them, if `doubly`."""

    held: HeldCheck
    seen: str
    reason: str
    held_at: datetime
    expires_at: datetime
    doubly: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What becomes true with a decided check, in one transaction.

    `inner` is the id of the transfer that holds the content, where there was one: the content is
    then kept there alone, under the keys of the people it is about. `hold`: it waits for a person.
    `draw` is the word that its contract was chosen with. `sample`: people look at it afterwards.
    `entry` names its attempt, but for what is settled at once: that has no position yet.
    """

    request_id: str
    request: str
    entry: AuditEntry
    answer: CheckAnswer
    record: CheckRecord
    inner: str | None = None
    probes: tuple[str, ...] = ()
    hold: Hold | None = None
    draw: str | None = None
    sample: Sample | None = None


class CheckLedger(Protocol):
    """Where checks are recorded.

    Every method raises STORE_UNAVAILABLE, KEYS_UNAVAILABLE or DEADLINE_PASSED instead of half an
    effect.
    """

    def begin(
        self,
        attempt: AuditEntry,
        *,
        provider: str,
        side: Side,
        use_case: str | None,
        request_id: str,
        request: str | None,
        draw: str | None,
        seconds: float | None,
    ) -> CheckBegun:
        """Records the attempt by itself, or finds that its request id was answered already.

        `request` None: it is not all there yet, so that an earlier answer is not given either.
        Raises REQUEST_ID_REUSED where the id was answered for another request.
        """
        ...

    def foreseen(self, request: CheckRequest, *, at: datetime) -> BehaviorVersion | None:
        """The version that would judge by what was last seen of the contracts of the two, for
        `settle_at_once` to confirm; None where nothing was seen, or none would.
        """
        ...

    def settle_at_once(
        self, attempt: AuditEntry, settlement: Settlement, *, seconds: float | None
    ) -> CheckAnswer | None:
        """What `begin` and then `settle` do, in one transaction: the attempt stands before its
        effect. None, and nothing was written, where the version is not the one in force by now, or
        anything at all is to be minded: then it has to begin.
        """
        ...

    def refuse_at_once(
        self,
        attempt: AuditEntry,
        effect: AuditEntry,
        version: BehaviorVersion,
        request: CheckRequest,
    ) -> bool:
        """Records an attempt, and as its effect why it came to nothing. False, and nothing was
        written, where `settle_at_once` would have answered None, or the request id was answered.
        """
        ...

    def in_force(self, request: CheckRequest, *, at: datetime) -> BehaviorVersion:
        """The version that judges a request by now. Raises what `judging` does."""
        ...

    def require_standing(
        self,
        version: BehaviorVersion,
        begun: CheckBegun,
        *,
        use_case: str | None,
        at: datetime,
        draw: str | None,
    ) -> None:
        """Whether something may still go out under this version, halfway.

        Raises what `settle` would.
        """
        ...

    def warnings(self, version: BehaviorVersion, *, at: datetime) -> tuple[DateWarning, ...]:
        """Dates of the version's contract that come near or are past."""
        ...

    def settle_together(
        self, settlement: Settlement, passing: Passing, *, seconds: float | None
    ) -> CheckAnswer | None:
        """What `settle` does, and in the same transaction the transfer by which the content was
        passed on. None, and nothing was written, where that has to be made by itself first: what
        it was weighed by is not so any more, or its id was answered before.
        """
        ...

    def settle(self, settlement: Settlement, *, seconds: float | None) -> CheckAnswer:
        """Makes a decided check true; the answer with its audit stamp.

        If the same request id won a race, that one's answer is returned and nothing is done.
        Raises CONTRACT_SUPERSEDED where another version is in force by now, and PROVIDER_HALTED,
        ASK_ANOTHER_PARTNER or COLLECTION_HALTED where that was said meanwhile.
        """
        ...

    def record(self, entry: AuditEntry, *, seconds: float | None) -> int:
        """Appends an entry by itself. Its position."""
        ...


class PersonalData(Protocol):
    """The sharing contract of the two, applied: `enforcement/` is behind it."""

    def transfer(
        self, caller: Caller, request: TransferRequest, *, seconds: float | None
    ) -> Answer:
        """As the sender."""
        ...

    def receive(self, caller: Caller, request: TransferRequest, *, seconds: float | None) -> Answer:
        """As the recipient."""
        ...

    def passing(
        self, caller: Caller, request: TransferRequest, *, attempt: int, seconds: float | None
    ) -> Passing:
        """Either, to become true with the check whose attempt that is."""
        ...

    def weigh(
        self, caller: Caller, request: TransferRequest, *, attempt: int, seconds: float | None
    ) -> Release:
        """What either would make true at this moment, with no effect."""
        ...

    def reexamine(self, waiting: Release, payload: bytes, *, seconds: float | None) -> Release:
        """What a release that waits becomes with another payload. Raises REVIEW_EDIT_REFUSED."""
        ...
