"""Certificates and keys that are renewed while the service runs."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import grpc
import pytest
import structlog
import trustme
from cryptography import x509

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.rpc.credentials import TlsFiles, tls
from privacy_service.rpc.watched import Watched
from privacy_service.v1 import audit_pb2
from tests.rpc.house import House, bearer, call, refusal

CHECKPOINT = audit_pb2.GetCheckpointRequest()


def shown(house: House) -> int:
    """The serial number of the certificate that the server shows now."""
    pem = ssl.get_server_certificate(("localhost", house.tls_port))
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


def test_a_renewed_certificate_is_shown_without_a_restart(own_house: House) -> None:
    before = shown(own_house)
    with own_house.over_tls() as connected:
        token = bearer(own_house.issuer.token("auditor"))
        call(connected, "AuditService/GetCheckpoint", CHECKPOINT, token)
        own_house.write(own_house.ca.issue_cert("localhost"))
        assert shown(own_house) != before
        call(connected, "AuditService/GetCheckpoint", CHECKPOINT, token)


def test_a_half_written_certificate_is_not_shown(own_house: House) -> None:
    before = shown(own_house)
    (own_house.folder / "server.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    assert shown(own_house) == before
    own_house.write(own_house.ca.issue_cert("localhost"))
    assert shown(own_house) != before
    assert [line["event"] for line in own_house.log.entries if "file" in line["event"]] == [
        "file_not_reloaded",
        "file_reloaded",
    ]


def test_an_authority_that_was_taken_away_is_no_longer_accepted(own_house: House) -> None:
    certificate = own_house.client_cert("acme.partners.test")
    with own_house.by_certificate(certificate) as channel:
        call(channel, "AuditService/GetCheckpoint", CHECKPOINT)
    trustme.CA().cert_pem.write_to_path(str(own_house.folder / "ca.pem"))
    with own_house.by_certificate(certificate) as channel, pytest.raises(grpc.RpcError):
        call(channel, "AuditService/GetCheckpoint", CHECKPOINT, timeout=2)


def test_a_key_that_was_taken_away_is_no_longer_accepted(own_house: House) -> None:
    token = bearer(own_house.issuer.token("auditor"))
    with own_house.over_tls() as channel:
        call(channel, "AuditService/GetCheckpoint", CHECKPOINT, token)
        type(own_house.issuer)().write_keys(own_house.folder / "jwks.json")
        with pytest.raises(grpc.RpcError) as error:
            call(channel, "AuditService/GetCheckpoint", CHECKPOINT, token)
    assert refusal(error.value).reason == "TOKEN_INVALID"


def test_files_that_do_not_fit_together_are_refused_at_start(tmp_path: Path) -> None:
    house = House(folder=tmp_path)
    files = house.server_files()
    house.ca.issue_cert("localhost").private_key_pem.write_to_path(str(files.private_key))
    with pytest.raises(PrivacyError) as error:
        tls(files, log=structlog.get_logger())
    assert error.value.reason is errors.SETTINGS_INVALID
    missing = TlsFiles(certificate=tmp_path / "none", private_key=tmp_path / "none")
    with pytest.raises(PrivacyError):
        tls(missing, log=structlog.get_logger())


def test_what_is_wrong_with_a_file_is_said_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "server.pem"
    for load, says in (
        (path.read_text, f"{path}: No such file or directory"),
        (lambda: int("x"), f"these have to hold a number: {path}"),
    ):
        with pytest.raises(PrivacyError) as caught:
            Watched(path, load=load, setting="x", holds="a number", log=structlog.get_logger())
        assert caught.value.details == {"setting": "x", "says": says}


def test_a_file_is_read_again_only_when_it_changes(tmp_path: Path) -> None:
    path, reads = tmp_path / "file", []
    path.write_text("one")

    def load() -> str:
        reads.append(1)
        return path.read_text()

    watched = Watched(path, load=load, setting="x", holds="a word", log=structlog.get_logger())
    assert [watched.current() for _ in range(5)] == ["one"] * 5
    assert len(reads) == 1
    replaced = tmp_path / "new"
    replaced.write_text("two")
    replaced.replace(path)  # as a secret is renewed in Kubernetes: by name
    threads = [threading.Thread(target=watched.current) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert watched.current() == "two"
    assert len(reads) == 2
