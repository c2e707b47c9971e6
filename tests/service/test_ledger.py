"""The disclosure ledger: about whom, to whom, under what, when; in pages, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.records.keyring import SecretName
from privacy_service.v1 import audit_pb2, enforcement_pb2
from tests.service.conftest import Peer, Service


@pytest.fixture(scope="module")
def person(acme: Peer) -> str:
    """Someone about whom three orders went to swift-parcel."""
    value = f"C-{uuid.uuid4().hex[:8]}"
    for number in range(3):
        customer = {"customer_id": value, "email": "m@mail.example"}
        acme.transfer(json.dumps({"order_id": f"SO-{number}", "customer": customer}))
    return value


def ask(service: Service, *options: str) -> str:
    command = [
        *("audit", "disclosures", *options, "--address", f"localhost:{service.running.token_port}"),
        *("--ca", str(service.trial.authority), "--token", str(service.trial.auditor_token)),
    ]
    done = CliRunner().invoke(app, command, env={"COLUMNS": "300"})
    assert done.exit_code == 0, done.output
    return done.stdout


def found(service: Service, *options: str) -> list[dict[str, object]]:
    return json.loads(ask(service, *options, "--json"))


def test_everything_about_a_person(service: Service, person: str) -> None:
    about = found(service, "--subject", f"customer_id={person}")
    assert len(about) == 3
    assert {one["recipient"] for one in about} == {"swift-parcel"}
    assert found(service, "--subject", "customer_id=C-nobody") == []


def test_what_was_asked_must_all_hold(service: Service, person: str) -> None:
    about = ("--subject", f"customer_id={person}")
    assert len(found(service, *about, "--to", "swift-parcel", "--from", "acme-shop")) == 3
    assert found(service, *about, "--to", "acme-shop") == []
    assert len(found(service, *about, "--partner", "swift-parcel")) == 3
    assert len(found(service, *about, "--contract", "acme-delivery")) == 3
    assert len(found(service, *about, "--contract", "acme-delivery@1")) == 3
    assert found(service, *about, "--contract", "acme-delivery@2") == []


def test_by_period(service: Service, person: str) -> None:
    about = ("--subject", f"customer_id={person}")
    today = datetime.now(UTC)
    day = timedelta(days=1)
    assert len(found(service, *about, "--since", f"{today:%Y-%m-%d}")) == 3
    assert found(service, *about, "--until", f"{today:%Y-%m-%d}") == []
    assert found(service, *about, "--since", f"{today + day:%Y-%m-%d}") == []
    assert len(found(service, *about, "--until", f"{today + day:%Y-%m-%d}")) == 3


def test_pages_are_bound_to_what_was_asked(service: Service, person: str) -> None:
    auditor = service.person("auditor")
    subject = enforcement_pb2.SubjectRef(type="customer_id", value=person)
    request = audit_pb2.ListDisclosuresRequest(subject=subject, page_size=2)
    first = auditor.audit.ListDisclosures(request, metadata=auditor.metadata)
    request.page_token = first.next_page_token
    second = auditor.audit.ListDisclosures(request, metadata=auditor.metadata)
    assert [len(first.disclosures), len(second.disclosures)] == [2, 1]
    request.recipient = "acme-shop"
    with pytest.raises(Exception, match="page token"):
        auditor.audit.ListDisclosures(request, metadata=auditor.metadata)


def test_as_a_table_and_as_csv(service: Service, person: str) -> None:
    about = ("--subject", f"customer_id={person}")
    rows = list(csv.DictReader(io.StringIO(ask(service, *about, "--layout", "csv"))))
    assert len(rows) == 3
    assert rows[0]["contracts"] == "acme-delivery@1"
    assert "EMAIL_ADDRESS/mask/1" in rows[0]["categories"].split()
    assert [row["id"] for row in rows] == [
        one["disclosure_id"] for one in found(service, *about)
    ], "in the same order"
    assert ask(service, *about).count("acme-delivery@1") == 3


def test_a_person_is_found_after_the_key_of_digests_was_rotated(
    service: Service, acme: Peer, person: str
) -> None:
    service.running.keyring.rotate_secret(SecretName.BLIND_INDEX)
    acme.transfer(json.dumps({"order_id": "SO-9", "customer": {"customer_id": person}}))
    about = found(service, "--subject", f"customer_id={person}")
    assert len(about) == 4
    assert len({one["subjects"][0] for one in about}) == 2  # type: ignore[index]
