"""Treat: fields as the contract declares, findings as it says for their entity.

What a treatment wrote is remembered (`words.py`), so that the next look does not take a placeholder
for a name, and looks at everything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from privacy_service.contracts.model import (
    EntityTerm,
    FieldTerm,
    TermSource,
    TreatmentKind,
)
from privacy_service.contracts.strictness import declares_entity, stricter_treatment
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement import reasons
from privacy_service.enforcement.answer import AppliedTreatment, DecisionReason
from privacy_service.enforcement.findings import Place, Span
from privacy_service.enforcement.inspect import Look
from privacy_service.enforcement.treat import Mint, Treated, treat_part, treat_value
from privacy_service.enforcement.words import Part, Words
from privacy_service.payloads.document import (
    Changes,
    NewValue,
    Node,
    NodeKind,
    Path,
    alike,
)

_MOST_LINES = 1_000


@dataclass(frozen=True, slots=True)
class _Place:
    """Alike places: the same path but for indexes, treated alike."""

    pointer: str
    treatment: TreatmentKind
    entity: str | None
    type_changed: bool


@dataclass(slots=True)
class Applied:
    """Counts the treatments that were applied, alike places together."""

    terms: Terms
    _counts: Counter[_Place] = field(default_factory=Counter)
    _paths: dict[_Place, Path] = field(default_factory=dict)

    def add(
        self,
        path: Path,
        treatment: TreatmentKind,
        *,
        entity: str | None = None,
        type_changed: bool = False,
    ) -> None:
        """Counts one treatment of a field, or of a finding of `entity` in it."""
        place = _Place(alike(path), treatment, entity, type_changed)
        if place not in self._counts and len(self._counts) >= _MOST_LINES:
            place, path = _Place("", treatment, entity, type_changed), ()
        self._counts[place] += 1
        self._paths.setdefault(place, path)

    def lines(self) -> tuple[AppliedTreatment, ...]:
        """One line per treatment and place, in the order they were first met."""
        return tuple(
            AppliedTreatment(
                path=place.pointer,
                treatment=place.treatment,
                entity=place.entity,
                source=self._source(place),
                count=count,
                type_changed=place.type_changed,
            )
            for place, count in self._counts.items()
        )

    def _source(self, place: _Place) -> TermSource:
        if place.entity is not None and not self._by_field(place):
            return self.terms.source(f"entities:{place.entity}")
        return self.terms.field_source(self._paths[place])

    def _by_field(self, place: _Place) -> bool:
        term = self.terms.field(self._paths[place])
        return term is not None and term.type == place.entity


@dataclass(slots=True)
class Transformation:
    """Collects what changes in one document, in one round."""

    terms: Terms
    mint: Mint
    words: Words
    applied: Applied
    values: dict[int, NewValue] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    refused: dict[str, DecisionReason] = field(default_factory=dict)
    released: Counter[str] = field(default_factory=Counter)
    """Entities that leave in clear because the contract keeps them, and how many."""

    @property
    def changes(self) -> Changes:
        return Changes(removed=frozenset(self.removed), values=self.values, keys=self.keys)

    @property
    def empty(self) -> bool:
        return not (self.values or self.keys or self.removed)

    def treat_field(self, node: Node, term: FieldTerm) -> None:
        """The whole value, as its field's term says."""
        treatment = term.treatment
        assert treatment is not None
        if treatment.kind is TreatmentKind.REFUSE:
            refusal = reasons.reason(reasons.FIELD_REFUSED, path=node.path)
            self.refused.setdefault(reasons.FIELD_REFUSED, refusal)
            return
        entity = term.type if declares_entity(term.type) else None
        treated = treat_value(
            node.kind,
            node.text,
            label=entity or "REDACTED",
            treatment=treatment,
            keep_type=term.keep_type,
            mint=self.mint,
            path=node.path,
        )
        self.applied.add(
            node.path,
            treated.applied,
            entity=entity,
            type_changed=treated.type_changed,
        )
        self._put(node, treated)

    def _put(self, node: Node, treated: Treated) -> None:
        if treated.removed:
            self.removed.add(node.index)
        else:
            self.values[node.index] = treated.value
            self.words.wrote(node, str(treated.value))

    def treat_findings(self, look: Look, term: FieldTerm | None, spans: Sequence[Span]) -> None:
        """The findings of one look, each as the contract says for its entity."""
        clusters = clustered(self._due(look, spans))
        for kept in (c for c in clusters if c.term.treatment.kind is TreatmentKind.KEEP):
            self.released[kept.entity] += 1
        clusters = [c for c in clusters if c.term.treatment.kind is not TreatmentKind.KEEP]
        if not clusters:
            return
        if refused := [c for c in clusters if c.term.treatment.kind is TreatmentKind.REFUSE]:
            self._refuse(look, refused[0])
        elif look.place is Place.KEY:
            self._rename(look, clusters)
        elif look.node.kind is NodeKind.TEXT:
            self._rewrite(look, clusters)
        else:
            self._replace(look, term, clusters)

    def strictest(self, look: Look, term: FieldTerm, spans: Iterable[Span]) -> FieldTerm:
        """The field's term, with a finding's treatment where one party asks for a stricter one."""
        treatment = term.treatment
        assert treatment is not None
        for _span, said in self._due(look, spans):
            treatment = stricter_treatment(treatment, said.treatment)
        return replace(term, treatment=treatment)

    def _due(self, look: Look, spans: Iterable[Span]) -> Iterator[tuple[Span, EntityTerm]]:
        """The findings that reach their threshold, less what treatments wrote, with their terms."""
        for span in spans:
            if look.place is Place.VALUE:
                said = self.terms.finding(look.node.path, span.entity)
            else:
                said = self.terms.entity(span.entity)
            if span.score >= said.threshold:
                for piece in self.words.not_ours(look, span):
                    yield piece, said

    def _refuse(self, look: Look, cluster: Cluster) -> None:
        self.refused.setdefault(
            reasons.ENTITY_REFUSED,
            reasons.reason(reasons.ENTITY_REFUSED, path=look.node.path, entity=cluster.entity),
        )

    def _rename(self, look: Look, clusters: Sequence[Cluster]) -> None:
        if any(c.term.treatment.kind is TreatmentKind.REMOVE for c in clusters):
            self.removed.add(look.node.index)
        else:
            self.keys[look.node.index] = self._spliced(look, clusters)
        self._count(look, clusters)

    def _rewrite(self, look: Look, clusters: Sequence[Cluster]) -> None:
        self.values[look.node.index] = self._spliced(look, clusters)
        self._count(look, clusters)

    def _replace(self, look: Look, term: FieldTerm | None, clusters: Sequence[Cluster]) -> None:
        """A number or boolean has no parts: it is treated whole, by the strictest of its terms."""
        strictest = reduce(_both, clusters)
        treated = treat_value(
            look.node.kind,
            look.text,
            label=strictest.entity,
            treatment=strictest.term.treatment,
            keep_type=term is not None and term.keep_type,
            mint=self.mint,
            path=look.node.path,
        )
        self._put(look.node, treated)
        self._count(look, [strictest], type_changed=treated.type_changed)

    def _spliced(self, look: Look, clusters: Sequence[Cluster]) -> str:
        parts = [
            Part(cluster.start, cluster.end, self._part(look, cluster)) for cluster in clusters
        ]
        return self.words.rewritten(look, parts)

    def _part(self, look: Look, cluster: Cluster) -> str:
        return treat_part(
            look.text[cluster.start : cluster.end],
            label=cluster.entity,
            treatment=cluster.term.treatment,
            mint=self.mint,
            path=look.node.path,
        )

    def _count(
        self, look: Look, clusters: Sequence[Cluster], *, type_changed: bool = False
    ) -> None:
        for cluster in clusters:
            self.applied.add(
                look.node.path,
                cluster.term.treatment.kind,
                entity=cluster.entity,
                type_changed=type_changed,
            )


@dataclass(frozen=True, slots=True)
class Cluster:
    """Overlapping findings, treated as one: the strictest of their terms, over all they cover."""

    start: int
    end: int
    entity: str
    term: EntityTerm


def clustered(due: Iterable[tuple[Span, EntityTerm]]) -> list[Cluster]:
    """Findings as clusters that do not overlap, in order.

    A finding that the contract keeps never shields another one that it overlaps.
    """
    result: list[Cluster] = []
    for span, term in sorted(due, key=lambda pair: (pair[0].start, pair[0].end)):
        new = Cluster(span.start, span.end, span.entity, term)
        if not result or new.start >= result[-1].end:
            result.append(new)
            continue
        result[-1] = _both(result[-1], new)
    return result


def _both(one: Cluster, other: Cluster) -> Cluster:
    """Two findings as one. Where their terms leave different parts of a value, none is left."""
    treatment = stricter_treatment(one.term.treatment, other.term.treatment)
    named = other if other.term.treatment == treatment != one.term.treatment else one
    return Cluster(
        min(one.start, other.start),
        max(one.end, other.end),
        named.entity,
        replace(named.term, treatment=treatment),
    )


def treated_whole(term: FieldTerm) -> bool:
    """Whether nothing of the field's value leaves as it is, so that there is nothing to find."""
    return term.treatment is not None and term.treatment.kind is not TreatmentKind.KEEP
