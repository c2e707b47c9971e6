"""A partner under quarantine: over gRPC and on the command line, on a real service."""

from __future__ import annotations

import json
import queue
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from typer.testing import CliRunner

from privacy_service import errors
from privacy_service.__main__ import app
from privacy_service.access import Caller, Role
from privacy_service.commands.client import error_info
from privacy_service.enforcement.enforce import Enforcement
from privacy_service.enforcement.findings import Inspected, Passage
from privacy_service.enforcement.request import TransferRequest
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry
from privacy_service.v1 import (
    audit_pb2,
    enforcement_pb2,
    governance_pb2,
    governance_pb2_grpc,
    holds_pb2,
    holds_pb2_grpc,
    keys_pb2,
    keys_pb2_grpc,
)
from privacy_service.v1 import breaches_pb2 as pb
from tests.service.conftest import DELIVERY, Peer, Service, reason_of, transfer_request
from tests.service.test_behavior import PROVIDER, checked, shop  # noqa: F401
from tests.service.test_breaches import ask, opened, refusal
from tests.service.test_reviews import CONTRACT, approve, collect, sent
from tests.service.test_reviews import opened as looked_at

QUARANTINED = "PARTNER_QUARANTINED"
ORDER = json.dumps({"order_id": "SO-1", "customer": {"customer_id": "C-9", "phone": "+49 30 901"}})


def place(officer: Peer, partner: str = "", **more: Any) -> pb.PartnerQuarantine:
    said = {"partner": partner, "reason": "mailbox taken over", "request_id": str(uuid.uuid4())}
    return ask(officer, "Quarantine", pb.QuarantineRequest(**(said | more))).quarantine


def propose(officer: Peer, one: pb.PartnerQuarantine) -> pb.PartnerQuarantine:
    request = pb.ProposeReleaseRequest(
        quarantine_id=one.quarantine_id, reason="it is theirs", request_id=str(uuid.uuid4())
    )
    return ask(officer, "ProposeRelease", request).quarantine


def confirm(officer: Peer, one: pb.PartnerQuarantine) -> pb.PartnerQuarantine:
    request = pb.ConfirmReleaseRequest(
        quarantine_id=one.quarantine_id, request_id=str(uuid.uuid4())
    )
    return ask(officer, "ConfirmRelease", request).quarantine


@contextmanager
def quarantined(service: Service, partner: str = "", **more: Any) -> Iterator[pb.PartnerQuarantine]:
    one = place(service.person("officer"), partner, **more)
    try:
        yield one
    finally:
        second = service.person("second-officer")
        propose(service.person("officer"), one)
        assert confirm(second, one).state == pb.QUARANTINE_STATE_LIFTED


def reveal(peer: Peer, token: str) -> str:
    request = enforcement_pb2.RevealRequest(
        sender="acme-shop", recipient="swift-parcel", purpose=DELIVERY, token=token, reason="case 7"
    )
    return peer.enforcement.Reveal(request, timeout=10).value


def restore(peer: Peer, token: str) -> bytes:
    request = enforcement_pb2.RestoreRequest(
        sender="acme-shop", recipient="swift-parcel", purpose=DELIVERY, reason="case 7",
        content=token.encode(), content_type="text/plain",
    )  # fmt: skip
    return peer.enforcement.Restore(request, timeout=10).content


@pytest.mark.parametrize("partner", ["swift-parcel", "acme-shop"])
def test_nothing_passes_to_or_from_a_partner_until_two_people_lift_it(
    service: Service, acme: Peer, partner: str
) -> None:
    request_id = str(uuid.uuid4())
    before = acme.transfer(ORDER, request_id=request_id)
    token = json.loads(before.payload)["customer"]["phone"]
    officer = service.person("officer")
    with quarantined(service, partner) as one:
        assert refusal(lambda: acme.transfer(ORDER)) == QUARANTINED
        again: Callable[[], object] = lambda: acme.transfer(ORDER, request_id=request_id)  # noqa: E731
        assert refusal(again) == QUARANTINED
        assert refusal(lambda: reveal(acme, token)) == QUARANTINED
        assert refusal(lambda: restore(acme, token)) == QUARANTINED
        assert refusal(lambda: confirm(officer, one)) == "LIFT_NOT_PROPOSED"
        propose(officer, one)
        assert refusal(lambda: confirm(officer, one)) == "SECOND_PERSON_NEEDED"
        assert refusal(lambda: acme.transfer(ORDER)) == QUARANTINED
    assert acme.transfer(ORDER).payload == before.payload
    assert acme.transfer(ORDER, request_id=request_id).payload == before.payload
    assert reveal(acme, token) == "+49 30 901"
    assert refusal(lambda: propose(officer, one)) == "QUARANTINE_LIFTED"


def test_reveals_alone_are_stopped(service: Service, acme: Peer) -> None:
    token = json.loads(acme.transfer(ORDER).payload)["customer"]["phone"]
    with quarantined(service, "swift-parcel", stopped=pb.STOPPED_REVEALS):
        assert acme.transfer(ORDER).payload
        assert refusal(lambda: reveal(acme, token)) == QUARANTINED
        assert refusal(lambda: restore(acme, token)) == QUARANTINED


def test_reviews_release_nothing_and_give_nothing_out(service: Service) -> None:
    peer, officer = service.partner("other-shop"), service.person("officer")
    peer.put_contract(CONTRACT)
    done, waits = sent(peer), sent(peer)
    approve(officer, done.review_id, looked_at(officer, done.review_id).seen)
    seen = looked_at(officer, waits.review_id).seen
    with quarantined(service, "swift-parcel"):
        for side in (peer, service.partner("swift-parcel")):
            assert refusal(lambda side=side: collect(side, done.review_id)) == QUARANTINED
        assert refusal(lambda: approve(officer, waits.review_id, seen)) == QUARANTINED
    approve(officer, waits.review_id, seen)
    assert collect(peer, waits.review_id).payload


def test_prompts_and_outputs_are_not_passed_on(service: Service, shop: Peer) -> None:  # noqa: F811
    with quarantined(service, PROVIDER):
        assert refusal(lambda: checked(shop, "It is in Ulm.")) == QUARANTINED
    assert checked(shop, "Your order was shipped on 3 May.").audit.position


class Interrupting:
    """A detector during whose work something happens."""

    def __init__(self, detector: Any, happens: Callable[[], object]) -> None:
        self._detector = detector
        self._happens = happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._detector, name)

    def detect(self, passages: Sequence[Passage], **how: Any) -> Sequence[Inspected]:
        found: Sequence[Inspected] = self._detector.detect(passages, **how)
        self._happens()
        return found


def test_what_is_being_inspected_is_refused_at_its_release(service: Service, acme: Peer) -> None:
    placed: list[pb.PartnerQuarantine] = []
    officer = service.person("officer")

    def happens() -> None:
        if not placed:
            placed.append(place(officer, "swift-parcel"))

    enforcement = service.running.desks.enforcement
    assert isinstance(enforcement, Enforcement)
    slow = replace(enforcement, detector=Interrupting(enforcement.detector, happens))
    request = TransferRequest(
        sender="acme-shop", recipient="swift-parcel", purpose=DELIVERY,
        content_type="application/json", payload=ORDER.encode(), request_id=str(uuid.uuid4()),
    )  # fmt: skip
    caller = Caller(name="acme-shop", partner="acme-shop", roles=frozenset({Role.PARTNER}))
    try:
        with pytest.raises(PrivacyError) as caught:
            slow.transfer(caller, request, seconds=30)
        assert caught.value.reason is errors.PARTNER_QUARANTINED
    finally:
        for one in placed:
            propose(officer, one)
            confirm(service.person("second-officer"), one)
    assert placed
    assert acme.transfer(ORDER).payload


def test_a_certificate_is_revoked_for_calls_and_within_streams(service: Service) -> None:
    peer = service.partner("other-shop")
    pem = service.trial.partners["other-shop"].certificate.read_bytes()
    sha256 = x509.load_pem_x509_certificate(pem).fingerprint(SHA256()).hex()
    item = enforcement_pb2.TransferStreamRequest(
        item_id="1", request=transfer_request("other-shop", ORDER)
    )
    sent: queue.SimpleQueue[Any] = queue.SimpleQueue()
    sent.put(item)
    answers: Any = peer.enforcement.TransferStream(iter(sent.get, None), timeout=60)
    assert next(answers).item_id == "1"
    revoked = {"stopped": pb.STOPPED_CERTIFICATE}
    for more in ({"certificate_sha256": sha256}, {}):
        with quarantined(service, "other-shop", **revoked, **more):
            assert refusal(lambda: peer.transfer(ORDER)) == "CERTIFICATE_REVOKED"
            sent.put(item)
            assert "CERTIFICATE_REVOKED" in str(next(answers).status)
            assert service.partner("acme-shop").transfer(ORDER).payload
        assert refusal(lambda: peer.transfer(ORDER)) != "CERTIFICATE_REVOKED"
    sent.put(None)
    with quarantined(service, "other-shop", certificate_sha256="0" * 64, **revoked):
        assert refusal(lambda: peer.transfer(ORDER)) != "CERTIFICATE_REVOKED"


def test_a_partner_that_no_contract_names_is_refused_with_those_that_are_known(
    service: Service,
) -> None:
    officer = service.person("officer")
    with pytest.raises(grpc.RpcError) as caught:
        place(officer, "swift-parcle")
    assert reason_of(caught.value) == "PARTNER_NOT_KNOWN"
    info = error_info(cast("grpc.Call", caught.value))
    assert info is not None
    assert info.metadata["known"].startswith("swift-parcel, ")
    with quarantined(service, "comes-later", not_known_yet=True) as one:
        assert one.partner == "comes-later"


def test_it_stands_in_the_timeline_and_in_the_log(service: Service) -> None:
    officer = service.person("officer")
    answer = opened(officer)
    breach, start = answer.breach.breach_id, answer.audit.position + 1
    with quarantined(service, "other-shop", breach_id=breach):
        pass
    seen = ask(officer, "GetBreach", pb.GetBreachRequest(breach_id=breach, with_entries=True))
    said = [json.loads(one.statement_json) for one in seen.entries if one.kind == "measure"]
    assert [one["what"] for one in said] == ["quarantine", "quarantine lifted"]
    assert "other-shop" in said[0]["says"]
    auditor = service.person("auditor")
    page = auditor.audit.ListEntries(
        audit_pb2.ListEntriesRequest(start_position=start), metadata=auditor.metadata, timeout=20
    )
    entries = [AuditEntry.from_bytes(entry.leaf.encode()) for entry in page.entries]
    outcomes = [entry.outcome for entry in entries if entry.resource == breach]
    assert outcomes == ["", "QUARANTINED", "", "PROPOSED", "", "LIFTED"]


def test_a_drill_stops_nobody_and_a_breach_must_be_there(service: Service) -> None:
    officer = service.person("officer")
    drill = opened(officer, drill=True).breach.breach_id
    tried: Callable[[str], object] = lambda breach: place(officer, "other-shop", breach_id=breach)  # noqa: E731
    assert refusal(lambda: tried(drill)) == "REQUEST_INVALID"
    assert refusal(lambda: tried("breach-0")) == "BREACH_NOT_FOUND"
    listed = ask(officer, "ListQuarantines", pb.ListQuarantinesRequest())
    assert not listed.quarantines


def test_the_same_request_again_is_one_quarantine(service: Service) -> None:
    request_id = str(uuid.uuid4())
    with quarantined(service, "other-shop", request_id=request_id) as one:
        again = place(service.person("officer"), "other-shop", request_id=request_id)
        assert again.quarantine_id == one.quarantine_id


def run(service: Service, role: str, *words: str, command: str = "breach") -> Any:
    folder = service.trial.folder / "tls"
    ran = CliRunner().invoke(
        app,
        [command, *words, "--json", "--token", str(folder / f"{role}.jwt"),
         "--address", f"localhost:{service.running.token_port}", "--ca",
         str(service.trial.authority)],
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def test_an_officer_does_it_on_the_command_line(service: Service) -> None:
    one = run(service, "officer", "contain", "--stop-reveals", "other-shop", "--reason", "odd")
    assert [each["partner"] for each in run(service, "auditor", "quarantines")] == ["other-shop"]
    name = one["quarantine_id"]
    run(service, "officer", "release", name, "--reason", "explained")
    lifted = run(service, "second-officer", "release", name, "--confirm")
    assert lifted["state"] == "QUARANTINE_STATE_LIFTED"
    assert run(service, "auditor", "quarantines") == []
    listed = run(service, "auditor", "quarantines", "--all")
    assert name in [each["quarantine_id"] for each in listed]


def test_what_else_contains_stands_in_the_timeline_too(service: Service) -> None:
    officer = service.person("officer")
    breach = opened(officer).breach.breach_id
    why = ("--reason", "unusual texts")
    run(service, "officer", "contain", breach, "--suspend-contract", "acme-support", *why)
    rotate = ("rotate", "other-shop", "--breach", breach)
    run(service, "officer", *rotate, command="keys")
    hold = ("--matter", breach, "--approver", "counsel", "--review", "2099-01-31", *why)
    run(service, "officer", "place", "--contract", "acme-support", *hold, "--breach", breach,
        command="holds")  # fmt: skip
    run(service, "second-officer", "resume", "acme-support", *why, command="contract")
    seen = ask(officer, "GetBreach", pb.GetBreachRequest(breach_id=breach, with_entries=True))
    said = [json.loads(one.statement_json) for one in seen.entries if one.kind == "measure"]
    assert [one["what"] for one in said] == ["suspended_contract", "rotated_key", "held_evidence"]


def test_what_is_for_a_drill_or_no_breach_is_not_done(service: Service) -> None:
    officer, operator = service.person("officer"), service.person("operator")
    drill = opened(officer, drill=True).breach.breach_id
    real = opened(officer).breach.breach_id
    keys = keys_pb2_grpc.KeyServiceStub(officer.channel)
    holds = holds_pb2_grpc.LegalHoldServiceStub(officer.channel)
    how: dict[str, Any] = {"metadata": officer.metadata, "timeout": 20}

    def suspend(breach: str) -> object:
        asked = governance_pb2.SuspendContractRequest(
            contract_id="acme-support", reason="odd", breach_id=breach, request_id=_uuid()
        )
        return governance_pb2_grpc.GovernanceServiceStub(officer.channel).SuspendContract(
            asked, **how
        )

    def rotate(breach: str, how: Mapping[str, Any] = how) -> object:
        asked = keys_pb2.RotateKeyRequest(
            partner="other-shop", breach_id=breach, request_id=_uuid()
        )
        return keys.RotateKey(asked, **how)

    def hold(breach: str) -> object:
        asked = holds_pb2.PlaceHoldRequest(
            partner="other-shop", matter="case-9", reason="odd", approver="counsel",
            review_date="2099-01-31", breach_id=breach, request_id=_uuid(),
        )  # fmt: skip
        return holds.PlaceHold(asked, **how)

    for act in (suspend, rotate, hold):
        assert refusal(lambda act=act: act(drill)) == "REQUEST_INVALID"
        assert refusal(lambda act=act: act("breach-0")) == "BREACH_NOT_FOUND"
    other = {"metadata": operator.metadata, "timeout": 20}
    assert refusal(lambda: rotate(real, other)) == "ROLE_MISSING"
    listed = holds.ListHolds(holds_pb2.ListHoldsRequest(page_size=1000), **how).holds
    assert "case-9" not in [one.matter for one in listed]
    course = governance_pb2_grpc.GovernanceServiceStub(officer.channel).GetContractCourse(
        governance_pb2.GetContractCourseRequest(contract_id="acme-support"), **how
    )
    assert not course.course.HasField("suspension")


def _uuid() -> str:
    return str(uuid.uuid4())
