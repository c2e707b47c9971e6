"""How fields and entities changed between two versions of a contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from privacy_service.contracts.change import Change, Way, compared, overall
from privacy_service.contracts.field_way import field_way, places, reveal_way
from privacy_service.contracts.fields import FieldTerms
from privacy_service.contracts.model import EntityTerm, SharingContract
from privacy_service.contracts.paths import parse
from privacy_service.contracts.strictness import stricter_entity
from privacy_service.contracts.values import OTHER_ENTITIES
from privacy_service.contracts.written import Written, written_entity, written_field


def entity_changes(old: SharingContract, new: SharingContract) -> Iterator[Change]:
    """The entities whose term changed; one that a version does not name falls under its default."""
    ours, theirs = dict(old.entities), dict(new.entities)
    for name in (*sorted({*ours, *theirs}), OTHER_ENTITIES):
        before = ours.get(name, old.other_entities)
        after = theirs.get(name, new.other_entities)
        named = name == OTHER_ENTITIES or (name in ours) == (name in theirs)
        if before == after and named:
            continue
        way = _entity_way(before, after)
        yield Change(
            path=f"entities:{name}",
            before=_named(name, ours, before),
            after=_named(name, theirs, after),
            direction=way,
            why=_ENTITY_WHY[way],
        )


_ENTITY_WHY = {
    Way.TIGHTENS: "Less of what is found is left, or more is found.",
    Way.WEAKENS: "More of what is found may be left, less is found, or tokens can be revealed.",
    Way.NEUTRAL: "The default says the same.",
}
_FIELD_WHY = {
    Way.TIGHTENS: "Less of the field is left, or it does not pass.",
    Way.WEAKENS: "More of the field may be left, or it passes where it did not.",
    Way.NEUTRAL: "The same happens to the field.",
}


def field_changes(old: SharingContract, new: SharingContract) -> Iterator[Change]:
    """The patterns whose term changed, each by what holds at the places where it counts."""
    ours = {term.path: term for term in old.fields}
    theirs = {term.path: term for term in new.fields}
    compiled = FieldTerms(old.fields), FieldTerms(new.fields)
    patterns = {path: parse(path) for path in sorted({*ours, *theirs})}
    for path, pattern in patterns.items():
        before, after = ours.get(path), theirs.get(path)
        if before == after:
            continue
        way = overall(
            field_way(old, compiled[0].at(place), new, compiled[1].at(place))
            for place in places(pattern, patterns.values())
        )
        yield Change(
            path=f"fields:{path}",
            before=written_field(before) if before else None,
            after=written_field(after) if after else None,
            direction=way,
            why=_FIELD_WHY[way],
        )


def _named(name: str, terms: dict[str, EntityTerm], said: EntityTerm) -> Written | None:
    return written_entity(said) if name in terms or name == OTHER_ENTITIES else None


def _entity_way(before: EntityTerm, after: EntityTerm) -> Way:
    merged = replace(stricter_entity(before, after), reveal=False)
    act = compared(
        tighter=merged == replace(after, reveal=False),
        looser=merged == replace(before, reveal=False),
    )
    return overall((act, reveal_way(before.reveal, after.reveal)))
