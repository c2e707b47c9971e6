"""What may have been concerned, as it is asked of the ledger and the record store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from privacy_service.breaches.statements import Scoped


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeQuestion:
    """What may have been concerned. What is None is not asked; `until` is exclusive.

    `key` is the id of a data key or the name of a key that wraps data keys, `partner/NAME` or
    `partner/NAME#VERSION`: with it, what is sealed under it is counted, and disclosures are not.
    `records` is a record query: with it, the records that it means are counted alone.
    """

    since: datetime | None = None
    until: datetime | None = None
    partner: str | None = None
    contract: str | None = None
    version: int | None = None
    purpose: str | None = None
    subjects: tuple[str, ...] = ()
    """The digests of one person, under every version of the key."""
    key: str | None = None
    records: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeCounts:
    """The answer. `subjects` are distinct; `unnamed` disclosures name nobody, or tokens
    where a key is asked about. `several` disclosures and records name more than one identifier,
    which may be one person's: then there are at most as many people as `subjects`.

    `by_contract` has the distinct people under each contract version; one person may be under
    several.
    """

    subjects: int
    disclosures: int
    unnamed: int
    several: int
    records: int
    tokens: int
    categories: Mapping[str, int]
    recipients: Mapping[str, int]
    by_contract: Mapping[tuple[str, int], int]


def scoped(
    question: ScopeQuestion,
    counts: ScopeCounts,
    *,
    regions: Mapping[str, int],
    exposed: Mapping[str, int],
) -> Scoped:
    """The answer as the breach keeps it. `regions` are the people by the region of the party whose
    data it was, which is an approximation; `exposed` the records under each key that is exposed.
    """
    return Scoped(
        question=said_of(question),
        subjects=counts.subjects,
        disclosures=counts.disclosures,
        unnamed=counts.unnamed,
        several=counts.several,
        records=counts.records,
        tokens=counts.tokens,
        categories=counts.categories,
        protection=_protection(counts.categories),
        exposed=exposed,
        recipients=counts.recipients,
        contracts={
            f"{contract} version {version}": people
            for (contract, version), people in counts.by_contract.items()
        },
        regions=dict(sorted(regions.items())),
    )


_PROTECTION: Final[Mapping[str, str]] = {
    "keep": "readable",
    "mask": "changed",
    "generalize": "changed",
    "shift_date": "changed",
    "hash": "pseudonymous",
    "tokenize": "pseudonymous",
    "encrypt": "sealed to the recipient",
}
"""How a value that left was protected, by its treatment; what is not here did not leave."""


def entities_left(categories: Mapping[str, int]) -> list[str]:
    """The entities of which something left: not what was removed, nor fields without an entity."""
    pairs = (category.rpartition(" ") for category in categories)
    return sorted(
        {entity for entity, _, how in pairs if how in _PROTECTION and entity.lower() != "field"}
    )


def _protection(categories: Mapping[str, int]) -> dict[str, int]:
    """How many values left how protected."""
    found: dict[str, int] = {}
    for category, count in categories.items():
        how = _PROTECTION.get(category.rpartition(" ")[2])
        if how is not None:
            found[how] = found.get(how, 0) + count
    return dict(sorted(found.items()))


def question_of(said: Mapping[str, str]) -> ScopeQuestion:
    """The question that `said_of` was given."""
    return ScopeQuestion(
        since=datetime.fromisoformat(said["since"]) if "since" in said else None,
        until=datetime.fromisoformat(said["until"]) if "until" in said else None,
        partner=said.get("partner"),
        contract=said.get("contract"),
        version=int(said["version"]) if "version" in said else None,
        purpose=said.get("purpose"),
        subjects=tuple(said.get("subjects", "").split()),
        key=said.get("key"),
        records=said.get("records"),
    )


def said_of(question: ScopeQuestion) -> dict[str, str]:
    """What was asked; a person stays a keyed digest."""
    said = {one.name: getattr(question, one.name) for one in fields(question)}
    return {
        name: value.isoformat() if isinstance(value, datetime) else _word(value)
        for name, value in said.items()
        if value not in (None, ())
    }


def _word(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)
