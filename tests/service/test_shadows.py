"""A version that judges beside the one in force: what it sees, and that no answer changes."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.v1 import behavior_pb2, reviews_pb2, reviews_pb2_grpc
from privacy_service.v1 import governance_pb2 as pb
from tests.service.conftest import Peer, Service
from tests.service.test_behavior import PARTY, PROVIDER, output, put, stub
from tests.service.test_breaches import refusal
from tests.service.test_changing import Deal, propose, stamp, with_note
from tests.service.test_suspension import ask

PLAIN = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: shadowed-answers
title: Answers about returns
party: other-shop
provider: helpdesk-ai
effective: {from: 2026-01-01}
scope: {use_cases: [shadowed]}
expectations:
  - id: no-promises
    side: output
    wording: {forbid: [guaranteed]}
    otherwise: refuse
"""
STRICTER = f"""{PLAIN}  - id: short
    side: output
    length: {{unit: words, most: 3}}
    otherwise: hold
failure_modes:
  - id: shouts
    category: format
    severity: low
    when: words > 3
    remedy: note
"""


def start(peer: Peer, contract_id: str, version: int, **more: Any) -> pb.ContractShadow:
    said = {
        "contract_id": contract_id, "version": version, "reason": "before it is in force",
        "until": stamp(datetime.now(UTC) + timedelta(days=2)), "request_id": str(uuid.uuid4()),
    }  # fmt: skip
    return ask(peer, "StartShadow", **(said | more)).shadow


def stop(peer: Peer, contract_id: str) -> pb.ContractShadow:
    said = {"contract_id": contract_id, "reason": "seen", "request_id": str(uuid.uuid4())}
    return ask(peer, "StopShadow", **said).shadow


def seen(peer: Peer, contract_id: str, count: int) -> pb.ContractShadow:
    """The report, once so many requests were judged: replicas add what they saw once a second."""
    until = time.monotonic() + 20
    while True:
        report = ask(peer, "GetShadow", contract_id=contract_id).shadow
        if report.same + report.differing + report.failed + report.dropped >= count:
            return report
        assert time.monotonic() < until, report
        time.sleep(0.1)


def said(peer: Peer, content: str) -> behavior_pb2.CheckResult:
    request = output(content, use_case="shadowed")
    return stub(peer).CheckOutput(request, timeout=30).result


def waiting(service: Service) -> int:
    officer = service.person("officer")
    reviews = reviews_pb2_grpc.ReviewServiceStub(officer.channel)
    asked = reviews_pb2.ListReviewsRequest(page_size=200)
    return len(reviews.ListReviews(asked, metadata=officer.metadata, timeout=10).reviews)


@pytest.fixture(scope="module")
def shop(service: Service) -> Peer:
    peer = service.partner(PARTY)
    put(peer, PLAIN)
    assert propose(peer, STRICTER, draft=True).version == 2
    return peer


def test_a_stricter_version_is_seen_to_differ_and_changes_no_answer(
    service: Service, shop: Peer
) -> None:
    officer, held = service.person("officer"), waiting(service)
    begun = start(shop, "shadowed-answers", 2)
    assert (begun.running, begun.percent, begun.version) == (True, 100, 2)
    long, short = said(shop, "You can send it back within a month."), said(shop, "Yes.")
    worse = said(shop, "It is guaranteed.")
    assert [one.outcome for one in (long, short, worse)] == [
        behavior_pb2.OUTCOME_ACCEPTED, behavior_pb2.OUTCOME_ACCEPTED, behavior_pb2.OUTCOME_REFUSED,
    ]  # fmt: skip
    assert {one.contract.version for one in (long, short, worse)} == {1}
    report = seen(officer, "shadowed-answers", 3)
    assert (report.same, report.differing, report.failed, report.dropped) == (2, 1, 0, 0)
    outcomes = {(one.active, one.candidate): one.count for one in report.outcomes}
    assert outcomes == {
        ("ACCEPTED", "HELD"): 1, ("ACCEPTED", "ACCEPTED"): 1, ("REFUSED", "REFUSED"): 1,
    }  # fmt: skip
    differs = {(one.what, one.active, one.candidate) for one in report.differs}
    assert differs == {("expectation:short", "", "BROKEN"), ("failure:shouts", "", "FIRED")}
    (case,) = report.newest
    assert (case.audit_position, case.version) == (long.audit.position, 1)
    assert "month" not in str(report)
    assert waiting(service) == held
    proposal = ask(officer, "GetProposal", contract_id="shadowed-answers", version=2).proposal
    assert proposal.shadow.differing == 1


def test_the_other_side_sees_it_and_only_the_party_and_officers_begin_it(
    service: Service, shop: Peer
) -> None:
    provider = service.partner(PROVIDER)
    assert ask(provider, "GetShadow", contract_id="shadowed-answers").shadow.version == 2
    assert refusal(lambda: start(provider, "shadowed-answers", 2)) == "NOT_YOUR_PARTNER"
    stranger = service.partner("swift-parcel")
    assert refusal(lambda: ask(stranger, "GetShadow", contract_id="shadowed-answers")) == (
        "CONTRACT_NOT_FOUND"
    )
    assert refusal(lambda: start(shop, "shadowed-answers", 1)) == "CONTRACT_IN_FORCE"
    assert refusal(lambda: start(shop, "shadowed-answers", 9)) == "CONTRACT_NOT_FOUND"
    late = stamp(datetime.now(UTC) + timedelta(days=91))
    assert refusal(lambda: start(shop, "shadowed-answers", 2, until=late)) == "REQUEST_INVALID"


def test_one_request_id_begins_it_once_and_its_end_is_final(service: Service, shop: Peer) -> None:
    until, once = stamp(datetime.now(UTC) + timedelta(days=1)), str(uuid.uuid4())
    first = start(shop, "shadowed-answers", 2, until=until, percent=50, request_id=once)
    again = start(shop, "shadowed-answers", 2, until=until, percent=50, request_id=once)
    assert first.start_time == again.start_time
    ended = stop(shop, "shadowed-answers")
    assert not ended.running
    assert stop(service.person("officer"), "shadowed-answers").ended_by == ended.ended_by
    said(shop, "You can send it back within a month.")
    course = ask(shop, "GetContractCourse", contract_id="shadowed-answers").course
    assert [one.kind for one in course.steps][:3] == ["shadow_ended", "shadowed", "shadow_ended"]
    report = ask(shop, "GetShadow", contract_id="shadowed-answers").shadow
    assert report.same + report.differing + report.dropped == 0


def test_a_sharing_contract_is_compared_by_its_fields(service: Service) -> None:
    deal = Deal(service)
    two = propose(deal.shop, with_note(deal.source))
    start(deal.officer, deal.id, two.version)
    answer = deal.send()
    assert json.loads(answer.payload) == {"order_id": "SO-1"}
    report = seen(deal.officer, deal.id, 1)
    assert [(one.active, one.candidate) for one in report.outcomes] == [("TREATED", "ALLOW")]
    what = {(one.what, one.active, one.candidate) for one in report.differs}
    assert what == {
        ("reason:FIELDS_REMOVED", "SAID", ""), ("field:/note", "remove", ""),
        ("content:released", "", "OTHER"),
    }  # fmt: skip
    assert "ring twice" not in str(report)
    stop(deal.officer, deal.id)


def test_the_command_line_begins_reads_and_ends_it(service: Service, shop: Peer) -> None:
    where = [
        "--address", f"localhost:{service.running.token_port}",
        "--ca", str(service.trial.authority), "--token",
        str(service.trial.folder / "tls" / "officer.jwt"),
    ]  # fmt: skip

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["contract", "shadow", *words, *where])

    asked = ["shadowed-answers", "2", "--until", "36h", "--reason", "to see"]
    assert json.loads(run("start", *asked, "--json").output)["running"] is True
    said(shop, "You can send it back within a month.")
    seen(shop, "shadowed-answers", 1)
    shown = run("report", "shadowed-answers").output
    assert "0 the same, 1 different, 0 failed, 0 dropped" in shown
    assert "expectation:short" in shown
    course = CliRunner().invoke(app, ["contract", "course", "shadowed-answers", *where]).output
    assert "version 2 judges 100 % beside" in " ".join(course.split())
    assert "ended" in run("stop", "shadowed-answers", "--reason", "seen").output
    assert run("start", "shadowed-answers", "2", "--until", "soon", "--reason", "x").exit_code == 2
    metrics = service.running.metrics.registry
    labels = {"contract": "shadowed-answers", "result": "differs"}
    assert metrics.get_sample_value("privacy_shadow_requests_total", labels) >= 2


def test_a_request_that_the_version_in_force_does_not_cover_is_not_seen(shop: Peer) -> None:
    """Nothing was decided by it that could be compared: docs/changing.md says so."""
    wider = PLAIN.replace("use_cases: [shadowed]", "use_cases: [shadowed, wider]")
    begun = start(shop, "shadowed-answers", propose(shop, wider, draft=True).version)
    uncovered = output("Yes.", use_case="wider")
    assert refusal(lambda: stub(shop).CheckOutput(uncovered, timeout=30)) == "USE_CASE_NOT_COVERED"
    said(shop, "Yes.")
    report = seen(shop, "shadowed-answers", 1)
    assert (report.version, report.same, report.differing) == (begun.version, 1, 0)
