"""What a transaction offers: every face of the store, to read or to read and write."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from privacy_service.store.allowances import AllowanceReading, AllowanceWriting
from privacy_service.store.audit import AuditReading, AuditWriting
from privacy_service.store.behavior import BehaviorReading, BehaviorWriting
from privacy_service.store.behavior_counts import CountReading, CountWriting
from privacy_service.store.breach_notices import BreachNoticeReading, BreachNoticeWriting
from privacy_service.store.breaches import BreachReading, BreachWriting
from privacy_service.store.bundles import BundleReading, BundleWriting
from privacy_service.store.cases import CaseReading, CaseWriting
from privacy_service.store.consents import ConsentReading, ConsentWriting
from privacy_service.store.contract_texts import ContractTextReading, ContractTextWriting
from privacy_service.store.contracts import ContractReading, ContractWriting
from privacy_service.store.corrections import CorrectionReading, CorrectionWriting
from privacy_service.store.courses import CourseReading, CourseWriting
from privacy_service.store.curbs import CurbReading, CurbWriting
from privacy_service.store.data_keys import DataKeyReading, DataKeyWriting
from privacy_service.store.disclosures import DisclosureReading, DisclosureWriting
from privacy_service.store.endings import EndingReading, EndingWriting
from privacy_service.store.erasures import ErasureReading, ErasureWriting
from privacy_service.store.holds import HoldReading, HoldWriting
from privacy_service.store.incidents import IncidentReading, IncidentWriting
from privacy_service.store.keys import KeyReading, KeyWriting
from privacy_service.store.mailings import MailingReading, MailingWriting
from privacy_service.store.notices import NoticeReading, NoticeWriting
from privacy_service.store.opt_outs import OptOutReading, OptOutWriting
from privacy_service.store.outcomes import OutcomeReading, OutcomeWriting
from privacy_service.store.playbooks import PlaybookReading, PlaybookWriting
from privacy_service.store.proposals import ProposalReading, ProposalWriting
from privacy_service.store.quarantines import QuarantineReading, QuarantineWriting
from privacy_service.store.quotas import QuotaReading, QuotaWriting
from privacy_service.store.recipient_ends import RecipientEndReading, RecipientEndWriting
from privacy_service.store.records import RecordReading, RecordWriting
from privacy_service.store.reinspections import ReinspectionReading, ReinspectionWriting
from privacy_service.store.replays import ReplayReading, ReplayWriting
from privacy_service.store.requests import RequestReading, RequestWriting
from privacy_service.store.retention import RetentionReading, RetentionWriting
from privacy_service.store.reviews import ReviewReading, ReviewWriting
from privacy_service.store.scope import ScopeReading
from privacy_service.store.shadows import ShadowReading, ShadowWriting
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tokens import TokenReading, TokenWriting
from privacy_service.store.tombstones import TombstoneReading, TombstoneWriting
from privacy_service.store.workers import WorkerReading, WorkerWriting

F = TypeVar("F")


class _Face(Generic[F]):
    """One face of a transaction, made when it is first asked for: most transactions need few."""

    def __init__(self, made: Callable[[Any], F]) -> None:
        self._made = made
        self._name = ""

    def __set_name__(self, _owner: type[View | Writing], name: str) -> None:
        self._name = name

    def __get__(self, transaction: View | Writing, _owner: type[View | Writing]) -> F:
        face = self._made(transaction.statements)
        transaction.__dict__[self._name] = face
        return face


class View:
    """One consistent state of everything, to read."""

    allowances = _Face(AllowanceReading)
    audit = _Face(AuditReading)
    behavior = _Face(BehaviorReading)
    cases = _Face(CaseReading)
    counts = _Face(CountReading)
    consents = _Face(ConsentReading)
    breach_notices = _Face(BreachNoticeReading)
    breaches = _Face(BreachReading)
    contracts = _Face(ContractReading)
    contract_texts = _Face(ContractTextReading)
    courses = _Face(CourseReading)
    curbs = _Face(CurbReading)
    outcomes = _Face(OutcomeReading)
    data_keys = _Face(DataKeyReading)
    disclosures = _Face(DisclosureReading)
    endings = _Face(EndingReading)
    holds = _Face(HoldReading)
    incidents = _Face(IncidentReading)
    keys = _Face(KeyReading)
    playbooks = _Face(PlaybookReading)
    proposals = _Face(ProposalReading)
    quarantines = _Face(QuarantineReading)
    quotas = _Face(QuotaReading)
    recipient_ends = _Face(RecipientEndReading)
    records = _Face(RecordReading)
    reinspections = _Face(ReinspectionReading)
    replays = _Face(ReplayReading)
    retention = _Face(RetentionReading)
    reviews = _Face(ReviewReading)
    tokens = _Face(TokenReading)
    tombstones = _Face(TombstoneReading)
    scope = _Face(ScopeReading)
    shadows = _Face(ShadowReading)
    workers = _Face(WorkerReading)
    requests = _Face(RequestReading)
    erasures = _Face(ErasureReading)
    notices = _Face(NoticeReading)
    mailings = _Face(MailingReading)
    bundles = _Face(BundleReading)
    corrections = _Face(CorrectionReading)
    opt_outs = _Face(OptOutReading)

    def __init__(self, connection: Connection) -> None:
        self.statements = Reads(connection)


class Writing:
    """The newest state of everything, to read and to change, while no one else changes it."""

    allowances = _Face(AllowanceWriting)
    behavior = _Face(BehaviorWriting)
    cases = _Face(CaseWriting)
    counts = _Face(CountWriting)
    consents = _Face(ConsentWriting)
    breach_notices = _Face(BreachNoticeWriting)
    breaches = _Face(BreachWriting)
    contracts = _Face(ContractWriting)
    contract_texts = _Face(ContractTextWriting)
    curbs = _Face(CurbWriting)
    outcomes = _Face(OutcomeWriting)
    data_keys = _Face(DataKeyWriting)
    disclosures = _Face(DisclosureWriting)
    endings = _Face(EndingWriting)
    holds = _Face(HoldWriting)
    incidents = _Face(IncidentWriting)
    keys = _Face(KeyWriting)
    playbooks = _Face(PlaybookWriting)
    proposals = _Face(ProposalWriting)
    quarantines = _Face(QuarantineWriting)
    quotas = _Face(QuotaWriting)
    recipient_ends = _Face(RecipientEndWriting)
    records = _Face(RecordWriting)
    reinspections = _Face(ReinspectionWriting)
    replays = _Face(ReplayWriting)
    retention = _Face(RetentionWriting)
    reviews = _Face(ReviewWriting)
    shadows = _Face(ShadowWriting)
    tokens = _Face(TokenWriting)
    tombstones = _Face(TombstoneWriting)
    workers = _Face(WorkerWriting)
    requests = _Face(RequestWriting)
    erasures = _Face(ErasureWriting)
    notices = _Face(NoticeWriting)
    mailings = _Face(MailingWriting)
    bundles = _Face(BundleWriting)
    corrections = _Face(CorrectionWriting)
    opt_outs = _Face(OptOutWriting)

    def __init__(self, writes: Writes) -> None:
        self.statements = writes
        self.audit = AuditWriting(
            writes
        )  # at once: it is by the log's head that writers take turns

    @cached_property
    def courses(self) -> CourseWriting:
        """How contracts stand, with what is proposed."""
        return CourseWriting(self.statements, self.contracts.touch)
