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

from privacy_service import errors
from privacy_service.contracts.model import FieldTerm, FieldType, FreeText, TreatmentKind
from privacy_service.contracts.strictness import declares_entity
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement import reasons
from privacy_service.enforcement.answer import (
    AppliedTreatment,
    Coverage,
    Decision,
    DecisionReason,
    Effect,
)
from privacy_service.enforcement.beside import names_beside
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.fieldtypes import looks_like
from privacy_service.enforcement.findings import Detector, Gap, Place
from privacy_service.enforcement.inspect import Inspector, Look, Seen, Tally
from privacy_service.enforcement.letters import tells
from privacy_service.enforcement.minimize import Minimized, minimize
from privacy_service.enforcement.mint import KnownSubject
from privacy_service.enforcement.retrace import retraced
from privacy_service.enforcement.transform import Applied, Transformation, treated_whole
from privacy_service.enforcement.treat import Mint
from privacy_service.enforcement.unnamed import unnamed
from privacy_service.enforcement.words import Words
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import CategoryCount
from privacy_service.payloads.document import Document, Limits, Node, NodeKind, Unread

ROUNDS: Final = 4
"""The most often a payload is read: once as it came, and then as it would leave."""

MOST_SUBJECTS: Final = 10_000
"""The most people that one payload may name: each is in the audit entry, which is one line of an
export and must stay readable.
"""

Decode = Callable[[str, bytes], Document]
"""Reads a payload by its content type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a payload comes to. `payload` is None unless the decision releases; `held` is what would
    be released once a person approves, where the decision is to hold.
    """

    decision: Decision
    coverage: Coverage
    treatments: tuple[AppliedTreatment, ...]
    categories: tuple[CategoryCount, ...]
    payload: bytes | None
    held: bytes | None = None

    def released(self) -> Examined:
        """The same, once a person has approved what was held."""
        assert self.held is not None
        reasons = tuple(one for one in self.decision.reasons if one.code not in _HELD)
        effect = Effect.TREATED if self.treatments else Effect.ALLOW
        return replace(
            self,
            decision=Decision(effect=effect, reasons=reasons),
            payload=self.held,
            held=None,
        )


class Examination:
    """Examines one payload; used once."""

    def __init__(
        self,
        terms: Terms,
        detector: Detector,
        mint: Mint,
        decode: Decode,
        deadline: Deadline,
        limits: Limits,
    ) -> None:
        self.terms = terms
        self._mint = mint
        self._decode = decode
        self._deadline = deadline
        self._inspector = Inspector(detector, deadline, limits)
        self._prose = terms.free_text is FreeText.MODEL
        self._words = Words()
        self._applied = Applied(terms)
        self._effective: dict[int, FieldTerm] = {}
        self._named: Mapping[int, str] = {}

    def examine(self, document: Document, content_type: str) -> Examined:
        """The story of the payload after it was read. Raises what its parts raise."""
        with unnamed(self.terms.literal_names):
            return self._examined(document, content_type)

    # -- One round ----------------------------------------------------------------------------

    def _examined(self, document: Document, content_type: str) -> Examined:
        first: Round | None = None
        payload = b""
        nodes = document.nodes
        for number in range(1, ROUNDS + 1):
            done = self._round(nodes, document.unread, first=first is None)
            first = first or done
            if done.reasons and not self._may_wait(done):
                return self._refused(done, number)
            if done.transformation.empty and number > 1:
                return self._released(first, done, number, payload)
            changes = done.transformation.changes
            payload = document.render(changes)
            self._deadline.left()
            document = self._decode(content_type, payload)
            again = retraced(nodes, changes, document.nodes)
            nodes, self._words = again.nodes, self._words.carried(again.origins)
        return self._refused(
            replace(done, reasons=(reasons.reason(reasons.LEFTOVER_PERSONAL_DATA),)), ROUNDS
        )

    def _round(self, nodes: Sequence[Node], unread: Sequence[Unread], *, first: bool) -> Round:
        self._named = names_beside(nodes)
        minimized = minimize(nodes, self.terms)
        transformation = Transformation(self.terms, self._mint, self._words, self._applied)
        tally = Tally()
        self._remove(minimized, transformation)
        plans = self._plans(minimized, transformation, tally, first=first)
        for plan, seen in zip(plans, self._seen(nodes, minimized, plans), strict=True):
            tally.value(seen, plan.look.node.path)
            if plan.whole:
                term = transformation.strictest(plan.look, plan.term, seen.spans)
                transformation.treat_field(plan.look.node, term)
            else:
                transformation.treat_findings(plan.look, plan.term, seen.spans)
        self._keys(minimized, transformation, tally)
        for part in unread:
            stated = self.terms.field(part.path)
            if stated is not None and stated.permit:
                tally.unread(part)
        coverage = tally.coverage(rounds=1)
        return Round(
            transformation=transformation,
            coverage=coverage,
            reasons=(
                *minimized.refused,
                *transformation.refused.values(),
                *_incomplete(coverage),
            ),
        )

    def _remove(self, minimized: Minimized, transformation: Transformation) -> None:
        for node in minimized.removed:
            transformation.removed.add(node.index)
            self._applied.add(node.path, TreatmentKind.REMOVE)

    def _plans(
        self,
        minimized: Minimized,
        transformation: Transformation,
        tally: Tally,
        *,
        first: bool,
    ) -> list[Plan]:
        """What has to be looked at; fields that need no look are treated here at once."""
        plans: list[Plan] = []
        for node, stated in minimized.kept:
            term = self._in_effect(stated)
            whole = treated_whole(term)
            if node.kind is NodeKind.NULL or (node.kind is NodeKind.BOOLEAN and not whole):
                tally.settled(1)
            elif not whole:
                plans.append(Plan(self._look(node, term), term))
            elif first and self._may_be_stricter(node, stated):
                plans.append(Plan(self._free(node), term, whole=True))
            elif first:
                transformation.treat_field(node, term)
                tally.settled(1)
            elif self._words.all_ours(node):
                tally.settled(1)
            else:
                plans.append(Plan(self._free(node), term))
        return plans

    def _in_effect(self, stated: FieldTerm) -> FieldTerm:
        """A field that is declared as an entity falls whole under that entity's term."""
        if stated.treatment is not None or not declares_entity(stated.type):
            return stated
        known = self._effective.get(id(stated))
        if known is None:
            treatment = self.terms.entity(stated.type or "").treatment
            known = self._effective[id(stated)] = replace(stated, treatment=treatment)
        return known

    def _may_be_stricter(self, node: Node, stated: FieldTerm) -> bool:
        """Whether one party treats the field whole, and the other what is found in it."""
        one_of_two = stated.treatment is not None and len(self.terms.sides) > 1
        return one_of_two and self.terms.inspected(node.path)

    def _look(self, node: Node, term: FieldTerm) -> Look:
        if term.type is None or term.type == FieldType.TEXT:
            return self._free(node)
        if declares_entity(term.type) or looks_like(term.type, node.kind, node.text):
            named = self._named.get(node.index)
            return Look(node, Place.VALUE, node.text, term.type, prose=False, named=named)
        return self._free(node)

    def _free(self, node: Node) -> Look:
        prose = node.kind is NodeKind.TEXT and self._prose
        named = self._named.get(node.index)
        return Look(node, Place.VALUE, node.text, None, prose=prose, named=named)

    def _seen(
        self, nodes: Sequence[Node], minimized: Minimized, plans: Sequence[Plan]
    ) -> list[Seen]:
        """What each look finds. A value that is not what its field declares is read twice, and the
        parts of a text that elements part are read together as well.
        """
        seen = self._inspector.look([plan.look for plan in plans])
        again = {
            at: self._free(plan.look.node)
            for at, (plan, one) in enumerate(zip(plans, seen, strict=True))
            if declares_entity(plan.look.expected)
            and not _covers(one, plan.look.expected or "", plan.look.text)
        }
        for at, more in zip(again, self._inspector.look(list(again.values())), strict=True):
            seen[at] = seen[at].and_also(more)
        looked_at = {plan.look.node.index: at for at, plan in enumerate(plans) if not plan.whole}
        kept = (node for node, _term in minimized.kept)
        for index, more in self._inspector.look_across(nodes, looked_at, kept, prose=self._prose):
            seen[looked_at[index]] = seen[looked_at[index]].and_also(more)
        self._inspector.require_bounded(seen)
        return seen

    def _keys(self, minimized: Minimized, transformation: Transformation, tally: Tally) -> None:
        """Names of members that the contract does not itself name are inspected like values."""
        named = self.terms.literal_names
        looks = [
            Look(node, Place.KEY, node.key.text, None, prose=self._prose)
            for node in minimized.named
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
        lines = self._applied.lines()
        dropped = [line.treatment is TreatmentKind.REMOVE and not line.entity for line in lines]
        why = []
        if any(dropped):
            why.append(reasons.reason(reasons.FIELDS_REMOVED))
        if not all(dropped):
            why.append(reasons.reason(reasons.VALUES_TREATED))
        categories = _categories(lines, last.transformation.released)
        held = self._held(first, last, categories)
        effect = Effect.HOLD if held else Effect.TREATED if lines else Effect.ALLOW
        return Examined(
            decision=Decision(effect=effect, reasons=(*held, *why)),
            coverage=replace(first.coverage, rounds=rounds),
            treatments=lines,
            categories=categories,
            payload=None if held else payload,
            held=payload if held else None,
        )

    def _may_wait(self, done: Round) -> bool:
        """Whether nothing but what a person may look at stands against it."""
        return self.terms.review.incomplete and all(
            reason.code in _INCOMPLETE for reason in done.reasons
        )

    def _held(
        self, first: Round, last: Round, categories: Sequence[CategoryCount]
    ) -> tuple[DecisionReason, ...]:
        """Why a person has to look at it first, if one has to."""
        met = {one.entity for one in categories} & set(self.terms.review.entities)
        why = [reasons.reason(reasons.ENTITY_HELD, entity=entity) for entity in sorted(met)]
        if first.reasons or last.reasons:
            why.append(reasons.reason(reasons.COVERAGE_HELD))
        return tuple(why)


_INCOMPLETE: Final = frozenset({reasons.COVERAGE_INCOMPLETE, reasons.UNREAD_PART})
_HELD: Final = frozenset({reasons.ENTITY_HELD, reasons.COVERAGE_HELD})


@dataclass(frozen=True, slots=True)
class Plan:
    """A look at one value, and what its field's term says. `whole`: the value is treated whole."""

    look: Look
    term: FieldTerm
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one reading came to."""

    transformation: Transformation
    coverage: Coverage
    reasons: tuple[DecisionReason, ...]


def subjects_of(
    document: Document, terms: Terms, digest: Callable[[str, str], str]
) -> tuple[KnownSubject, ...]:
    """The people whom the payload names in the fields that the contract gives for it.

    Raises PAYLOAD_TOO_MANY_SUBJECTS.
    """
    named = [
        (node.path, (type_name, node.text))
        for node in document.nodes
        if node.kind in (NodeKind.TEXT, NodeKind.NUMBER)
        and node.text
        and (type_name := terms.subject_type(node.path)) is not None
    ]
    people = {person for _path, person in named}
    if len(people) > MOST_SUBJECTS:
        raise PrivacyError(
            errors.PAYLOAD_TOO_MANY_SUBJECTS, limit="subjects", maximum=MOST_SUBJECTS
        )
    digests = {person: digest(*person) for person in people}
    return tuple(KnownSubject(digests[person], path) for path, person in named)


def _incomplete(coverage: Coverage) -> Iterator[DecisionReason]:
    if not coverage.complete:
        unread = any(gap.kind is Gap.UNREAD_PART for gap in coverage.gaps)
        yield reasons.reason(reasons.UNREAD_PART if unread else reasons.COVERAGE_INCOMPLETE)


def _covers(seen: Seen, entity: str, text: str) -> bool:
    """Whether findings of the entity hold everything in the text that says something."""
    covered = [False] * len(text)
    for span in seen.spans:
        if span.entity == entity:
            covered[span.start : span.end] = [True] * (span.end - span.start)
    return all(done or not tells(char) for done, char in zip(covered, text, strict=True))


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
