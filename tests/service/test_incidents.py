"""Breaches that the service opens, as officers and operators meet them on a real service."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.v1 import breaches_pb2 as pb
from privacy_service.v1 import enforcement_pb2, records_pb2
from tests.service.conftest import Peer, Service
from tests.service.test_breaches import ask, refusal


def report(peer: Peer, key: str, **more: Any) -> pb.ReportExposedKeyResponse:
    said = {"key": key, "reason": "found in a public bucket", "request_id": str(uuid.uuid4())}
    answer = ask(peer, "ReportExposedKey", pb.ReportExposedKeyRequest(**(said | more)))
    assert isinstance(answer, pb.ReportExposedKeyResponse)
    return answer


@pytest.fixture
def sealed(service: Service) -> Iterator[str]:
    """A partner of whom one record about one person is sealed."""
    other = service.partner("other-shop")
    of = {"partner": "other-shop", "record_id": "r-exposed", "request_id": str(uuid.uuid4())}
    person = enforcement_pb2.SubjectRef(type="email", value="exposed@mail.example")
    other.records.PutRecord(
        records_pb2.PutRecordRequest(
            content_type="text/plain", content=b"kept", subjects=[person], **of
        ),
        timeout=30,
    )
    yield "partner/other-shop"
    of["request_id"] = str(uuid.uuid4())
    other.records.DeleteRecord(records_pb2.DeleteRecordRequest(**of), timeout=30)


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
