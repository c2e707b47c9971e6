"""The main job, over mTLS, as a partner engineer meets it."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.v1 import answer_pb2, audit_pb2, enforcement_pb2, records_pb2
from tests.service.conftest import DELIVERY, Peer, Service, reason_of, transfer_request

ORDER = {
    "order_id": "SO-1042",
    "total": 12.50,
    "customer": {
        "customer_id": "C-1",
        "name": "Maria Gonzales",
        "email": "maria@mail.example",
        "phone": "+49 30 901820",
        "born": "1985-03-14",
    },
    "items": [{"sku": "KB-1", "quantity": 2, "price": 4}, {"sku": "CBL-2", "quantity": 1}],
    "note": "please call +49 151 23456789",
    "tracking": {"ip": "203.0.113.7"},
}


def test_a_payload_is_minimized_and_treated_and_stays_json(acme: Peer) -> None:
    result = acme.transfer(json.dumps(ORDER))
    out = json.loads(result.payload)
    assert result.decision.effect == answer_pb2.EFFECT_TREATED
    assert out == {
        "order_id": "SO-1042",
        "total": 12.5,
        "customer": {
            "email": "*****@****.***mple",
            "phone": out["customer"]["phone"],
            "born": "1985",
        },
        "items": [{"sku": "KB-1", "quantity": 2}, {"sku": "CBL-2", "quantity": 1}],
        "note": "please call <PHONE_NUMBER>",
    }
    assert out["customer"]["phone"].startswith("tok_")
    assert result.coverage.complete
    assert {reason.code for reason in result.decision.reasons} == {
        "FIELDS_REMOVED",
        "VALUES_TREATED",
    }
    (stamp,) = result.contracts
    assert (stamp.contract.contract_id, stamp.contract.version, stamp.party) == (
        "acme-delivery",
        1,
        "acme-shop",
    )
    assert result.audit.position > result.audit.attempt_position


def test_what_needs_no_treatment_is_allowed_as_it_is(acme: Peer) -> None:
    payload = '{"order_id":"SO-1","total":1E400}'
    result = acme.transfer(payload)
    assert result.decision.effect == answer_pb2.EFFECT_ALLOW
    assert result.payload.decode() == payload
    assert not result.treatments


def test_a_refused_entity_refuses_the_whole_payload(acme: Peer) -> None:
    result = acme.transfer(json.dumps({"order_id": "SO-1", "note": "card 4111 1111 1111 1111"}))
    assert result.decision.effect == answer_pb2.EFFECT_REFUSE
    assert not result.HasField("payload")
    assert [r.code for r in result.decision.reasons] == ["ENTITY_REFUSED"]
    assert result.decision.reasons[0].path == "/note"
    assert result.disclosure_id == ""


def test_the_same_request_id_gives_the_same_answer_and_one_effect(
    acme: Peer, service: Service
) -> None:
    request = transfer_request("acme-shop", json.dumps(ORDER))
    with ThreadPoolExecutor(4) as crowd:
        answers = list(
            crowd.map(lambda _: acme.enforcement.Transfer(request, timeout=30), range(8))
        )
    assert all(answer == answers[0] for answer in answers)
    disclosed = [
        one.disclosure_id
        for one in service.person("auditor")
        .audit.ListDisclosures(
            audit_pb2.ListDisclosuresRequest(page_size=1000),
            metadata=service.person("auditor").metadata,
        )
        .disclosures
    ]
    assert disclosed.count(answers[0].result.disclosure_id) == 1


def test_a_request_id_with_another_body_is_refused(acme: Peer) -> None:
    request = transfer_request("acme-shop", '{"order_id":"SO-1"}')
    acme.enforcement.Transfer(request)
    request.payload = b'{"order_id":"SO-2"}'
    with pytest.raises(grpc.RpcError) as caught:
        acme.enforcement.Transfer(request)
    assert reason_of(caught.value) == "REQUEST_ID_REUSED"


def test_a_preview_shows_the_same_and_records_nothing(acme: Peer, service: Service) -> None:
    def size() -> int:
        note = acme.audit.GetCheckpoint(audit_pb2.GetCheckpointRequest()).signed_note
        return int(note.splitlines()[1])

    request = transfer_request("acme-shop", json.dumps(ORDER))
    shared = {
        name: getattr(request, name)
        for name in ("sender", "recipient", "purpose", "content_type", "payload")
    }
    before = size()
    preview = acme.enforcement.Preview(enforcement_pb2.PreviewRequest(**shared)).result
    assert size() == before
    transferred = acme.enforcement.Transfer(request).result
    assert preview.payload == transferred.payload
    assert not preview.HasField("audit")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"recipient": "nobodys-partner"}, "NO_CONTRACT_IN_FORCE"),
        ({"purpose": "dpv:Marketing"}, "PURPOSE_NOT_COVERED"),
        ({"content_type": "image/png"}, "CONTENT_TYPE_UNKNOWN"),
        ({"payload": b"{"}, "PAYLOAD_MALFORMED"),
        ({"payload": b'{"a":1,"a":2}'}, "DUPLICATE_KEY"),
        ({"payload": b'{"a":"\xff"}'}, "PAYLOAD_NOT_UTF8"),
        ({"payload": b"[" * 10_000 + b"]" * 10_000}, "PAYLOAD_TOO_DEEP"),
        ({"payload": b"[" * 10_000}, "PAYLOAD_TOO_DEEP"),
        ({"sender": "swift-parcel", "recipient": "acme-shop"}, "NOT_YOUR_PARTNER"),
    ],
)
def test_what_cannot_be_enforced_is_an_error_with_a_stable_reason(
    acme: Peer, change: dict[str, object], reason: str
) -> None:
    request = {"payload": b"{}"} | change
    with pytest.raises(grpc.RpcError) as caught:
        acme.transfer(**request)  # type: ignore[arg-type]
    assert reason_of(caught.value) == reason


def test_a_stream_answers_each_item_by_itself(acme: Peer) -> None:
    items = [
        enforcement_pb2.TransferStreamRequest(
            item_id=str(number), request=transfer_request("acme-shop", payload)
        )
        for number, payload in enumerate(['{"order_id":"SO-1"}', "{", '{"order_id":"SO-2"}'])
    ]
    answers = list(acme.enforcement.TransferStream(iter(items)))
    assert [answer.item_id for answer in answers] == ["0", "1", "2"]
    assert [answer.WhichOneof("answer") for answer in answers] == ["response", "status", "response"]


def test_a_token_is_revealed_with_a_reason_and_only_for_its_pair(
    acme: Peer, service: Service
) -> None:
    out = json.loads(acme.transfer(json.dumps(ORDER)).payload)
    token = out["customer"]["phone"]
    swift = service.partner("swift-parcel")
    asked = {
        "sender": "acme-shop",
        "recipient": "swift-parcel",
        "purpose": DELIVERY,
        "token": token,
        "reason": "case 4711: the parcel could not be delivered",
    }
    revealed = swift.enforcement.Reveal(enforcement_pb2.RevealRequest(**asked))
    assert revealed.value == "+49 30 901820"
    for change, reason in [
        ({"token": "tok_" + "a" * 26}, "TOKEN_UNKNOWN"),
        ({"reason": "for Maria Gonzales, maria@mail.example"}, "REQUEST_INVALID"),
    ]:
        with pytest.raises(grpc.RpcError) as caught:
            swift.enforcement.Reveal(enforcement_pb2.RevealRequest(**(asked | change)))
        assert reason_of(caught.value) == reason
    with pytest.raises(grpc.RpcError) as caught:
        service.partner("other-shop").enforcement.Reveal(enforcement_pb2.RevealRequest(**asked))
    assert reason_of(caught.value) == "NOT_YOUR_PARTNER"


def test_tokens_of_one_value_are_equal_within_the_pair(acme: Peer) -> None:
    first, second = (
        json.loads(acme.transfer(json.dumps(ORDER)).payload)["customer"]["phone"] for _ in range(2)
    )
    assert first == second


def test_the_sealed_copy_opens_for_the_sender_alone(acme: Peer, service: Service) -> None:
    result = acme.transfer(json.dumps(ORDER))
    wanted = {"partner": "acme-shop", "record_id": result.record_id}
    record = acme.records.GetRecord(records_pb2.GetRecordRequest(**wanted)).record
    assert record.content == result.payload
    with pytest.raises(grpc.RpcError) as caught:
        service.partner("swift-parcel").records.GetRecord(records_pb2.GetRecordRequest(**wanted))
    assert reason_of(caught.value) == "RECORD_NOT_FOUND"


def test_a_disclosure_says_who_received_what_about_whom(acme: Peer, service: Service) -> None:
    result = acme.transfer(json.dumps(ORDER))
    auditor = service.person("auditor")
    found = auditor.audit.ListDisclosures(
        audit_pb2.ListDisclosuresRequest(
            page_size=1000,
            subject=enforcement_pb2.SubjectRef(type="customer_id", value="C-1"),
        ),
        metadata=auditor.metadata,
    ).disclosures
    (own,) = [one for one in found if one.disclosure_id == result.disclosure_id]
    assert (own.sender, own.recipient, own.purpose) == ("acme-shop", "swift-parcel", DELIVERY)
    assert ("PHONE_NUMBER", "tokenize", 1) in {
        (c.entity, c.treatment, c.count) for c in own.categories
    }
    keeps = own.recipient_keeps_until.ToDatetime(UTC) - datetime.now(UTC)
    assert 89 <= keeps.days <= 90


def test_records_come_and_go(acme: Peer) -> None:
    record_id = uuid.uuid4().hex
    put = records_pb2.PutRecordRequest(
        partner="acme-shop",
        record_id=record_id,
        content_type="text/plain",
        content=b"kept",
        request_id=str(uuid.uuid4()),
    )
    acme.records.PutRecord(put)
    acme.records.PutRecord(put)  # the same request id: one effect
    put.request_id = str(uuid.uuid4())
    with pytest.raises(grpc.RpcError) as caught:
        acme.records.PutRecord(put)
    assert reason_of(caught.value) == "RECORD_EXISTS"
    delete = records_pb2.DeleteRecordRequest(
        partner="acme-shop", record_id=record_id, request_id=str(uuid.uuid4())
    )
    first = acme.records.DeleteRecord(delete)
    assert acme.records.DeleteRecord(delete) == first
    with pytest.raises(grpc.RpcError) as caught:
        acme.records.GetRecord(
            records_pb2.GetRecordRequest(partner="acme-shop", record_id=record_id)
        )
    assert reason_of(caught.value) == "RECORD_NOT_FOUND"


def test_the_whole_log_verifies_and_every_effect_has_its_attempt(
    acme: Peer, service: Service, tmp_path: Path
) -> None:
    acme.transfer(json.dumps(ORDER))
    export = tmp_path / "audit.jsonl"
    trial = service.trial
    command = [
        *("audit", "export", str(export), "--address", f"localhost:{service.running.token_port}"),
        *("--ca", str(trial.authority), "--token", str(trial.auditor_token)),
        *("--verifier-key", service.running.verifier_key),
    ]
    exported = CliRunner().invoke(app, command)
    assert exported.exit_code == 0, exported.output
    verify = ["audit", "verify", str(export), "--key", service.running.verifier_key, "--json"]
    verified = CliRunner().invoke(app, verify)
    assert verified.exit_code == 0, verified.output
    report = json.loads(verified.output)
    assert (report["sound"], report["faults"]) == (True, [])

    lines = export.read_text().splitlines()
    lines[3] = lines[3].replace("acme-shop", "acme-shoq")
    export.write_text("\n".join(lines) + "\n")
    assert CliRunner().invoke(app, verify).exit_code == 1
