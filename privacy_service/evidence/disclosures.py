"""The disclosure ledger: who received which categories about which subject, when, under what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from privacy_service.evidence.entries import CategoryCount, ContractRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One released transfer.

    `subjects` are keyed digests in hex, empty when the payload names nobody. `categories` say
    what left and how it was treated. `position` is the audit position of the effect entry; it is
    known once the disclosure is recorded. `consent` is the consent record's id in the sender's own
    records, if the sender named one; `ledger_consents` are the ids of the records in our consent
    ledger that it rests on, where the contract has it asked.
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
    ledger_consents: tuple[str, ...] = ()
    record: str | None = None
    recipient_keeps_until: datetime | None = None


COLUMNS: Final = (
    "position", "id", "at", "sender", "recipient", "purpose", "contracts", "subjects", "categories",
    "consent", "record", "recipient_keeps_until",
)  # fmt: skip
"""A disclosure as a row of a table."""


def table(disclosures: Iterable[Disclosure]) -> Iterator[tuple[str, ...]]:
    """The disclosures as rows of text, the heading first. Lists are joined by blanks:
    `contract@version`, `entity/treatment/count`.
    """
    yield COLUMNS
    for one in disclosures:
        yield (
            "" if one.position is None else str(one.position),
            one.id,
            one.at.isoformat(timespec="microseconds"),
            one.sender,
            one.recipient,
            one.purpose,
            " ".join(f"{ref.id}@{ref.number}" for ref in one.contracts),
            " ".join(one.subjects),
            " ".join(f"{each.entity}/{each.treatment}/{each.count}" for each in one.categories),
            one.consent or "",
            one.record or "",
            one.recipient_keeps_until.isoformat() if one.recipient_keeps_until else "",
        )
