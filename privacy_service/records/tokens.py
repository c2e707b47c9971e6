"""Tokens that can be revealed: each with the sealed value that it stands for.

A token is a keyed digest, so nothing leads from it back to its value but what is stored here: the
value, sealed under the subject's data key, or under the pair's where no subject is known. Shredding
that key leaves the token a word without meaning. A token that was not minted for the pair and
purpose at hand is not stored for it, and so stays what it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from privacy_service.enforcement.ports import Pair
from privacy_service.records.data_keys import SealedKey
from privacy_service.records.seal import Sealer, Slot


class StoredToken(Protocol):
    """A minted token, as a store gives it back."""

    @property
    def token(self) -> str: ...

    @property
    def sender(self) -> str: ...

    @property
    def recipient(self) -> str: ...

    @property
    def purpose(self) -> str: ...

    @property
    def entity(self) -> str: ...

    @property
    def sealed(self) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MintedToken:
    """A token to be stored. `subject` is a keyed digest; `data_key` the id of the sealing key."""

    token: str = field(repr=False)
    sender: str
    recipient: str
    purpose: str
    entity: str
    subject: str | None
    data_key: str
    sealed: bytes = field(repr=False)
    minted_at: datetime


@dataclass(frozen=True, slots=True)
class Mint:
    """Seals what tokens stand for, and reveals it. Thread-safe."""

    sealer: Sealer

    def minted(
        self,
        token: str,
        value: str,
        *,
        pair: Pair,
        entity: str,
        subject: str | None,
        key: SealedKey,
        at: datetime,
    ) -> MintedToken:
        """The token with its value sealed. `key` is the sender's data key for the subject, or for
        `pair_scope(recipient)` where `subject` is None.
        """
        slot = _slot(token, pair, entity)
        return MintedToken(
            token=token,
            sender=pair.sender,
            recipient=pair.recipient,
            purpose=pair.purpose,
            entity=entity,
            subject=subject,
            data_key=key.id,
            sealed=self.sealer.seal(value.encode("utf-8", "surrogatepass"), slot=slot, keys=(key,)),
            minted_at=at,
        )

    def revealed(self, token: StoredToken, key: SealedKey) -> str:
        """The value that the token stands for.

        Raises RECORD_UNREADABLE if the key was shredded, or the row is not what was minted.
        """
        pair = Pair(sender=token.sender, recipient=token.recipient, purpose=token.purpose)
        slot = _slot(token.token, pair, token.entity)
        opened = self.sealer.open(token.sealed, slot=slot, keys=(key,))
        return opened.decode("utf-8", "surrogatepass")


def _slot(token: str, pair: Pair, entity: str) -> Slot:
    place = json.dumps([pair.recipient, pair.purpose, entity])
    return Slot(partner=pair.sender, record=token, field=place)
