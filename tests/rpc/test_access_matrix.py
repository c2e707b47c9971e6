"""Every RPC by every role, over the wire. An RPC without a request here fails the first test."""

from __future__ import annotations

import uuid

import grpc
import pytest
from google.protobuf.message import Message

from privacy_service.access import ACCESS, Role
from privacy_service.v1 import (
    audit_pb2,
    behavior_pb2,
    breach_notices_pb2,
    breaches_pb2,
    consent_pb2,
    contracts_pb2,
    enforcement_pb2,
    governance_pb2,
    holds_pb2,
    keys_pb2,
    mailings_pb2,
    monitors_pb2,
    notices_pb2,
    playbooks_pb2,
    records_pb2,
    requests_pb2,
    retention_pb2,
    reviews_pb2,
)
from tests.rpc.house import METHODS, House, bearer, call, refusal, transfer

PAIR = {"sender": "acme", "recipient": "globex", "purpose": "dpv:X"}
AI = {"party": "acme", "provider": "parrot", "content_type": "text/plain", "content": b"a"}
ID = str(uuid.uuid4())
DECISION = {"review_id": "r", "seen": "s", "note": "n", "request_id": ID}

REQUESTS: dict[str, Message] = {
    "EnforcementService/Transfer": transfer(),
    "EnforcementService/Preview": enforcement_pb2.PreviewRequest(
        **PAIR, content_type="text/plain", payload=b"a"
    ),
    "EnforcementService/TransferStream": enforcement_pb2.TransferStreamRequest(
        item_id="1", request=transfer()
    ),
    "EnforcementService/Inspect": enforcement_pb2.InspectRequest(content_type="text/plain"),
    "EnforcementService/Reveal": enforcement_pb2.RevealRequest(**PAIR, token="t", reason="case 7"),
    "EnforcementService/Restore": enforcement_pb2.RestoreRequest(
        **PAIR, content_type="text/plain", content=b"a", reason="case 7"
    ),
    "BehaviorService/PutBehaviorContract": behavior_pb2.PutBehaviorContractRequest(
        source="x", request_id=ID
    ),
    "BehaviorService/GetBehaviorContract": behavior_pb2.GetBehaviorContractRequest(contract_id="x"),
    "BehaviorService/ListBehaviorContracts": behavior_pb2.ListBehaviorContractsRequest(),
    "BehaviorService/GetBehaviorReport": behavior_pb2.GetBehaviorReportRequest(contract_id="x"),
    "BehaviorService/ReportOutcome": behavior_pb2.ReportOutcomeRequest(
        party="acme", check_id=ID, kind=behavior_pb2.OUTCOME_KIND_COMPLAINT, request_id=ID
    ),
    "BehaviorService/GetFailureMode": behavior_pb2.GetFailureModeRequest(
        contract_id="x", failure_id="f"
    ),
    "BehaviorService/ListFailureModes": behavior_pb2.ListFailureModesRequest(),
    "BehaviorService/CheckPrompt": behavior_pb2.CheckPromptRequest(**AI, request_id=ID),
    "BehaviorService/CheckOutput": behavior_pb2.CheckOutputRequest(**AI, request_id=ID),
    "BehaviorService/CheckOutputStream": behavior_pb2.CheckOutputStreamRequest(
        opening=behavior_pb2.CheckOutputRequest(**AI | {"content": b""}, request_id=ID)
    ),
    "PlaybookService/ListPlaybookRuns": playbooks_pb2.ListPlaybookRunsRequest(),
    "PlaybookService/GetPlaybookRun": playbooks_pb2.GetPlaybookRunRequest(run_id="run-1"),
    "PlaybookService/StartPlaybook": playbooks_pb2.StartPlaybookRequest(
        contract_id="c", playbook_id="p", reason="r", request_id=ID
    ),
    "PlaybookService/CompletePlaybookTask": playbooks_pb2.CompletePlaybookTaskRequest(
        run_id="run-1", step=1, evidence="e", request_id=ID
    ),
    "PlaybookService/ResolvePlaybookRun": playbooks_pb2.ResolvePlaybookRunRequest(
        run_id="run-1", residual_risk=1, says="s", request_id=ID
    ),
    "PlaybookService/HaltChecks": playbooks_pb2.HaltChecksRequest(
        contract_id="c", reason="r", request_id=ID
    ),
    "PlaybookService/ResumeChecks": playbooks_pb2.ResumeChecksRequest(
        curb_id="curb-1", reason="r", request_id=ID
    ),
    "PlaybookService/ListCurbs": playbooks_pb2.ListCurbsRequest(),
    "MonitorService/GetMonitors": monitors_pb2.GetMonitorsRequest(contract_id="c"),
    "ReviewService/ListReviews": reviews_pb2.ListReviewsRequest(),
    "ReviewService/GetReview": reviews_pb2.GetReviewRequest(review_id="r"),
    "ReviewService/OpenReview": reviews_pb2.OpenReviewRequest(review_id="r", reason="case 7"),
    "ReviewService/AssignReview": reviews_pb2.AssignReviewRequest(review_id="r", request_id=ID),
    "ReviewService/ApproveReview": reviews_pb2.ApproveReviewRequest(**DECISION),
    "ReviewService/RejectReview": reviews_pb2.RejectReviewRequest(**DECISION),
    "ReviewService/EditReview": reviews_pb2.EditReviewRequest(
        review_id="r", seen="s", request_id=ID
    ),
    "ReviewService/CollectReview": reviews_pb2.CollectReviewRequest(review_id="r"),
    "ReviewService/CollectCheck": reviews_pb2.CollectCheckRequest(review_id="r"),
    "ReviewService/JudgeSample": reviews_pb2.JudgeSampleRequest(
        review_id="r", seen="s", label="good", request_id=ID
    ),
    "ReviewService/AcknowledgeTraining": reviews_pb2.AcknowledgeTrainingRequest(
        contract_id="x", training_id="t", request_id=ID
    ),
    "ReviewService/GetAgreement": reviews_pb2.GetAgreementRequest(contract_id="x"),
    "ContractService/PutContract": contracts_pb2.PutContractRequest(source="x", request_id=ID),
    "ContractService/GetContract": contracts_pb2.GetContractRequest(contract_id="x"),
    "ContractService/ListContracts": contracts_pb2.ListContractsRequest(),
    "ContractService/ListContractVersions": contracts_pb2.ListContractVersionsRequest(
        contract_id="x"
    ),
    "ContractService/GetContractInForce": contracts_pb2.GetContractInForceRequest(**PAIR),
    "GovernanceService/ProposeContract": governance_pb2.ProposeContractRequest(
        source="s", reason="r", request_id=ID
    ),
    "GovernanceService/GetProposal": governance_pb2.GetProposalRequest(contract_id="c", version=2),
    "GovernanceService/ListProposals": governance_pb2.ListProposalsRequest(),
    "GovernanceService/DecideProposal": governance_pb2.DecideProposalRequest(
        contract_id="c",
        version=2,
        digest="sha256:" + "0" * 64,
        decision=governance_pb2.PROPOSAL_DECISION_APPROVE,
        reason="r",
        request_id=ID,
    ),
    "GovernanceService/ActivateContract": governance_pb2.ActivateContractRequest(
        contract_id="c", version=2, request_id=ID
    ),
    "GovernanceService/RollBackContract": governance_pb2.RollBackContractRequest(
        contract_id="c", reason="r", request_id=ID
    ),
    "GovernanceService/SuspendContract": governance_pb2.SuspendContractRequest(
        contract_id="c", reason="r", request_id=ID
    ),
    "GovernanceService/ResumeContract": governance_pb2.ResumeContractRequest(
        contract_id="c", reason="r", request_id=ID
    ),
    "GovernanceService/RetireContract": governance_pb2.RetireContractRequest(
        contract_id="c", reason="r", request_id=ID
    ),
    "GovernanceService/GetDecommissioning": governance_pb2.GetDecommissioningRequest(
        contract_id="c"
    ),
    "GovernanceService/GetDecommissioningReceipt": (
        governance_pb2.GetDecommissioningReceiptRequest(contract_id="c")
    ),
    "GovernanceService/GetRecertificationPacket": governance_pb2.GetRecertificationPacketRequest(
        contract_id="c"
    ),
    "GovernanceService/RecertifyContract": governance_pb2.RecertifyContractRequest(
        contract_id="c",
        as_of={"seconds": 1},
        digest="sha256:" + "0" * 64,
        reason="r",
        request_id=ID,
    ),
    "GovernanceService/GetContractCourse": governance_pb2.GetContractCourseRequest(contract_id="c"),
    "GovernanceService/StartShadow": governance_pb2.StartShadowRequest(
        contract_id="c", version=2, until={"seconds": 1}, reason="r", request_id=ID
    ),
    "GovernanceService/StopShadow": governance_pb2.StopShadowRequest(
        contract_id="c", reason="r", request_id=ID
    ),
    "GovernanceService/GetShadow": governance_pb2.GetShadowRequest(contract_id="c"),
    "GovernanceService/PinCase": governance_pb2.PinCaseRequest(
        review_id="r", until={"seconds": 1}, reason="r", request_id=ID
    ),
    "GovernanceService/UnpinCase": governance_pb2.UnpinCaseRequest(
        review_id="r", reason="r", request_id=ID
    ),
    "GovernanceService/RecordCase": governance_pb2.RecordCaseRequest(
        contract_id="c",
        output=behavior_pb2.CheckOutputRequest(**AI, request_id=ID),
        scenario="n",
        step=1,
        until={"seconds": 1},
        request_id=ID,
    ),
    "GovernanceService/ListCases": governance_pb2.ListCasesRequest(contract_id="c"),
    "RecordService/PutRecord": records_pb2.PutRecordRequest(
        partner="acme", record_id="r", content_type="text/plain", request_id=ID
    ),
    "RecordService/GetRecord": records_pb2.GetRecordRequest(partner="acme", record_id="r"),
    "RecordService/ListRecords": records_pb2.ListRecordsRequest(partner="acme"),
    "RecordService/DeleteRecord": records_pb2.DeleteRecordRequest(
        partner="acme", record_id="r", request_id=ID
    ),
    "LegalHoldService/PlaceHold": holds_pb2.PlaceHoldRequest(
        partner="acme",
        matter="m",
        reason="r",
        approver="a",
        review_date="2999-01-01",
        request_id=ID,
    ),
    "LegalHoldService/GetHold": holds_pb2.GetHoldRequest(hold_id="h"),
    "LegalHoldService/ListHolds": holds_pb2.ListHoldsRequest(),
    "LegalHoldService/ProposeLift": holds_pb2.ProposeLiftRequest(
        hold_id="h", reason="r", request_id=ID
    ),
    "LegalHoldService/ConfirmLift": holds_pb2.ConfirmLiftRequest(hold_id="h", request_id=ID),
    "ConsentService/RecordConsent": consent_pb2.RecordConsentRequest(
        partner="acme",
        record_id="c",
        request_id=ID,
        event=consent_pb2.ConsentEvent(state=consent_pb2.CONSENT_STATE_GIVEN),
    ),
    "ConsentService/WithdrawConsent": consent_pb2.WithdrawConsentRequest(
        partner="acme", record_id="c", request_id=ID
    ),
    "ConsentService/GetConsent": consent_pb2.GetConsentRequest(partner="acme", record_id="c"),
    "ConsentService/ListConsents": consent_pb2.ListConsentsRequest(),
    "ConsentService/ListOptOuts": consent_pb2.ListOptOutsRequest(
        subject=enforcement_pb2.SubjectRef(type="email", value="x")
    ),
    "BreachService/OpenBreach": breaches_pb2.OpenBreachRequest(title="t", request_id=ID),
    "BreachService/GetBreach": breaches_pb2.GetBreachRequest(breach_id="b"),
    "BreachService/ListBreaches": breaches_pb2.ListBreachesRequest(),
    "BreachService/RecordStatement": breaches_pb2.RecordStatementRequest(
        breach_id="b",
        statement=breaches_pb2.BreachStatement(
            facts=breaches_pb2.FactsStatement(encrypted=True),
        ),
        request_id=ID,
    ),
    "BreachService/ReportExposedKey": breaches_pb2.ReportExposedKeyRequest(
        key="partner/acme", reason="r", request_id=ID
    ),
    "BreachService/StartReinspection": breaches_pb2.StartReinspectionRequest(request_id=ID),
    "BreachService/GetReinspection": breaches_pb2.GetReinspectionRequest(reinspection_id="r"),
    "BreachService/ListReinspections": breaches_pb2.ListReinspectionsRequest(),
    "BreachService/CancelReinspection": breaches_pb2.CancelReinspectionRequest(
        reinspection_id="r", request_id=ID
    ),
    "BreachService/ReinspectRelease": breaches_pb2.ReinspectReleaseRequest(
        disclosure_id="d", request_id=ID
    ),
    "BreachService/Quarantine": breaches_pb2.QuarantineRequest(
        partner="acme", reason="r", request_id=ID
    ),
    "BreachService/ListQuarantines": breaches_pb2.ListQuarantinesRequest(),
    "BreachService/ProposeRelease": breaches_pb2.ProposeReleaseRequest(
        quarantine_id="q", reason="r", request_id=ID
    ),
    "BreachService/ConfirmRelease": breaches_pb2.ConfirmReleaseRequest(
        quarantine_id="q", request_id=ID
    ),
    "BreachNoticeService/DraftBreachNotice": breach_notices_pb2.DraftBreachNoticeRequest(
        breach_id="b", rule_id="r", language="en", request_id=ID
    ),
    "BreachNoticeService/GetBreachNotice": breach_notices_pb2.GetBreachNoticeRequest(notice_id="n"),
    "BreachNoticeService/ListBreachNotices": breach_notices_pb2.ListBreachNoticesRequest(
        breach_id="b"
    ),
    "BreachNoticeService/PrintBreachNotice": breach_notices_pb2.PrintBreachNoticeRequest(
        notice_id="n"
    ),
    "BreachNoticeService/DecideBreachNotice": breach_notices_pb2.DecideBreachNoticeRequest(
        notice_id="n",
        digest="sha256:" + "0" * 64,
        decision=breach_notices_pb2.BREACH_NOTICE_DECISION_REVIEWED,
        request_id=ID,
    ),
    "BreachNoticeService/ListPartnerBreachNotices": (
        breach_notices_pb2.ListPartnerBreachNoticesRequest(partner="acme")
    ),
    "BreachNoticeService/ConfirmBreachNotice": breach_notices_pb2.ConfirmBreachNoticeRequest(
        notice_id="n", digest="sha256:" + "0" * 64, request_id=str(uuid.uuid4())
    ),
    "MailingService/PlanMailing": mailings_pb2.PlanMailingRequest(
        notice_id="n", contacts=mailings_pb2.Contacts(partner="acme")
    ),
    "MailingService/StartMailing": mailings_pb2.StartMailingRequest(
        notice_id="n",
        digest="sha256:" + "0" * 64,
        contacts=mailings_pb2.Contacts(partner="acme"),
        request_id=str(uuid.uuid4()),
    ),
    "MailingService/ControlMailing": mailings_pb2.ControlMailingRequest(
        notice_id="n", act=mailings_pb2.MAILING_ACT_PAUSE, request_id=str(uuid.uuid4())
    ),
    "MailingService/GetMailing": mailings_pb2.GetMailingRequest(notice_id="n"),
    "MailingService/RecordReturnedMail": mailings_pb2.RecordReturnedMailRequest(
        messages=[b"m"], request_id=ID
    ),
    "MailingService/RecordBounce": mailings_pb2.RecordBounceRequest(
        reference="r", request_id=str(uuid.uuid4())
    ),
    "BreachNoticeService/SendBreachNotice": breach_notices_pb2.SendBreachNoticeRequest(
        notice_id="n", digest="sha256:" + "0" * 64, request_id=ID
    ),
    "BreachService/ScopeBreach": breaches_pb2.ScopeBreachRequest(partner="acme", request_id=ID),
    "SubjectRequestService/SubmitRequest": requests_pb2.SubmitRequestRequest(
        kind=requests_pb2.SUBJECT_REQUEST_KIND_ERASURE,
        identifiers=[
            requests_pb2.Identifier(subject=enforcement_pb2.SubjectRef(type="email", value="x"))
        ],
        regime="eu-gdpr",
        place="DE",
        request_id=ID,
    ),
    "SubjectRequestService/GetRequest": requests_pb2.GetRequestRequest(subject_request_id="r"),
    "SubjectRequestService/ListRequests": requests_pb2.ListRequestsRequest(),
    "SubjectRequestService/TakeStep": requests_pb2.TakeStepRequest(
        subject_request_id="r", start=requests_pb2.PlainStep(), request_id=ID
    ),
    "SubjectRequestService/PlanErasure": requests_pb2.PlanErasureRequest(subject_request_id="r"),
    "SubjectRequestService/PlanCorrection": requests_pb2.PlanCorrectionRequest(
        subject_request_id="r",
        correct=requests_pb2.Correct(
            statement=requests_pb2.SupplementaryStatement(partner="acme", text="x")
        ),
    ),
    "SubjectRequestService/GetErasureReceipt": requests_pb2.GetErasureReceiptRequest(
        subject_request_id="r"
    ),
    "SubjectRequestService/GetBundlePart": requests_pb2.GetBundlePartRequest(
        subject_request_id="r"
    ),
    "NoticeService/ListNotices": notices_pb2.ListNoticesRequest(partner="acme"),
    "NoticeService/SearchNotices": notices_pb2.SearchNoticesRequest(),
    "NoticeService/ConfirmNotice": notices_pb2.ConfirmNoticeRequest(notice_id="n", request_id=ID),
    "NoticeService/ExcuseNotice": notices_pb2.ExcuseNoticeRequest(
        notice_id="n", reason="DISPROPORTIONATE_EFFORT", request_id=ID
    ),
    "NoticeService/PutNoticeAddress": notices_pb2.PutNoticeAddressRequest(
        partner="acme", url="https://acme.example/n", request_id=ID
    ),
    "KeyService/ListKeys": keys_pb2.ListKeysRequest(),
    "KeyService/RotateKey": keys_pb2.RotateKeyRequest(partner="acme", request_id=ID),
    "KeyService/RewrapKeys": keys_pb2.RewrapKeysRequest(request_id=ID),
    "KeyService/RetireKey": keys_pb2.RetireKeyRequest(partner="acme", version=1, request_id=ID),
    "KeyService/ShredKey": keys_pb2.ShredKeyRequest(
        partner="acme",
        subject=enforcement_pb2.SubjectRef(type="email", value="a@b.example"),
        reason="case 7",
        request_id=ID,
    ),
    "KeyService/VerifyKeys": keys_pb2.VerifyKeysRequest(),
    "RetentionService/PutSchedule": retention_pb2.PutScheduleRequest(source="x", request_id=ID),
    "RetentionService/ListSchedules": retention_pb2.ListSchedulesRequest(),
    "RetentionService/ExplainRecord": retention_pb2.ExplainRecordRequest(
        partner="acme", record_id="r"
    ),
    "RetentionService/StartSweep": retention_pb2.StartSweepRequest(request_id=ID),
    "RetentionService/ControlSweep": retention_pb2.ControlSweepRequest(
        sweep_id="s", control=retention_pb2.SWEEP_CONTROL_CANCEL, request_id=ID
    ),
    "RetentionService/GetSweep": retention_pb2.GetSweepRequest(sweep_id="s"),
    "RetentionService/ListSweeps": retention_pb2.ListSweepsRequest(),
    "RetentionService/GetCertificate": retention_pb2.GetCertificateRequest(sweep_id="s"),
    "RetentionService/SetSweepTimes": retention_pb2.SetSweepTimesRequest(request_id=ID),
    "RetentionService/GetSweepTimes": retention_pb2.GetSweepTimesRequest(),
    "AuditService/ListEntries": audit_pb2.ListEntriesRequest(),
    "AuditService/GetCheckpoint": audit_pb2.GetCheckpointRequest(),
    "AuditService/GetInclusionProof": audit_pb2.GetInclusionProofRequest(position=1, tree_size=3),
    "AuditService/GetConsistencyProof": audit_pb2.GetConsistencyProofRequest(
        first_tree_size=1, second_tree_size=3
    ),
    "AuditService/ListDisclosures": audit_pb2.ListDisclosuresRequest(),
    "AuditService/ExportEvidence": audit_pb2.ExportEvidenceRequest(partner="acme"),
}


def test_every_rpc_has_a_request_here() -> None:
    assert set(REQUESTS) == set(METHODS)


def reason_of(channel: grpc.Channel, rpc: str, token: str | None) -> str:
    """The error's reason; empty where the call was answered."""
    try:
        call(channel, rpc, REQUESTS[rpc], bearer(token) if token else ())
    except grpc.RpcError as error:
        refused = refusal(error)
        expected = {
            "ROLE_MISSING": grpc.StatusCode.PERMISSION_DENIED,
            "NOT_YOUR_PARTNER": grpc.StatusCode.PERMISSION_DENIED,
            "CALLER_UNKNOWN": grpc.StatusCode.UNAUTHENTICATED,
        }
        assert refused.code is expected.get(refused.reason, refused.code)
        return refused.reason
    return ""


@pytest.mark.parametrize("rpc", sorted(METHODS))
def test_exactly_the_roles_of_the_table_may_call(house: House, rpc: str) -> None:
    allowed = set()
    with house.over_tls() as channel:
        for role in Role:
            partner = "acme" if role is Role.PARTNER else None
            if reason_of(channel, rpc, house.issuer.token(role, partner=partner)) != "ROLE_MISSING":
                allowed.add(role)
    assert allowed == ACCESS[rpc]


@pytest.mark.parametrize("rpc", sorted(METHODS))
def test_nobody_unknown_may_call(house: House, rpc: str) -> None:
    with house.over_tls() as channel:
        assert reason_of(channel, rpc, None) == "CALLER_UNKNOWN"


@pytest.mark.parametrize("rpc", sorted(METHODS))
def test_without_roles_nothing_may_be_called(house: House, rpc: str) -> None:
    with house.over_tls() as channel:
        assert reason_of(channel, rpc, house.issuer.token(partner="acme")) == "ROLE_MISSING"


@pytest.mark.parametrize(
    "rpc",
    [
        "EnforcementService/Transfer",
        "EnforcementService/Preview",
        "EnforcementService/Reveal",
        "EnforcementService/Restore",
        "RecordService/PutRecord",
        "RecordService/GetRecord",
        "RecordService/ListRecords",
        "RecordService/DeleteRecord",
        "ConsentService/RecordConsent",
        "ConsentService/WithdrawConsent",
    ],
)
def test_a_caller_acts_for_its_own_partner_only(house: House, rpc: str) -> None:
    with house.as_partner("initech") as channel:
        assert reason_of(channel, rpc, None) == "NOT_YOUR_PARTNER"


def test_what_belongs_to_others_is_not_there(house: House) -> None:
    put = contracts_pb2.PutContractRequest(source="theirs", request_id=ID)
    get = contracts_pb2.GetContractRequest(contract_id="theirs")
    with house.as_partner("acme") as acme, house.as_partner("initech") as initech:
        call(acme, "ContractService/PutContract", put)
        assert call(acme, "ContractService/GetContract", get).contract.contract_id == "theirs"
        with pytest.raises(grpc.RpcError) as error:
            call(initech, "ContractService/GetContract", get)
    assert refusal(error.value).code is grpc.StatusCode.NOT_FOUND
