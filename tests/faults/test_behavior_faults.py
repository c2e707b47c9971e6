"""Checks while the detector misbehaves and the service dies: nothing is released."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from privacy_service.v1 import audit_pb2
from privacy_service.v1 import behavior_pb2 as pb
from privacy_service.v1 import behavior_pb2_grpc as pb_grpc
from tests.faults.served import Served, served
from tests.service.conftest import Peer

CONTRACT = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: no-secrets
title: Answers without secrets
party: acme-shop
provider: swift-parcel
effective: {from: 2026-01-01}
scope: {use_cases: [whole]}
expectations:
  - {id: secrets, secrets: {}, otherwise: refuse}
"""
PARTS = (
    CONTRACT.replace("id: no-secrets", "id: in-parts")
    .replace("whole", "parts")
    .replace("secrets: {}, otherwise: refuse", "wording: {forbid: [sue]}, otherwise: redact")
)
SHARED = (
    CONTRACT.replace("id: no-secrets", "id: shared")
    .replace("whole", "shared")
    .replace("expectations:", 'personal_data_purpose: "dpv:CustomerCare"\nexpectations:')
)
SHARING = """apiVersion: privacy-service/v1
kind: SharingContract
id: acme-shop-answers
title: What customers are told
party: {partner: acme-shop, role: controller, region: DE}
counterparty: {partner: swift-parcel, role: processor, region: DE}
direction: both
purposes: ["dpv:CustomerCare"]
legal_basis: eu-gdpr:A6-1-b
effective: {from: 2026-01-01}
fields: [{path: $}]
entities: {EMAIL_ADDRESS: redact}
"""
ODD = ("-m", "tests.faults.odd_service")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service whose one worker does what the text says."""
    with served(tmp_path_factory.mktemp("odd"), program=(*ODD, "pooled")) as one:
        yield one


@pytest.fixture(scope="module")
def acme(odd: Served) -> Peer:
    peer = odd.partner("acme-shop")
    peer.put_contract(SHARING)
    for source in (CONTRACT, PARTS, SHARED):
        request = pb.PutBehaviorContractRequest(source=source, request_id=str(uuid.uuid4()))
        pb_grpc.BehaviorServiceStub(peer.channel).PutBehaviorContract(request, timeout=10)
    return peer


def request(use_case: str, content: str = "", **more: Any) -> pb.CheckOutputRequest:
    given: dict[str, Any] = {
        "party": "acme-shop",
        "provider": "swift-parcel",
        "use_case": use_case,
        "content_type": "text/plain",
        "content": content.encode(),
        "request_id": str(uuid.uuid4()),
    }
    return pb.CheckOutputRequest(**(given | more))


def parts(opening: pb.CheckOutputRequest, *texts: str, end: bool) -> Iterator[Any]:
    yield pb.CheckOutputStreamRequest(opening=opening)
    for text in texts:
        yield pb.CheckOutputStreamRequest(chunk=text.encode())
    if end:
        yield pb.CheckOutputStreamRequest(end=pb.OutputEnd())
    else:
        time.sleep(30)


@pytest.mark.parametrize(
    ("text", "codes", "streamed"),
    [
        ("please-hang", {"DEADLINE_EXCEEDED"}, False),
        ("please-hang", {"DEADLINE_EXCEEDED"}, True),
        ("please-crash", {"UNAVAILABLE", "INTERNAL"}, True),
    ],
)
def test_a_classifier_that_fails_releases_nothing(
    acme: Peer, text: str, codes: set[str], *, streamed: bool
) -> None:
    stub = pb_grpc.BehaviorServiceStub(acme.channel)
    begun = time.monotonic()
    released: list[bytes] = []

    def check() -> None:
        if not streamed:
            stub.CheckOutput(request("whole", text), timeout=1.5)
            return
        answers = stub.CheckOutputStream(parts(request("whole"), text, end=True), timeout=1.5)
        released.extend(answer.released for answer in answers)

    with pytest.raises(grpc.RpcError) as refused:
        check()
    assert refused.value.code().name in codes
    assert b"".join(released) == b""
    assert time.monotonic() - begun < 6
    assert until_there_is_room(stub).outcome == pb.OUTCOME_ACCEPTED


def until_there_is_room(stub: pb_grpc.BehaviorServiceStub) -> pb.CheckResult:
    """A good answer, checked; the queue of one may still be taken by what hung, for a moment."""
    until = time.monotonic() + 10
    while True:
        try:
            return stub.CheckOutput(request("whole", "fine again"), timeout=20).result
        except grpc.RpcError as busy:
            if busy.code().name != "RESOURCE_EXHAUSTED" or time.monotonic() > until:
                raise
            time.sleep(0.05)


def test_a_service_that_dies_halfway_has_released_only_what_it_had(odd: Served, acme: Peer) -> None:
    opening = request("parts")
    stub = pb_grpc.BehaviorServiceStub(acme.channel)
    stream = stub.CheckOutputStream(parts(opening, "one two three four ", end=False), timeout=20)
    assert next(stream).HasField("opened")
    assert next(stream).released == b"one two three "
    odd.kill()
    with pytest.raises(grpc.RpcError):
        next(stream)
    odd.start()
    again = pb_grpc.BehaviorServiceStub(odd.partner("acme-shop").channel)
    answers = list(
        again.CheckOutputStream(parts(opening, "one two three four five", end=True), timeout=20)
    )
    assert answers[-1].ended.result.content == b"one two three four five"


def entries_from(odd: Served, position: int) -> list[dict[str, Any]]:
    auditor = odd.person("auditor")
    asked = audit_pb2.ListEntriesRequest(start_position=position)
    listed = auditor.audit.ListEntries(asked, metadata=auditor.metadata, timeout=10).entries
    return [json.loads(entry.leaf) for entry in listed]


def acts(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["kind"], one["action"].split("/")[1]) for one in entries]


def test_a_sharing_contract_that_changes_meanwhile_is_the_one_that_holds(
    odd: Served, acme: Peer
) -> None:
    peer = odd.partner("acme-shop")
    stub = pb_grpc.BehaviorServiceStub(peer.channel)
    began = stub.CheckOutput(request("shared", "fine"), timeout=20).result.audit.position
    under_way = stub.CheckOutput.future(
        request("shared", "please-wait for jane@mail.example"), timeout=20
    )
    time.sleep(2.2)  # it is judged by now, and is looked at once more for the sharing contract
    peer.put_contract(SHARING.replace("redact", "refuse"))
    result = under_way.result().result
    assert result.outcome == pb.OUTCOME_REFUSED
    assert [one.contract.version for one in result.personal_data.contracts] == [2]
    peer.put_contract(SHARING)
    effects = [one for one in entries_from(odd, began + 1) if one["kind"] == "effect"]
    assert [one["contracts"][0][1] for one in effects if "Transfer" in one["action"]] == [2]


def test_a_check_that_dies_before_it_is_settled_has_passed_nothing_on(
    odd: Served, acme: Peer
) -> None:
    peer = odd.partner("acme-shop")
    stub = pb_grpc.BehaviorServiceStub(peer.channel)
    began = stub.CheckOutput(request("shared", "fine"), timeout=20).result.audit.position
    asked = request("shared", "please-wait for jane@mail.example")
    under_way = stub.CheckOutput.future(asked, timeout=20)
    time.sleep(1)
    odd.kill()
    assert under_way.exception() is not None
    odd.start()
    assert acts(entries_from(odd, began + 1)) == [("attempt", "CheckOutput")]

    again = pb_grpc.BehaviorServiceStub(odd.partner("acme-shop").channel)
    results = [again.CheckOutput(asked, timeout=20).result for _ in range(2)]
    assert results[0] == results[1]
    assert b"jane" not in results[0].content
    assert acts(entries_from(odd, began + 2)) == [
        ("attempt", "CheckOutput"),
        ("attempt", "Transfer"),
        ("effect", "Transfer"),
        ("effect", "CheckOutput"),
    ]
