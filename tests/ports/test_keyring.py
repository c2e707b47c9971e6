"""What every keyring does, whatever holds its keys. A new provider joins in `PROVIDERS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from privacy_service import errors
from privacy_service.errors import PrivacyError, Reason
from privacy_service.records.keyring import Keyring, SecretName, WrappedKey
from tests.ports.keyrings import AT, PROVIDERS, Provider

KEY = bytes(range(32))
CONTEXT = b"of one data key"


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Provider]:
    (tmp_path / "one").mkdir(mode=0o700)
    provider = PROVIDERS[request.param](tmp_path / "one")
    yield provider
    provider.close()


@pytest.fixture
def keyring(provider: Provider) -> Keyring:
    return provider.connected()


def refused(reason: Reason, work: Callable[[], object]) -> PrivacyError:
    with pytest.raises(PrivacyError) as caught:
        work()
    assert caught.value.reason is reason
    return caught.value


def test_what_was_wrapped_unwraps(provider: Provider, keyring: Keyring) -> None:
    wrapped = keyring.wrap("shop", KEY, CONTEXT)
    assert KEY not in wrapped.ciphertext
    assert keyring.unwrap("shop", wrapped, CONTEXT) == KEY
    assert provider.connected().unwrap("shop", wrapped, CONTEXT) == KEY


def test_a_wrapping_survives_as_two_columns(keyring: Keyring) -> None:
    wrapped = keyring.wrap("shop", KEY, CONTEXT)
    assert WrappedKey.of(wrapped.wrapping_key, wrapped.ciphertext) == wrapped
    assert wrapped.wrapping_key == keyring.wrapping_key("shop")


@pytest.mark.parametrize("text", ["", "key", "key#", "key#-1", "key#x", "#"])
def test_what_is_not_a_wrapping_key(text: str) -> None:
    with pytest.raises(ValueError):
        WrappedKey.of(text, b"")


def test_a_wrapping_opens_only_for_its_partner_and_context(keyring: Keyring) -> None:
    wrapped = keyring.wrap("shop", KEY, CONTEXT)
    keyring.wrap("courier", KEY, CONTEXT)
    for partner, context in (
        ("courier", CONTEXT),
        ("nobody", CONTEXT),
        ("shop", b""),
        ("shop", CONTEXT + b"\0"),
    ):
        refused(
            errors.RECORD_UNREADABLE,
            lambda partner=partner, context=context: keyring.unwrap(partner, wrapped, context),
        )


def test_a_changed_wrapping_does_not_open(keyring: Keyring) -> None:
    wrapped = keyring.wrap("shop", KEY, CONTEXT)
    keyring.rotate("shop")
    good = wrapped.ciphertext
    # A bit of every byte. moto names the key in the first 36, and looks for it before all else.
    changed = [
        good[:at] + bytes([good[at] ^ 1 << at % 8]) + good[at + 1 :]
        for at in range(36 if wrapped.key_id.startswith("awskms") else 0, len(good))
    ]
    other = WrappedKey(key_id=wrapped.key_id + "x", version=wrapped.version, ciphertext=good)
    wrong = [WrappedKey.of(wrapped.wrapping_key, broken) for broken in (*changed, good[:-1], b"")]
    wrong += [WrappedKey(key_id=wrapped.key_id, version=v, ciphertext=good) for v in (0, 3)]
    for broken in (*wrong, other):
        refused(
            errors.RECORD_UNREADABLE,
            lambda broken=broken: keyring.unwrap("shop", broken, CONTEXT),
        )


def test_another_keyring_does_not_open_it(
    request: pytest.FixtureRequest, keyring: Keyring, tmp_path: Path
) -> None:
    (tmp_path / "two").mkdir(mode=0o700)
    made = PROVIDERS[request.node.callspec.params["provider"]]
    other = made(tmp_path / "two")
    stranger = other.connected()
    stranger.wrap("shop", KEY, CONTEXT)
    wrapped = keyring.wrap("shop", KEY, CONTEXT)
    refused(errors.RECORD_UNREADABLE, lambda: stranger.unwrap("shop", wrapped, CONTEXT))
    other.close()


def test_rotation_wraps_anew_and_still_unwraps_the_old(
    provider: Provider, keyring: Keyring
) -> None:
    other = provider.connected()
    old = keyring.wrap("shop", KEY, CONTEXT)
    assert other.rotate("shop") == 2
    provider.settle()
    new = keyring.wrap("shop", KEY, CONTEXT)
    assert (old.version, new.version) == (1, 2)
    assert old.key_id == new.key_id
    assert keyring.unwrap("shop", old, CONTEXT) == keyring.unwrap("shop", new, CONTEXT) == KEY
    assert keyring.wrapping_key("shop") == new.wrapping_key
    assert keyring.wrap("courier", KEY, CONTEXT).version == 1, "another partner's stays"


def test_retiring_destroys_an_older_version(provider: Provider, keyring: Keyring) -> None:
    old = keyring.wrap("shop", KEY, CONTEXT)
    refused(errors.KEY_NOT_RETIRABLE, lambda: keyring.retire("shop", 1))
    keyring.rotate("shop")
    new = keyring.wrap("shop", KEY, CONTEXT)
    keyring.retire("shop", 1)
    keyring.retire("shop", 1)
    provider.settle()
    lost = refused(errors.RECORD_UNREADABLE, lambda: keyring.unwrap("shop", old, CONTEXT))
    assert lost.details["wrapping_key"] == old.wrapping_key
    assert provider.connected().unwrap("shop", new, CONTEXT) == KEY


def test_retiring_takes_what_is_older_along(provider: Provider, keyring: Keyring) -> None:
    wrapped = []
    for _ in range(3):
        wrapped.append(keyring.wrap("shop", KEY, CONTEXT))
        keyring.rotate("shop")
        provider.settle()
    keyring.retire("shop", 2)
    provider.settle()
    for old in wrapped[:2]:
        refused(errors.RECORD_UNREADABLE, lambda old=old: keyring.unwrap("shop", old, CONTEXT))
    assert keyring.unwrap("shop", wrapped[2], CONTEXT) == KEY
    states = [status.retired for status in keyring.status() if status.name == "partner/shop"]
    assert states == [True, True, False, False]


@pytest.mark.parametrize("version", [-1, 0, 2, 9])
def test_only_versions_that_are_there_retire(keyring: Keyring, version: int) -> None:
    keyring.rotate("shop")
    keyring.rotate("shop")
    refused(errors.KEY_NOT_RETIRABLE, lambda: keyring.retire("shop", version))
    refused(errors.KEY_NOT_RETIRABLE, lambda: keyring.retire("nobody", version))


def test_secrets_differ_by_name_and_last(provider: Provider, keyring: Keyring) -> None:
    values = [keyring.secret(name).value for name in SecretName]
    assert len(set(values)) == len(SecretName)
    assert {len(value) for value in values} == {32}
    assert [provider.connected().secret(name).value for name in SecretName] == values


def test_a_rotated_secret_has_all_its_versions(provider: Provider, keyring: Keyring) -> None:
    name, other = SecretName.BLIND_INDEX, provider.connected()
    old = keyring.secret(name)
    assert other.rotate_secret(name) == 2
    provider.settle()
    assert keyring.secret(name).version == 2
    assert keyring.secret(name).value != old.value
    assert keyring.secret(name, 1) == old
    assert keyring.secret_versions(name) == (2, 1)
    assert keyring.secret_versions(SecretName.COMMITMENT) == (1,)
    refused(errors.KEYRING_INVALID, lambda: keyring.secret(name, 3))


def test_secrets_survive_being_wrapped_anew(provider: Provider, keyring: Keyring) -> None:
    before = [keyring.secret(name) for name in SecretName]
    keyring.rotate_secret(SecretName.PSEUDONYM_ROOT)
    many = len(SecretName) + 2
    assert keyring.rewrap_secrets() == many
    assert provider.connected().rewrap_secrets() == many
    provider.settle()
    for view in (keyring, provider.connected()):
        assert [view.secret(name, 1) for name in SecretName] == before


def test_the_signer_signs(provider: Provider, keyring: Keyring) -> None:
    signer = keyring.signer()
    Ed25519PublicKey.from_public_bytes(signer.public_key).verify(signer.sign(b"note"), b"note")
    assert provider.connected().signer().public_key == signer.public_key
    assert keyring.rotate_signer() == 2
    assert keyring.signer().public_key != signer.public_key
    assert keyring.signer(1).public_key == signer.public_key


def test_status_tells_versions_and_no_material(provider: Provider, keyring: Keyring) -> None:
    keyring.wrap("shop", KEY, CONTEXT)
    provider.clock.step(AT - AT.replace(hour=8))
    keyring.rotate("shop")
    keyring.retire("shop", 1)
    told = {(status.name, status.version): status for status in keyring.status()}
    assert {name for name, _ in told} - {"service"} == {
        "partner/shop",
        "signer",
        *(f"secret/{name.value}" for name in SecretName),
    }
    first, second = told["partner/shop", 1], told["partner/shop", 2]
    assert (first.current, second.current) == (False, True)
    assert (first.retired, second.retired) == (True, False)
    assert second.created_at is not None
    if provider.remembers:
        assert first.created_at == AT
        assert first.retired_at == second.created_at == provider.clock.now()
    assert told["signer", 1].created_at == AT
    assert told["signer", 1].retired_at is None


def test_nothing_prints_a_key(keyring: Keyring) -> None:
    secret, wrapped = keyring.secret(SecretName.COMMITMENT), keyring.wrap("shop", KEY, CONTEXT)
    printed = repr((secret, wrapped, keyring, keyring.signer(), keyring.status()))
    for value in (secret.value, wrapped.ciphertext):
        assert repr(value)[2:-1] not in printed
        assert value.hex() not in printed


def test_many_at_once_make_one_key_at_first_use(provider: Provider) -> None:
    views = [provider.connected() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        wrapped = list(pool.map(lambda n: views[n % 4].wrap("new", KEY, CONTEXT), range(16)))
    assert {one.version for one in wrapped} == {1}
    assert all(views[0].unwrap("new", one, CONTEXT) == KEY for one in wrapped)


def test_many_rotations_at_once_lose_none(provider: Provider) -> None:
    views = [provider.connected() for _ in range(3)]
    wrapped = views[0].wrap("shop", KEY, CONTEXT)
    with ThreadPoolExecutor(6) as pool:
        versions = list(pool.map(lambda n: views[n % 3].rotate("shop"), range(12)))
    # A number may be passed over, where a provider reports a failure and has done it all the same.
    assert len(set(versions)) == 12
    assert min(versions) == 2
    provider.settle()
    assert all(view.unwrap("shop", wrapped, CONTEXT) == KEY for view in views)


def operations(keyring: Keyring, wrapped: WrappedKey) -> Iterator[Callable[[], object]]:
    yield lambda: keyring.wrap("shop", KEY, CONTEXT)
    yield lambda: keyring.wrap("new", KEY, CONTEXT)
    yield lambda: keyring.unwrap("shop", wrapped, CONTEXT)
    yield lambda: keyring.wrapping_key("shop")
    yield lambda: keyring.rotate("shop")
    yield lambda: keyring.retire("shop", 1)
    yield lambda: keyring.secret(SecretName.BLIND_INDEX)
    yield lambda: keyring.secret_versions(SecretName.BLIND_INDEX)
    yield lambda: keyring.rotate_secret(SecretName.BLIND_INDEX)
    yield lambda: keyring.signer().sign(b"note")
    yield keyring.rewrap_secrets
    yield keyring.rotate_signer
    yield keyring.status


# python-pkcs11 tidies up searches of a module that has been ended meanwhile, and says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_lost_provider_refuses_and_recovers(provider: Provider, keyring: Keyring) -> None:
    wrapped = keyring.wrap("shop", KEY, CONTEXT)
    before = keyring.status()
    provider.lose()
    for operation in operations(keyring, wrapped):
        refused(errors.KEYS_UNAVAILABLE, operation)
    provider.restore()
    assert keyring.status() == before
    assert keyring.unwrap("shop", wrapped, CONTEXT) == KEY
