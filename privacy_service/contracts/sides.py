"""One or two contracts of a transfer, compiled, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from privacy_service.contracts.entities import canonical
from privacy_service.contracts.fields import FieldTerms
from privacy_service.contracts.model import (
    ContractVersion,
    EntityTerm,
    FieldTerm,
    TermSource,
    TreatmentKind,
)
from privacy_service.contracts.strictness import (
    declares,
    declares_entity,
    stricter_entity,
    stricter_field,
)
from privacy_service.contracts.subjects import SubjectFields
from privacy_service.payloads.document import Path


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """One party's contract, compiled. `source` says which party it is in this transfer."""

    version: ContractVersion
    source: TermSource
    fields: FieldTerms
    subjects: SubjectFields
    entities: Mapping[str, EntityTerm]

    def entity(self, name: str) -> EntityTerm:
        """What the contract says of findings of this entity."""
        return self.entities.get(canonical(name), self.version.contract.other_entities)

    def finding(self, term: FieldTerm | None, entity: str) -> EntityTerm:
        """What it says of findings of this entity in a field that its own `term` holds for.

        A treatment of the field itself stands in for the entity's; but `keep` only for what the
        field declares, so that a field that may pass does not carry what nobody named.
        """
        said = self.entity(entity)
        if term is None or term.treatment is None:
            return said
        if term.treatment.kind is TreatmentKind.KEEP and not declares(term.type, entity):
            return said
        return replace(said, treatment=term.treatment, reveal=term.reveal)

    def resolved(self, term: FieldTerm, declared: str | None) -> FieldTerm:
        """The term, with a treatment of its own if an entity is declared for the field.

        `declared` is the other party's word, which counts where this one names no entity.
        """
        entity = term.type if declares_entity(term.type) else declared
        if term.treatment is not None or entity is None or not declares_entity(entity):
            return term
        said = self.entity(entity)
        return replace(term, treatment=said.treatment, reveal=said.reveal)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldField:
    """The field term that holds at a place, and whose it is; `said` is what each side has there."""

    term: FieldTerm | None
    source: TermSource
    said: tuple[FieldTerm | None, ...]

    @property
    def inspected(self) -> bool:
        """Whether a side leaves the findings there to its entity terms."""
        return any(term is None or term.treatment is None for term in self.said)


def held_field(sides: Sequence[Side], path: Path) -> HeldField:
    """What the contracts come to at `path`: what one party does not know is unknown."""
    said = tuple(side.fields.at(path) for side in sides)
    silent = [side.source for side, term in zip(sides, said, strict=True) if term is None]
    if silent:
        source = silent[0] if len(silent) == 1 else TermSource.BOTH
        return HeldField(term=None, source=source, said=said)
    terms = _resolved(sides, [term for term in said if term is not None])
    merged = reduce(stricter_field, terms)
    return HeldField(term=merged, source=_whose_field(merged, sides, terms), said=said)


def held_finding(sides: Sequence[Side], held: HeldField, entity: str) -> EntityTerm:
    """What the contracts come to for findings of this entity where `held` holds."""
    said = (side.finding(term, entity) for side, term in zip(sides, held.said, strict=True))
    return reduce(stricter_entity, said)


def _resolved(sides: Sequence[Side], terms: Sequence[FieldTerm]) -> Sequence[FieldTerm]:
    if len(terms) < 2 or not _needs_resolving(*terms):
        return terms
    one, other = terms
    return sides[0].resolved(one, other.type), sides[1].resolved(other, one.type)


def _whose_field(
    merged: FieldTerm, sides: Sequence[Side], terms: Sequence[FieldTerm]
) -> TermSource:
    """By what happens to the value; if that is both's, by the rest of the term."""
    sources = [side.source for side in sides]
    if len({(term.permit, term.treatment) for term in terms}) > 1:
        acts = [(term.permit, term.treatment) for term in terms]
        return whose((merged.permit, merged.treatment), zip(sources, acts, strict=True))
    placeless = [replace(term, path="") for term in terms]
    return whose(replace(merged, path=""), zip(sources, placeless, strict=True))


def held_entity(sides: Sequence[Side], name: str) -> EntityTerm:
    """What the contracts come to for findings of this entity."""
    return reduce(stricter_entity, (side.entity(name) for side in sides))


def whose(merged: object, said: Iterable[tuple[TermSource, object]]) -> TermSource:
    """Whose term the merged one is; both's if it is both's, or a part of each."""
    winners = {source for source, value in said if value == merged}
    return winners.pop() if len(winners) == 1 else TermSource.BOTH


def _needs_resolving(one: FieldTerm, other: FieldTerm) -> bool:
    """Whether the entity terms can no longer decide for themselves what happens to the value.

    They can where neither party treats the field itself and at most one entity is declared.
    """
    if one.treatment is not None or other.treatment is not None:
        return True
    return one.type != other.type and declares_entity(one.type) and declares_entity(other.type)
