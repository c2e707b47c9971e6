"""What to look for in the evidence: in the audit log, and in the disclosure ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryQuery:
    """What to look for in the audit log. What is None is not asked.

    `subjects` are the digests of one person, under every version of the key: an entry names one of
    them. `partner` matches either side. `contract` matches transfers that were released under it
    and acts on it; `number` narrows it to one version's. `since` is inclusive, `until` exclusive.
    """

    resource: str | None = None
    subjects: tuple[str, ...] | None = None
    partner: str | None = None
    contract: str | None = None
    number: int | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureQuery:
    """What to look for in the disclosure ledger. What is None is not asked.

    `subjects` are the digests of people: a disclosure names one of them. `partner` matches either
    side. `number` narrows `contract` to one version. `since` is inclusive, `until` exclusive.
    """

    subjects: tuple[str, ...] | None = None
    partner: str | None = None
    sender: str | None = None
    recipient: str | None = None
    contract: str | None = None
    number: int | None = None
    since: datetime | None = None
    until: datetime | None = None
