"""A payload that waits for a person, from the transfer to its release."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import grpc
import pytest
from grpc_status import rpc_status
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.evidence.entries import AuditEntry
from privacy_service.v1 import answer_pb2, audit_pb2, reviews_pb2, reviews_pb2_grpc
from tests.service.conftest import Peer, Service, reason_of

PURPOSE = "dpv:CustomerCare"
CONTRACT = """apiVersion: privacy-service/v1
kind: SharingContract
id: other-shop-care
title: What customers write
party: {partner: other-shop, role: controller, region: DE}
counterparty: {partner: swift-parcel, role: processor, region: DE}
direction: outbound
purposes: ["dpv:CustomerCare"]
legal_basis: eu-gdpr:A6-1-b
effective: {from: 2026-01-01}
fields: [{path: $}]
subjects: [{path: $.customer, type: customer-id}]
entities: {EMAIL_ADDRESS: tokenize, US_SSN: keep, CREDIT_CARD: refuse}
storage: sealed-copy
review: {entities: [US_SSN], within: P2D}
"""
LETTER = {"customer": "C-1", "note": "My SSN is 536-90-4399, write to maria@mail.example."}


@pytest.fixture
def shop(service: Service) -> Peer:
    peer = service.partner("other-shop")
    peer.put_contract(CONTRACT)
    return peer


@pytest.fixture
def officer(service: Service) -> Peer:
    return service.person("officer")


def stub(peer: Peer) -> reviews_pb2_grpc.ReviewServiceStub:
    return reviews_pb2_grpc.ReviewServiceStub(peer.channel)


def sent(shop: Peer, payload: Any = LETTER, **more: Any) -> answer_pb2.TransferResult:
    return shop.transfer(json.dumps(payload), purpose=PURPOSE, **more)


def opened(officer: Peer, review_id: str) -> reviews_pb2.OpenReviewResponse:
    return stub(officer).OpenReview(
        reviews_pb2.OpenReviewRequest(review_id=review_id, reason="case 17"),
        timeout=20,
        metadata=officer.metadata,
    )


def approve(
    officer: Peer, review_id: str, seen: str, request_id: str | None = None
) -> reviews_pb2.ApproveReviewResponse:
    request = reviews_pb2.ApproveReviewRequest(
        review_id=review_id,
        seen=seen,
        note="needed for case 17",
        request_id=request_id or str(uuid.uuid4()),
    )
    return stub(officer).ApproveReview(request, timeout=20, metadata=officer.metadata)


def collect(peer: Peer, review_id: str) -> answer_pb2.TransferResult:
    request = reviews_pb2.CollectReviewRequest(review_id=review_id)
    return stub(peer).CollectReview(request, timeout=20).result


def disclosures(service: Service) -> set[str]:
    auditor = service.person("auditor")
    page = auditor.audit.ListDisclosures(
        audit_pb2.ListDisclosuresRequest(partner="other-shop", page_size=1000),
        metadata=auditor.metadata,
        timeout=20,
    )
    return {one.disclosure_id for one in page.disclosures}


def test_it_is_held_seen_approved_and_collected(
    service: Service, shop: Peer, officer: Peer
) -> None:
    before = disclosures(service)
    held = sent(shop)
    assert held.decision.effect == answer_pb2.EFFECT_HOLD
    assert not held.HasField("payload")
    assert not held.disclosure_id
    assert disclosures(service) == before
    with pytest.raises(grpc.RpcError) as early:
        collect(shop, held.review_id)
    assert reason_of(early.value) == "REVIEW_WAITS"

    look = opened(officer, held.review_id)
    shown = json.loads(look.payload)
    assert "536-90-4399" in shown["note"]
    assert "maria@mail.example" not in shown["note"]
    assert list(look.review.reasons) == ["ENTITY_HELD:US_SSN"]

    done = approve(officer, held.review_id, look.seen)
    assert done.review.state == reviews_pb2.REVIEW_STATE_APPROVED
    result = collect(shop, held.review_id)
    assert result.payload == look.payload
    assert result.decision.effect == answer_pb2.EFFECT_TREATED
    assert disclosures(service) - before == {result.disclosure_id}
    assert result.record_id == result.disclosure_id
    assert collect(service.partner("swift-parcel"), held.review_id).payload == look.payload
    with pytest.raises(grpc.RpcError) as other:
        collect(service.partner("acme-shop"), held.review_id)
    assert reason_of(other.value) == "REVIEW_NOT_FOUND"


def test_the_log_says_what_was_released_as_the_disclosure_does(
    service: Service, shop: Peer, officer: Peer
) -> None:
    held = sent(shop)
    done = approve(officer, held.review_id, opened(officer, held.review_id).seen)
    auditor = service.person("auditor")
    asked = audit_pb2.ListEntriesRequest(start_position=done.audit.position, page_size=1)
    page = auditor.audit.ListEntries(asked, metadata=auditor.metadata, timeout=20)
    entry = AuditEntry.from_bytes(page.entries[0].leaf.encode())
    assert {one.entity for one in entry.categories} >= {"US_SSN", "EMAIL_ADDRESS"}


def test_the_same_transfer_again_waits_in_the_same_place(shop: Peer) -> None:
    request_id = str(uuid.uuid4())
    first = sent(shop, request_id=request_id)
    assert sent(shop, request_id=request_id).review_id == first.review_id


def test_many_approve_at_once_and_it_leaves_once(
    service: Service, shop: Peer, officer: Peer
) -> None:
    held = sent(shop)
    look = opened(officer, held.review_id)
    before = disclosures(service)

    def attempt(_: int) -> str:
        try:
            approve(officer, held.review_id, look.seen)
        except grpc.RpcError as error:
            return reason_of(error)
        return "released"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(attempt, range(4)))
    assert outcomes == ["REVIEW_DECIDED", "REVIEW_DECIDED", "REVIEW_DECIDED", "released"]
    assert len(disclosures(service) - before) == 1


def test_a_repeated_approval_gets_the_same_answer(shop: Peer, officer: Peer) -> None:
    held = sent(shop)
    look = opened(officer, held.review_id)
    request_id = str(uuid.uuid4())
    first = approve(officer, held.review_id, look.seen, request_id)
    assert approve(officer, held.review_id, look.seen, request_id).audit == first.audit


def test_what_was_rejected_is_gone(shop: Peer, officer: Peer) -> None:
    held = sent(shop)
    look = opened(officer, held.review_id)
    stub(officer).RejectReview(
        reviews_pb2.RejectReviewRequest(
            review_id=held.review_id, seen=look.seen, note="no", request_id=str(uuid.uuid4())
        ),
        metadata=officer.metadata,
    )
    with pytest.raises(grpc.RpcError) as refused:
        collect(shop, held.review_id)
    assert reason_of(refused.value) == "REVIEW_REFUSED"
    with pytest.raises(grpc.RpcError) as gone:
        opened(officer, held.review_id)
    assert reason_of(gone.value) == "REVIEW_DECIDED"


def edit(officer: Peer, review_id: str, seen: str, payload: Any) -> reviews_pb2.Review:
    request = reviews_pb2.EditReviewRequest(
        review_id=review_id,
        seen=seen,
        payload=json.dumps(payload).encode(),
        request_id=str(uuid.uuid4()),
    )
    return stub(officer).EditReview(request, timeout=20, metadata=officer.metadata).review


def test_an_edit_is_what_leaves_and_passes_the_contract_too(shop: Peer, officer: Peer) -> None:
    held = sent(shop)
    look = opened(officer, held.review_id)
    with pytest.raises(grpc.RpcError) as refused:
        edit(officer, held.review_id, look.seen, {"note": "card 4111 1111 1111 1111"})
    assert reason_of(refused.value) == "REVIEW_EDIT_REFUSED"

    edit(officer, held.review_id, look.seen, {"customer": "C-1", "note": "to peter@mail.example"})
    with pytest.raises(grpc.RpcError) as stale:
        approve(officer, held.review_id, look.seen)
    assert reason_of(stale.value) == "REVIEW_SEEN_DIFFERS"
    again = opened(officer, held.review_id)
    approve(officer, held.review_id, again.seen)
    note = json.loads(collect(shop, held.review_id).payload)["note"]
    assert "536-90-4399" not in note
    assert "peter@" not in note


def test_a_contract_that_was_changed_meanwhile_stands_against_it(shop: Peer, officer: Peer) -> None:
    held = sent(shop)
    look = opened(officer, held.review_id)
    shop.put_contract(CONTRACT.replace("US_SSN: keep", "US_SSN: refuse"))
    with pytest.raises(grpc.RpcError) as refused:
        approve(officer, held.review_id, look.seen)
    assert reason_of(refused.value) == "CONTRACT_SUPERSEDED"


def test_four_eyes(service: Service, shop: Peer, officer: Peer) -> None:
    shop.put_contract(CONTRACT.replace("within: P2D", "within: P2D, four_eyes: true"))
    held = sent(shop)
    look = opened(officer, held.review_id)
    once = approve(officer, held.review_id, look.seen)
    assert once.review.state == reviews_pb2.REVIEW_STATE_WAITING
    with pytest.raises(grpc.RpcError) as same:
        approve(officer, held.review_id, look.seen)
    assert reason_of(same.value) == "REVIEW_SAME_PERSON"


def given(officer: Peer, review_id: str, to: str, reason: str = "") -> reviews_pb2.Review:
    request = reviews_pb2.AssignReviewRequest(
        review_id=review_id, assign_to=to, reason=reason, request_id=str(uuid.uuid4())
    )
    return stub(officer).AssignReview(request, timeout=20, metadata=officer.metadata).review


def test_what_is_given_to_somebody_is_theirs_until_it_is_taken_over(
    service: Service, shop: Peer, officer: Peer
) -> None:
    held, second = sent(shop), service.person("second-officer")
    given(officer, held.review_id, "officer@demo.example")
    look = opened(second, held.review_id)
    with pytest.raises(grpc.RpcError) as theirs:
        approve(second, held.review_id, look.seen)
    assert reason_of(theirs.value) == "REVIEW_ASSIGNED"
    assert "officer@demo.example" in str(rpc_status.from_call(theirs.value))
    with pytest.raises(grpc.RpcError) as named:
        given(second, held.review_id, "", "ask maria@mail.example")
    assert reason_of(named.value) == "REQUEST_INVALID"
    taken = given(second, held.review_id, "second-officer@demo.example", "away until Monday")
    assert taken.assigned_to == "second-officer@demo.example"
    mine = reviews_pb2.ListReviewsRequest(
        assigned_to="second-officer@demo.example", kind=reviews_pb2.REVIEW_KIND_TRANSFER
    )
    found = stub(officer).ListReviews(mine, timeout=20, metadata=officer.metadata).reviews
    assert [one.review_id for one in found] == [held.review_id]
    done = approve(second, held.review_id, look.seen)
    assert done.review.decided_by == "second-officer@demo.example"

    auditor = service.person("auditor")
    asked = audit_pb2.ListEntriesRequest(start_position=done.audit.position - 2, page_size=1)
    page = auditor.audit.ListEntries(asked, metadata=auditor.metadata, timeout=20)
    entry = AuditEntry.from_bytes(page.entries[0].leaf.encode())
    assert (entry.outcome, entry.actor) == ("TAKEN_OVER", "second-officer@demo.example")
    assert entry.reason == (
        "to second-officer@demo.example, from officer@demo.example: away until Monday"
    )


def test_on_the_command_line(service: Service, shop: Peer) -> None:
    held = sent(shop)
    access = [
        "--address", f"127.0.0.1:{service.running.token_port}",
        "--ca", str(service.trial.authority), "--token", str(service.trial.officer_token),
    ]  # fmt: skip
    run = CliRunner()
    listed = run.invoke(app, ["reviews", "list", "--json", *access])
    assert held.review_id in {one["review_id"] for one in json.loads(listed.stdout)}
    piped = run.invoke(app, ["reviews", "list", "--kind", "transfer", *access])
    (mine,) = [line for line in piped.stdout.splitlines() if held.review_id in line]
    assert "ENTITY_HELD:US_SSN" in mine, "no terminal cuts it"
    others = run.invoke(app, ["reviews", "list", "--kind", "sample", *access])
    assert held.review_id not in others.stdout
    shown = run.invoke(
        app, ["reviews", "open", held.review_id, "--reason", "case 17", "--json", *access]
    )
    seen = json.loads(shown.stdout)["seen"]
    done = run.invoke(
        app,
        ["reviews", "approve", held.review_id, "--seen", seen, "--note", "case 17", *access],
    )
    assert done.exit_code == 0, done.output
    assert "approved" in done.stdout


def test_the_time_for_a_review_is_kept_in_days(shop: Peer, officer: Peer) -> None:
    look = opened(officer, sent(shop).review_id).review
    waits = look.expire_time.ToDatetime() - look.held_time.ToDatetime()
    assert waits == timedelta(days=2)
