"""What a transaction offers: every face of the store, to read or to read and write."""

from __future__ import annotations

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


class View:
    """One consistent state of everything, to read."""

    def __init__(self, connection: Connection) -> None:
        reads = Reads(connection)
        self.allowances = AllowanceReading(reads)
        self.audit = AuditReading(reads)
        self.behavior = BehaviorReading(reads)
        self.cases = CaseReading(reads)
        self.counts = CountReading(reads)
        self.consents = ConsentReading(reads)
        self.breach_notices = BreachNoticeReading(reads)
        self.breaches = BreachReading(reads)
        self.contracts = ContractReading(reads)
        self.contract_texts = ContractTextReading(reads)
        self.courses = CourseReading(reads)
        self.curbs = CurbReading(reads)
        self.outcomes = OutcomeReading(reads)
        self.data_keys = DataKeyReading(reads)
        self.disclosures = DisclosureReading(reads)
        self.endings = EndingReading(reads)
        self.holds = HoldReading(reads)
        self.incidents = IncidentReading(reads)
        self.keys = KeyReading(reads)
        self.playbooks = PlaybookReading(reads)
        self.proposals = ProposalReading(reads)
        self.quarantines = QuarantineReading(reads)
        self.quotas = QuotaReading(reads)
        self.recipient_ends = RecipientEndReading(reads)
        self.records = RecordReading(reads)
        self.reinspections = ReinspectionReading(reads)
        self.replays = ReplayReading(reads)
        self.retention = RetentionReading(reads)
        self.reviews = ReviewReading(reads)
        self.tokens = TokenReading(reads)
        self.tombstones = TombstoneReading(reads)
        self.scope = ScopeReading(reads)
        self.shadows = ShadowReading(reads)
        self.workers = WorkerReading(reads)
        self.requests = RequestReading(reads)
        self.erasures = ErasureReading(reads)
        self.notices = NoticeReading(reads)
        self.mailings = MailingReading(reads)
        self.bundles = BundleReading(reads)
        self.corrections = CorrectionReading(reads)
        self.opt_outs = OptOutReading(reads)


class Writing:
    """The newest state of everything, to read and to change, while no one else changes it."""

    def __init__(self, writes: Writes) -> None:
        self.allowances = AllowanceWriting(writes)
        self.audit = AuditWriting(writes)
        self.behavior = BehaviorWriting(writes)
        self.cases = CaseWriting(writes)
        self.counts = CountWriting(writes)
        self.consents = ConsentWriting(writes)
        self.breach_notices = BreachNoticeWriting(writes)
        self.breaches = BreachWriting(writes)
        self.contracts = ContractWriting(writes)
        self.contract_texts = ContractTextWriting(writes)
        self.courses = CourseWriting(writes, self.contracts.touch)
        self.curbs = CurbWriting(writes)
        self.outcomes = OutcomeWriting(writes)
        self.data_keys = DataKeyWriting(writes)
        self.disclosures = DisclosureWriting(writes)
        self.endings = EndingWriting(writes)
        self.holds = HoldWriting(writes)
        self.incidents = IncidentWriting(writes)
        self.keys = KeyWriting(writes)
        self.playbooks = PlaybookWriting(writes)
        self.proposals = ProposalWriting(writes)
        self.quarantines = QuarantineWriting(writes)
        self.quotas = QuotaWriting(writes)
        self.recipient_ends = RecipientEndWriting(writes)
        self.records = RecordWriting(writes)
        self.reinspections = ReinspectionWriting(writes)
        self.replays = ReplayWriting(writes)
        self.retention = RetentionWriting(writes)
        self.reviews = ReviewWriting(writes)
        self.shadows = ShadowWriting(writes)
        self.tokens = TokenWriting(writes)
        self.tombstones = TombstoneWriting(writes)
        self.workers = WorkerWriting(writes)
        self.requests = RequestWriting(writes)
        self.erasures = ErasureWriting(writes)
        self.notices = NoticeWriting(writes)
        self.mailings = MailingWriting(writes)
        self.bundles = BundleWriting(writes)
        self.corrections = CorrectionWriting(writes)
        self.opt_outs = OptOutWriting(writes)
