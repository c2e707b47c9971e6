"""Treat: fields as the contract declares, findings as it says for their entity.

The characters that a treatment wrote are remembered (`Words`), so that the second look does not
take a placeholder for a name, and looks at everything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from privacy_service.contracts.compile import Terms
from privacy_service.contracts.model import (
    EntityTerm,
    FieldTerm,
    TermSource,
    TreatmentKind,
)
from privacy_service.enforcement import reasons
from privacy_service.enforcement.answer import AppliedTreatment, DecisionReason
from privacy_service.enforcement.fieldtypes import DECLARED_ENTITIES, is_entity
from privacy_service.enforcement.findings import Place, Span
from privacy_service.enforcement.inspect import Look
from privacy_service.enforcement.treat import Mint, Treated, treat_part, treat_value
from privacy_service.payloads.document import Changes, NewValue, Node, NodeKind, Path, pointer

_STRICTNESS = {kind: rank for rank, kind in enumerate(TreatmentKind)}
_MOST_LINES = 1_000


@dataclass(slots=True)
class Words:
    """Texts that treatments wrote, and which of their characters are ours."""

    _ours: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def wrote(self, text: str, spans: Iterable[tuple[int, int]]) -> None:
        """Remembers that these spans of a text are ours."""
        known = self._ours.setdefault(text, [])
        known.extend(span for span in spans if span not in known)

    def all_ours(self, text: str) -> bool:
        """Whether a treatment wrote the whole text."""
        return not text or (0, len(text)) in self._ours.get(text, ())

    def not_ours(self, text: str, span: Span) -> tuple[Span, ...]:
        """What of a span is left when our own characters are taken out, if it says anything."""
        ours = self._ours.get(text)
        if not ours:
            return (span,)
        pieces = [(span.start, span.end)]
        for start, end in ours:
            pieces = [
                piece
                for low, high in pieces
                for piece in ((low, min(high, start)), (max(low, end), high))
                if piece[0] < piece[1]
            ]
        if pieces == [(span.start, span.end)]:
            return (span,)
        return tuple(
            Span(entity=span.entity, start=low, end=high, score=span.score, detector=span.detector)
            for low, high in pieces
            if any(char.isalnum() for char in text[low:high])
        )


@dataclass(slots=True)
class Ledgered:
    """Counts the treatments that were applied, alike places together."""

    counts: Counter[tuple[str, TreatmentKind, str | None, TermSource, bool]] = field(
        default_factory=Counter
    )

    def add(
        self,
        path: Path,
        treatment: TreatmentKind,
        source: TermSource,
        *,
        entity: str | None = None,
        type_changed: bool = False,
    ) -> None:
        place = pointer(tuple("*" if isinstance(step, int) else step for step in path))
        key = (place, treatment, entity, source, type_changed)
        if key not in self.counts and len(self.counts) >= _MOST_LINES:
            key = ("", treatment, entity, source, type_changed)
        self.counts[key] += 1

    def lines(self) -> tuple[AppliedTreatment, ...]:
        return tuple(
            AppliedTreatment(
                path=path,
                treatment=treatment,
                entity=entity,
                source=source,
                count=count,
                type_changed=changed,
            )
            for (path, treatment, entity, source, changed), count in self.counts.items()
        )


@dataclass(slots=True)
class Transformation:
    """Collects what changes in one document, in one round."""

    terms: Terms
    mint: Mint
    words: Words
    applied: Ledgered
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
        label = term.type if is_entity(term.type) and term.type else "REDACTED"
        treated = treat_value(
            node.kind,
            node.text,
            label=label,
            treatment=treatment,
            keep_type=term.keep_type,
            mint=self.mint,
            path=node.path,
        )
        self.applied.add(
            node.path,
            treated.applied,
            self.terms.source(f"fields:{term.path}"),
            entity=term.type if is_entity(term.type) else None,
            type_changed=treated.type_changed,
        )
        self._put(node, treated)

    def _put(self, node: Node, treated: Treated) -> None:
        if treated.removed:
            self.removed.add(node.index)
        else:
            self.values[node.index] = treated.value
            text = str(treated.value)
            self.words.wrote(text, [(0, len(text))])

    def treat_findings(self, look: Look, term: FieldTerm | None, spans: Sequence[Span]) -> None:
        """The findings of one look, each as the contract says for its entity."""
        due = [
            (span, self._entity_term(span.entity))
            for found in spans
            for span in self._due(look, term, found)
        ]
        clusters = clustered(due)
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

    def _entity_term(self, entity: str) -> EntityTerm:
        return self.terms.entity(entity)

    def _due(self, look: Look, term: FieldTerm | None, span: Span) -> tuple[Span, ...]:
        """What of a span has to be treated: over the threshold, not declared here, not ours."""
        if span.score < self.terms.entity(span.entity).threshold:
            return ()
        if look.place is Place.VALUE and term is not None and declared(term, span.entity):
            self.released[span.entity] += 1
            return ()
        return self.words.not_ours(look.text, span)

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
        strictest = max(clusters, key=lambda c: _STRICTNESS[c.term.treatment.kind])
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
        pieces: list[str] = []
        ours: list[tuple[int, int]] = []
        at = length = 0
        for cluster in clusters:
            before = look.text[at : cluster.start]
            new = treat_part(
                look.text[cluster.start : cluster.end],
                label=cluster.entity,
                treatment=cluster.term.treatment,
                mint=self.mint,
                path=look.node.path,
            )
            pieces += (before, new)
            length += len(before)
            ours.append((length, length + len(new)))
            length += len(new)
            at = cluster.end
        pieces.append(look.text[at:])
        text = "".join(pieces)
        self.words.wrote(text, ours)
        return text

    def _count(
        self, look: Look, clusters: Sequence[Cluster], *, type_changed: bool = False
    ) -> None:
        for cluster in clusters:
            self.applied.add(
                look.node.path,
                cluster.term.treatment.kind,
                self.terms.source(f"entities:{cluster.entity}"),
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
        last = result[-1]
        strictest = max(last, new, key=lambda c: _STRICTNESS[c.term.treatment.kind])
        result[-1] = Cluster(last.start, max(last.end, new.end), strictest.entity, strictest.term)
    return result


def declared(term: FieldTerm, entity: str) -> bool:
    """Whether the contract keeps this entity in this field by declaring it.

    A field with an entity as its type and no treatment of its own falls under the entity's term.
    """
    if term.treatment is None or term.treatment.kind is not TreatmentKind.KEEP:
        return False
    return term.type == entity or entity in DECLARED_ENTITIES.get(term.type or "", ())


def treated_whole(term: FieldTerm) -> bool:
    """Whether nothing of the field's value leaves as it is, so that there is nothing to find."""
    return term.treatment is not None and term.treatment.kind is not TreatmentKind.KEEP
