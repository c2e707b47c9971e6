"""What stands on a provider: secrets, quiet after a failure, counting, references."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.app.keys import open_keyring
from privacy_service.clock import SteppedClock
from privacy_service.errors import PrivacyError, Reason
from privacy_service.records.aws_provider import AwsReference
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.keyring import SecretName
from privacy_service.records.pkcs11_provider import HsmReference
from privacy_service.records.provided_keyring import ProvidedKeyring
from privacy_service.records.transit_provider import TransitReference
from privacy_service.records.wrap_uses import WrapUses
from privacy_service.settings import KeySettings
from privacy_service.store.database import Database
from tests.ports.keyrings import AT, HsmProvider
from tests.unit.records.keyrings import made


def refused(reason: Reason, work: Callable[[], object]) -> PrivacyError:
    with pytest.raises(PrivacyError) as caught:
        work()
    assert caught.value.reason is reason
    return caught.value


@pytest.fixture
def hsm(tmp_path: Path) -> Iterator[HsmProvider]:
    provider = HsmProvider(tmp_path)
    yield provider
    provider.close()


def opened(hsm: HsmProvider) -> ProvidedKeyring:
    return ProvidedKeyring(hsm.provider(), hsm.shelf, random=os.urandom, clock=hsm.clock)


def test_secrets_are_not_made_unasked(hsm: HsmProvider) -> None:
    refused(errors.KEYS_NOT_SET_UP, lambda: opened(hsm))
    made = hsm.connected()
    assert opened(hsm).secret(SecretName.COMMITMENT) == made.secret(SecretName.COMMITMENT)


def test_secrets_of_another_provider_are_not_replaced(hsm: HsmProvider, tmp_path: Path) -> None:
    hsm.connected()
    (tmp_path / "other").mkdir()
    stranger = HsmProvider(tmp_path / "other")
    for make in (ProvidedKeyring, ProvidedKeyring.create):
        error = refused(
            errors.KEYRING_INVALID,
            lambda make=make: make(
                stranger.provider(), hsm.shelf, random=os.urandom, clock=hsm.clock
            ),
        )
        assert str(error.details["wrapping_key"]).startswith("pkcs11:")
    stranger.close()


def test_what_is_held_goes_on_for_its_time_and_no_longer(hsm: HsmProvider) -> None:
    keyring = hsm.connected()
    known = keyring.secret(SecretName.COMMITMENT)
    keyring.wrap("shop", bytes(32), b"")
    hsm.lose_at_once()
    refused(errors.KEYS_UNAVAILABLE, lambda: keyring.wrap("shop", bytes(32), b""))
    assert keyring.secret(SecretName.COMMITMENT) == known
    hsm.clock.step(timedelta(seconds=299))
    assert keyring.secret(SecretName.COMMITMENT) == known
    hsm.clock.step(timedelta(seconds=1))
    refused(errors.KEYS_UNAVAILABLE, lambda: keyring.secret(SecretName.COMMITMENT))
    hsm.restore()
    assert keyring.secret(SecretName.COMMITMENT) == known


def test_a_provider_that_failed_is_left_alone_for_a_second(hsm: HsmProvider) -> None:
    keyring = hsm.connected()
    hsm.lose_at_once()
    refused(errors.KEYS_UNAVAILABLE, lambda: keyring.wrap("shop", bytes(32), b""))
    again = refused(errors.KEYS_UNAVAILABLE, lambda: keyring.wrap("shop", bytes(32), b""))
    assert again.details["cause"] == "it failed a moment ago"
    hsm.restore()
    keyring.wrap("shop", bytes(32), b"")


class Counted:
    """A `UseLedger` in memory."""

    def __init__(self, uses: int = 0) -> None:
        self.uses = uses
        self.taken: list[str] = []

    def take(self, wrapping_key: str, many: int) -> int:
        self.taken.append(wrapping_key)
        self.uses += many
        return self.uses


def test_wraps_are_counted_ahead_in_blocks() -> None:
    ledger = Counted()
    uses = WrapUses(ledger, lambda *_: None, block=4)
    for number in range(1, 10):
        uses.used("shop", "k#1")
        assert ledger.uses >= number
    assert ledger.taken == ["k#1"] * 3
    uses.used("shop", "k#2")
    assert ledger.taken[-1] == "k#2"


def test_a_key_that_wrapped_often_enough_gets_its_next_version(tmp_path: Path) -> None:
    keyring = made(tmp_path)
    uses = WrapUses(Counted(96), lambda partner, _: keyring.rotate(partner), most=100, block=4)
    keys = DataKeys(keyring, random=os.urandom, clock=SteppedClock(AT), uses=uses)
    words = [keys.new("shop", f"s{n}").wrapping_key for n in range(3)]
    assert [word.rpartition("#")[2] for word in words] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("parse", "written"),
    [
        (HsmReference.parse, "pkcs11:object=x?module-path=/m.so"),
        (HsmReference.parse, "pkcs11:token=t"),
        (HsmReference.parse, "pkcs11:token=t;serial=1?module-path=/m.so"),
        (HsmReference.parse, "pkcs11:token=t?module-path=/m.so&pin-value=1234"),
        (TransitReference.parse, "transit:http://bao.example:8200/transit/p"),
        (TransitReference.parse, "transit:https://token@bao.example:8200/transit/p"),
        (TransitReference.parse, "transit:https://bao.example:8200/p"),
        (TransitReference.parse, "transit:https://bao.example:8200/transit/p.q"),
        (AwsReference.parse, "awskms:arn:aws:kms:eu-central-1:123456789012:key/1"),
        (AwsReference.parse, "awskms:arn:aws:kms:eu-central-1:123456789012:alias/aws/s3"),
        (AwsReference.parse, "awskms:alias/privacy"),
    ],
)
def test_references_that_do_not_hold_up(parse: Callable[[str], object], written: str) -> None:
    with pytest.raises(ValueError):
        parse(written)


def test_references_are_read_whole() -> None:
    hsm = HsmReference.parse("pkcs11:token=my%20token;object=p?module-path=/usr/lib/m.so")
    assert hsm == HsmReference(module="/usr/lib/m.so", token="my token", prefix="p")
    transit = TransitReference.parse("transit:https://bao:8200/a/b/p?namespace=team")
    assert (transit.mount, transit.prefix, transit.namespace) == ("a/b", "p", "team")


@pytest.mark.parametrize(
    "provider", ["", "nfs:/x", "pkcs11:", "transit:ftp://x/y/z", "awskms:nothing"]
)
def test_settings_name_what_is_wrong_with_a_provider(provider: str) -> None:
    error = refused(
        errors.SETTINGS_INVALID,
        lambda: open_keyring(KeySettings(provider=provider), SteppedClock(AT), None),  # type: ignore[arg-type]
    )
    assert error.details["setting"] == "keys.provider"


def test_a_passphrase_comes_from_a_system_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    handed = tmp_path / "credentials"
    handed.mkdir()
    (handed / "keyring").write_text("correct horse\n")
    (handed / "keyring").chmod(0o400)
    settings = KeySettings(
        provider=f"file:{tmp_path / 'ring'}", credential="credential:keyring", create=True
    )

    def ask() -> object:
        clock = SteppedClock(AT)
        with Database.open(f"sqlite:///{tmp_path / 'new.db'}", clock=clock) as database:
            database.migrate()
            return open_keyring(settings, clock, database)

    refused(errors.KEYS_UNAVAILABLE, ask)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))
    ask()
    assert b'"passphrase"' in (tmp_path / "ring").read_bytes()
    (handed / "keyring").chmod(0o444)
    refused(errors.KEYRING_EXPOSED, ask)
    escaping = settings.model_copy(update={"credential": "credential:../ring"})
    refused(
        errors.KEYS_UNAVAILABLE,
        lambda: open_keyring(escaping, SteppedClock(AT), None),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("module", "missing", "extra"),
    [
        ("pkcs11_provider", "pkcs11", "hsm"),
        ("transit_provider", "hvac", "vault"),
        ("aws_provider", "boto3", "aws"),
    ],
)
def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, module: str, missing: str, extra: str
) -> None:
    import importlib
    import sys

    name = f"privacy_service.records.{module}"
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    error = refused(errors.KEY_PROVIDER_MISSING, lambda: importlib.import_module(name))
    assert error.details == {"extra": extra}
