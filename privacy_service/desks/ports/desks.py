"""One of each desk, for the server."""

from __future__ import annotations

from dataclasses import dataclass

from privacy_service.desks.ports.audit import AuditDesk
from privacy_service.desks.ports.behavior import BehaviorDesk
from privacy_service.desks.ports.breach_notices import BreachNoticeDesk
from privacy_service.desks.ports.breaches import BreachDesk
from privacy_service.desks.ports.cases import CaseDesk
from privacy_service.desks.ports.consents import ConsentDesk
from privacy_service.desks.ports.containments import ContainmentDesk
from privacy_service.desks.ports.contracts import ContractDesk
from privacy_service.desks.ports.courses import CourseDesk, ProposalDesk
from privacy_service.desks.ports.enforcement import EnforcementDesk
from privacy_service.desks.ports.exposures import ExposureDesk
from privacy_service.desks.ports.holds import LegalHoldDesk
from privacy_service.desks.ports.keys import KeyDesk
from privacy_service.desks.ports.mailings import MailingDesk, ReturnedMailDesk
from privacy_service.desks.ports.monitors import MonitorDesk
from privacy_service.desks.ports.notices import NoticeDesk
from privacy_service.desks.ports.outcomes import OutcomeDesk
from privacy_service.desks.ports.playbooks import PlaybookDesk
from privacy_service.desks.ports.records import RecordDesk
from privacy_service.desks.ports.reinspections import ReinspectionDesk, ReinspectionsDesk
from privacy_service.desks.ports.retention import RetentionDesk
from privacy_service.desks.ports.reveals import RevealDesk
from privacy_service.desks.ports.reviews import ReviewDesk, SampleDesk
from privacy_service.desks.ports.shadows import ShadowDesk
from privacy_service.desks.ports.subject_requests import SubjectRequestDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """One of each, for the server."""

    enforcement: EnforcementDesk
    revealing: RevealDesk
    behavior: BehaviorDesk
    playbooks: PlaybookDesk
    monitors: MonitorDesk
    reviews: ReviewDesk
    contracts: ContractDesk
    courses: CourseDesk
    proposals: ProposalDesk
    shadows: ShadowDesk
    cases: CaseDesk
    records: RecordDesk
    holds: LegalHoldDesk
    requests: SubjectRequestDesk
    notices: NoticeDesk
    breaches: BreachDesk
    exposures: ExposureDesk
    reinspections: ReinspectionDesk
    many_reinspections: ReinspectionsDesk
    containment: ContainmentDesk
    outcomes: OutcomeDesk
    samples: SampleDesk
    breach_notices: BreachNoticeDesk
    mailings: MailingDesk
    returned_mail: ReturnedMailDesk
    consents: ConsentDesk
    retention: RetentionDesk
    keys: KeyDesk
    audit: AuditDesk
