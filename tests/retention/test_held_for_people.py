"""What waits for a reviewer, and what was answered, when the data of its people changes or goes."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from privacy_service.v1 import (
    behavior_pb2,
    behavior_pb2_grpc,
    enforcement_pb2,
    reviews_pb2,
    reviews_pb2_grpc,
)
from retention.jobs.erase import JOB as ERASE
from retention.jobs.rectify import JOB as RECTIFY
from tests.retention.people import People
from tests.retention.test_erasure import said
from tests.retention.test_rectification import correct, received, refusal
from tests.service.conftest import Peer

SHARING = """apiVersion: privacy-service/v1
kind: SharingContract
id: other-shop-and-acme
title: What customers write and are told
party: {partner: other-shop, role: controller, region: DE}
counterparty: {partner: acme-shop, role: processor, region: DE}
direction: both
purposes: ["dpv:CustomerCare"]
legal_basis: eu-gdpr:A6-1-b
effective: {from: 2026-01-01}
fields: [{path: $}]
entities: {US_SSN: keep, PHONE_NUMBER: keep}
review: {entities: [US_SSN], within: P2D, four_eyes: true}
"""
BEHAVIOR = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: held-for-people
title: Answers that a person may have to look at
party: other-shop
provider: acme-shop
effective: {from: 2026-01-01}
personal_data_purpose: dpv:CustomerCare
expectations:
  - {id: no-promises, wording: {forbid: [guaranteed]}, otherwise: hold, severity: high}
review: {within: PT4H}
"""
WRONG = "+49 30 901820"
PHONE = {"partner": "other-shop", "field": "$.phone", "value": "+49 30 901899"}


@pytest.fixture(scope="module")
def house(town: People) -> People:
    shop(town).put_contract(SHARING)
    asked = behavior_pb2.PutBehaviorContractRequest(source=BEHAVIOR, request_id=str(uuid.uuid4()))
    behavior(town).PutBehaviorContract(asked, timeout=20)
    return town


def shop(house: People) -> Peer:
    return house.service.partner("other-shop")


def behavior(house: People) -> Any:
    return behavior_pb2_grpc.BehaviorServiceStub(shop(house).channel)


def about(email: str) -> list[enforcement_pb2.SubjectRef]:
    return [enforcement_pb2.SubjectRef(type="email", value=email)]


def checked(house: People, email: str, text: str) -> behavior_pb2.CheckResult:
    request = behavior_pb2.CheckOutputRequest(
        party="other-shop",
        provider="acme-shop",
        content_type="text/plain",
        content=text.encode(),
        request_id=str(uuid.uuid4()),
        prompt=f"When do I get my money back? {email}",
        intent="wants the money back",
        rationale="the parcel came back",
        subjects=about(email),
    )
    return behavior(house).CheckOutput(request, timeout=30).result  # type: ignore[no-any-return]


def sent(house: People, email: str, **more: Any) -> Any:
    letter = {"phone": WRONG, "note": "My SSN is 536-90-4399.", **more}
    return shop(house).transfer(
        json.dumps(letter), recipient="acme-shop", purpose="dpv:CustomerCare", subjects=about(email)
    )


def reviews(house: People) -> reviews_pb2_grpc.ReviewServiceStub:
    return reviews_pb2_grpc.ReviewServiceStub(house.officer.channel)


def opened(house: People, review_id: str) -> reviews_pb2.OpenReviewResponse:
    asked = reviews_pb2.OpenReviewRequest(review_id=review_id, reason="queue of the day")
    return reviews(house).OpenReview(asked, timeout=20, metadata=house.officer.metadata)


def approve(house: People, review_id: str, by: str = "officer") -> reviews_pb2.Review:
    person = house.service.person(by)
    asked = reviews_pb2.ApproveReviewRequest(
        review_id=review_id,
        seen=opened(house, review_id).seen,
        note="as it should be",
        request_id=str(uuid.uuid4()),
    )
    stub = reviews_pb2_grpc.ReviewServiceStub(person.channel)
    return stub.ApproveReview(asked, timeout=20, metadata=person.metadata).review


def edit(house: People, review_id: str, payload: bytes) -> reviews_pb2.Review:
    asked = reviews_pb2.EditReviewRequest(
        review_id=review_id,
        payload=payload,
        seen=opened(house, review_id).seen,
        request_id=str(uuid.uuid4()),
    )
    return reviews(house).EditReview(asked, timeout=20, metadata=house.officer.metadata).review


def reasons(house: People, review_id: str) -> list[str]:
    asked = reviews_pb2.GetReviewRequest(review_id=review_id)
    found = reviews(house).GetReview(asked, timeout=20, metadata=house.officer.metadata).review
    return list(found.reasons)


def test_a_person_is_erased_from_a_check_that_waits(house: People) -> None:
    person, words = "ada@mail.example", "Your money back is guaranteed."
    waits = checked(house, person, words)
    other = checked(house, "bea@mail.example", words)
    assert waits.outcome == other.outcome == behavior_pb2.OUTCOME_HELD
    assert opened(house, waits.review_id).check.intent == "wants the money back"
    request = house.begin(person)
    planned = {(one.thing, one.partner): one.count for one in house.plan(request).deleted}
    assert planned["review", "acme-shop"] == 1
    house.run(ERASE)
    (gone,) = [one for one in said(house, request)["deleted"] if one["what"] == "review"]  # type: ignore[index, union-attr]
    assert gone["count"] == 1  # type: ignore[index]
    assert refusal(lambda: opened(house, waits.review_id)) == "REVIEW_DECIDED"
    assert opened(house, other.review_id).payload == words.encode()
    # Nor does anything new about the person come to wait.
    assert refusal(lambda: checked(house, person, words)) == "SUBJECT_SHREDDED"


def test_what_waits_is_not_released_as_it_was_before_a_correction(house: People) -> None:
    person = "cleo@mail.example"
    letter = sent(house, person).review_id
    answer = checked(house, person, f"It is guaranteed that we call {WRONG}.").review_id
    other = sent(house, "dana@mail.example").review_id
    assert approve(house, letter).approvals == ["officer@demo.example"]
    request = received(house, person)
    house.step(request, correct=correct(PHONE))  # from here on, before any job has run
    for review in (letter, answer):
        assert reasons(house, review)[-1] == "SUBJECT_CORRECTED"
        assert refusal(lambda review=review: approve(house, review)) == "REVIEW_OUTDATED"  # type: ignore[misc]
    assert "SUBJECT_CORRECTED" not in reasons(house, other)

    fixed = opened(house, letter).payload.replace(WRONG.encode(), b"+49 30 901899")
    assert "SUBJECT_CORRECTED" not in edit(house, letter, fixed).reasons
    assert approve(house, letter).approvals == ["officer@demo.example"], (
        "whoever approved before did not see it"
    )
    approve(house, letter, by="second-officer")
    # Looked at, and right as it is.
    assert list(edit(house, answer, opened(house, answer).payload).reasons)
    assert approve(house, answer).state == reviews_pb2.REVIEW_STATE_APPROVED
    house.run(RECTIFY)
    assert reasons(house, letter) == ["ENTITY_HELD:US_SSN"]


def test_answers_of_before_a_correction_are_not_given_again(house: People) -> None:
    person, phone = "elsa@mail.example", {"phone": WRONG}
    again = {"recipient": "acme-shop", "purpose": "dpv:CustomerCare", "subjects": about(person)}
    first = shop(house).transfer(json.dumps(phone), request_id=str(uuid.uuid4()), **again)
    named = str(uuid.uuid4())
    before = shop(house).transfer(json.dumps(phone), request_id=named, **again)
    assert (
        shop(house).transfer(json.dumps(phone), request_id=named, **again).disclosure_id
        == before.disclosure_id
    )
    request = received(house, person)
    house.step(request, correct=correct(PHONE))
    later = str(uuid.uuid4())
    after = shop(house).transfer(json.dumps(phone), request_id=later, **again)
    house.run(RECTIFY)
    receipt = said(house, request)
    assert receipt["deleted"] == [{"partner": "other-shop", "what": "answer", "count": 2}]
    # A retry is a new request: what the sender has by now passes, and the recipient hears of both.
    right = json.dumps({"phone": "+49 30 901899"})
    retried = shop(house).transfer(right, request_id=named, **again)
    assert retried.disclosure_id not in ("", before.disclosure_id, first.disclosure_id)
    kept = shop(house).transfer(json.dumps(phone), request_id=later, **again)
    assert kept.disclosure_id == after.disclosure_id
