"""The disclosure ledger: who received which categories about which subject, when, under what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from privacy_service.evidence.entries import CategoryCount, ContractRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One released transfer.

    `subjects` are keyed digests in hex, empty when the payload names nobody. `categories` say
    what left and how it was treated. `position` is the audit position of the effect entry; it is
    known once the disclosure is recorded. `consent` is the consent record's id, if one was given.
    `recipient_keeps_until` is when the contract says that the recipient must have deleted it.
    """

    id: str
    at: datetime
    sender: str
    recipient: str
    purpose: str
    contracts: tuple[ContractRef, ...]
    subjects: tuple[str, ...]
    categories: tuple[CategoryCount, ...]
    position: int | None = None
    consent: str | None = None
    record: str | None = None
    recipient_keeps_until: datetime | None = None
