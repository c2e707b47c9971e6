"""The names of personal data: what a contract may name and a detector may find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from privacy_service.contracts.shelf import shelved

_SPECIAL = frozenset(
    {
        "Biometric", "CriminalOffence", "EthnicOrigin", "Genetic", "HealthRecord", "MedicalHealth",
        "PoliticalOpinion", "Prescription", "ReligiousBelief", "Sexual", "TradeUnionMembership",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One kind of personal data. `category` is a term of DPV's PD extension (`pd:EmailAddress`).

    `special` says that it falls under GDPR Art. 9 or 10.
    """

    name: str
    says: str
    category: str
    special: bool


@cache
def catalogue() -> Mapping[str, Entity]:
    """Every entity by its name; other words for one have that one's entity."""
    written = cast("Mapping[str, Mapping[str, str]]", shelved("entities.yaml"))
    named = {name: _entity(name, row) for name, row in written.items() if "same_as" not in row}
    return {name: named[row.get("same_as", name)] for name, row in written.items()}


def canonical(name: str) -> str:
    """The name that the catalogue uses for what is meant; an unknown name comes back as it is."""
    entity = catalogue().get(name)
    return name if entity is None else entity.name


def _entity(name: str, row: Mapping[str, str]) -> Entity:
    return Entity(
        name=name,
        says=row["says"],
        category=f"pd:{row['category']}",
        special=row["category"] in _SPECIAL,
    )
