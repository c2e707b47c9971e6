"""Outputs that people look at afterwards: drawn, judged, and how far they agree."""

from __future__ import annotations

import uuid
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.v1 import (
    behavior_pb2,
    behavior_pb2_grpc,
    reviews_pb2,
    reviews_pb2_grpc,
)
from tests.service.conftest import Peer, Service, reason_of

PARTY, PROVIDER = "swift-parcel", "acme-shop"
CONTRACT = f"""apiVersion: privacy-service/v1
kind: BehaviorContract
id: sampled-answers
title: Answers that people look at
party: {PARTY}
provider: {PROVIDER}
effective: {{from: 2026-01-01}}
expectations: [{{id: short, length: {{unit: words, most: 5}}, otherwise: refuse}}]
sampling:
  share: 0.5
  risk: [{{when: "words == 2", share: 1}}]
  double: 0.5
  labels: [good, bad]
"""


@pytest.fixture(scope="module")
def carrier(service: Service) -> Peer:
    peer = service.partner(PARTY)
    put = behavior_pb2.PutBehaviorContractRequest(source=CONTRACT, request_id=str(uuid.uuid4()))
    behavior_pb2_grpc.BehaviorServiceStub(peer.channel).PutBehaviorContract(put, timeout=10)
    return peer


@pytest.fixture(scope="module")
def officer(service: Service) -> Peer:
    return service.person("officer")


def check(peer: Peer, content: str) -> behavior_pb2.CheckResult:
    request = behavior_pb2.CheckOutputRequest(
        party=PARTY, provider=PROVIDER, content_type="text/plain", content=content.encode(),
        request_id=str(uuid.uuid4()), prompt="May I?",
    )  # fmt: skip
    return behavior_pb2_grpc.BehaviorServiceStub(peer.channel).CheckOutput(request).result


def waiting(officer: Peer) -> list[reviews_pb2.Review]:
    asked = reviews_pb2.ListReviewsRequest(partner=PARTY, page_size=1000)
    listed = stub(officer).ListReviews(asked, metadata=officer.metadata).reviews
    return [one for one in listed if one.contracts[0].contract_id == "sampled-answers"]


def stub(peer: Peer) -> reviews_pb2_grpc.ReviewServiceStub:
    return reviews_pb2_grpc.ReviewServiceStub(peer.channel)


def judge(officer: Peer, one: reviews_pb2.Review, label: str) -> reviews_pb2.Review:
    looked = reviews_pb2.OpenReviewRequest(review_id=one.review_id, reason="samples of the week")
    look = stub(officer).OpenReview(looked, metadata=officer.metadata)
    assert look.payload
    assert look.check.prompt == "May I?"
    request = reviews_pb2.JudgeSampleRequest(
        review_id=one.review_id, seen=look.seen, label=label, request_id=str(uuid.uuid4())
    )
    return stub(officer).JudgeSample(request, metadata=officer.metadata).review


def refused(call: Any) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return reason_of(caught.value)


def test_samples_are_drawn_judged_and_gone_and_the_caller_notices_nothing(
    service: Service, carrier: Peer, officer: Peer
) -> None:
    answers = [check(carrier, "Yes.") for _ in range(30)]
    answers += [check(carrier, "Of course.") for _ in range(6)]
    refused_ones = [check(carrier, "word " * 6) for _ in range(6)]
    assert {one.outcome for one in answers} == {behavior_pb2.OUTCOME_ACCEPTED}
    assert not any(one.review_id for one in answers + refused_ones)
    samples = waiting(officer)
    by_reason = [list(one.reasons) for one in samples]
    assert by_reason.count(["SAMPLED_BY_RISK"]) == 6
    assert 4 <= by_reason.count(["SAMPLED"]) <= 26  # of 30, half: outside once in a million
    assert {one.kind for one in samples} == {reviews_pb2.REVIEW_KIND_SAMPLE}
    single = next(one for one in samples if not one.four_eyes)
    double = next(one for one in samples if one.four_eyes)
    unknown = refused(lambda: judge(officer, single, "great"))
    assert unknown == "SAMPLE_LABEL_UNKNOWN"
    assert judge(officer, single, "good").state == reviews_pb2.REVIEW_STATE_JUDGED
    assert refused(lambda: judge(officer, single, "good")) == "REVIEW_DECIDED"
    assert judge(officer, double, "bad").state == reviews_pb2.REVIEW_STATE_WAITING
    assert refused(lambda: judge(officer, double, "good")) == "REVIEW_SAME_PERSON"
    approve = reviews_pb2.ApproveReviewRequest(
        review_id=double.review_id, seen="x", note="n", request_id=str(uuid.uuid4())
    )
    other = refused(lambda: stub(officer).ApproveReview(approve, metadata=officer.metadata))
    assert other == "REVIEW_OTHER_KIND"
    asked = reviews_pb2.GetAgreementRequest(contract_id="sampled-answers")
    found = stub(carrier).GetAgreement(asked)
    assert (found.judged, dict(found.labels)) == (2, {"good": 1, "bad": 1})
    hidden = refused(lambda: stub(service.partner(PROVIDER)).GetAgreement(asked))
    assert hidden == "CONTRACT_NOT_FOUND"


def test_on_the_command_line(service: Service, carrier: Peer, officer: Peer) -> None:
    check(carrier, "Of course.")
    one = waiting(officer)[0]
    access = [
        "--address", f"127.0.0.1:{service.running.token_port}",
        "--ca", str(service.trial.authority), "--token", str(service.trial.officer_token),
    ]  # fmt: skip
    run = CliRunner()
    said = ["reviews", "judge", one.review_id, "--seen", "stale", "--label", "good", *access]
    assert "REVIEW_SEEN_DIFFERS" in run.invoke(app, said).output
    shown = run.invoke(app, ["reviews", "agreement", "sampled-answers", *access])
    assert shown.exit_code == 0, shown.output
    assert "Krippendorff's alpha" in shown.stdout


def test_what_is_drawn_follows_from_the_id_under_the_key_and_is_even() -> None:
    from privacy_service.behavior.sampling import Sampler

    one = Sampler(commitment=lambda text: "k1" + text.decode(), new_id=lambda: "r")
    other = Sampler(commitment=lambda text: "k2" + text.decode(), new_id=lambda: "r")
    ids = [str(uuid.uuid5(uuid.NAMESPACE_DNS, str(n))) for n in range(4000)]
    drawn = [one._drawn("sample", "c", name) for name in ids]
    assert drawn == [one._drawn("sample", "c", name) for name in ids]
    assert abs(sum(value < 0.1 for value in drawn) / len(ids) - 0.1) < 0.02
    assert drawn != [other._drawn("sample", "c", name) for name in ids]
