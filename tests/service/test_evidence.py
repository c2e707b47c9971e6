"""Evidence archives of a real service: made with a token, checked with a public key alone."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner, Result

from privacy_service import errors
from privacy_service.__main__ import app
from privacy_service.app.cases import attaching
from privacy_service.errors import PrivacyError
from privacy_service.evidence.queries import EntryQuery
from privacy_service.v1 import audit_pb2
from tests.service.conftest import Peer, Service, reason_of, transfer_request
from tests.service.test_breaches import opened


def command(service: Service, *words: str) -> Result:
    at = f"localhost:{service.running.token_port}"
    asked = [*words, "--address", at, "--ca", str(service.trial.authority)]
    return CliRunner().invoke(app, [*asked, "--token", str(service.trial.auditor_token)])


@pytest.fixture(scope="module")
def order(acme: Peer) -> tuple[str, str]:
    """A person, and the id of the transfer that told swift-parcel about them."""
    person = f"C-{uuid.uuid4().hex[:8]}"
    payload = {"order_id": "SO-7", "customer": {"customer_id": person, "email": "m@mail.example"}}
    request = transfer_request("acme-shop", json.dumps(payload))
    acme.enforcement.Transfer(request, timeout=30)
    return person, request.request_id


def test_an_auditor_needs_the_archive_and_the_key(
    service: Service, order: tuple[str, str], tmp_path: Path
) -> None:
    person, request_id = order
    key, archive = service.running.verifier_key, tmp_path / "case.zip"
    done = command(
        service, "evidence", "export", str(archive), "--subject", f"customer_id={person}"
    )
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        assert "contracts/acme-delivery/1.yaml" in names
        assert "contracts/acme-delivery/1.json" in names
        index = json.loads(opened.read("index.json"))
        page = opened.read("index.html").decode()
        everything = b"".join(opened.read(name) for name in names)
    assert [entry["kind"] for entry in index["entries"]] == ["attempt", "effect"]
    assert index["disclosures"][0]["recipient"] == "swift-parcel"
    assert request_id in page
    assert person.encode() not in everything
    assert b"m@mail.example" not in everything

    checked = CliRunner().invoke(app, ["evidence", "verify", str(archive), "--key", key])
    assert checked.exit_code == 0, checked.output
    assert "entries: 2; disclosures: 1; contract versions: 1" in checked.output
    alone = [sys.executable, "-m", "privacy_service.evidence.verify", str(archive), "--key", key]
    assert subprocess.run(alone, check=True, capture_output=True).stdout.endswith(b"sound\n")

    archive.write_bytes(archive.read_bytes().replace(b"swift-parcel", b"quick-parcel"))
    checked = CliRunner().invoke(app, ["evidence", "verify", str(archive), "--key", key])
    assert checked.exit_code == 1
    assert "  entries.jsonl, line 2: entry" in checked.output


@pytest.mark.parametrize(
    "asked",
    [
        ("--partner", "swift-parcel"),
        ("--contract", "acme-delivery@1"),
        ("--since", "2026-01-01"),
        ("--request", "{request}"),
        ("--resource", "{request}", "--with-disclosures"),
    ],
)
def test_by_what_it_is_about(
    service: Service, order: tuple[str, str], tmp_path: Path, asked: tuple[str, ...]
) -> None:
    archive = tmp_path / "case.zip"
    words = [word.format(request=order[1]) for word in asked]
    done = command(service, "evidence", "export", str(archive), *words, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["bytes"] == archive.stat().st_size
    verify = ["evidence", "verify", str(archive), "--key", service.running.verifier_key, "--json"]
    report = json.loads(CliRunner().invoke(app, verify).output)
    assert (report["sound"], report["disclosures"] > 0) == (True, True), report["faults"]


def test_what_is_not_there_makes_no_file(service: Service, tmp_path: Path) -> None:
    archive = tmp_path / "case.zip"
    done = command(service, "evidence", "export", str(archive), "--breach", "B-404")
    assert done.exit_code == 1
    assert "EVIDENCE_NOT_FOUND" in done.output
    assert not archive.exists()


def test_something_must_be_asked(service: Service) -> None:
    auditor = service.person("auditor")
    for request in (
        audit_pb2.ExportEvidenceRequest(with_disclosures=True),
        audit_pb2.ExportEvidenceRequest(partner="acme-shop", version=2),
    ):
        with pytest.raises(grpc.RpcError) as refused:
            list(auditor.audit.ExportEvidence(request, metadata=auditor.metadata))
        assert reason_of(refused.value) == "REQUEST_INVALID"
    done = command(service, "evidence", "export", "never.zip")
    assert done.exit_code == 1
    assert "say what the archive is to be about" in done.output


def test_one_id_at_a_time(service: Service, tmp_path: Path) -> None:
    done = command(
        service, "evidence", "export", str(tmp_path / "x.zip"), "--request", "a", "--breach", "b"
    )
    assert done.exit_code == 2


@pytest.mark.parametrize("room", ["evidence", "breach"])
def test_a_breach_comes_with_its_acts(service: Service, tmp_path: Path, room: str) -> None:
    breach = opened(service.person("officer")).breach.breach_id
    archive = tmp_path / "breach.zip"
    asked = (
        ("evidence", "export", str(archive), "--breach", breach)
        if room == "evidence"
        else ("breach", "export", breach, str(archive))
    )
    done = command(service, *asked)
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(archive) as file:
        index = json.loads(file.read("index.json"))
    assert {entry["action"] for entry in index["entries"]} == {"BreachService/OpenBreach"}
    verify = ["evidence", "verify", str(archive), "--key", service.running.verifier_key]
    assert CliRunner().invoke(app, verify).exit_code == 0


def test_what_others_keep_is_attached_where_there_is_some() -> None:
    def file(resource: str) -> str:
        if resource == "r-1":
            return "{}"
        reason = errors.RECEIPT_NOT_READY if resource == "r-2" else errors.STORE_UNAVAILABLE
        raise PrivacyError(reason)

    attach = attaching("receipt.json", file, errors.RECEIPT_NOT_READY)
    assert attach(EntryQuery(partner="acme")) == {}
    assert attach(EntryQuery(resource="r-1")) == {"receipt.json": b"{}"}
    assert attach(EntryQuery(resource="r-2")) == {}
    with pytest.raises(PrivacyError):
        attach(EntryQuery(resource="r-3"))
