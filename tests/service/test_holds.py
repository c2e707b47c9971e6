"""Legal holds, as officers, partners and auditors meet them: over gRPC, on a real service."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from privacy_service.evidence.entries import AuditEntry
from privacy_service.v1 import audit_pb2, enforcement_pb2, holds_pb2, records_pb2
from tests.service.conftest import DELIVERY, Peer, Service, reason_of


def named(customer: str) -> enforcement_pb2.SubjectRef:
    return enforcement_pb2.SubjectRef(type="customer_id", value=customer)


def order(customer: str, phone: str = "+49 30 901820") -> str:
    return json.dumps({"order_id": "SO-1", "customer": {"customer_id": customer, "phone": phone}})


@pytest.fixture
def customer() -> str:
    return f"C-{uuid.uuid4()}"


def place(officer: Peer, **fields: Any) -> holds_pb2.LegalHold:
    said = {
        "matter": "LG-12-O-34/26", "reason": "pending suit", "approver": "counsel",
        "review_date": "2999-01-01", "request_id": str(uuid.uuid4()), **fields,
    }  # fmt: skip
    request = holds_pb2.PlaceHoldRequest(**said)
    return officer.holds.PlaceHold(request, metadata=officer.metadata, timeout=10).hold


def propose(officer: Peer, hold: str) -> holds_pb2.LegalHold:
    request = holds_pb2.ProposeLiftRequest(
        hold_id=hold, reason="settled", request_id=str(uuid.uuid4())
    )
    return officer.holds.ProposeLift(request, metadata=officer.metadata, timeout=10).hold


def confirm(officer: Peer, hold: str) -> holds_pb2.LegalHold:
    request = holds_pb2.ConfirmLiftRequest(hold_id=hold, request_id=str(uuid.uuid4()))
    return officer.holds.ConfirmLift(request, metadata=officer.metadata, timeout=10).hold


def delete(peer: Peer, record: str) -> None:
    peer.records.DeleteRecord(
        records_pb2.DeleteRecordRequest(
            partner="acme-shop", record_id=record, request_id=str(uuid.uuid4())
        ),
        metadata=peer.metadata,
        timeout=10,
    )


def get(peer: Peer, record: str, **more: str) -> bytes:
    request = records_pb2.GetRecordRequest(partner="acme-shop", record_id=record, **more)
    return peer.records.GetRecord(request, timeout=10).record.content


def reveal(peer: Peer, token: str, **more: str) -> str:
    request = enforcement_pb2.RevealRequest(
        sender="acme-shop", recipient="swift-parcel", purpose=DELIVERY, token=token,
        reason="case 7", **more,
    )  # fmt: skip
    return peer.enforcement.Reveal(request, timeout=10).value


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        act()
    return reason_of(caught.value)


def test_what_is_held_stays_and_is_used_for_the_claim_alone_until_two_lift_it(
    service: Service, acme: Peer, customer: str
) -> None:
    officer, second = service.person("officer"), service.person("second-officer")
    sent = acme.transfer(order(customer))
    token = json.loads(sent.payload)["customer"]["phone"]
    hold = place(officer, subjects=[named(customer)])

    assert refusal(lambda: delete(acme, sent.record_id)) == "UNDER_LEGAL_HOLD"
    assert refusal(lambda: delete(officer, sent.record_id)) == "UNDER_LEGAL_HOLD"
    assert refusal(lambda: get(acme, sent.record_id)) == "USE_RESTRICTED"
    assert refusal(lambda: reveal(acme, token)) == "USE_RESTRICTED"
    assert refusal(lambda: acme.transfer(order(customer))) == "USE_RESTRICTED"
    assert acme.transfer(order("somebody else")).payload

    claim = {"hold_id": hold.hold_id}
    assert get(acme, sent.record_id, **claim) == sent.payload
    assert reveal(acme, token, **claim) == "+49 30 901820"
    assert acme.transfer(order(customer), **claim).payload
    assert refusal(lambda: get(acme, sent.record_id, hold_id="another")) == "USE_RESTRICTED"

    assert propose(officer, hold.hold_id).state == holds_pb2.HOLD_STATE_LIFT_PROPOSED
    assert refusal(lambda: delete(acme, sent.record_id)) == "UNDER_LEGAL_HOLD"
    assert refusal(lambda: confirm(officer, hold.hold_id)) == "SECOND_PERSON_NEEDED"
    lifted = confirm(second, hold.hold_id)
    assert (lifted.state, lifted.lifted_by) == (
        holds_pb2.HOLD_STATE_LIFTED, "second-officer@demo.example",
    )  # fmt: skip
    delete(acme, sent.record_id)


def test_what_two_people_share_is_held_for_each_of_them(
    service: Service, acme: Peer, customer: str
) -> None:
    """Nobody says for whom a value is revealed, unless the caller does."""
    number, other = "+49 30 9018299", f"{customer}-2"
    (token, same) = (
        json.loads(acme.transfer(order(who, number)).payload)["customer"]["phone"]
        for who in (customer, other)
    )
    assert token == same
    assert reveal(acme, token) == number
    place(service.person("officer"), subjects=[named(other)])
    assert refusal(lambda: reveal(acme, token)) == "USE_RESTRICTED"


def test_a_person_is_held_for_all_partners_and_under_every_spelling(
    service: Service, customer: str
) -> None:
    acme = service.partner("acme-shop")
    place(service.person("officer"), subjects=[named(f" {customer} ")])
    assert refusal(lambda: acme.transfer(order(customer))) == "USE_RESTRICTED"


def test_a_record_query_holds_what_it_means_now_and_later(service: Service, acme: Peer) -> None:
    case = uuid.uuid4().hex[:8]

    def put(record: str) -> None:
        acme.records.PutRecord(
            records_pb2.PutRecordRequest(
                partner="acme-shop", record_id=record, content_type="text/plain", content=b"x",
                request_id=str(uuid.uuid4()),
            ),
            timeout=10,
        )  # fmt: skip

    put(f"{case}-1")
    place(
        service.person("officer"),
        record_query=f'partner = acme-shop AND id = "{case}-*"',
        use=holds_pb2.HELD_USE_CONTINUES,
    )
    put(f"{case}-2")
    put(f"other-{case}")
    for record in (f"{case}-1", f"{case}-2"):
        assert refusal(lambda record=record: delete(acme, record)) == "UNDER_LEGAL_HOLD"
        assert get(acme, record) == b"x"
    delete(acme, f"other-{case}")


def test_a_repeated_request_places_one_hold(service: Service, customer: str) -> None:
    officer = service.person("officer")
    again = {"request_id": str(uuid.uuid4()), "subjects": [named(customer)]}
    first = place(officer, **again)
    assert place(officer, **again) == first
    assert refusal(lambda: place(officer, **again, partner="acme-shop")) == "REQUEST_ID_REUSED"
    listed = officer.holds.ListHolds(
        holds_pb2.ListHoldsRequest(subject=named(customer)), metadata=officer.metadata
    )
    assert list(listed.holds) == [first]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "REQUEST_INVALID"),
        ({"record_query": "size = many"}, "RECORD_QUERY_INVALID"),
        ({"contract_id": "not-there"}, "CONTRACT_NOT_FOUND"),
        ({"partner": "acme-shop", "review_date": "2020-01-01"}, "REQUEST_INVALID"),
        ({"partner": "acme-shop", "review_date": "2027-02-30"}, "REQUEST_INVALID"),
        ({"partner": "acme-shop", "reason": "write to maria@mail.example"}, "REQUEST_INVALID"),
    ],
)
def test_a_hold_that_does_not_hold_up_is_refused(
    service: Service, fields: dict[str, Any], reason: str
) -> None:
    assert refusal(lambda: place(service.person("officer"), **fields)) == reason


def test_every_act_is_in_the_log_with_the_hold_and_no_name(
    service: Service, acme: Peer, customer: str
) -> None:
    officer, auditor = service.person("officer"), service.person("auditor")
    start = acme.audit.GetCheckpoint(audit_pb2.GetCheckpointRequest()).signed_note.splitlines()[1]
    hold = place(officer, subjects=[named(customer)])
    propose(officer, hold.hold_id)
    confirm(service.person("second-officer"), hold.hold_id)
    page = auditor.audit.ListEntries(
        audit_pb2.ListEntriesRequest(start_position=int(start)), metadata=auditor.metadata
    )
    entries = [AuditEntry.from_bytes(entry.leaf.encode()) for entry in page.entries]
    assert [entry.outcome for entry in entries] == [
        "", "PLACED", "", "PROPOSED", "", "LIFTED",
    ]  # fmt: skip
    assert {entry.resource for entry in entries} == {hold.hold_id}
    assert customer not in str(page)
