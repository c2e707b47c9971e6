"""One payload under one contract, from bytes to bytes: minimize, inspect, treat, look again.

Pure but for its detector and mint: what `Transfer`, `Preview` and `contract test` have in common.
The rounds: each reads what the one before wrote, as the recipient will, and treats what is still
found. A payload that is not clean after the last round is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from privacy_service.contracts.compile import Terms
from privacy_service.contracts.model import FieldTerm, FieldType, FreeText, TreatmentKind
from privacy_service.enforcement import reasons
from privacy_service.enforcement.answer import (
    AppliedTreatment,
    Coverage,
    Decision,
    DecisionReason,
    Effect,
)
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.fieldtypes import is_entity, looks_like
from privacy_service.enforcement.findings import Detector, Gap, Place
from privacy_service.enforcement.inspect import Inspector, Look, Seen, Tally
from privacy_service.enforcement.minimize import Minimized, minimize
from privacy_service.enforcement.mint import KnownSubject
from privacy_service.enforcement.transform import (
    Ledgered,
    Transformation,
    Words,
    treated_whole,
)
from privacy_service.enforcement.treat import Mint
from privacy_service.evidence.entries import CategoryCount
from privacy_service.payloads.document import Document, Limits, Node, NodeKind

ROUNDS: Final = 4
"""The most often a payload is read: once as it came, and then as it would leave."""

Decode = Callable[[str, bytes], Document]
"""Reads a payload by its content type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a payload comes to. `payload` is None unless the decision releases."""

    decision: Decision
    coverage: Coverage
    treatments: tuple[AppliedTreatment, ...]
    categories: tuple[CategoryCount, ...]
    payload: bytes | None


@dataclass(slots=True)
class Examination:
    """Examines one payload; used once."""

    terms: Terms
    detector: Detector
    mint: Mint
    decode: Decode
    deadline: Deadline
    limits: Limits

    def __post_init__(self) -> None:
        self._inspector = Inspector(self.detector, self.deadline, self.limits)
        self._words = Words()
        self._applied = Ledgered()
        self._effective: dict[int, FieldTerm] = {}

    def examine(self, document: Document, content_type: str) -> Examined:
        """The story of the payload after it was read. Raises what its parts raise."""
        first: Round | None = None
        payload = b""
        for number in range(1, ROUNDS + 1):
            done = self._round(document, first=first is None)
            first = first or done
            if done.reasons:
                return self._refused(done, number)
            if done.transformation.empty and number > 1:
                return self._released(first, done, number, payload)
            payload = document.render(done.transformation.changes)
            self.deadline.left()
            document = self.decode(content_type, payload)
        return self._refused(
            replace(done, reasons=(reasons.reason(reasons.LEFTOVER_PERSONAL_DATA),)), ROUNDS
        )

    # -- One round ----------------------------------------------------------------------------

    def _round(self, document: Document, *, first: bool) -> Round:
        minimized = minimize(document, self.terms)
        transformation = Transformation(self.terms, self.mint, self._words, self._applied)
        tally = Tally()
        self._remove(minimized, transformation)
        looks = self._looks(minimized, transformation, tally, first=first)
        seen = self._inspector.look([look for look, _term in looks])
        looks, seen = self._undeclared(looks, seen)
        for (look, term), one in zip(looks, seen, strict=True):
            if look.place is Place.VALUE:
                tally.value(one, look.node.path)
            else:
                tally.key(one, look.node.path)
            transformation.treat_findings(look, term, one.spans)
        self._keys(document, minimized, transformation, tally)
        for part in document.unread:
            if (term := self.terms.field(part.path)) is not None and term.permit:
                tally.unread(part)
        coverage = tally.coverage(rounds=1)
        return Round(
            transformation=transformation,
            coverage=coverage,
            minimized=bool(minimized.removed),
            reasons=(
                *minimized.refused,
                *transformation.refused.values(),
                *_incomplete(coverage),
            ),
        )

    def _remove(self, minimized: Minimized, transformation: Transformation) -> None:
        for node in minimized.removed:
            transformation.removed.add(node.index)
            term = self.terms.field(node.path)
            self._applied.add(
                node.path,
                TreatmentKind.REMOVE,
                self.terms.source(f"fields:{term.path}" if term else "unknown_fields"),
            )

    def _looks(
        self,
        minimized: Minimized,
        transformation: Transformation,
        tally: Tally,
        *,
        first: bool,
    ) -> list[tuple[Look, FieldTerm]]:
        """What has to be looked at; fields that are treated whole are treated here instead."""
        looks: list[tuple[Look, FieldTerm]] = []
        for node, stated in minimized.kept:
            term = self._in_effect(stated)
            if node.kind in (NodeKind.NULL, NodeKind.BOOLEAN) and not treated_whole(term):
                tally.settled(1)
            elif treated_whole(term):
                if first and node.kind is not NodeKind.NULL:
                    transformation.treat_field(node, term)
                    tally.settled(1)
                elif self._words.all_ours(node.text) or node.kind is NodeKind.NULL:
                    tally.settled(1)
                else:
                    looks.append((self._free(node), term))
            else:
                looks.append((self._look(node, term), term))
        return looks

    def _in_effect(self, stated: FieldTerm) -> FieldTerm:
        """A field that is declared as an entity falls whole under that entity's term."""
        if stated.treatment is not None or not is_entity(stated.type):
            return stated
        known = self._effective.get(id(stated))
        if known is None:
            assert stated.type is not None
            known = replace(stated, treatment=self.terms.entity(stated.type).treatment)
            self._effective[id(stated)] = known
        return known

    def _look(self, node: Node, term: FieldTerm) -> Look:
        if term.type is None or term.type == FieldType.TEXT:
            return self._free(node)
        if is_entity(term.type) or looks_like(term.type, node.kind, node.text):
            return Look(node, Place.VALUE, node.text, term.type, prose=False)
        return self._free(node)

    def _free(self, node: Node) -> Look:
        prose = node.kind is NodeKind.TEXT and self.terms.free_text is FreeText.MODEL
        return Look(node, Place.VALUE, node.text, None, prose=prose)

    def _undeclared(
        self, looks: list[tuple[Look, FieldTerm]], seen: list[Seen]
    ) -> tuple[list[tuple[Look, FieldTerm]], list[Seen]]:
        """Values that are not what their field is declared to hold are read as free text too."""
        again = {
            at: self._free(look.node)
            for at, ((look, term), one) in enumerate(zip(looks, seen, strict=True))
            if look.expected is not None
            and is_entity(look.expected)
            and not _covers(one, look.expected, look.text)
        }
        if not again:
            return looks, seen
        for at, more in zip(again, self._inspector.look(list(again.values())), strict=True):
            seen[at] = Seen(
                spans=(*seen[at].spans, *more.spans),
                gaps=tuple({*seen[at].gaps, *more.gaps}),
                by_model=more.by_model,
            )
        return looks, seen

    def _keys(
        self,
        document: Document,
        minimized: Minimized,
        transformation: Transformation,
        tally: Tally,
    ) -> None:
        """Names of members that the contract does not itself name are inspected like values."""
        named = self.terms.literal_names
        looks = [
            Look(node, Place.KEY, node.key.text, None, prose=self.terms.free_text is FreeText.MODEL)
            for node in _with_ancestors(document.nodes, minimized)
            if node.key is not None and node.key.text not in named
        ]
        for look, one in zip(looks, self._inspector.look(looks), strict=True):
            tally.key(one, look.node.path)
            transformation.treat_findings(look, None, one.spans)

    # -- Outcomes -----------------------------------------------------------------------------

    def _refused(self, done: Round, rounds: int) -> Examined:
        return Examined(
            decision=Decision(effect=Effect.REFUSE, reasons=done.reasons),
            coverage=replace(done.coverage, rounds=rounds),
            treatments=(),
            categories=(),
            payload=None,
        )

    def _released(self, first: Round, last: Round, rounds: int, payload: bytes) -> Examined:
        why = []
        if first.minimized:
            why.append(reasons.reason(reasons.FIELDS_REMOVED))
        lines = self._applied.lines()
        if any(line.treatment is not TreatmentKind.REMOVE for line in lines):
            why.append(reasons.reason(reasons.VALUES_TREATED))
        treated = bool(lines)
        return Examined(
            decision=Decision(
                effect=Effect.TREATED if treated else Effect.ALLOW, reasons=tuple(why)
            ),
            coverage=replace(first.coverage, rounds=rounds),
            treatments=lines,
            categories=_categories(lines, last.transformation.released),
            payload=payload,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one reading came to."""

    transformation: Transformation
    coverage: Coverage
    minimized: bool
    reasons: tuple[DecisionReason, ...]


def subjects_of(
    document: Document, terms: Terms, digest: Callable[[str, str], str]
) -> tuple[KnownSubject, ...]:
    """The people whom the payload names in the fields that the contract gives for it."""
    return tuple(
        KnownSubject(digest=digest(type_name, node.text), path=node.path)
        for node in document.nodes
        if node.kind in (NodeKind.TEXT, NodeKind.NUMBER)
        and node.text
        and (type_name := terms.subject_type(node.path)) is not None
    )


def _incomplete(coverage: Coverage) -> Iterator[DecisionReason]:
    if not coverage.complete:
        unread = any(gap.kind is Gap.UNREAD_PART for gap in coverage.gaps)
        yield reasons.reason(reasons.UNREAD_PART if unread else reasons.COVERAGE_INCOMPLETE)


def _covers(seen: Seen, entity: str, text: str) -> bool:
    """Whether findings of the entity hold every letter and digit of the text."""
    covered = [False] * len(text)
    for span in seen.spans:
        if span.entity == entity:
            covered[span.start : span.end] = [True] * (span.end - span.start)
    return all(done or not char.isalnum() for done, char in zip(covered, text, strict=True))


def _with_ancestors(nodes: Sequence[Node], minimized: Minimized) -> list[Node]:
    """The kept scalars and what holds them, each once, in document order."""
    wanted: set[int] = set()
    for node, _term in minimized.kept:
        at: int | None = node.index
        while at is not None and at not in wanted:
            wanted.add(at)
            at = nodes[at].parent
    return [nodes[at] for at in sorted(wanted)]


def _categories(
    lines: Sequence[AppliedTreatment], released: Mapping[str, int]
) -> tuple[CategoryCount, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    for line in lines:
        counts[line.entity or "FIELD", line.treatment.value] += line.count
    for entity, count in released.items():
        counts[entity, TreatmentKind.KEEP.value] += count
    return tuple(
        CategoryCount(entity=entity, treatment=treatment, count=count)
        for (entity, treatment), count in sorted(counts.items())
    )
