"""What the servicers ask of the rest of the service: one desk for each service of the API.

A desk method is named after its RPC, takes the caller, a plain request and the seconds that are
left, and raises PrivacyError: NOT_YOUR_PARTNER (or a NOT_FOUND) for what belongs to others, and
DEADLINE_PASSED when the seconds are over. Requests come with the rules of the .proto files kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from privacy_service.access import Caller
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.report import BehaviorReport
from privacy_service.behavior.request import CheckRequest
from privacy_service.breaches.breach import Breach, BreachState
from privacy_service.breaches.notices import BreachNotice, Phase
from privacy_service.breaches.notices import Decision as NoticeDecision
from privacy_service.breaches.obligations import Obligation
from privacy_service.breaches.quarantine import Quarantine, Stopped
from privacy_service.breaches.scope import ScopeQuestion
from privacy_service.breaches.statements import Nature, Scoped, Statement, TimeSaid
from privacy_service.contracts.model import ContractVersion
from privacy_service.enforcement.answer import (
    Answer,
    AuditStamp,
    InspectAnswer,
    RestoreAnswer,
    RevealAnswer,
)
from privacy_service.enforcement.request import (
    InspectRequest,
    PreviewRequest,
    RestoreRequest,
    RevealRequest,
    SubjectRef,
    TransferRequest,
)
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.reviews.review import Review
from privacy_service.schedules.schedule import Action, RetentionSchedule
from privacy_service.schedules.sweep import Sweep
from privacy_service.schedules.verdict import Verdict
from privacy_service.subjects.consent import (
    ConsentRecord,
    ConsentState,
    ConsentTerms,
    Expression,
)
from privacy_service.subjects.erasures import Count
from privacy_service.subjects.holds import HeldUse, LegalHold
from privacy_service.subjects.notices import Notice
from privacy_service.subjects.requests import IdentityLevel, RequestKind, SubjectRequest

if TYPE_CHECKING:
    from privacy_service.desks.keys import KeyDesk

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


class EnforcementDesk(Protocol):
    """EnforcementService; `enforcement/` is behind it."""

    def transfer(
        self, caller: Caller, request: TransferRequest, *, seconds: float | None
    ) -> Answer: ...

    def preview(
        self, caller: Caller, request: PreviewRequest, *, seconds: float | None
    ) -> Answer: ...

    def inspect(
        self, caller: Caller, request: InspectRequest, *, seconds: float | None
    ) -> InspectAnswer: ...


class RevealDesk(Protocol):
    """What EnforcementService does with tokens; `enforcement/reveal.py` is behind it."""

    def reveal(
        self, caller: Caller, request: RevealRequest, *, seconds: float | None
    ) -> RevealAnswer: ...

    def restore(
        self, caller: Caller, request: RestoreRequest, *, seconds: float | None
    ) -> RestoreAnswer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PutContract:
    """`expected_version`: 0 for a contract that is not there yet, None for whatever there is."""

    source: str = field(repr=False)
    expected_version: int | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetContract:
    """`version` None: the newest."""

    contract_id: str
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListContracts:
    """`partner` None: all that the caller may see."""

    partner: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListContractVersions:
    contract_id: str
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class GetContractInForce:
    """`at` None: now."""

    sender: str
    recipient: str
    purpose: str
    at: datetime | None = None


class ContractDesk(Protocol):
    """ContractService. Lists come sorted: contracts by id, versions newest first."""

    def put_contract(
        self, caller: Caller, request: PutContract, *, seconds: float | None
    ) -> ContractVersion: ...

    def get_contract(
        self, caller: Caller, request: GetContract, *, seconds: float | None
    ) -> ContractVersion: ...

    def list_contracts(
        self, caller: Caller, request: ListContracts, *, seconds: float | None
    ) -> Page[ContractVersion]: ...

    def list_contract_versions(
        self, caller: Caller, request: ListContractVersions, *, seconds: float | None
    ) -> Page[ContractVersion]: ...

    def get_contract_in_force(
        self, caller: Caller, request: GetContractInForce, *, seconds: float | None
    ) -> tuple[ContractVersion, ...]:
        """The sender's, the recipient's, or both in this order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """`size` is the content's in bytes; `content` is None but in the answer to `get_record`."""

    partner: str
    id: str
    content_type: str
    size: int
    created_at: datetime
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRecord:
    partner: str
    record_id: str
    content_type: str
    content: bytes = field(repr=False)
    subjects: tuple[SubjectRef, ...] = ()
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRecord:
    """`claim` is the id of the legal hold for whose matter it is opened."""

    partner: str
    record_id: str
    claim: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRecords:
    partner: str
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRecord:
    partner: str
    record_id: str
    request_id: str


class RecordDesk(Protocol):
    """RecordService. Records come sorted by id."""

    def put_record(
        self, caller: Caller, request: PutRecord, *, seconds: float | None
    ) -> Record: ...

    def get_record(
        self, caller: Caller, request: GetRecord, *, seconds: float | None
    ) -> Record: ...

    def list_records(
        self, caller: Caller, request: ListRecords, *, seconds: float | None
    ) -> Page[Record]: ...

    def delete_record(
        self, caller: Caller, request: DeleteRecord, *, seconds: float | None
    ) -> AuditStamp: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    """What is None is not named; at least one of subjects, partner, contract and query is.

    `query` is a record query as it was written.
    """

    subjects: tuple[SubjectRef, ...] = ()
    partner: str | None = None
    contract: str | None = None
    query: str | None = None
    matter: str
    reason: str = field(repr=False)
    approver: str
    review_on: date
    use: HeldUse = HeldUse.RESTRICTED
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHolds:
    """`lifted`: also those that hold no more. `subject`: those that name this person."""

    lifted: bool = False
    subject: SubjectRef | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeLift:
    hold_id: str
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmLift:
    hold_id: str
    request_id: str


class LegalHoldDesk(Protocol):
    """LegalHoldService. Holds come sorted by id. What changes one answers with its proof."""

    def place_hold(
        self, caller: Caller, request: PlaceHold, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]: ...

    def get_hold(self, caller: Caller, hold_id: str, *, seconds: float | None) -> LegalHold: ...

    def list_holds(
        self, caller: Caller, request: ListHolds, *, seconds: float | None
    ) -> Page[LegalHold]: ...

    def propose_lift(
        self, caller: Caller, request: ProposeLift, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]: ...

    def confirm_lift(
        self, caller: Caller, request: ConfirmLift, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsent:
    """`subjects` and `terms` are those of a new record; for one that is there they may be left out.

    `at` None: now.
    """

    partner: str
    record_id: str
    subjects: tuple[SubjectRef, ...] = ()
    terms: ConsentTerms | None = None
    state: ConsentState
    at: datetime | None = None
    expression: Expression = Expression.EXPLICIT
    by: str = "data-subject"
    valid_for: str | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent:
    """One record, or all that are in force of one person: the other is None."""

    partner: str
    record_id: str | None = None
    subject: SubjectRef | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetConsent:
    partner: str
    record_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListConsents:
    """What is None is not asked."""

    partner: str | None = None
    subject: SubjectRef | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentNow:
    """A consent record, and the instant at which its state is told."""

    record: ConsentRecord
    at: datetime


class ConsentDesk(Protocol):
    """ConsentService. Records come sorted by partner and id."""

    def record_consent(
        self, caller: Caller, request: RecordConsent, *, seconds: float | None
    ) -> tuple[ConsentNow, AuditStamp]: ...

    def withdraw_consent(
        self, caller: Caller, request: WithdrawConsent, *, seconds: float | None
    ) -> tuple[tuple[str, ...], AuditStamp]:
        """The ids of what was withdrawn, and the proof."""
        ...

    def get_consent(
        self, caller: Caller, request: GetConsent, *, seconds: float | None
    ) -> ConsentNow: ...

    def list_consents(
        self, caller: Caller, request: ListConsents, *, seconds: float | None
    ) -> Page[ConsentNow]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBreach:
    """`capacities` and `seats` empty: as the settings say."""

    title: str
    natures: tuple[Nature, ...] = ()
    capacities: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    times: tuple[TimeSaid, ...] = ()
    drill: bool = False
    says: str = field(default="", repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBreach:
    """`entry` None: as it is now."""

    breach_id: str
    entry: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBreaches:
    """`state` None: any. `drills`: those too."""

    state: BreachState | None = None
    drills: bool = False
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStatement:
    """`expected`: the last entry that the caller knows; None: whatever there is."""

    breach_id: str
    statement: Statement = field(repr=False)
    expected: int | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeBreach:
    """`breach_id` None: the answer is not kept. `subject` goes into the question as a digest."""

    question: ScopeQuestion
    subject: SubjectRef | None = None
    breach_id: str | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachView:
    """A breach with what is asked for, and until when its record is kept."""

    breach: Breach
    obligations: tuple[Obligation, ...]
    keep_until: date | None


class BreachDesk(Protocol):
    """BreachService. Breaches come sorted by id. What says something answers with its proof."""

    def open_breach(
        self, caller: Caller, request: OpenBreach, *, seconds: float | None
    ) -> tuple[BreachView, AuditStamp]: ...

    def get_breach(
        self, caller: Caller, request: GetBreach, *, seconds: float | None
    ) -> BreachView: ...

    def list_breaches(
        self, caller: Caller, request: ListBreaches, *, seconds: float | None
    ) -> Page[BreachView]: ...

    def record_statement(
        self, caller: Caller, request: RecordStatement, *, seconds: float | None
    ) -> tuple[BreachView, AuditStamp]: ...

    def count_scope(
        self, caller: Caller, request: ScopeBreach, *, seconds: float | None
    ) -> Scoped: ...

    def scope_breach(
        self, caller: Caller, request: ScopeBreach, *, seconds: float | None
    ) -> tuple[Scoped, BreachView, AuditStamp]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinePartner:
    """`breach_id` None: for no breach."""

    partner: str
    stopped: Stopped = Stopped.EVERYTHING
    breach_id: str | None = None
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuarantines:
    """`lifted`: also those that hold no more."""

    lifted: bool = False
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRelease:
    quarantine_id: str
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRelease:
    quarantine_id: str
    request_id: str


class ContainmentDesk(Protocol):
    """BreachService on containment. What changes a quarantine answers with its proof."""

    def quarantine(
        self, caller: Caller, request: QuarantinePartner, *, seconds: float | None
    ) -> tuple[Quarantine, AuditStamp]: ...

    def list_quarantines(
        self, caller: Caller, request: ListQuarantines, *, seconds: float | None
    ) -> Page[Quarantine]: ...

    def propose_release(
        self, caller: Caller, request: ProposeRelease, *, seconds: float | None
    ) -> tuple[Quarantine, AuditStamp]: ...

    def confirm_release(
        self, caller: Caller, request: ConfirmRelease, *, seconds: float | None
    ) -> tuple[Quarantine, AuditStamp]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedIdentifier:
    """One way in which a person is known; `partner` for a word of one partner alone."""

    type: str
    value: str = field(repr=False)
    partner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRequest:
    """`regime` is one of the rule packs', or a rule of them; `place` where the clock is read.
    `received_at` None: now. `purpose` is what an objection is to.
    """

    kind: RequestKind
    identifiers: tuple[NamedIdentifier, ...]
    regime: str
    place: str
    received_at: datetime | None = None
    purpose: str | None = None
    request_id: str


class StepKind(StrEnum):
    """What an officer can do to a request."""

    CHECK_IDENTITY = "check_identity"
    ASK = "ask"
    ANSWERED = "answered"
    EXTEND = "extend"
    START = "start"
    DISCLOSE = "disclose"
    REFUSE = "refuse"
    NOTE = "note"
    ANNOUNCE_LIFT = "announce_lift"
    LIFT = "lift"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStep:
    """`says` is a coded reason, the note's text, or the public key that a bundle is made for;
    `level` and `evidence` (SHA-256 in hex) are for a check of identity.
    """

    subject_request_id: str
    step: StepKind
    says: str = ""
    level: IdentityLevel | None = None
    evidence: str = field(default="", repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequests:
    """`closed`: also those that are closed; `overdue`: only those; `subject`: about this person."""

    closed: bool = False
    overdue: bool = False
    subject: SubjectRef | None = None
    place: Place = Place()


class Happened(Protocol):
    """One line of a request's history."""

    @property
    def at(self) -> datetime: ...
    @property
    def by(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def says(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDetails:
    """A request, who is told of it, and what was done to it."""

    request: SubjectRequest
    overdue: bool = False
    notices: tuple[Notice, ...] = ()
    history: tuple[Happened, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePart:
    """One part of a bundle, encrypted; of how many."""

    sealed: str = field(repr=False)
    parts: int


class ErasurePlan(Protocol):
    """What an erasure would do."""

    @property
    def deleted(self) -> tuple[Count, ...]: ...
    @property
    def kept(self) -> tuple[Count, ...]: ...
    @property
    def recipients(self) -> tuple[str, ...]: ...


class SubjectRequestDesk(Protocol):
    """SubjectRequestService. Requests come sorted by id."""

    def submit_request(
        self, caller: Caller, request: SubmitRequest, *, seconds: float | None
    ) -> tuple[RequestDetails, AuditStamp]: ...

    def get_request(
        self, caller: Caller, request_id: str, *, seconds: float | None
    ) -> RequestDetails: ...

    def list_requests(
        self, caller: Caller, request: ListRequests, *, seconds: float | None
    ) -> Page[RequestDetails]: ...

    def take_step(
        self, caller: Caller, request: TakeStep, *, seconds: float | None
    ) -> tuple[RequestDetails, AuditStamp]: ...

    def plan_erasure(
        self, caller: Caller, request_id: str, *, seconds: float | None
    ) -> ErasurePlan: ...

    def get_erasure_receipt(self, caller: Caller, request_id: str, *, seconds: float | None) -> str:
        """The receipt's file, as text."""
        ...

    def get_bundle_part(
        self, caller: Caller, request_id: str, number: int, *, seconds: float | None
    ) -> BundlePart: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNotices:
    """`settled`: also those of which nothing more will come."""

    partner: str
    settled: bool = False
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmNotice:
    notice_id: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcuseNotice:
    """`reason` is coded."""

    notice_id: str
    reason: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PutNoticeAddress:
    partner: str
    url: str = field(repr=False)
    request_id: str


class NoticeDesk(Protocol):
    """NoticeService. Notices come sorted by id."""

    def list_notices(
        self, caller: Caller, request: ListNotices, *, seconds: float | None
    ) -> Page[Notice]: ...

    def confirm_notice(
        self, caller: Caller, request: ConfirmNotice, *, seconds: float | None
    ) -> tuple[Notice, AuditStamp]: ...

    def excuse_notice(
        self, caller: Caller, request: ExcuseNotice, *, seconds: float | None
    ) -> tuple[Notice, AuditStamp]: ...

    def put_notice_address(
        self, caller: Caller, request: PutNoticeAddress, *, seconds: float | None
    ) -> tuple[str, AuditStamp]:
        """The secret that the partner verifies calls with."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PutSchedule:
    source: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleVersion:
    """One version of a schedule. `in_force` says whether it holds now."""

    schedule: RetentionSchedule
    number: int
    digest: str
    in_force: bool
    source: str = field(repr=False)
    put_at: datetime
    put_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainRecord:
    partner: str
    record_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRecord:
    """How long a record stays. `due` is what is due now, `demanded_by` the schedule that keeps it
    all the same, `protected_by` the code of what else does; None: nothing.
    """

    verdict: Verdict
    due: Action | None = None
    demanded_by: str | None = None
    protected_by: str | None = None
    restricted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSweep:
    """`force`: it runs as soon as it is planned."""

    force: bool = False
    request_id: str


class SweepControl(StrEnum):
    """What may be done with a sweep."""

    RUN = "run"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSweep:
    sweep_id: str
    control: SweepControl
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSweepTimes:
    """`cron` empty: never."""

    cron: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepTimesNow:
    """When sweeps begin by themselves: a cron expression in UTC, empty for never."""

    cron: str
    next: datetime | None


class RetentionDesk(Protocol):
    """RetentionService. Schedules come sorted by id, sweeps newest first."""

    def put_schedule(
        self, caller: Caller, request: PutSchedule, *, seconds: float | None
    ) -> tuple[ScheduleVersion, AuditStamp]: ...

    def list_schedules(
        self, caller: Caller, *, seconds: float | None
    ) -> tuple[ScheduleVersion, ...]: ...

    def explain_record(
        self, caller: Caller, request: ExplainRecord, *, seconds: float | None
    ) -> ExplainedRecord: ...

    def start_sweep(
        self, caller: Caller, request: StartSweep, *, seconds: float | None
    ) -> tuple[Sweep, AuditStamp]: ...

    def control_sweep(
        self, caller: Caller, request: ControlSweep, *, seconds: float | None
    ) -> tuple[Sweep, AuditStamp]: ...

    def get_sweep(self, caller: Caller, sweep_id: str, *, seconds: float | None) -> Sweep: ...

    def list_sweeps(
        self, caller: Caller, place: Place, *, seconds: float | None
    ) -> Page[Sweep]: ...

    def get_certificate(self, caller: Caller, sweep_id: str, *, seconds: float | None) -> str: ...

    def set_sweep_times(
        self, caller: Caller, request: SetSweepTimes, *, seconds: float | None
    ) -> tuple[SweepTimesNow, AuditStamp]: ...

    def get_sweep_times(self, caller: Caller, *, seconds: float | None) -> SweepTimesNow: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftBreachNotice:
    """`contents` are in the officer's words, by the ids of the rule. `place` None: the rule's."""

    breach_id: str
    rule_id: str
    place: str | None = None
    phase: Phase = Phase.INITIAL
    language: str = "en"
    contents: Mapping[str, str] = field(default_factory=dict, repr=False)
    to: str = field(default="", repr=False)
    reasons_for_delay: str = field(default="", repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideBreachNotice:
    """`digest` is that of what the caller saw."""

    notice_id: str
    digest: str
    decision: NoticeDecision
    says: str = field(default="", repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBreachNotice:
    """`digest` is that of what was approved."""

    notice_id: str
    digest: str
    request_id: str


class BreachNoticeDesk(Protocol):
    """BreachNoticeService. What changes a notice answers with its proof."""

    def draft_notice(
        self, caller: Caller, request: DraftBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]: ...

    def get_notice(
        self, caller: Caller, notice_id: str, *, seconds: float | None
    ) -> BreachNotice: ...

    def list_notices(
        self, caller: Caller, breach_id: str, *, seconds: float | None
    ) -> tuple[BreachNotice, ...]: ...

    def decide_notice(
        self, caller: Caller, request: DecideBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]: ...

    def send_notice(
        self, caller: Caller, request: SendBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """`leaf` is the exact bytes that the log's tree is made of; `digest` the hash that the tree has
    there: another one where someone has changed the entry since.
    """

    position: int
    leaf: bytes
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntries:
    """From `start_position` on; a cursor in `place` stands for a later one."""

    start_position: int = 0
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class GetInclusionProof:
    position: int
    tree_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """`leaf` are the entry's bytes, empty for a caller who may not read them."""

    leaf_hash: bytes
    hashes: tuple[bytes, ...]
    leaf: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetConsistencyProof:
    first_tree_size: int
    second_tree_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDisclosures:
    """`partner` matches either side; `version` narrows `contract_id`; `since` is inclusive, `until`
    exclusive; what is None is not asked.
    """

    partner: str | None = None
    subject: SubjectRef | None = None
    sender: str | None = None
    recipient: str | None = None
    contract_id: str | None = None
    version: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportEvidence:
    """What an archive is to be about; all that is not None must hold, and something is asked.

    `resource` is the id of what acts were about: a subject's request, a breach, a record, a
    contract. `with_disclosures` adds what was disclosed about the people whom those acts name.
    """

    resource: str | None = None
    subject: SubjectRef | None = None
    partner: str | None = None
    contract_id: str | None = None
    version: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    with_disclosures: bool = False


class AuditDesk(Protocol):
    """AuditService. Proofs raise AUDIT_RANGE_INVALID for what is not in the log."""

    def list_entries(
        self, caller: Caller, request: ListEntries, *, seconds: float | None
    ) -> Page[LogEntry]: ...

    def get_checkpoint(self, caller: Caller, *, seconds: float | None) -> str:
        """The newest checkpoint as a signed note."""
        ...

    def get_inclusion_proof(
        self, caller: Caller, request: GetInclusionProof, *, seconds: float | None
    ) -> InclusionProof: ...

    def get_consistency_proof(
        self, caller: Caller, request: GetConsistencyProof, *, seconds: float | None
    ) -> tuple[bytes, ...]: ...

    def list_disclosures(
        self, caller: Caller, request: ListDisclosures, *, seconds: float | None
    ) -> Page[Disclosure]: ...

    def export_evidence(
        self, caller: Caller, request: ExportEvidence, *, seconds: float | None
    ) -> bytes:
        """A signed archive. Raises EVIDENCE_NOT_FOUND and EVIDENCE_TOO_LARGE."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBehavior:
    """`expected_version`: 0 for a contract that is not there yet, None for whatever there is."""

    source: str = field(repr=False)
    expected_version: int | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBehaviorReport:
    """`until` None: now; `since` None: a week before."""

    contract_id: str
    since: datetime | None = None
    until: datetime | None = None


class BehaviorDesk(Protocol):
    """BehaviorService. Contracts come sorted by id."""

    def put_behavior_contract(
        self, caller: Caller, request: PutBehavior, *, seconds: float | None
    ) -> BehaviorVersion: ...

    def get_behavior_contract(
        self, caller: Caller, request: GetContract, *, seconds: float | None
    ) -> BehaviorVersion: ...

    def list_behavior_contracts(
        self, caller: Caller, request: ListContracts, *, seconds: float | None
    ) -> Page[BehaviorVersion]: ...

    def get_behavior_report(
        self, caller: Caller, request: GetBehaviorReport, *, seconds: float | None
    ) -> BehaviorReport: ...

    def check(
        self, caller: Caller, request: CheckRequest, *, seconds: float | None
    ) -> CheckAnswer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReviews:
    """`partner` matches either side; `decided`: also those that were decided."""

    partner: str | None = None
    decided: bool = False
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReview:
    review_id: str
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedReview:
    """A review with what waits. `answer` is what approval would give."""

    review: Review
    payload: bytes = field(repr=False)
    answer: Answer
    audit: AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignReview:
    """`to` empty: anybody."""

    review_id: str
    to: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideReview:
    """`seen` is the digest of what was looked at."""

    review_id: str
    seen: str
    note: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReview:
    review_id: str
    seen: str
    payload: bytes = field(repr=False)
    request_id: str


class ReviewDesk(Protocol):
    """ReviewService. Reviews come sorted by the end of their time."""

    def list_reviews(
        self, caller: Caller, request: ListReviews, *, seconds: float | None
    ) -> Page[Review]: ...

    def get_review(self, caller: Caller, review_id: str, *, seconds: float | None) -> Review: ...

    def open_review(
        self, caller: Caller, request: OpenReview, *, seconds: float | None
    ) -> OpenedReview: ...

    def assign_review(
        self, caller: Caller, request: AssignReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]: ...

    def approve_review(
        self, caller: Caller, request: DecideReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]: ...

    def reject_review(
        self, caller: Caller, request: DecideReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]: ...

    def edit_review(
        self, caller: Caller, request: EditReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]: ...

    def collect_review(
        self, caller: Caller, review_id: str, *, seconds: float | None
    ) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """One of each, for the server."""

    enforcement: EnforcementDesk
    revealing: RevealDesk
    behavior: BehaviorDesk
    reviews: ReviewDesk
    contracts: ContractDesk
    records: RecordDesk
    holds: LegalHoldDesk
    requests: SubjectRequestDesk
    notices: NoticeDesk
    breaches: BreachDesk
    containment: ContainmentDesk
    breach_notices: BreachNoticeDesk
    consents: ConsentDesk
    retention: RetentionDesk
    keys: KeyDesk
    audit: AuditDesk
