"""Callers by bearer token: what is accepted, and every forgery that is not."""

from __future__ import annotations

import base64
import hmac
import json
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from structlog.testing import LogCapture

from privacy_service import errors
from privacy_service.access import Role
from privacy_service.clock import SteppedClock
from privacy_service.errors import PrivacyError
from privacy_service.rpc.tokens import TokenRules, Tokens, load_token_keys
from privacy_service.rpc.watched import Watched

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EC = ECKey.generate_key("P-256", parameters={"kid": "ec"})
RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
ED = OKPKey.generate_key("Ed25519", parameters={"kid": "ed"})
KEYS = {"ES256": EC, "RS256": RSA, "Ed25519": ED, "EdDSA": ED}


def claims(**changes: Any) -> dict[str, Any]:
    said = {
        "iss": "https://issuer.test", "aud": "privacy-service", "sub": "anna",
        "exp": int(NOW.timestamp()) + 60, "roles": ["partner"], "partner": "acme",
    }  # fmt: skip
    return {name: value for name, value in (said | changes).items() if value is not None}


def signed(said: dict[str, Any], key: Key, alg: str, **header: Any) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joserfc would rather have "Ed25519" than "EdDSA"
        return jwt.encode({"alg": alg, "kid": key.kid, **header}, said, key, algorithms=[alg])


class Bench:
    def __init__(self, path: Path, *keys: Key) -> None:
        self.path = path
        self.clock = SteppedClock(at=NOW)
        self.log = LogCapture()
        self.write(*keys)
        self.watched = Watched(
            path,
            load=lambda: load_token_keys(path),
            setting="identity.token_keys",
            holds="public keys",
            log=structlog.wrap_logger(None, processors=[self.log]),
        )
        rules = TokenRules(issuer="https://issuer.test", audience="privacy-service", leeway=5)
        self.tokens = Tokens(self.watched, rules, self.clock)

    def write(self, *keys: Key) -> None:
        self.path.write_text(json.dumps({"keys": [key.as_dict(private=False) for key in keys]}))

    def refuses(self, token: str) -> bool:
        with pytest.raises(PrivacyError) as error:
            self.tokens.caller(token)
        assert len(token) < 20 or token not in str(error.value)
        return error.value.reason is errors.TOKEN_INVALID

    def accepts(self, token: str) -> bool:
        return self.tokens.caller(token).name == "anna"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "jwks.json", EC, RSA, ED)


@pytest.mark.parametrize("alg", sorted(KEYS))
def test_each_accepted_algorithm_names_its_bearer(bench: Bench, alg: str) -> None:
    token = signed(claims(roles=["partner", "auditor"]), KEYS[alg], alg)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        caller = bench.tokens.caller(token)
    assert (caller.name, caller.partner) == ("anna", "acme")
    assert caller.roles == {Role.PARTNER, Role.AUDITOR}


def test_roles_that_are_unknown_here_are_nothing(bench: Bench) -> None:
    token = signed(claims(roles=["admin", "officer"], partner=None), EC, "ES256")
    assert bench.tokens.caller(token).roles == {Role.OFFICER}


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": None}, {"iss": "https://other.test"}, {"iss": ["https://issuer.test"]},
        {"aud": None}, {"aud": "other-service"}, {"aud": []}, {"aud": 7},
        {"exp": None}, {"exp": 1}, {"exp": "never"}, {"exp": float("inf")}, {"exp": True},
        {"exp": 10**400},
        {"nbf": int(NOW.timestamp()) + 60}, {"iat": int(NOW.timestamp()) + 60},
        {"sub": None}, {"sub": ""}, {"sub": 7},
        {"roles": "partner"}, {"partner": None}, {"partner": "Not A Name"}, {"partner": 7},
    ],
)  # fmt: skip
def test_claims_that_do_not_hold_are_refused(bench: Bench, changes: dict[str, Any]) -> None:
    assert bench.refuses(signed(claims(**changes), EC, "ES256"))


def test_one_audience_of_several_is_enough(bench: Bench) -> None:
    assert bench.accepts(signed(claims(aud=["x", "privacy-service"]), EC, "ES256"))


def test_a_clock_may_differ_by_the_leeway(bench: Bench) -> None:
    now = int(NOW.timestamp())
    assert bench.accepts(signed(claims(exp=now - 4, nbf=now + 4), EC, "ES256"))
    assert bench.refuses(signed(claims(exp=now - 5), EC, "ES256"))


def test_a_remembered_token_expires_all_the_same(bench: Bench) -> None:
    token = signed(claims(), EC, "ES256")
    bench.tokens.caller(token)
    bench.clock.step(timedelta(seconds=64))
    bench.tokens.caller(token)
    bench.clock.step(timedelta(seconds=1))
    assert bench.refuses(token)


def part(value: object) -> str:
    return encoded(json.dumps(value).encode())


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def test_alg_none_is_refused(bench: Bench) -> None:
    for alg in ("none", "None", "NONE"):
        assert bench.refuses(f"{part({'alg': alg, 'kid': 'ec'})}.{part(claims())}.")


@pytest.mark.parametrize("public", [EC, RSA, ED], ids=["ec", "rsa", "ed"])
def test_a_public_key_is_no_hmac_secret(bench: Bench, public: Key) -> None:
    pem, der = public.as_pem(private=False), public.as_der(private=False)
    for secret in (pem, pem.strip(), der):
        for alg in ("HS256", "HS384", "HS512"):
            said = f"{part({'alg': alg, 'kid': public.kid})}.{part(claims())}"
            mac = hmac.digest(secret, said.encode(), f"sha{alg[2:]}")
            assert bench.refuses(f"{said}.{encoded(mac)}")


def test_another_key_of_the_same_name_is_refused(bench: Bench) -> None:
    other = ECKey.generate_key("P-256", parameters={"kid": "ec"})
    assert bench.refuses(signed(claims(), other, "ES256"))


def test_a_key_serves_its_own_algorithm_only(bench: Bench) -> None:
    token = signed(claims(), RSA, "RS256")
    header, rest = token.split(".", 1)
    for alg in ("ES256", "PS256", "RS512", "HS256"):
        assert bench.refuses(f"{part({'alg': alg, 'kid': 'rsa'})}.{rest}")
    assert bench.accepts(f"{header}.{rest}")


def test_without_a_key_id_only_a_lone_key_is_meant(tmp_path: Path, bench: Bench) -> None:
    token = jwt.encode({"alg": "ES256"}, claims(), EC, algorithms=["ES256"])
    assert bench.refuses(token)
    assert Bench(tmp_path / "one.json", EC).accepts(token)


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "\ud800", "é.é.é", "x" * 200_000, "e30.e30.e30", "[].[].[]"],
    ids=range(9),
)
def test_nonsense_is_refused(bench: Bench, token: str) -> None:
    assert bench.refuses(token)


def test_a_critical_header_that_is_not_understood_is_refused(bench: Bench) -> None:
    header = part({"alg": "ES256", "kid": "ec", "crit": ["x"], "x": 1})
    assert bench.refuses(f"{header}.e30.AAAA")


def test_a_changed_signature_is_refused_after_the_good_one_was_seen(bench: Bench) -> None:
    token = signed(claims(), EC, "ES256")
    bench.tokens.caller(token)
    assert bench.refuses(token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB"))


# -- The file of keys -------------------------------------------------------------------------


def test_keys_are_followed_in_their_file(bench: Bench) -> None:
    token = signed(claims(), EC, "ES256")
    bench.tokens.caller(token)
    bench.write(RSA)
    assert bench.refuses(token)
    assert bench.accepts(signed(claims(), RSA, "RS256"))


@pytest.mark.parametrize("content", ["", "{", '{"keys": []}', "-----BEGIN PUBLIC KEY-----"])
def test_a_broken_file_keeps_the_last_good_keys(bench: Bench, content: str) -> None:
    bench.path.write_text(content)
    assert bench.accepts(signed(claims(), EC, "ES256"))
    assert [line["event"] for line in bench.log.entries] == ["file_not_reloaded"]
    bench.path.unlink()
    assert bench.accepts(signed(claims(), EC, "ES256"))


@pytest.mark.parametrize("key", [EC, RSA, ED], ids=["ec", "rsa", "ed"])
def test_one_pem_public_key_will_do(tmp_path: Path, key: Key) -> None:
    path = tmp_path / "public.pem"
    path.write_bytes(key.as_pem(private=False))
    assert len(load_token_keys(path).keys) == 1


def public_pem(key: Any) -> bytes:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, spki)


@pytest.mark.filterwarnings("ignore:Key size")
@pytest.mark.parametrize(
    "content",
    [
        EC.as_pem(private=True),
        json.dumps({"keys": [EC.as_dict(private=True)]}).encode(),
        json.dumps({"keys": [OctKey.generate_key(256).as_dict(private=True)]}).encode(),
        public_pem(rsa.generate_private_key(65537, 1024).public_key()),
        b"",
        b"{}",
        b"nonsense",
    ],
    ids=["private pem", "private jwk", "symmetric", "short rsa", "empty", "no keys", "nonsense"],
)
def test_a_file_without_proper_public_keys_is_refused_at_start(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content)
    with pytest.raises(PrivacyError) as error:
        Watched(
            path,
            load=lambda: load_token_keys(path),
            setting="x",
            holds="public keys",
            log=structlog.get_logger(),
        )
    assert error.value.reason is errors.SETTINGS_INVALID


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dsa.pem"
    path.write_bytes(public_pem(dsa.generate_private_key(2048).public_key()))
    with pytest.raises(ValueError, match="kind"):
        load_token_keys(path)


def test_rules_name_issuer_and_audience() -> None:
    with pytest.raises(PrivacyError):
        TokenRules(issuer="", audience="x")
