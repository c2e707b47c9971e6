"""Desks in memory, that keep the promises of `desks/ports` and remember what they were asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import BehaviorContract, Outcome
from privacy_service.behavior.outcomes import Catalogue, ModeRecord, ReportedOutcome
from privacy_service.behavior.report import BehaviorReport, report
from privacy_service.behavior.request import CheckRequest
from privacy_service.behavior.streamed import (
    Ended,
    EndOfOutput,
    Released,
    StreamEvents,
    StreamPart,
)
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.statements import Opened, Scoped, Source
from privacy_service.contracts.model import (
    ContractVersion,
    Direction,
    EntityTerm,
    Party,
    PartyRole,
    SharingContract,
    TermSource,
    Treatment,
    TreatmentKind,
)
from privacy_service.desks.ports.audit import (
    ExportEvidence,
    GetConsistencyProof,
    GetInclusionProof,
    InclusionProof,
    ListDisclosures,
    ListEntries,
    LogEntry,
)
from privacy_service.desks.ports.behavior import GetBehaviorReport, PutBehavior
from privacy_service.desks.ports.breaches import (
    BreachView,
    GetBreach,
    ListBreaches,
    OpenBreach,
    RecordStatement,
    ScopeBreach,
)
from privacy_service.desks.ports.consents import (
    ConsentNow,
    GetConsent,
    ListConsents,
    OptOut,
    RecordConsent,
    WithdrawConsent,
)
from privacy_service.desks.ports.contracts import (
    GetContract,
    GetContractInForce,
    ListContracts,
    ListContractVersions,
    Listed,
    PutContract,
)
from privacy_service.desks.ports.desks import Desks
from privacy_service.desks.ports.holds import ConfirmLift, ListHolds, PlaceHold, ProposeLift
from privacy_service.desks.ports.keys import (
    KeyFault,
    KeyProblem,
    KeyState,
    KeyVersion,
    RetiredKey,
    RetireKey,
    RewrapKeys,
    RewrappedKeys,
    RotatedKey,
    RotateKey,
    ShreddedKey,
    ShredKey,
    VerifiedKeys,
    VerifyKeys,
)
from privacy_service.desks.ports.notices import (
    ConfirmNotice,
    ExcuseNotice,
    ListNotices,
    PutNoticeAddress,
    SearchNotices,
)
from privacy_service.desks.ports.outcomes import (
    GetFailureMode,
    ListFailureModes,
    OutcomeReported,
    ReportOutcome,
)
from privacy_service.desks.ports.pages import Page, Place
from privacy_service.desks.ports.records import (
    DeleteRecord,
    GetRecord,
    ListRecords,
    PutRecord,
    Record,
)
from privacy_service.desks.ports.retention import (
    ControlSweep,
    ExplainedRecord,
    ExplainRecord,
    PutSchedule,
    ScheduleVersion,
    SetSweepTimes,
    StartSweep,
    SweepTimesNow,
)
from privacy_service.desks.ports.reviews import (
    AcknowledgeTraining,
    AssignReview,
    CollectCheck,
    DecideReview,
    EditReview,
    GetAgreement,
    JudgeSample,
    ListReviews,
    OpenedReview,
    OpenReview,
)
from privacy_service.desks.ports.subject_requests import (
    BundlePart,
    CorrectionPlan,
    ErasurePlan,
    ListRequests,
    RequestDetails,
    SubmitRequest,
    TakeStep,
)
from privacy_service.enforcement.answer import (
    Answer,
    AppliedTreatment,
    AuditStamp,
    ContractStamp,
    Coverage,
    Decision,
    DecisionReason,
    Effect,
    InspectAnswer,
    LocatedFinding,
    RestoreAnswer,
    RestoredEntity,
    RevealAnswer,
)
from privacy_service.enforcement.findings import Place as Where
from privacy_service.enforcement.request import (
    InspectRequest,
    PreviewRequest,
    RestoreRequest,
    RevealRequest,
    SubjectRef,
    TransferRequest,
)
from privacy_service.errors import PrivacyError
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import CategoryCount, ContractRef
from privacy_service.evidence.merkle import leaf_hash
from privacy_service.reviews.agreement import Agreement, agreement
from privacy_service.reviews.review import Review
from privacy_service.schedules.sweep import Sweep
from privacy_service.subjects.consent import ConsentEvent, ConsentRecord
from privacy_service.subjects.corrections import Corrections
from privacy_service.subjects.holds import HoldScope, LegalHold
from privacy_service.subjects.notices import Notice
from privacy_service.subjects.requests import (
    Deadline,
    Identifier,
    RequestState,
    SubjectRequest,
)
from tests.rpc.breach_fakes import (
    FakeBreachNotices,
    FakeContainment,
    FakeExposures,
    FakeMailings,
    FakeManyReinspections,
    FakeReinspections,
    FakeReturnedMail,
)
from tests.rpc.governance_fakes import FakeCases, FakeCourses, FakeProposals, FakeShadows
from tests.rpc.playbook_fakes import FakeMonitors, FakePlaybooks

T = TypeVar("T")

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
STAMP = AuditStamp(position=8, attempt=7, origin="test.example/audit", tree_size=9)
COVERAGE = Coverage(values_total=3, values_inspected=3, keys_inspected=2, values_by_model=1)


def see_all(caller: Caller) -> bool:
    return bool(caller.roles & {Role.OFFICER, Role.AUDITOR})


def page(items: Sequence[tuple[str, T]], place: Place) -> Page[T]:
    """The items after a cursor; the cursor is an item's key."""
    keys = [key for key, _ in items]
    start = 0 if place.after is None else keys.index(place.after) + 1
    end = start + place.limit
    after = keys[end - 1] if end < len(items) else None
    return Page(items=tuple(item for _, item in items[start:end]), next=after)


@dataclass
class FakeEnforcement:
    """Answers TREATED with the payload in capitals, unless the payload is scripted to do more."""

    asked: list[tuple[Caller, object, float | None]] = field(default_factory=list)
    script: dict[bytes, Callable[[], Answer]] = field(default_factory=dict)

    def transfer(
        self, caller: Caller, request: TransferRequest, *, seconds: float | None
    ) -> Answer:
        caller.require_partner(request.sender)
        return self._answer(caller, request, seconds)

    def preview(self, caller: Caller, request: PreviewRequest, *, seconds: float | None) -> Answer:
        if not see_all(caller):
            caller.require_partner(request.sender)
        answer = self._answer(caller, request, seconds)
        return replace(answer, audit=None, disclosure_id=None)

    def inspect(
        self, caller: Caller, request: InspectRequest, *, seconds: float | None
    ) -> InspectAnswer:
        self.asked.append((caller, request, seconds))
        found = LocatedFinding(
            entity="EMAIL_ADDRESS", path="/a/0", place=Where.VALUE, start=0, end=4,
            original_start=9, original_end=13, score=0.9, detector="pattern",
        )  # fmt: skip
        return InspectAnswer(findings=(found,), coverage=COVERAGE)

    def _answer(self, caller: Caller, request: PreviewRequest, seconds: float | None) -> Answer:
        self.asked.append((caller, request, seconds))
        if request.payload in self.script:
            return self.script[request.payload]()
        return treated(request)


@dataclass
class FakeRevealing:
    """Every token stands for one value; every content comes back in capitals."""

    asked: list[tuple[Caller, object, float | None]] = field(default_factory=list)

    def reveal(
        self, caller: Caller, request: RevealRequest, *, seconds: float | None
    ) -> RevealAnswer:
        if not see_all(caller):
            caller.require_partner(request.sender)
        self.asked.append((caller, request, seconds))
        return RevealAnswer(value="revealed", audit=STAMP)

    def restore(
        self, caller: Caller, request: RestoreRequest, *, seconds: float | None
    ) -> RestoreAnswer:
        caller.require_partner(request.sender)
        return RestoreAnswer(
            content=request.content.upper(), content_type=request.content_type,
            restored=(RestoredEntity(entity="PERSON", count=2),), left=1, audit=STAMP,
        )  # fmt: skip


def treated(request: PreviewRequest) -> Answer:
    return Answer(
        decision=Decision(
            effect=Effect.TREATED,
            reasons=(DecisionReason(code="VALUES_TREATED", message="Values were changed."),),
        ),
        coverage=COVERAGE,
        content_type=request.content_type,
        payload=request.payload.upper(),
        treatments=(
            AppliedTreatment(
                path="/email", treatment=TreatmentKind.TOKENIZE, source=TermSource.BOTH,
                entity="EMAIL_ADDRESS",
            ),
        ),
        contracts=(ContractStamp(id="orders", version=1, digest="sha256:00", party="acme"),),
        decided_by={"unknown_fields": TermSource.SENDER},
        audit=STAMP,
        disclosure_id="d-1",
    )  # fmt: skip


def refused() -> Answer:
    reason = DecisionReason(code="FIELD_REFUSED", message="Leave it out.", path="/ssn")
    return Answer(
        decision=Decision(effect=Effect.REFUSE, reasons=(reason,)),
        coverage=COVERAGE,
        content_type="application/json",
        audit=STAMP,
    )


def version(contract_id: str, number: int = 1, source: str = "id: x\n") -> ContractVersion:
    contract = SharingContract(
        id=contract_id,
        title="Orders",
        party=Party(partner="acme", role=PartyRole.CONTROLLER),
        counterparty=Party(partner="globex", role=PartyRole.RECIPIENT),
        direction=Direction.OUTBOUND,
        purposes=("dpv:FulfilmentOfContractualObligation",),
        legal_basis="dpv:Contract",
        effective_from=AT,
        other_entities=EntityTerm(treatment=Treatment(kind=TreatmentKind.REDACT)),
    )
    return ContractVersion(
        contract=contract, number=number, digest=f"sha256:{number:02}", source=source,
        put_at=AT, put_by="somebody",
    )  # fmt: skip


@dataclass
class FakeContracts:
    """The source put is the contract's id; everybody who may see all sees it, and its parties."""

    versions: dict[str, list[ContractVersion]] = field(default_factory=dict)

    def put_contract(
        self, caller: Caller, request: PutContract, *, seconds: float | None
    ) -> ContractVersion:
        contract_id = request.source.strip()
        known = self.versions.setdefault(contract_id, [])
        if request.expected_version not in (None, len(known)):
            raise PrivacyError(errors.CONTRACT_VERSION_CONFLICT, contract=contract_id)
        known.append(version(contract_id, len(known) + 1, request.source))
        return known[-1]

    def get_contract(
        self, caller: Caller, request: GetContract, *, seconds: float | None
    ) -> ContractVersion:
        known = self._seen(caller, request.contract_id)
        if request.version is None:
            return known[-1]
        if request.version > len(known):
            raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=request.contract_id)
        return known[request.version - 1]

    def list_contracts(
        self, caller: Caller, request: ListContracts, *, seconds: float | None
    ) -> Page[Listed[ContractVersion]]:
        newest = [(name, known[-1]) for name, known in sorted(self.versions.items())]
        seen = [one for one in newest if self._sees(caller, one[1])]
        return page([(name, Listed(version=one)) for name, one in seen], request.place)

    def list_contract_versions(
        self, caller: Caller, request: ListContractVersions, *, seconds: float | None
    ) -> Page[ContractVersion]:
        known = self._seen(caller, request.contract_id)
        return page([(str(one.number), one) for one in reversed(known)], request.place)

    def get_contract_in_force(
        self, caller: Caller, request: GetContractInForce, *, seconds: float | None
    ) -> tuple[ContractVersion, ...]:
        if not self.versions:
            raise PrivacyError(errors.NO_CONTRACT_IN_FORCE)
        return tuple(known[-1] for known in self.versions.values())[:2]

    def _seen(self, caller: Caller, contract_id: str) -> list[ContractVersion]:
        known = self.versions.get(contract_id, [])
        if not known or not self._sees(caller, known[-1]):
            raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=contract_id)
        return known

    def _sees(self, caller: Caller, one: ContractVersion) -> bool:
        parties = (one.contract.party.partner, one.contract.counterparty.partner)
        return see_all(caller) or caller.partner in parties


@dataclass
class FakeRecords:
    kept: dict[tuple[str, str], Record] = field(default_factory=dict)

    def put_record(self, caller: Caller, request: PutRecord, *, seconds: float | None) -> Record:
        caller.require_partner(request.partner)
        key = (request.partner, request.record_id)
        if key in self.kept:
            raise PrivacyError(errors.RECORD_EXISTS, record=request.record_id)
        self.kept[key] = Record(
            partner=request.partner, id=request.record_id, content_type=request.content_type,
            size=len(request.content), created_at=AT, content=request.content,
        )  # fmt: skip
        return replace(self.kept[key], content=None)

    def get_record(self, caller: Caller, request: GetRecord, *, seconds: float | None) -> Record:
        caller.require_partner(request.partner)
        return self._found(request.partner, request.record_id)

    def list_records(
        self, caller: Caller, request: ListRecords, *, seconds: float | None
    ) -> Page[Record]:
        if not see_all(caller):
            caller.require_partner(request.partner)
        mine = [
            (record_id, replace(record, content=None))
            for (partner, record_id), record in sorted(self.kept.items())
            if partner == request.partner
        ]
        return page(mine, request.place)

    def delete_record(
        self, caller: Caller, request: DeleteRecord, *, seconds: float | None
    ) -> AuditStamp:
        if not see_all(caller):
            caller.require_partner(request.partner)
        self._found(request.partner, request.record_id)
        del self.kept[request.partner, request.record_id]
        return STAMP

    def _found(self, partner: str, record_id: str) -> Record:
        found = self.kept.get((partner, record_id))
        if found is None:
            raise PrivacyError(errors.RECORD_NOT_FOUND, record=record_id)
        return found


@dataclass
class FakeAudit:
    leaves: list[bytes] = field(default_factory=lambda: [b'{"n":%d}' % n for n in range(7)])

    def list_entries(
        self, caller: Caller, request: ListEntries, *, seconds: float | None
    ) -> Page[LogEntry]:
        entries = [
            LogEntry(position=n, leaf=leaf, digest=leaf_hash(leaf))
            for n, leaf in enumerate(self.leaves)
        ]
        wanted = entries[request.start_position :]
        return page([(str(entry.position), entry) for entry in wanted], request.place)

    def get_checkpoint(self, caller: Caller, *, seconds: float | None) -> str:
        return f"test.example/audit\n{len(self.leaves)}\nAAAA\n\n— test.example/audit BBBB\n"

    def get_inclusion_proof(
        self, caller: Caller, request: GetInclusionProof, *, seconds: float | None
    ) -> InclusionProof:
        if not request.position < request.tree_size <= len(self.leaves):
            raise PrivacyError(errors.AUDIT_RANGE_INVALID, position=request.position)
        return InclusionProof(leaf_hash=b"\x01" * 32, hashes=(b"\x02" * 32, b"\x03" * 32))

    def get_consistency_proof(
        self, caller: Caller, request: GetConsistencyProof, *, seconds: float | None
    ) -> tuple[bytes, ...]:
        return (b"\x04" * 32,)

    def list_disclosures(
        self, caller: Caller, request: ListDisclosures, *, seconds: float | None
    ) -> Page[Disclosure]:
        if request.partner is not None and not see_all(caller):
            caller.require_partner(request.partner)
        return Page(items=(disclosure(),))

    def export_evidence(
        self, caller: Caller, request: ExportEvidence, *, seconds: float | None
    ) -> bytes:
        if request.resource == "nothing":
            raise PrivacyError(errors.EVIDENCE_NOT_FOUND)
        return bytes(range(256)) * 2048


@dataclass
class FakeBehavior:
    """One contract; every prompt and output is accepted as it came."""

    versions: list[BehaviorVersion] = field(default_factory=list)

    def put_behavior_contract(
        self, caller: Caller, request: PutBehavior, *, seconds: float | None
    ) -> BehaviorVersion:
        version = BehaviorVersion(
            contract=BehaviorContract(
                id="answers", title="Answers", party="acme", provider="parrot", effective_from=AT
            ),
            number=len(self.versions) + 1, digest="sha256:00", source=request.source, put_at=AT,
            put_by=caller.name,
        )  # fmt: skip
        self.versions.append(version)
        return version

    def get_behavior_contract(
        self, caller: Caller, request: GetContract, *, seconds: float | None
    ) -> BehaviorVersion:
        if not self.versions:
            raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=request.contract_id)
        return self.versions[-1]

    def list_behavior_contracts(
        self, caller: Caller, request: ListContracts, *, seconds: float | None
    ) -> Page[Listed[BehaviorVersion]]:
        listed = [(str(one.number), Listed(version=one)) for one in self.versions]
        return page(listed, request.place)

    def get_behavior_report(
        self, caller: Caller, request: GetBehaviorReport, *, seconds: float | None
    ) -> BehaviorReport:
        return report(request.contract_id, (), since=AT, until=AT, expectations=(), modes=())

    def check(self, caller: Caller, request: CheckRequest, *, seconds: float | None) -> CheckAnswer:
        caller.require_partner(request.party)
        return CheckAnswer(
            outcome=Outcome.ACCEPTED, content=request.content, content_type=request.content_type,
            verdicts=(), failures=(), ask=(), audit=STAMP,
            contract=ContractRef(id="answers", number=1, digest="sha256:00"),
        )  # fmt: skip

    def check_stream(
        self,
        caller: Caller,
        opening: CheckRequest,
        parts: Iterator[StreamPart],
        *,
        seconds: float | None,
    ) -> StreamEvents:
        caller.require_partner(opening.party)
        content = b""
        for part in parts:
            if isinstance(part, EndOfOutput):
                break
            content += part
            yield Released(part)
        answer = self.check(caller, replace(opening, content=content), seconds=seconds)
        yield Ended(answer=answer, take_back=False)


@dataclass
class FakeOutcomes:
    """A contract without failure modes; what is said is kept."""

    def report_outcome(
        self, caller: Caller, request: ReportOutcome, *, seconds: float | None
    ) -> OutcomeReported:
        outcome = ReportedOutcome(
            id="o", position=1, contract_id="answers", at=AT, kind=request.kind, broken=(),
            failure=None, reported_by=caller.name,
        )  # fmt: skip
        return OutcomeReported(outcome=outcome, run_id=None, audit=STAMP)

    def get_failure_mode(
        self, caller: Caller, request: GetFailureMode, *, seconds: float | None
    ) -> ModeRecord:
        raise PrivacyError(errors.FAILURE_MODE_NOT_FOUND, failure=request.failure)

    def list_failure_modes(
        self, caller: Caller, request: ListFailureModes, *, seconds: float | None
    ) -> Page[Catalogue]:
        return page([("answers", Catalogue(modes=(), accuracies=()))], request.place)


@dataclass
class FakeSamples:
    """A sample that was judged, and nobody's agreement."""

    def acknowledge_training(
        self, caller: Caller, request: AcknowledgeTraining, *, seconds: float | None
    ) -> tuple[datetime | None, AuditStamp]:
        return None, STAMP

    def judge_sample(
        self, caller: Caller, request: JudgeSample, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]:
        return FakeReviews().review, STAMP

    def get_agreement(
        self, caller: Caller, request: GetAgreement, *, seconds: float | None
    ) -> Agreement:
        return agreement(())


@dataclass
class FakeReviews:
    """One review, that waits."""

    review: Review = field(
        default_factory=lambda: Review(
            id="r",
            sender="acme",
            recipient="globex",
            purpose="dpv:X",
            content_type="text/plain",
            contracts=(),
            reasons=("ENTITY_HELD:PERSON",),
            seen="s",
            held_at=AT,
            expires_at=AT,
            four_eyes=False,
        )
    )

    def list_reviews(
        self, caller: Caller, request: ListReviews, *, seconds: float | None
    ) -> Page[Review]:
        return page([(self.review.id, self.review)], request.place)

    def get_review(self, caller: Caller, review_id: str, *, seconds: float | None) -> Review:
        return self.review

    def open_review(
        self, caller: Caller, request: OpenReview, *, seconds: float | None
    ) -> OpenedReview:
        return OpenedReview(review=self.review, payload=b"a", answer=refused(), audit=STAMP)

    def assign_review(
        self, caller: Caller, request: AssignReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]:
        return self.review, STAMP

    def approve_review(
        self, caller: Caller, request: DecideReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]:
        return self.review, STAMP

    def reject_review(
        self, caller: Caller, request: DecideReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]:
        return self.review, STAMP

    def edit_review(
        self, caller: Caller, request: EditReview, *, seconds: float | None
    ) -> tuple[Review, AuditStamp]:
        return self.review, STAMP

    def collect_review(self, caller: Caller, review_id: str, *, seconds: float | None) -> Answer:
        return refused()

    def collect_check(
        self, caller: Caller, request: CollectCheck, *, seconds: float | None
    ) -> CheckAnswer:
        return CheckAnswer(
            outcome=Outcome.HELD, content=None, content_type="text/plain",
            verdicts=(), failures=(), ask=(),
            contract=ContractRef(id="answers", number=1, digest="sha256:00"),
        )  # fmt: skip


@dataclass
class FakeHolds:
    """One hold for each request id; the scope is by partner, whatever was asked."""

    placed: dict[str, LegalHold] = field(default_factory=dict)

    def place_hold(
        self, caller: Caller, request: PlaceHold, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]:
        hold = LegalHold(
            id=request.request_id, scope=HoldScope(partner=request.partner or "acme"),
            matter=request.matter, reason=request.reason, approver=request.approver,
            review_on=request.review_on, use=request.use, placed_by=caller.name, placed_at=AT,
        )  # fmt: skip
        self.placed[hold.id] = hold
        return hold, STAMP

    def get_hold(self, caller: Caller, hold_id: str, *, seconds: float | None) -> LegalHold:
        if hold_id not in self.placed:
            raise PrivacyError(errors.HOLD_NOT_FOUND, hold=hold_id)
        return self.placed[hold_id]

    def list_holds(
        self, caller: Caller, request: ListHolds, *, seconds: float | None
    ) -> Page[LegalHold]:
        return page(sorted(self.placed.items()), request.place)

    def propose_lift(
        self, caller: Caller, request: ProposeLift, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]:
        hold = self.get_hold(caller, request.hold_id, seconds=seconds)
        return hold.lift_proposed(by=caller.name, reason=request.reason, at=AT), STAMP

    def confirm_lift(
        self, caller: Caller, request: ConfirmLift, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]:
        hold = self.get_hold(caller, request.hold_id, seconds=seconds)
        return hold.lift_confirmed(by=caller.name, at=AT), STAMP


@dataclass
class FakeConsents:
    """Keeps the last event of each record; withdraws whatever is asked."""

    kept: dict[tuple[str, str], ConsentRecord] = field(default_factory=dict)

    def record_consent(
        self, caller: Caller, request: RecordConsent, *, seconds: float | None
    ) -> tuple[ConsentNow, AuditStamp]:
        if not see_all(caller):
            caller.require_partner(request.partner)
        if request.terms is None:
            raise PrivacyError(errors.REQUEST_INVALID, field="terms")
        event = ConsentEvent(state=request.state, at=AT, expression=request.expression)
        record = ConsentRecord(
            partner=request.partner, id=request.record_id, subjects=frozenset({"ab" * 32}),
            terms=request.terms, events=(event,),
        )  # fmt: skip
        self.kept[record.partner, record.id] = record
        return ConsentNow(record=record, at=AT), STAMP

    def withdraw_consent(
        self, caller: Caller, request: WithdrawConsent, *, seconds: float | None
    ) -> tuple[tuple[str, ...], AuditStamp]:
        if not see_all(caller):
            caller.require_partner(request.partner)
        return (request.record_id or "all",), STAMP

    def get_consent(
        self, caller: Caller, request: GetConsent, *, seconds: float | None
    ) -> ConsentNow:
        found = self.kept.get((request.partner, request.record_id))
        if found is None:
            raise PrivacyError(errors.CONSENT_NOT_FOUND, record=request.record_id)
        return ConsentNow(record=found, at=AT)

    def list_consents(
        self, caller: Caller, request: ListConsents, *, seconds: float | None
    ) -> Page[ConsentNow]:
        mine = [(str(key), ConsentNow(record=one, at=AT)) for key, one in sorted(self.kept.items())]
        return page(mine, request.place)

    def list_opt_outs(
        self, caller: Caller, subject: SubjectRef, *, seconds: float | None
    ) -> tuple[OptOut, ...]:
        return (OptOut(partner="acme", at=AT),)


@dataclass
class FakeBreaches:
    """One breach for each request id, of which law asks nothing."""

    opened: dict[str, Breach] = field(default_factory=dict)

    def open_breach(
        self, caller: Caller, request: OpenBreach, *, seconds: float | None
    ) -> tuple[BreachView, AuditStamp]:
        opening = Opened(title=request.title, source=Source.PERSON, drill=request.drill)
        breach = Breach.opened(request.request_id, opening, by=caller.name, at=AT)
        self.opened[breach.id] = breach
        return _seen(breach), STAMP

    def get_breach(
        self, caller: Caller, request: GetBreach, *, seconds: float | None
    ) -> BreachView:
        if request.breach_id not in self.opened:
            raise PrivacyError(errors.BREACH_NOT_FOUND, breach=request.breach_id)
        return _seen(self.opened[request.breach_id])

    def list_breaches(
        self, caller: Caller, request: ListBreaches, *, seconds: float | None
    ) -> Page[BreachView]:
        found = page(sorted(self.opened.items()), request.place)
        return Page(items=tuple(map(_seen, found.items)), next=found.next)

    def record_statement(
        self, caller: Caller, request: RecordStatement, *, seconds: float | None
    ) -> tuple[BreachView, AuditStamp]:
        asked = GetBreach(breach_id=request.breach_id)
        breach = self.get_breach(caller, asked, seconds=seconds).breach
        grown = breach.with_statement(request.statement, by=caller.name, at=AT)
        self.opened[breach.id] = grown
        return _seen(grown), STAMP

    def count_scope(self, caller: Caller, request: ScopeBreach, *, seconds: float | None) -> Scoped:
        return Scoped(question={}, subjects=3)

    def scope_breach(
        self, caller: Caller, request: ScopeBreach, *, seconds: float | None
    ) -> tuple[Scoped, BreachView, AuditStamp]:
        scope = self.count_scope(caller, request, seconds=seconds)
        said = RecordStatement(
            breach_id=request.breach_id or "", statement=scope, request_id=request.request_id
        )
        return scope, *self.record_statement(caller, said, seconds=seconds)


def _seen(breach: Breach) -> BreachView:
    return BreachView(breach=breach, obligations=(), keep_until=None)


@dataclass
class FakeRequests:
    """One request for each request id, whatever was asked."""

    known: dict[str, RequestDetails] = field(default_factory=dict)

    def submit_request(
        self, caller: Caller, request: SubmitRequest, *, seconds: float | None
    ) -> tuple[RequestDetails, AuditStamp]:
        made = SubjectRequest(
            id=request.request_id, kind=request.kind, state=RequestState.RECEIVED,
            identifiers=(Identifier(digest="ab" * 32),), regime=request.regime,
            place=request.place, received_at=request.received_at or AT, opened_by=caller.name,
            deadline=Deadline(legal=AT, conservative=AT, rule="eu-gdpr.12-3", standing="law"),
            first_deadline=AT,
        )  # fmt: skip
        self.known[made.id] = RequestDetails(request=made)
        return self.known[made.id], STAMP

    def get_request(
        self, caller: Caller, request_id: str, *, seconds: float | None
    ) -> RequestDetails:
        if request_id not in self.known:
            raise PrivacyError(errors.SUBJECT_REQUEST_NOT_FOUND, request=request_id)
        return self.known[request_id]

    def list_requests(
        self, caller: Caller, request: ListRequests, *, seconds: float | None
    ) -> Page[RequestDetails]:
        return page(sorted(self.known.items()), request.place)

    def take_step(
        self, caller: Caller, request: TakeStep, *, seconds: float | None
    ) -> tuple[RequestDetails, AuditStamp]:
        return self.get_request(caller, request.subject_request_id, seconds=seconds), STAMP

    def plan_erasure(
        self, caller: Caller, request_id: str, *, seconds: float | None
    ) -> ErasurePlan:
        raise PrivacyError(errors.SUBJECT_REQUEST_NOT_FOUND, request=request_id)

    def plan_correction(
        self, caller: Caller, request_id: str, corrections: Corrections, *, seconds: float | None
    ) -> CorrectionPlan:
        raise PrivacyError(errors.SUBJECT_REQUEST_NOT_FOUND, request=request_id)

    def get_erasure_receipt(self, caller: Caller, request_id: str, *, seconds: float | None) -> str:
        raise PrivacyError(errors.SUBJECT_REQUEST_NOT_FOUND, request=request_id)

    def get_bundle_part(
        self, caller: Caller, request_id: str, number: int, *, seconds: float | None
    ) -> BundlePart:
        raise PrivacyError(errors.SUBJECT_REQUEST_NOT_FOUND, request=request_id)


@dataclass
class FakeNotices:
    """No notice at all."""

    def list_notices(
        self, caller: Caller, request: ListNotices, *, seconds: float | None
    ) -> Page[Notice]:
        if not see_all(caller):
            caller.require_partner(request.partner)
        return Page(items=())

    def search_notices(
        self, caller: Caller, request: SearchNotices, *, seconds: float | None
    ) -> Page[Notice]:
        del caller, request, seconds
        return Page(items=())

    def confirm_notice(
        self, caller: Caller, request: ConfirmNotice, *, seconds: float | None
    ) -> tuple[Notice, AuditStamp]:
        raise PrivacyError(errors.NOTICE_NOT_FOUND, notice=request.notice_id)

    def excuse_notice(
        self, caller: Caller, request: ExcuseNotice, *, seconds: float | None
    ) -> tuple[Notice, AuditStamp]:
        raise PrivacyError(errors.NOTICE_NOT_FOUND, notice=request.notice_id)

    def put_notice_address(
        self, caller: Caller, request: PutNoticeAddress, *, seconds: float | None
    ) -> tuple[str, AuditStamp]:
        return "whsec_", STAMP


@dataclass
class FakeKeys:
    """One key, of acme, at version 2."""

    def list_keys(self, caller: Caller, place: Place, *, seconds: float | None) -> Page[KeyVersion]:
        versions = [
            (
                str(number),
                KeyVersion(
                    name="partner/acme", version=number, state=state, created_at=AT,
                    retired_at=None, data_keys=3, wraps=1024,
                ),
            )
            for number, state in ((1, KeyState.OLDER), (2, KeyState.CURRENT))
        ]  # fmt: skip
        return page(versions, place)

    def rotate_key(
        self, caller: Caller, request: RotateKey, *, seconds: float | None
    ) -> RotatedKey:
        return RotatedKey(name=f"partner/{request.partner}", version=3, audit=STAMP)

    def rewrap_keys(
        self, caller: Caller, request: RewrapKeys, *, seconds: float | None
    ) -> RewrappedKeys:
        return RewrappedKeys(rewrapped=2, unreadable=1, left=1, cursor="here", audit=STAMP)

    def retire_key(
        self, caller: Caller, request: RetireKey, *, seconds: float | None
    ) -> RetiredKey:
        return RetiredKey(data_keys=0, audit=STAMP)

    def shred_key(self, caller: Caller, request: ShredKey, *, seconds: float | None) -> ShreddedKey:
        return ShreddedKey(live=True, records=1, tokens=2, audit=STAMP)

    def verify_keys(
        self, caller: Caller, request: VerifyKeys, *, seconds: float | None
    ) -> VerifiedKeys:
        fault = KeyFault(partner="acme", problem=KeyProblem.KEY_LOST, record="r", data_key="k")
        return VerifiedKeys(data_keys=1, records=1, shredded_records=0, faults=(fault,), next=None)


@dataclass
class FakeRetention:
    """One schedule and one sweep, whatever is asked."""

    def put_schedule(
        self, caller: Caller, request: PutSchedule, *, seconds: float | None
    ) -> tuple[ScheduleVersion, AuditStamp]:
        raise PrivacyError(errors.SCHEDULE_INVALID, line=1, column=1)

    def list_schedules(
        self, caller: Caller, *, seconds: float | None
    ) -> tuple[ScheduleVersion, ...]:
        return ()

    def explain_record(
        self, caller: Caller, request: ExplainRecord, *, seconds: float | None
    ) -> ExplainedRecord:
        raise PrivacyError(errors.RECORD_NOT_FOUND, record=request.record_id)

    def start_sweep(
        self, caller: Caller, request: StartSweep, *, seconds: float | None
    ) -> tuple[Sweep, AuditStamp]:
        return sweep(), STAMP

    def control_sweep(
        self, caller: Caller, request: ControlSweep, *, seconds: float | None
    ) -> tuple[Sweep, AuditStamp]:
        return sweep().cancelled(AT), STAMP

    def get_sweep(self, caller: Caller, sweep_id: str, *, seconds: float | None) -> Sweep:
        return sweep()

    def list_sweeps(self, caller: Caller, place: Place, *, seconds: float | None) -> Page[Sweep]:
        return page([("s", sweep())], place)

    def get_certificate(self, caller: Caller, sweep_id: str, *, seconds: float | None) -> str:
        raise PrivacyError(errors.CERTIFICATE_NOT_READY, sweep=sweep_id)

    def set_sweep_times(
        self, caller: Caller, request: SetSweepTimes, *, seconds: float | None
    ) -> tuple[SweepTimesNow, AuditStamp]:
        return SweepTimesNow(cron=request.cron, next=None), STAMP

    def get_sweep_times(self, caller: Caller, *, seconds: float | None) -> SweepTimesNow:
        return SweepTimesNow(cron="", next=None)


def sweep() -> Sweep:
    return Sweep(id="s", as_of=AT, made_by="officer", made_at=AT)


def disclosure() -> Disclosure:
    return Disclosure(
        id="d-1", at=AT, sender="acme", recipient="globex", purpose="dpv:X",
        contracts=(ContractRef(id="orders", number=1, digest="sha256:00"),),
        subjects=("ab" * 32,),
        categories=(CategoryCount(entity="EMAIL_ADDRESS", treatment="tokenize", count=2),),
        position=8,
    )  # fmt: skip


def fake_desks() -> Desks:
    return Desks(
        enforcement=FakeEnforcement(),
        revealing=FakeRevealing(),
        behavior=FakeBehavior(),
        playbooks=FakePlaybooks(),
        monitors=FakeMonitors(),
        reviews=FakeReviews(),
        contracts=FakeContracts(),
        courses=FakeCourses(),
        proposals=FakeProposals(),
        shadows=FakeShadows(),
        cases=FakeCases(),
        records=FakeRecords(),
        holds=FakeHolds(),
        requests=FakeRequests(),
        notices=FakeNotices(),
        breaches=FakeBreaches(),
        containment=FakeContainment(),
        exposures=FakeExposures(),
        reinspections=FakeReinspections(),
        many_reinspections=FakeManyReinspections(),
        outcomes=FakeOutcomes(),
        samples=FakeSamples(),
        breach_notices=FakeBreachNotices(),
        mailings=FakeMailings(),
        returned_mail=FakeReturnedMail(),
        keys=FakeKeys(),
        consents=FakeConsents(),
        retention=FakeRetention(),
        audit=FakeAudit(),
    )
