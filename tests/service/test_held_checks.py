"""A prompt or an output that is held for a person, from the check to its release."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.v1 import (
    audit_pb2,
    behavior_pb2,
    behavior_pb2_grpc,
    reviews_pb2,
    reviews_pb2_grpc,
)
from tests.service.conftest import Peer, Service, reason_of

PARTY, PROVIDER = "other-shop", "acme-shop"
SHARING = f"""apiVersion: privacy-service/v1
kind: SharingContract
id: held-answers-care
title: What customers ask and are told
party: {{partner: {PARTY}, role: controller, region: DE}}
counterparty: {{partner: {PROVIDER}, role: processor, region: DE}}
direction: both
purposes: ["dpv:PaymentManagement"]
legal_basis: eu-gdpr:A6-1-b
effective: {{from: 2026-01-01}}
fields: [{{path: $}}]
entities: {{DATE_TIME: keep, LOCATION: keep, CREDIT_CARD: refuse, US_SSN: keep}}
review: {{entities: [US_SSN], within: P2D, four_eyes: true}}
"""
BEHAVIOR = f"""apiVersion: privacy-service/v1
kind: BehaviorContract
id: held-answers
title: Answers that a person may have to look at
party: {PARTY}
provider: {PROVIDER}
effective: {{from: 2026-01-01}}
personal_data_purpose: dpv:PaymentManagement
expectations:
  - {{id: no-promises, wording: {{forbid: [guaranteed]}}, otherwise: hold, severity: high}}
  - {{id: no-names-of-rivals, wording: {{forbid: [rival]}}, otherwise: redact}}
  - {{id: no-threats, wording: {{forbid: [lawsuit]}}, otherwise: refuse}}
  - {{id: asks-politely, side: prompt, wording: {{forbid: [stupid]}}, otherwise: hold}}
confidence: {{answer: 0.8, partial: 0.5, person: 0.3, say: I do not know., unstated: 0.9}}
failure_modes:
  - id: refund
    category: misread-intent
    severity: critical
    when: "side == 'output' && words > 30"
    remedy: hold
review:
  within: PT4H
  due: PT1H
  otherwise: {{abstain: A colleague will get back to you.}}
  four_eyes: critical
  reasons: [fine, wrong-fact]
  keep: P2D
"""


@pytest.fixture(scope="module")
def shop(service: Service) -> Peer:
    peer = service.partner(PARTY)
    peer.put_contract(SHARING)
    put(peer, BEHAVIOR)
    return peer


@pytest.fixture(scope="module")
def officer(service: Service) -> Peer:
    return service.person("officer")


def put(peer: Peer, source: str) -> None:
    behavior_pb2_grpc.BehaviorServiceStub(peer.channel).PutBehaviorContract(
        behavior_pb2.PutBehaviorContractRequest(source=source, request_id=str(uuid.uuid4())),
        timeout=10,
    )


def request(content: str, **more: Any) -> behavior_pb2.CheckOutputRequest:
    given: dict[str, Any] = {
        "party": PARTY,
        "provider": PROVIDER,
        "content_type": "text/plain",
        "content": content.encode(),
        "request_id": str(uuid.uuid4()),
        "prompt": "May I send it back? I am Maria Gonzales.",
    }
    return behavior_pb2.CheckOutputRequest(**(given | more))


def checked(peer: Peer, content: str, **more: Any) -> behavior_pb2.CheckResult:
    stub = behavior_pb2_grpc.BehaviorServiceStub(peer.channel)
    return stub.CheckOutput(request(content, **more), timeout=30).result


def held(peer: Peer, content: str = "A refund is guaranteed.", **more: Any) -> str:
    result = checked(peer, content, **more)
    assert result.outcome == behavior_pb2.OUTCOME_HELD
    assert not result.HasField("content")
    assert result.review_id
    return result.review_id


def reviews(peer: Peer) -> reviews_pb2_grpc.ReviewServiceStub:
    return reviews_pb2_grpc.ReviewServiceStub(peer.channel)


def opened(officer: Peer, review_id: str) -> reviews_pb2.OpenReviewResponse:
    asked = reviews_pb2.OpenReviewRequest(review_id=review_id, reason="queue of the day")
    return reviews(officer).OpenReview(asked, timeout=20, metadata=officer.metadata)


def approve(
    officer: Peer, review_id: str, seen: str, *, code: str = "fine", request_id: str = ""
) -> reviews_pb2.Review:
    asked = reviews_pb2.ApproveReviewRequest(
        review_id=review_id,
        seen=seen,
        note="as it should be",
        reason_code=code,
        request_id=request_id or str(uuid.uuid4()),
    )
    return reviews(officer).ApproveReview(asked, timeout=20, metadata=officer.metadata).review


def reject(officer: Peer, review_id: str, seen: str) -> None:
    asked = reviews_pb2.RejectReviewRequest(
        review_id=review_id,
        seen=seen,
        note="not so",
        reason_code="wrong-fact",
        request_id=str(uuid.uuid4()),
    )
    reviews(officer).RejectReview(asked, timeout=20, metadata=officer.metadata)


def edit(officer: Peer, review_id: str, seen: str, text: str) -> None:
    asked = reviews_pb2.EditReviewRequest(
        review_id=review_id, seen=seen, payload=text.encode(), request_id=str(uuid.uuid4())
    )
    reviews(officer).EditReview(asked, timeout=20, metadata=officer.metadata)


def collect(peer: Peer, review_id: str, *, wait: float = 0) -> behavior_pb2.CheckResult:
    asked = reviews_pb2.CollectCheckRequest(review_id=review_id)
    asked.wait.FromTimedelta(timedelta(seconds=wait))
    return reviews(peer).CollectCheck(asked, timeout=20).result


def disclosures(service: Service) -> int:
    auditor = service.person("auditor")
    asked = audit_pb2.ListDisclosuresRequest(partner=PARTY, page_size=1000)
    page = auditor.audit.ListDisclosures(asked, metadata=auditor.metadata, timeout=20)
    return len(page.disclosures)


def refused(call: Any) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return reason_of(caught.value)


def test_it_waits_is_seen_approved_and_collected(
    service: Service, shop: Peer, officer: Peer
) -> None:
    before = disclosures(service)
    review_id = held(shop, "Dear Maria Gonzales, a refund is guaranteed.")
    assert disclosures(service) == before
    assert collect(shop, review_id).outcome == behavior_pb2.OUTCOME_HELD

    look = opened(officer, review_id)
    assert look.payload == b"Dear <PERSON>, a refund is guaranteed."
    assert look.check.prompt == "May I send it back? I am Maria Gonzales."
    assert list(look.review.reasons) == ["EXPECTATION_BROKEN:no-promises"]
    assert look.review.priority == reviews_pb2.REVIEW_PRIORITY_HIGH
    assert look.review.due_time.ToDatetime() - look.review.held_time.ToDatetime() == timedelta(
        hours=1
    )
    approve(officer, review_id, look.seen)
    result = collect(shop, review_id)
    assert result.outcome == behavior_pb2.OUTCOME_TREATED
    assert result.content == look.payload
    assert result.personal_data.disclosure_id
    assert disclosures(service) == before + 1
    assert collect(shop, review_id) == result
    kept = reviews(shop).GetReview(reviews_pb2.GetReviewRequest(review_id=review_id)).review
    assert kept.forget_time.ToDatetime() - kept.decide_time.ToDatetime() == timedelta(days=2)


def test_only_its_party_knows_of_it(service: Service, shop: Peer, officer: Peer) -> None:
    review_id = held(shop)
    for name in (PROVIDER, "swift-parcel"):
        peer = service.partner(name)
        assert refused(lambda peer=peer: collect(peer, review_id)) == "REVIEW_NOT_FOUND"
        listed = reviews(peer).ListReviews(reviews_pb2.ListReviewsRequest(page_size=1000))
        assert review_id not in {one.review_id for one in listed.reviews}
    asked = reviews_pb2.CollectReviewRequest(review_id=review_id)
    assert refused(lambda: reviews(shop).CollectReview(asked)) == "REVIEW_OTHER_KIND"


def test_the_same_check_again_waits_in_the_same_place(shop: Peer) -> None:
    request_id = str(uuid.uuid4())
    assert held(shop, request_id=request_id) == held(shop, request_id=request_id)


def test_what_is_rejected_is_refused(shop: Peer, officer: Peer) -> None:
    review_id = held(shop)
    reject(officer, review_id, opened(officer, review_id).seen)
    assert collect(shop, review_id).outcome == behavior_pb2.OUTCOME_REFUSED


def test_an_edit_is_judged_again_and_released_as_treated(shop: Peer, officer: Peer) -> None:
    review_id = held(shop)
    look = opened(officer, review_id)
    for text in ("We will file a lawsuit.", "Card 4111 1111 1111 1111."):
        refusal = refused(lambda text=text: edit(officer, review_id, look.seen, text))
        assert refusal == "REVIEW_EDIT_REFUSED"
    edit(officer, review_id, look.seen, "Dear Peter Weber, ask a rival about a refund.")
    assert refused(lambda: approve(officer, review_id, look.seen)) == "REVIEW_SEEN_DIFFERS"
    again = opened(officer, review_id)
    approve(officer, review_id, again.seen)
    result = collect(shop, review_id)
    assert result.outcome == behavior_pb2.OUTCOME_TREATED
    assert result.content == b"Dear <PERSON>, ask a <REDACTED> about a refund."


def test_a_stricter_remedy_beats_the_person(shop: Peer) -> None:
    result = checked(shop, "A refund is guaranteed, or face a lawsuit.")
    assert result.outcome == behavior_pb2.OUTCOME_REFUSED
    assert not result.review_id


def test_what_the_sharing_contract_refuses_asks_nobody(shop: Peer) -> None:
    result = checked(shop, "A refund to 4111 1111 1111 1111 is guaranteed.")
    assert result.outcome == behavior_pb2.OUTCOME_REFUSED
    assert not result.review_id


@pytest.mark.parametrize(
    ("confidence", "outcome"),
    [(0.9, "ACCEPTED"), (0.6, "PARTIAL"), (0.4, "HELD"), (0.2, "ABSTAINED")],
)
def test_confidence_answers_in_part_asks_a_person_or_abstains(
    shop: Peer, confidence: float, outcome: str
) -> None:
    result = checked(shop, "Yes, you may.", confidence=confidence)
    assert behavior_pb2.Outcome.Name(result.outcome) == f"OUTCOME_{outcome}"


def test_a_prompt_can_wait_too(shop: Peer, officer: Peer) -> None:
    asked = behavior_pb2.CheckPromptRequest(
        party=PARTY,
        provider=PROVIDER,
        content_type="text/plain",
        content=b"Where is my stupid parcel?",
        request_id=str(uuid.uuid4()),
    )
    stub = behavior_pb2_grpc.BehaviorServiceStub(shop.channel)
    review_id = stub.CheckPrompt(asked, timeout=20).result.review_id
    look = opened(officer, review_id)
    assert look.review.kind == reviews_pb2.REVIEW_KIND_PROMPT
    approve(officer, review_id, look.seen)
    assert collect(shop, review_id).content == b"Where is my stupid parcel?"


def test_two_people_where_either_contract_asks_for_them(shop: Peer, officer: Peer) -> None:
    for content in ("word " * 31, "The SSN is 536-90-4399, guaranteed."):
        review_id = held(shop, content)
        look = opened(officer, review_id)
        assert look.review.four_eyes
        once = approve(officer, review_id, look.seen)
        assert once.state == reviews_pb2.REVIEW_STATE_WAITING
        again = refused(lambda: approve(officer, review_id, look.seen))  # noqa: B023
        assert again == "REVIEW_SAME_PERSON"


def test_a_decision_names_a_reason_that_the_contract_lists(shop: Peer, officer: Peer) -> None:
    review_id = held(shop)
    seen = opened(officer, review_id).seen
    for code in ("", "because"):
        refusal = refused(lambda code=code: approve(officer, review_id, seen, code=code))
        assert refusal == "REVIEW_REASON_UNKNOWN"
    assert approve(officer, review_id, seen).reason_code == "fine"


def test_many_decide_at_once_and_one_does(service: Service, shop: Peer, officer: Peer) -> None:
    review_id = held(shop)
    seen, before = opened(officer, review_id).seen, disclosures(service)

    def attempt(number: int) -> str:
        try:
            if number % 2:
                approve(officer, review_id, seen)
            else:
                reject(officer, review_id, seen)
        except grpc.RpcError as error:
            return reason_of(error)
        return "decided"

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(attempt, range(6)))
    assert outcomes == ["REVIEW_DECIDED"] * 5 + ["decided"]
    approved = collect(shop, review_id).outcome == behavior_pb2.OUTCOME_ACCEPTED
    assert disclosures(service) - before == int(approved)


def test_whoever_waits_is_told_when_it_is_decided(shop: Peer, officer: Peer) -> None:
    review_id = held(shop)
    look = opened(officer, review_id)
    with ThreadPoolExecutor(1) as pool:
        begun = time.monotonic()
        waiting = pool.submit(collect, shop, review_id, wait=15)
        time.sleep(0.3)
        approve(officer, review_id, look.seen)
        assert waiting.result().outcome == behavior_pb2.OUTCOME_ACCEPTED
        assert time.monotonic() - begun < 10


@pytest.fixture
def suspended_later(shop: Peer) -> Iterator[None]:
    yield
    put(shop, BEHAVIOR)


@pytest.mark.usefixtures("suspended_later")
def test_a_decision_is_bound_to_the_version_that_it_waits_under(shop: Peer, officer: Peer) -> None:
    review_id = held(shop)
    look = opened(officer, review_id)
    put(shop, BEHAVIOR.replace("words > 30", "words > 31"))
    assert refused(lambda: approve(officer, review_id, look.seen)) == "CONTRACT_SUPERSEDED"
    edit(officer, review_id, look.seen, "A refund is guaranteed.")  # judged by the new version
    approve(officer, review_id, opened(officer, review_id).seen)
    assert collect(shop, review_id).content == b"A refund is guaranteed."


def test_without_a_sharing_contract_it_waits_under_the_key_of_the_two(
    service: Service, officer: Peer
) -> None:
    peer = service.partner("helpdesk-ai")
    put(
        peer,
        BEHAVIOR.replace("id: held-answers", "id: held-plainly")
        .replace(f"party: {PARTY}", "party: helpdesk-ai")
        .replace("personal_data_purpose: dpv:PaymentManagement\n", ""),
    )
    review_id = held(peer, party="helpdesk-ai")
    approve(officer, review_id, opened(officer, review_id).seen)
    result = collect(peer, review_id)
    assert result.outcome == behavior_pb2.OUTCOME_ACCEPTED
    assert not result.HasField("personal_data")


def test_the_most_urgent_comes_first(shop: Peer, officer: Peer) -> None:
    held(shop, "Yes.", confidence=0.4)
    held(shop, "word " * 31)
    held(shop)
    listed: list[reviews_pb2.Review] = []
    asked = reviews_pb2.ListReviewsRequest(partner=PARTY, page_size=2)
    while True:
        page = reviews(officer).ListReviews(asked, metadata=officer.metadata)
        listed += page.reviews
        asked.page_token = page.next_page_token
        if not asked.page_token:
            break
    keys = [(-one.priority, one.due_time.ToNanoseconds(), one.review_id) for one in listed]
    assert keys == sorted(keys)
    assert len({one.review_id for one in listed}) == len(listed)


def test_on_the_command_line(service: Service, shop: Peer, officer: Peer, tmp_path: Any) -> None:
    review_id = held(shop)
    run = CliRunner()
    access = [
        "--address", f"127.0.0.1:{service.running.token_port}",
        "--ca", str(service.trial.authority), "--token", str(service.trial.officer_token),
    ]  # fmt: skip
    files = service.trial.partners[PARTY]
    own = [
        "--address", f"127.0.0.1:{service.running.port}", "--ca", str(files.authority),
        "--cert", str(files.certificate), "--key", str(files.private_key),
    ]  # fmt: skip
    still = run.invoke(app, ["reviews", "collect", review_id, *own])
    assert still.exit_code == 1
    assert "HELD" in still.stdout
    shown = run.invoke(app, ["reviews", "open", review_id, "--reason", "queue", *access])
    assert "asked: May I send it back?" in shown.stdout
    seen = next(line for line in shown.stdout.splitlines() if line.startswith("seen: "))
    done = run.invoke(
        app,
        ["reviews", "approve", review_id, "--seen", seen.removeprefix("seen: "), "--note", "fine",
         "--code", "fine", *access],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    out = tmp_path / "answer.txt"
    got = run.invoke(app, ["reviews", "collect", review_id, "--out", str(out), "--json", *own])
    assert got.exit_code == 0, got.output
    assert json.loads(got.stdout)["outcome"] == "OUTCOME_ACCEPTED"
    assert out.read_bytes() == b"A refund is guaranteed."


TRAINED = (
    BEHAVIOR.replace("id: held-answers", "id: held-by-the-trained")
    .replace(f"party: {PARTY}", "party: acme-shop")
    .replace(f"provider: {PROVIDER}", "provider: helpdesk-ai")
    .replace("personal_data_purpose: dpv:CustomerManagement\n", "")
    .replace("personal_data_purpose: dpv:PaymentManagement\n", "")
    + "  training: [{id: basics, title: How to review, valid: P30D}]\n"
)


def test_only_the_trained_decide_and_they_alone_read_why(service: Service, officer: Peer) -> None:
    acme = service.partner("acme-shop")
    put(acme, TRAINED)
    more = {"intent": "wants her money back", "rationale": "the terms say thirty days"}
    review_id = held(acme, party="acme-shop", provider="helpdesk-ai", **more)
    look = opened(officer, review_id)
    assert (look.check.intent, look.check.rationale) == tuple(more.values())
    for attempt in (
        lambda: approve(officer, review_id, look.seen),
        lambda: reject(officer, review_id, look.seen),
        lambda: edit(officer, review_id, look.seen, "No."),
    ):
        assert refused(attempt) == "TRAINING_MISSING"
    asked = reviews_pb2.AcknowledgeTrainingRequest(
        contract_id="held-by-the-trained", training_id="basics", request_id=str(uuid.uuid4())
    )
    first = reviews(officer).AcknowledgeTraining(asked, metadata=officer.metadata, timeout=20)
    again = reviews(officer).AcknowledgeTraining(asked, metadata=officer.metadata, timeout=20)
    assert again == first
    assert first.HasField("valid_until")
    approve(officer, review_id, look.seen)
    asked.training_id, asked.request_id = "advanced", str(uuid.uuid4())
    unknown = refused(
        lambda: reviews(officer).AcknowledgeTraining(asked, metadata=officer.metadata, timeout=20)
    )
    assert unknown == "TRAINING_NOT_FOUND"
