"""Moving to another key provider: the same secrets, and every data key under the new one's keys.

The secrets are the same bytes under another key: so people have the same digests, values the same
tokens, and the audit log the same signing key. A move may die at any step and be run again: what
was moved is found moved. The service is stopped meanwhile, because it works with one provider.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.keys_kept import OURSELVES
from privacy_service.custody.rewrap import Cursor, Rewrapping
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, CategoryCount, EntryKind
from privacy_service.records import wrapped_secrets
from privacy_service.records.keyring import Keyring, SecretName, WrappedKey
from privacy_service.records.provider import SERVICE_KEY, KeyProvider
from privacy_service.records.signing import SeedSigner
from privacy_service.records.wrapped_secrets import SIGNER, SecretShelf, WrappedSecret
from privacy_service.store.views import Writing

MOVE = "KeyService/MoveKeys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a move came to. `unreadable` data keys did not open, and stay where they are."""

    secrets: int
    data_keys: int
    unreadable: int


def adopt_secrets(old: Keyring, provider: KeyProvider, shelf: SecretShelf, clock: Clock) -> int:
    """Puts the old keyring's secrets on the shelf, wrapped by the provider. How many there are.

    Raises KEYRING_EXISTS where there are others already: that service has a life of its own.
    """
    there = {(row.name, row.version): row for rows in shelf.all().values() for row in rows}
    secrets = list(_secrets(old))
    for name, version, material in secrets:
        context = wrapped_secrets.context(name, version)
        found = there.get((name, version))
        if found is None:
            wrapped = provider.wrap(SERVICE_KEY, material, context)
            shelf.put(
                WrappedSecret(
                    name=name,
                    version=version,
                    wrapping_key=wrapped.wrapping_key,
                    wrapped=wrapped.ciphertext,
                    created_at=clock.now(),
                )
            )
            continue
        wrapping = WrappedKey.of(found.wrapping_key, found.wrapped)
        if not hmac.compare_digest(provider.unwrap(SERVICE_KEY, wrapping, context), material):
            raise PrivacyError(errors.KEYRING_EXISTS, secret=name, version=version)
    return len(secrets)


def _secrets(keyring: Keyring) -> Iterator[tuple[str, int, bytes]]:
    """Every version of every secret, in order: a version is never there before an older one."""
    for name in SecretName:
        for version in reversed(keyring.secret_versions(name)):
            yield f"secret/{name.value}", version, keyring.secret(name, version).value
    versions = sorted(one.version for one in keyring.status() if one.name == SIGNER)
    for version in versions:
        signer = keyring.signer(version)
        if not isinstance(signer, SeedSigner):
            raise TypeError("the signing key does not leave its keyring")
        yield SIGNER, version, signer.seed()


def move_data_keys(
    rewrapping: Rewrapping,
    acts: Acts,
    clock: Clock,
    *,
    batch: int = 200,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[int, int]:
    """Wraps every data key under the new provider: how many, and how many did not open."""
    attempt = AuditEntry(kind=EntryKind.ATTEMPT, action=MOVE, at=clock.now(), actor=OURSELVES)

    def move() -> tuple[int, int]:
        done = unreadable = 0
        cursor: Cursor | None = Cursor()
        while cursor is not None:
            one = rewrapping.rewrap_batch(None, batch, cursor)
            done, unreadable = done + one.rewrapped, unreadable + len(one.unreadable)
            progress(done)
            cursor = one.cursor
        return done, unreadable

    def work(_tx: Writing, effect: Effect, moved: tuple[int, int]) -> tuple[int, int]:
        counted = (("rewrap", moved[0]), ("unreadable", moved[1]))
        effect(
            "MOVED",
            categories=tuple(
                CategoryCount(entity="DATA_KEY", treatment=what, count=many)
                for what, many in counted
                if many
            ),
        )
        return moved

    return acts.act_outside(attempt, move, work, seconds=None)
