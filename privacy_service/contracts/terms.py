"""The terms of a transfer, compiled: what enforcement asks, answered fast.

`Terms` come from one party's contract (`compile.py`) or from both (`merge.py`). Every answer is
at least as strict as each party's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial, reduce

from privacy_service.contracts import dpv, regions
from privacy_service.contracts.entities import canonical
from privacy_service.contracts.model import (
    ConsentTerm,
    ContractVersion,
    EntityTerm,
    ErasedSubjects,
    FieldTerm,
    FreeText,
    Quota,
    Retention,
    ReviewTerm,
    Storage,
    SubjectField,
    TermSource,
    UnknownFields,
)
from privacy_service.contracts.paths import parse
from privacy_service.contracts.sides import (
    HeldField,
    Side,
    held_entity,
    held_field,
    held_finding,
    whose,
)
from privacy_service.contracts.strictness import declares, stricter_entity
from privacy_service.contracts.trie import PathMemo
from privacy_service.payloads.document import Path, Step

OTHER_ENTITIES = "default"
"""How the term for all entities that a contract does not name is called: `entities:default`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """What the contracts of one transfer say. Immutable and thread-safe; keep it and reuse it.

    `sides` are one or two contracts, the sender's first. The plain terms are those of
    `SharingContract`, merged; `regions` empty means anywhere, and `recipient_regions` are the
    regions that the contracts state for the recipient. `won` says whose each plain term is.
    """

    sides: tuple[Side, ...]
    sender: str
    recipient: str
    purposes: tuple[str, ...]
    legal_basis: str
    consent: bool
    consent_proof: ConsentTerm
    effective_from: datetime
    effective_until: datetime | None
    unknown_fields: UnknownFields
    erased_subjects: ErasedSubjects
    free_text: FreeText
    subjects: tuple[SubjectField, ...]
    regions: tuple[str, ...]
    recipient_regions: tuple[str, ...]
    quotas: tuple[Quota, ...]
    retention: Retention
    storage: Storage
    review: ReviewTerm
    recipient_key: str | None
    won: Mapping[str, TermSource] = field(repr=False)
    literal_names: frozenset[str] = field(init=False, repr=False)
    """The member names that the contracts themselves name: they are no personal data."""
    _held: PathMemo[HeldField] = field(init=False, repr=False)
    _below: PathMemo[bool] = field(init=False, repr=False)
    _subject: PathMemo[str | None] = field(init=False, repr=False)
    _entities: Mapping[str, EntityTerm] = field(init=False, repr=False)
    _other: EntityTerm = field(init=False, repr=False)
    _decided: dict[str, TermSource] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        known: dict[Step, Step] = {}
        for side in self.sides:
            known.update(side.fields.vocabulary)
            known.update(side.subjects.vocabulary)
        names = {name for side in self.sides for name in side.entities}
        compiled = {
            "literal_names": frozenset(step for step in known if isinstance(step, str)),
            "_held": PathMemo(partial(held_field, self.sides), known),
            "_below": PathMemo(partial(_permits_below, self.sides), known),
            "_subject": PathMemo(partial(_subject_type, self.sides), known),
            "_entities": {name: held_entity(self.sides, name) for name in names},
            "_other": reduce(
                stricter_entity, (side.version.contract.other_entities for side in self.sides)
            ),
        }
        for name, value in compiled.items():
            object.__setattr__(self, name, value)

    @property
    def refs(self) -> tuple[ContractVersion, ...]:
        """The contract versions that these terms come from, the sender's first."""
        return tuple(side.version for side in self.sides)

    def field(self, path: Path) -> FieldTerm | None:
        """What holds for the value at `path`, permitting or not; None if a party has no term.

        A term on a container holds for everything below it that no nearer term speaks of. A
        `treatment` of None leaves the value to the entity terms.
        """
        return self._held(path).term

    def permits_below(self, path: Path) -> bool:
        """Whether something at or below `path` could be permitted."""
        return self._below(path)

    def entity(self, name: str) -> EntityTerm:
        """What happens to findings of this entity, where no field term says otherwise."""
        return self._entities.get(canonical(name), self._other)

    def inspected(self, path: Path) -> bool:
        """Whether a party leaves the findings in the value at `path` to its entity terms.

        If `field(path)` has a treatment all the same it is the other party's, and `finding` says
        which findings need a stricter one first.
        """
        return self._held(path).inspected

    def finding(self, path: Path, entity: str) -> EntityTerm:
        """What happens to a finding of this entity in the value at `path`.

        Each party's field treatment stands in for its entity terms; the stricter of both holds.
        """
        return held_finding(self.sides, self._held(path), entity)

    def reveals(self, entity: str) -> bool:
        """Whether tokens that stand for this entity may be revealed: every party says so.

        A party says it for the entity, or for a field that it declares as that entity.
        """
        return all(
            side.entity(entity).reveal
            or any(
                term.reveal and declares(term.type, entity) for term in side.version.contract.fields
            )
            for side in self.sides
        )

    def subject_type(self, path: Path) -> str | None:
        """The kind of identifier by which the value at `path` names the subject, or None."""
        return self._subject(path)

    def covers(self, purpose: str) -> bool:
        """Whether every contract lets data pass for this purpose."""
        return all(
            any(dpv.covers(one, purpose) for one in version.contract.purposes)
            for version in self.refs
        )

    def region_permitted(self) -> bool:
        """Whether the recipient is where the contracts let it be.

        Every region stated for it must be permitted, and one must be stated if `regions` has any.
        """
        stated = self.recipient_regions
        return not self.regions or (
            bool(stated) and all(regions.within(one, self.regions) for one in stated)
        )

    def source(self, term: str) -> TermSource:
        """Whose term won: `fields:$.a.b`, `entities:EMAIL_ADDRESS`, `retention.recipient`.

        A field is named by a path or by a contract's pattern. Raises PathError for a field that
        is neither, KeyError for another name that is no term.
        """
        kind, _, name = term.partition(":")
        if kind == "fields":
            return self.field_source(parse(name).sample)
        if kind == "entities":
            said = [(side.source, side.entity(name)) for side in self.sides]
            return whose(self.entity(name), said)
        return self.won[term]

    def field_source(self, path: Path) -> TermSource:
        """Whose field term won at `path`; where it is unknown, who does not know it."""
        return self._held(path).source

    @property
    def decided(self) -> Mapping[str, TermSource]:
        """Every term by name, and whose won. Built when it is first asked for; not to change."""
        if not self._decided:
            self._decided.update(self._decide())
        return self._decided

    def _decide(self) -> Mapping[str, TermSource]:
        patterns = {term.path for version in self.refs for term in version.contract.fields}
        names = [f"fields:{pattern}" for pattern in sorted(patterns)]
        names += [f"entities:{name}" for name in (*sorted(self._entities), OTHER_ENTITIES)]
        return {**self.won, **{name: self.source(name) for name in names}}


def _permits_below(sides: tuple[Side, ...], path: Path) -> bool:
    return all(side.fields.permits_below(path) for side in sides)


def _subject_type(sides: tuple[Side, ...], path: Path) -> str | None:
    types = (side.subjects.type_at(path) for side in sides)
    return next((found for found in types if found is not None), None)
