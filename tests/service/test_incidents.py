"""Breaches that the service opens, as officers and operators meet them on a real service."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.access import Caller, Role
from privacy_service.custody.reinspecting import ReinspectingDesk, SealedCopies
from privacy_service.custody.reinspections import Reinspecting, ReinspectionsDesk
from privacy_service.desks.ports.reinspections import ReinspectRelease
from privacy_service.enforcement.enforce import Enforcement
from privacy_service.v1 import breaches_pb2 as pb
from privacy_service.v1 import enforcement_pb2, records_pb2
from tests.service.conftest import Peer, Service
from tests.service.test_breaches import ask, refusal
from tests.unit.enforcement.stage import PatternDetector


def report(peer: Peer, key: str, **more: Any) -> pb.ReportExposedKeyResponse:
    said = {"key": key, "reason": "found in a public bucket", "request_id": str(uuid.uuid4())}
    answer = ask(peer, "ReportExposedKey", pb.ReportExposedKeyRequest(**(said | more)))
    assert isinstance(answer, pb.ReportExposedKeyResponse)
    return answer


@pytest.fixture(scope="module")
def sealed(service: Service) -> str:
    """A partner that has sealed one record about one person, and nothing else in any file."""
    other = service.partner("helpdesk-ai")
    of = {"partner": "helpdesk-ai", "record_id": "r-exposed", "request_id": str(uuid.uuid4())}
    person = enforcement_pb2.SubjectRef(type="email", value="exposed@mail.example")
    other.records.PutRecord(
        records_pb2.PutRecordRequest(
            content_type="text/plain", content=b"kept", subjects=[person], **of
        ),
        timeout=30,
    )
    return "partner/helpdesk-ai"


def test_an_operator_reports_a_key_and_the_officer_finds_a_breach(
    service: Service, sealed: str
) -> None:
    operator, officer = service.person("operator"), service.person("officer")
    request_id = str(uuid.uuid4())
    first = report(operator, sealed, request_id=request_id)
    assert (first.scope.subjects, first.scope.records) == (1, 1)
    assert report(operator, sealed, request_id=request_id).breach_id == first.breach_id
    seen = ask(officer, "GetBreach", pb.GetBreachRequest(breach_id=first.breach_id)).breach
    assert seen.source == pb.BREACH_SOURCE_SERVICE
    assert set(seen.times) == {"detection"}
    assert (seen.scope.subjects, seen.scope.question["key"]) == (1, sealed)
    (sign,) = seen.signs
    assert (sign.cause, sign.about, sign.severity) == ("key_exposed", sealed, "critical")
    assert sign.counts == {"people": 1, "records": 1, "tokens": 0}
    again = report(officer, sealed, reason="the bucket was read")
    assert again.breach_id == first.breach_id
    seen = ask(officer, "GetBreach", pb.GetBreachRequest(breach_id=first.breach_id)).breach
    assert [one.says for one in seen.signs] == ["found in a public bucket", "the bucket was read"]
    what_if = pb.ScopeBreachRequest(key_id=f"{sealed}#1", request_id=str(uuid.uuid4()))
    assert ask(officer, "ScopeBreach", what_if).scope.records == 1
    assert refusal(lambda: report(operator, "partner/nobody-here")) == "KEY_NOT_KNOWN"
    assert refusal(lambda: report(service.person("auditor"), sealed)) == "ROLE_MISSING"


def test_on_the_command_line(service: Service, sealed: str) -> None:
    folder = service.trial.folder / "tls"
    where = (
        "--address", f"localhost:{service.running.token_port}", "--ca",
        str(service.trial.authority), "--json",
    )  # fmt: skip
    reported = CliRunner().invoke(
        app,
        ["keys", "report-exposed", f"{sealed}#1", "--reason", "seen in a log", "--token",
         str(folder / "operator.jwt"), *where],
    )  # fmt: skip
    assert reported.exit_code == 0, reported.output
    breach = json.loads(reported.stdout)["breach_id"]
    shown = CliRunner().invoke(
        app, ["breach", "show", breach, "--token", str(folder / "officer.jwt"), *where[:-1]]
    )
    assert "noticed       critical: seen in a log" in shown.stdout, shown.output


def test_a_release_that_proves_wrong_is_a_breach(service: Service, acme: Peer) -> None:
    officer = service.person("officer")
    note = "Deliver to ZORBLATT-77 please"  # what nobody took for personal data
    order = {"order_id": "SO-1", "customer": {"customer_id": "C-9"}, "note": note}
    sent = acme.transfer(json.dumps(order))
    assert sent.record_id

    def look(disclosure: str = sent.disclosure_id) -> pb.ReinspectReleaseResponse:
        request = pb.ReinspectReleaseRequest(disclosure_id=disclosure, request_id=str(uuid.uuid4()))
        answer = ask(officer, "ReinspectRelease", request)
        assert isinstance(answer, pb.ReinspectReleaseResponse)
        return answer

    assert not look().breach_id
    assert refusal(lambda: look("nothing")) == "DISCLOSURE_NOT_FOUND"
    desk = service.running.desks.reinspections
    enforcement = service.running.desks.enforcement
    assert isinstance(desk, ReinspectingDesk)
    assert isinstance(enforcement, Enforcement)
    knows = PatternDetector({"PERSON": "ZORBLATT-77"})
    better = replace(desk, leftover=replace(enforcement, detector=knows).leftover)
    caller = Caller(name="officer", partner=None, roles=frozenset({Role.OFFICER}))
    found = better.reinspect_release(
        caller, ReinspectRelease(disclosure_id=sent.disclosure_id, request_id="r-1"), seconds=30
    )
    assert found.found == {"PERSON": 1}
    seen = ask(officer, "GetBreach", pb.GetBreachRequest(breach_id=found.breach_id)).breach
    (sign,) = seen.signs
    assert (sign.cause, sign.named) == ("wrong_release", [sent.disclosure_id])
    assert sign.positions == [sent.audit.position]
    assert "ZORBLATT" not in str(seen)


def test_the_releases_of_a_contract_are_looked_at_again_by_a_job(
    service: Service, acme: Peer
) -> None:
    officer, marks = service.person("officer"), [f"QUIBBLE-{number}" for number in range(3)]
    start = acme.transfer(json.dumps({"order_id": "SO-1", "note": "no name"})).audit.position
    notes = [f"Deliver to {mark} please" for mark in (*marks, "nobody")]
    for note in notes:
        acme.transfer(json.dumps({"order_id": "SO-1", "note": note}))
    desk = service.running.desks.many_reinspections
    single, enforcement = service.running.desks.reinspections, service.running.desks.enforcement
    assert isinstance(desk, ReinspectionsDesk)
    assert isinstance(single, ReinspectingDesk)
    assert isinstance(enforcement, Enforcement)
    with desk.database.reading() as view:
        at = view.disclosures.at([start])[0].at
    request_id = str(uuid.uuid4())

    def begun(**more: Any) -> pb.StartReinspectionResponse:
        request = pb.StartReinspectionRequest(partner=acme.name, request_id=request_id, **more)
        request.since.FromDatetime(at)
        answer = ask(officer, "StartReinspection", request)
        assert isinstance(answer, pb.StartReinspectionResponse)
        return answer

    counted = begun(dry_run=True).releases
    assert counted >= 5
    one = begun().reinspection
    assert begun().reinspection.reinspection_id == one.reinspection_id
    acme.transfer(json.dumps({"order_id": "SO-9", "note": "QUIBBLE-9, after it was begun"}))

    knows = PatternDetector({"PERSON": "QUIBBLE"})
    copies = SealedCopies(
        database=desk.database,
        sealer=single.sealer,
        leftover=replace(enforcement, detector=knows).leftover,
        clock=desk.clock,
    )
    job = Reinspecting(
        database=desk.database, copies=copies, incidents=single.incidents, clock=desk.clock
    )
    while job.piece(one.reinspection_id):
        pass
    asked = pb.GetReinspectionRequest(reinspection_id=one.reinspection_id)
    done = ask(service.person("auditor"), "GetReinspection", asked).reinspection
    assert done.state == pb.REINSPECTION_STATE_ENDED
    assert (done.looked_at, done.total, done.wrong) == (counted, counted, 3)
    assert dict(done.found) == {"PERSON": 3}
    assert not job.piece(one.reinspection_id)
    (breach_id,) = done.breach_ids
    seen = ask(officer, "GetBreach", pb.GetBreachRequest(breach_id=breach_id)).breach
    assert "QUIBBLE" not in str(seen) + str(done)
    over = pb.CancelReinspectionRequest(
        reinspection_id=one.reinspection_id, request_id=str(uuid.uuid4())
    )
    assert refusal(lambda: ask(officer, "CancelReinspection", over)) == "REINSPECTION_OVER"
    listed = ask(officer, "ListReinspections", pb.ListReinspectionsRequest()).reinspections
    assert one.reinspection_id in [each.reinspection_id for each in listed]
