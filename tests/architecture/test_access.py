"""The API in four places that say the same: protos, access table, documents, servicers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from buf.validate import validate_pb2
from privacy_service import errors
from privacy_service.access import ACCESS, Caller, Role, authorize, is_partner_name
from privacy_service.errors import Kind, PrivacyError
from privacy_service.gateway.servicer import SERVICE as GATEWAY
from privacy_service.rpc.audit import AuditServicer
from privacy_service.rpc.behavior import BehaviorServicer
from privacy_service.rpc.consent import ConsentServicer
from privacy_service.rpc.contracts import ContractServicer
from privacy_service.rpc.enforcement import EnforcementServicer
from privacy_service.rpc.holds import LegalHoldServicer
from privacy_service.rpc.keys import KeyServicer
from privacy_service.rpc.monitors import MonitorServicer
from privacy_service.rpc.playbooks import PlaybookServicer
from privacy_service.rpc.records import RecordServicer
from privacy_service.rpc.retention import RetentionServicer
from privacy_service.rpc.reviews import ReviewServicer
from privacy_service.rpc.rules import Rules
from privacy_service.rpc.server import SERVICES
from privacy_service.rpc.status import STATUS
from privacy_service.v1.records_pb2 import ListRecordsRequest

DOCS = Path(__file__).parents[2] / "docs"
RPCS = [f"{service.name}/{method.name}" for service in SERVICES for method in service.methods]


def rows(document: str) -> dict[str, list[str]]:
    """The rows of a document that begin with an RPC, by it."""
    text = (DOCS / document).read_text(encoding="utf-8")
    found = re.findall(r"^\| `([\w.]*(?:Service|Processor)/\w+)` \|(.*)\|$", text, re.MULTILINE)
    return {rpc: [cell.strip() for cell in rest.split("|")] for rpc, rest in found}


def test_the_table_names_every_rpc_and_no_other() -> None:
    assert sorted(ACCESS) == sorted([*RPCS, f"{GATEWAY}/Process"])


def test_every_rpc_is_somebodys() -> None:
    assert all(roles for roles in ACCESS.values())


def test_the_document_of_access_is_the_table() -> None:
    roles = [Role.PARTNER, Role.OFFICER, Role.AUDITOR, Role.OPERATOR]
    assert set(roles) == set(Role)
    wanted = {
        rpc: ["yes" if role in allowed else "–" for role in roles]
        for rpc, allowed in ACCESS.items()
    }
    assert rows("access.md") == wanted


def test_the_document_of_the_api_explains_every_rpc_in_order() -> None:
    assert list(rows("api.md")) == RPCS


def test_the_document_of_the_api_has_every_status() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    for kind in Kind:
        assert f"`{STATUS[kind].name}`" in text


@pytest.mark.parametrize(
    "servicer",
    [
        EnforcementServicer,
        BehaviorServicer,
        PlaybookServicer,
        MonitorServicer,
        ReviewServicer,
        ContractServicer,
        RecordServicer,
        LegalHoldServicer,
        ConsentServicer,
        KeyServicer,
        RetentionServicer,
        AuditServicer,
    ],
)
def test_every_rpc_has_its_own_method(servicer: type) -> None:
    service = next(
        s for s in SERVICES if s.name == servicer.__name__.replace("Servicer", "Service")
    )
    for method in service.methods:
        assert method.name in vars(servicer), f"{service.name}/{method.name} is not implemented"


def test_what_the_table_does_not_name_is_refused_to_everyone() -> None:
    everyone = Caller(name="all", partner="acme", roles=frozenset(Role))
    with pytest.raises(PrivacyError) as error:
        authorize(everyone, "EnforcementService/Destroy")
    assert error.value.reason is errors.ROLE_MISSING


NAMES = ["a", "acme", "a-b", "a.b", "a_b", "1", "a" * 63]
NO_NAMES = ["", "A", "é", "-a", "a-", "a b", "a\n", "a/b", "a" * 64, "{partner}"]


@pytest.mark.parametrize("name", NAMES + NO_NAMES)
def test_a_partners_name_is_the_same_in_the_protos_and_in_the_code(name: str) -> None:
    rules = Rules(ListRecordsRequest.DESCRIPTOR)
    try:
        rules.require(ListRecordsRequest(partner=name))
    except PrivacyError:
        assert not is_partner_name(name)
    else:
        assert is_partner_name(name)


def test_every_field_that_names_a_partner_has_the_same_rule() -> None:
    pattern = "^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$"
    requests = [method.input_type for service in SERVICES for method in service.methods]
    named = [
        field
        for request in requests
        for field in request.fields
        if field.name in ("sender", "recipient", "partner", "party", "provider")
    ]
    assert len(named) > 20, "the names above no longer find them"
    for field in named:
        rules = field.GetOptions().Extensions[validate_pb2.field]
        assert rules.string.pattern == pattern, field.full_name


def test_every_call_that_changes_something_takes_a_request_id() -> None:
    takes = {
        f"{service.name}/{method.name}"
        for service in SERVICES
        for method in service.methods
        if "request_id" in method.input_type.fields_by_name
    }
    assert takes == {
        "EnforcementService/Transfer",
        "BehaviorService/PutBehaviorContract",
        "BehaviorService/ReportOutcome",
        "BehaviorService/CheckPrompt",
        "BehaviorService/CheckOutput",
        "PlaybookService/StartPlaybook",
        "PlaybookService/CompletePlaybookTask",
        "PlaybookService/ResolvePlaybookRun",
        "PlaybookService/HaltChecks",
        "PlaybookService/ResumeChecks",
        "ReviewService/AssignReview",
        "ReviewService/ApproveReview",
        "ReviewService/RejectReview",
        "ReviewService/EditReview",
        "ReviewService/JudgeSample",
        "ReviewService/AcknowledgeTraining",
        "ContractService/PutContract",
        "GovernanceService/ProposeContract",
        "GovernanceService/DecideProposal",
        "GovernanceService/ActivateContract",
        "GovernanceService/RollBackContract",
        "GovernanceService/SuspendContract",
        "GovernanceService/ResumeContract",
        "GovernanceService/RetireContract",
        "GovernanceService/RecertifyContract",
        "GovernanceService/PinCase",
        "GovernanceService/UnpinCase",
        "GovernanceService/RecordCase",
        "GovernanceService/StartShadow",
        "GovernanceService/StopShadow",
        "RecordService/PutRecord",
        "RecordService/DeleteRecord",
        "LegalHoldService/PlaceHold",
        "LegalHoldService/ProposeLift",
        "LegalHoldService/ConfirmLift",
        "SubjectRequestService/SubmitRequest",
        "SubjectRequestService/TakeStep",
        "NoticeService/ConfirmNotice",
        "NoticeService/ExcuseNotice",
        "NoticeService/PutNoticeAddress",
        "BreachService/OpenBreach",
        "BreachService/RecordStatement",
        "BreachService/ScopeBreach",
        "BreachService/ReportExposedKey",
        "BreachService/ReinspectRelease",
        "BreachService/StartReinspection",
        "BreachService/CancelReinspection",
        "BreachService/Quarantine",
        "BreachService/ProposeRelease",
        "BreachService/ConfirmRelease",
        "BreachNoticeService/DraftBreachNotice",
        "BreachNoticeService/DecideBreachNotice",
        "BreachNoticeService/SendBreachNotice",
        "BreachNoticeService/ConfirmBreachNotice",
        "MailingService/StartMailing",
        "MailingService/ControlMailing",
        "MailingService/RecordBounce",
        "MailingService/RecordReturnedMail",
        "ConsentService/RecordConsent",
        "ConsentService/WithdrawConsent",
        "KeyService/RotateKey",
        "KeyService/RewrapKeys",
        "KeyService/RetireKey",
        "KeyService/ShredKey",
        "RetentionService/PutSchedule",
        "RetentionService/StartSweep",
        "RetentionService/ControlSweep",
        "RetentionService/SetSweepTimes",
    }
    safe = {rpc for rpc, cells in rows("api.md").items() if "request_id" in cells[-1]}
    assert safe == takes | {
        "EnforcementService/TransferStream",
        "BehaviorService/CheckOutputStream",
    }
