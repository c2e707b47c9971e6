"""Callers by client certificate, over real TLS."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import grpc
import pytest
import trustme

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.rpc.identity import CertificateNames
from privacy_service.v1 import audit_pb2
from tests.rpc.house import House, bearer, call, refusal, spiffe_cert, transfer

CHECKPOINT = audit_pb2.GetCheckpointRequest()
ACME = "spiffe://privacy.test/partner/acme"


def reason(house: House, certificate: trustme.LeafCert, *metadata: tuple[str, str]) -> str:
    with house.by_certificate(certificate) as channel:
        try:
            call(channel, "AuditService/GetCheckpoint", CHECKPOINT, metadata)
        except grpc.RpcError as error:
            return refusal(error).reason or error.code().name  # type: ignore[attr-defined]
    return ""


def caller(house: House, certificate: trustme.LeafCert, *metadata: tuple[str, str]) -> object:
    with house.by_certificate(certificate) as channel:
        call(channel, "EnforcementService/Transfer", transfer(), metadata)
    return house.desks.enforcement.asked[-1][0]


def test_a_spiffe_id_names_a_partner(house: House) -> None:
    known = caller(house, spiffe_cert(house.ca, ACME))
    assert (known.partner, known.name, known.roles) == ("acme", ACME, {"partner"})


@pytest.mark.parametrize("name", ["acme.partners.test", "ACME.partners.test"])
def test_a_dns_name_names_a_partner_by_pattern(house: House, name: str) -> None:
    assert caller(house, spiffe_cert(house.ca, dns=(name,))).partner == "acme"


def test_a_dns_name_names_a_partner_by_table(house: House) -> None:
    certificate = house.client_cert("legacy.globex.test")
    with house.by_certificate(certificate) as channel, pytest.raises(grpc.RpcError) as error:
        call(channel, "EnforcementService/Transfer", transfer(sender="acme"))
    assert refusal(error.value).reason == "NOT_YOUR_PARTNER"
    assert house.lines()[-1]["partner"] == "globex"


@pytest.mark.parametrize(
    "names",
    [
        {"uris": ("spiffe://elsewhere.test/partner/acme",)},
        {"uris": ("spiffe://privacy.test/partner/acme/more",)},
        {"uris": ("spiffe://privacy.test/partner/",)},
        {"uris": ("https://privacy.test/partner/acme",)},
        {"dns": ("acme.partners.test.evil.test",)},
        {"dns": ("a.b.partners.test",)},
        {"dns": ("*.partners.test",)},
        {"uris": ("spiffe://privacy.test/partner/acme\u0000",)},
        {"uris": (ACME, "spiffe://privacy.test/partner/globex")},
        {"uris": (ACME,), "dns": ("globex.partners.test",)},
    ],
)
def test_other_names_are_nobody(house: House, names: dict[str, tuple[str, ...]]) -> None:
    certificate = spiffe_cert(house.ca, *names.get("uris", ()), dns=names.get("dns", ()))
    assert reason(house, certificate) == "CALLER_UNKNOWN"


def test_a_name_that_is_no_partner_does_no_harm_beside_one_that_is(house: House) -> None:
    certificate = spiffe_cert(house.ca, ACME, dns=("host-7.internal.test",))
    assert caller(house, certificate).partner == "acme"


def test_an_expired_certificate_does_not_get_past_tls(house: House) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    assert reason(house, spiffe_cert(house.ca, ACME, not_after=past)) == "UNAVAILABLE"


def test_a_certificate_that_expires_while_connected_is_refused(house: House) -> None:
    # A certificate counts in whole seconds.
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    with house.by_certificate(spiffe_cert(house.ca, ACME, not_after=soon)) as channel:
        call(channel, "AuditService/GetCheckpoint", CHECKPOINT)
        time.sleep((soon - datetime.now(UTC)).total_seconds() + 0.1)
        with pytest.raises(grpc.RpcError) as error:
            call(channel, "AuditService/GetCheckpoint", CHECKPOINT)
    refused = refusal(error.value)
    assert (refused.reason, refused.info.metadata["certificate"]) == ("CALLER_UNKNOWN", "expired")


def test_an_unknown_authority_does_not_get_past_tls(house: House) -> None:
    assert reason(house, spiffe_cert(trustme.CA(), ACME)) == "UNAVAILABLE"


def test_no_certificate_does_not_get_past_mutual_tls(house: House) -> None:
    credentials = grpc.ssl_channel_credentials(house.ca.cert_pem.bytes())
    target = f"localhost:{house.mtls_port}"
    with grpc.secure_channel(target, credentials) as channel, pytest.raises(grpc.RpcError) as error:
        call(channel, "AuditService/GetCheckpoint", CHECKPOINT)
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]


def test_certificate_and_token_of_one_partner_go_together(house: House) -> None:
    token = house.issuer.token("officer", partner="acme", sub="anna")
    known = caller(house, spiffe_cert(house.ca, ACME), *bearer(token))
    assert (known.name, known.partner) == ("anna", "acme")
    assert known.roles == {"partner", "officer"}


@pytest.mark.parametrize("partner", ["globex", None])
def test_certificate_and_token_of_two_do_not(house: House, partner: str | None) -> None:
    token = house.issuer.token("officer", partner=partner)
    assert reason(house, spiffe_cert(house.ca, ACME), *bearer(token)) == "CALLER_UNKNOWN"


def test_a_certificate_of_no_partner_leaves_it_to_the_token(house: House) -> None:
    token = house.issuer.token("auditor", sub="anna")
    certificate = house.client_cert("laptop.internal.test")
    assert reason(house, certificate, *bearer(token)) == ""


def test_a_bad_token_is_refused_beside_a_good_certificate(house: House) -> None:
    assert reason(house, spiffe_cert(house.ca, ACME), *bearer("nonsense")) == "TOKEN_INVALID"


@pytest.mark.parametrize("pattern", ["spiffe://x/partner", "{partner}/{partner}"])
def test_a_pattern_has_its_placeholder_once(pattern: str) -> None:
    with pytest.raises(PrivacyError) as error:
        CertificateNames(uri=pattern)
    assert error.value.reason is errors.SETTINGS_INVALID


def test_a_table_names_partners() -> None:
    with pytest.raises(PrivacyError) as error:
        CertificateNames(dns_partners={"a.test": "Not A Name"})
    assert error.value.reason is errors.SETTINGS_INVALID
