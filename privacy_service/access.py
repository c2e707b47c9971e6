"""Who may call what: the one table, read by the interceptor, the docs and the tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError

_PARTNER_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")


def is_partner_name(text: str) -> bool:
    """Whether `text` can name a partner: 1-63 of a-z, 0-9, dot, dash, underscore, as DNS labels and
    SPIFFE path segments allow, so that a certificate can carry it.
    """
    return _PARTNER_NAME.fullmatch(text) is not None


class Role(StrEnum):
    """What a caller is here. A certificate makes a partner; a token may carry any of them."""

    PARTNER = "partner"
    OFFICER = "officer"
    AUDITOR = "auditor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, once identified. `name` is the certificate's or token's subject, for the audit;
    `partner` is set for those who act for one.
    """

    name: str
    partner: str | None
    roles: frozenset[Role]

    def require_partner(self, partner: str) -> None:
        """Raises NOT_YOUR_PARTNER unless the caller acts for `partner`."""
        if self.partner != partner:
            raise PrivacyError(errors.NOT_YOUR_PARTNER)


_P, _D, _A, _O = Role.PARTNER, Role.OFFICER, Role.AUDITOR, Role.OPERATOR

# RPC -> roles that may call it. An RPC that is not here is refused to everyone.
ACCESS: dict[str, frozenset[Role]] = {
    "EnforcementService/Transfer": frozenset({_P}),
    "EnforcementService/Preview": frozenset({_P, _D}),
    "EnforcementService/TransferStream": frozenset({_P}),
    "EnforcementService/Inspect": frozenset({_P, _D}),
    "EnforcementService/Reveal": frozenset({_P, _D}),
    "EnforcementService/Restore": frozenset({_P}),
    "BehaviorService/PutBehaviorContract": frozenset({_P, _D}),
    "BehaviorService/GetBehaviorContract": frozenset({_P, _D, _A}),
    "BehaviorService/ListBehaviorContracts": frozenset({_P, _D, _A}),
    "BehaviorService/GetBehaviorReport": frozenset({_P, _D, _A}),
    "BehaviorService/ReportOutcome": frozenset({_P, _D}),
    "BehaviorService/GetFailureMode": frozenset({_P, _D, _A}),
    "BehaviorService/ListFailureModes": frozenset({_P, _D, _A}),
    "BehaviorService/CheckPrompt": frozenset({_P}),
    "BehaviorService/CheckOutput": frozenset({_P}),
    "BehaviorService/CheckOutputStream": frozenset({_P}),
    "PlaybookService/ListPlaybookRuns": frozenset({_P, _D, _A}),
    "PlaybookService/GetPlaybookRun": frozenset({_P, _D, _A}),
    "PlaybookService/StartPlaybook": frozenset({_P, _D}),
    "PlaybookService/CompletePlaybookTask": frozenset({_P, _D}),
    "PlaybookService/ResolvePlaybookRun": frozenset({_P, _D}),
    "PlaybookService/HaltChecks": frozenset({_P, _D}),
    "PlaybookService/ResumeChecks": frozenset({_P, _D}),
    "PlaybookService/ListCurbs": frozenset({_P, _D, _A}),
    "MonitorService/GetMonitors": frozenset({_P, _D, _A}),
    "ReviewService/ListReviews": frozenset({_P, _D, _A}),
    "ReviewService/GetReview": frozenset({_P, _D, _A}),
    "ReviewService/OpenReview": frozenset({_D}),
    "ReviewService/AssignReview": frozenset({_D}),
    "ReviewService/ApproveReview": frozenset({_D}),
    "ReviewService/RejectReview": frozenset({_D}),
    "ReviewService/EditReview": frozenset({_D}),
    "ReviewService/CollectReview": frozenset({_P}),
    "ReviewService/CollectCheck": frozenset({_P}),
    "ReviewService/JudgeSample": frozenset({_D}),
    "ReviewService/AcknowledgeTraining": frozenset({_D}),
    "ReviewService/GetAgreement": frozenset({_P, _D, _A}),
    "ContractService/PutContract": frozenset({_P, _D}),
    "ContractService/GetContract": frozenset({_P, _D, _A}),
    "ContractService/ListContracts": frozenset({_P, _D, _A}),
    "ContractService/ListContractVersions": frozenset({_P, _D, _A}),
    "ContractService/GetContractInForce": frozenset({_P, _D, _A}),
    "GovernanceService/ProposeContract": frozenset({_P, _D}),
    "GovernanceService/GetProposal": frozenset({_P, _D, _A}),
    "GovernanceService/ListProposals": frozenset({_P, _D, _A}),
    "GovernanceService/DecideProposal": frozenset({_P, _D}),
    "GovernanceService/ActivateContract": frozenset({_P, _D}),
    "GovernanceService/RollBackContract": frozenset({_P, _D}),
    "GovernanceService/SuspendContract": frozenset({_P, _D}),
    "GovernanceService/ResumeContract": frozenset({_D}),
    "GovernanceService/RetireContract": frozenset({_D}),
    "GovernanceService/GetDecommissioning": frozenset({_P, _D, _A}),
    "GovernanceService/GetDecommissioningReceipt": frozenset({_P, _D, _A}),
    "GovernanceService/GetRecertificationPacket": frozenset({_P, _D, _A}),
    "GovernanceService/RecertifyContract": frozenset({_D}),
    "GovernanceService/GetContractCourse": frozenset({_P, _D, _A}),
    "GovernanceService/StartShadow": frozenset({_P, _D}),
    "GovernanceService/StopShadow": frozenset({_P, _D}),
    "GovernanceService/GetShadow": frozenset({_P, _D, _A}),
    "GovernanceService/PinCase": frozenset({_D}),
    "GovernanceService/UnpinCase": frozenset({_D}),
    "GovernanceService/RecordCase": frozenset({_P, _D}),
    "GovernanceService/ListCases": frozenset({_D, _A}),
    "RecordService/PutRecord": frozenset({_P}),
    "RecordService/GetRecord": frozenset({_P}),
    "RecordService/ListRecords": frozenset({_P, _D}),
    "RecordService/DeleteRecord": frozenset({_P, _D}),
    "LegalHoldService/PlaceHold": frozenset({_D}),
    "LegalHoldService/GetHold": frozenset({_D, _A}),
    "LegalHoldService/ListHolds": frozenset({_D, _A}),
    "LegalHoldService/ProposeLift": frozenset({_D}),
    "LegalHoldService/ConfirmLift": frozenset({_D}),
    "BreachService/OpenBreach": frozenset({_P, _D}),
    "BreachService/GetBreach": frozenset({_D, _A}),
    "BreachService/ListBreaches": frozenset({_D, _A}),
    "BreachService/RecordStatement": frozenset({_D}),
    "BreachService/ScopeBreach": frozenset({_D}),
    "BreachService/ReportExposedKey": frozenset({_D, _O}),
    "BreachService/ReinspectRelease": frozenset({_D}),
    "BreachService/StartReinspection": frozenset({_D}),
    "BreachService/GetReinspection": frozenset({_D, _A}),
    "BreachService/ListReinspections": frozenset({_D, _A}),
    "BreachService/CancelReinspection": frozenset({_D}),
    "BreachService/Quarantine": frozenset({_D}),
    "BreachService/ListQuarantines": frozenset({_D, _A}),
    "BreachService/ProposeRelease": frozenset({_D}),
    "BreachService/ConfirmRelease": frozenset({_D}),
    "BreachNoticeService/DraftBreachNotice": frozenset({_D}),
    "BreachNoticeService/GetBreachNotice": frozenset({_D, _A}),
    "BreachNoticeService/ListBreachNotices": frozenset({_D, _A}),
    "BreachNoticeService/PrintBreachNotice": frozenset({_D, _A}),
    "BreachNoticeService/DecideBreachNotice": frozenset({_D}),
    "BreachNoticeService/SendBreachNotice": frozenset({_D}),
    "BreachNoticeService/ListPartnerBreachNotices": frozenset({_P}),
    "BreachNoticeService/ConfirmBreachNotice": frozenset({_P}),
    "MailingService/PlanMailing": frozenset({_D}),
    "MailingService/StartMailing": frozenset({_D}),
    "MailingService/ControlMailing": frozenset({_D}),
    "MailingService/GetMailing": frozenset({_D, _A}),
    "MailingService/RecordBounce": frozenset({_D}),
    "MailingService/RecordReturnedMail": frozenset({_D}),
    "ConsentService/RecordConsent": frozenset({_P, _D}),
    "ConsentService/WithdrawConsent": frozenset({_P, _D}),
    "ConsentService/GetConsent": frozenset({_P, _D, _A}),
    "ConsentService/ListConsents": frozenset({_P, _D, _A}),
    "ConsentService/ListOptOuts": frozenset({_P, _D, _A}),
    "SubjectRequestService/SubmitRequest": frozenset({_D}),
    "SubjectRequestService/GetRequest": frozenset({_D, _A}),
    "SubjectRequestService/ListRequests": frozenset({_D, _A}),
    "SubjectRequestService/TakeStep": frozenset({_D}),
    "SubjectRequestService/PlanErasure": frozenset({_D}),
    "SubjectRequestService/PlanCorrection": frozenset({_D}),
    "SubjectRequestService/GetErasureReceipt": frozenset({_D, _A}),
    "SubjectRequestService/GetBundlePart": frozenset({_D}),
    "NoticeService/ListNotices": frozenset({_P, _D}),
    "NoticeService/SearchNotices": frozenset({_D, _A}),
    "NoticeService/ConfirmNotice": frozenset({_P, _D}),
    "NoticeService/ExcuseNotice": frozenset({_D}),
    "NoticeService/PutNoticeAddress": frozenset({_D}),
    "KeyService/ListKeys": frozenset({_D, _O}),
    "KeyService/RotateKey": frozenset({_D, _O}),
    "KeyService/RewrapKeys": frozenset({_D, _O}),
    "KeyService/RetireKey": frozenset({_D, _O}),
    "KeyService/ShredKey": frozenset({_D, _O}),
    "KeyService/VerifyKeys": frozenset({_D, _O}),
    "RetentionService/PutSchedule": frozenset({_D}),
    "RetentionService/ListSchedules": frozenset({_D, _A}),
    "RetentionService/ExplainRecord": frozenset({_D, _A}),
    "RetentionService/StartSweep": frozenset({_D}),
    "RetentionService/ControlSweep": frozenset({_D}),
    "RetentionService/GetSweep": frozenset({_D, _A}),
    "RetentionService/ListSweeps": frozenset({_D, _A}),
    "RetentionService/GetCertificate": frozenset({_D, _A}),
    "RetentionService/SetSweepTimes": frozenset({_D}),
    "RetentionService/GetSweepTimes": frozenset({_D, _A}),
    "AuditService/ListEntries": frozenset({_D, _A}),
    "AuditService/GetCheckpoint": frozenset({_P, _D, _A, _O}),
    "AuditService/GetInclusionProof": frozenset({_P, _D, _A}),
    "AuditService/GetConsistencyProof": frozenset({_P, _D, _A}),
    "AuditService/ListDisclosures": frozenset({_P, _D, _A}),
    "AuditService/ExportEvidence": frozenset({_D, _A}),
    # Not of the API: what Envoy calls.
    "envoy.service.ext_proc.v3.ExternalProcessor/Process": frozenset({_P}),
}


def authorize(caller: Caller, rpc: str) -> None:
    """Raises ROLE_MISSING unless one of the caller's roles may call `rpc` (`Service/Method`)."""
    if not caller.roles & ACCESS.get(rpc, frozenset()):
        raise PrivacyError(errors.ROLE_MISSING, rpc=rpc)
