"""Inspect: every scalar and every key that is left, in every form a person could read it in.

A text is canonicalized for detection only; what is found lands on the characters of the text as
it stands. Within one request the same text at the same kind of place is inspected once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from privacy_service import errors
from privacy_service.enforcement.answer import Coverage, CoverageGap
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.findings import (
    Detector,
    Finding,
    Gap,
    Inspected,
    Passage,
    Place,
    Span,
)
from privacy_service.enforcement.mixed import sentences
from privacy_service.enforcement.numerals import in_digits
from privacy_service.enforcement.unmarked import says_nothing_new
from privacy_service.errors import PrivacyError
from privacy_service.payloads.canonical import View, Views, views
from privacy_service.payloads.document import Limits, Node, Path, Unread, alike, pointer

_LOOKS_PER_GLANCE: Final = 4_096
"""After how many texts the clock is looked at."""


@dataclass(frozen=True, slots=True)
class Look:
    """One text to look at: a node's value, or its key. `named` is what it is called elsewhere;
    where `only` names entities, it is looked at for those alone. `forms` are the forms of the text,
    where they are known already.
    """

    node: Node
    place: Place
    text: str
    expected: str | None
    prose: bool
    named: str | None = None
    only: frozenset[str] | None = None
    forms: Views | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look came to: spans in the text's own code points, sorted.

    Spans found in different forms of the text may overlap; whoever treats them covers them all.
    """

    spans: tuple[Span, ...] = ()
    gaps: tuple[Gap, ...] = ()
    by_model: bool = False

    def and_also(self, more: Seen) -> Seen:
        """What this look and another one at the same text came to."""
        return Seen(
            spans=(*self.spans, *more.spans),
            gaps=tuple({*self.gaps, *more.gaps}),
            by_model=self.by_model or more.by_model,
        )


@dataclass(slots=True)
class Inspector:
    """Looks at texts for one request, and keeps the tally for the coverage statement."""

    detector: Detector
    deadline: Deadline
    limits: Limits
    _memo: dict[tuple[object, ...], Seen] = field(default_factory=dict)

    def look(self, looks: Sequence[Look]) -> list[Seen]:
        """One answer per look, in order.

        Raises what the detector raises, and DEADLINE_PASSED.
        """
        fresh = {key: look for look in looks if (key := _key(look)) not in self._memo}
        if fresh:
            self._inspect(fresh)
        return [self._memo[_key(look)] for look in looks]

    def look_across(
        self,
        nodes: Sequence[Node],
        open_to_look: Collection[int],
        kept: Iterable[Node],
        *,
        prose: bool,
    ) -> Iterator[tuple[int, Seen]]:
        """What lies across the parts of a sentence (`mixed.py`): per part, by its node's index."""
        found = list(sentences(nodes, open_to_look, kept))
        looks = [Look(one.holder, Place.VALUE, one.text, None, prose=prose) for one in found]
        for sentence, seen in zip(found, self.look(looks), strict=True):
            for index, span in sentence.across(seen.spans):
                yield index, Seen((span,))
            if seen.gaps:
                first = next(node.index for node in sentence.nodes if node is not None)
                yield first, Seen(gaps=seen.gaps)

    def require_bounded(self, seen: Sequence[Seen]) -> None:
        """Raises PAYLOAD_TOO_MANY_FINDINGS for what one payload came to."""
        if sum(len(one.spans) for one in seen) > self.limits.findings:
            raise PrivacyError(
                errors.PAYLOAD_TOO_MANY_FINDINGS, limit="findings", maximum=self.limits.findings
            )

    def _inspect(self, fresh: Mapping[tuple[object, ...], Look]) -> None:
        passages: list[Passage] = []
        plan: list[tuple[tuple[object, ...], tuple[View, ...], bool]] = []
        for count, (key, look) in enumerate(fresh.items()):
            if count % _LOOKS_PER_GLANCE == 0:
                self.deadline.left()  # whoever asked may be gone
            forms = look.forms or views(look.text)
            number = in_digits(look.text)
            read = forms.views if number is None else (*forms.views, number)
            plan.append((key, read, forms.bounded))
            passages.extend(_passage(look, view, forms.views[0]) for view in read)
        answers = iter(self.detector.detect(passages, seconds=self.deadline.left()))
        for key, forms_of_text, bounded in plan:
            self._memo[key] = _joined(
                [(view, next(answers)) for view in forms_of_text], bounded=bounded
            )


def _key(look: Look) -> tuple[object, ...]:
    names = tuple(step for step in look.node.path if isinstance(step, str))
    return (look.text, names, look.named, look.place, look.expected, look.prose, look.only)


def _passage(look: Look, view: View, first: View) -> Passage:
    path = look.node.path
    return Passage(
        text=view.text,
        path=path if look.place is Place.VALUE else path[:-1],
        place=look.place,
        expected=look.expected,
        prose=look.prose and not says_nothing_new(view, first),
        named=look.named,
        only=look.only,
    )


def _joined(answers: list[tuple[View, Inspected]], *, bounded: bool) -> Seen:
    """The answers for all forms of one text, as one: spans mapped back and merged."""
    spans = [
        Span(entity=span.entity, start=start, end=end, score=span.score, detector=span.detector)
        for view, answer in answers
        for span in answer.spans
        for start, end in (view.span(span.start, span.end),)
    ]
    gaps = {gap for _view, answer in answers for gap in answer.gaps}
    if bounded:
        gaps.add(Gap.CANONICALIZATION_BOUND)
    return Seen(
        spans=tuple(sorted(_best_of_each(spans), key=lambda s: (s.start, s.end, s.entity))),
        gaps=tuple(sorted(gaps, key=lambda gap: gap.value)),
        by_model=any(answer.by_model for _view, answer in answers),
    )


def _best_of_each(spans: Iterable[Span]) -> Iterable[Span]:
    best: dict[tuple[str, int, int], Span] = {}
    for span in spans:
        key = (span.entity, span.start, span.end)
        if key not in best or span.score > best[key].score:
            best[key] = span
    return best.values()


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping spans as one that covers them all: the entity of the best score names it.

    Nothing that any of them covered stays outside; spans that merely touch stay apart.
    """
    result: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        if result and span.start < result[-1].end:
            last = result[-1]
            best = max(last, span, key=lambda s: (s.score, s.end - s.start))
            result[-1] = Span(
                entity=best.entity,
                start=last.start,
                end=max(last.end, span.end),
                score=best.score,
                detector=best.detector,
            )
        else:
            result.append(span)
    return tuple(result)


def findings_of(look: Look, spans: Iterable[Span]) -> list[Finding]:
    """The spans of one look as findings in the document."""
    return [
        Finding(
            entity=span.entity,
            path=look.node.path,
            node=look.node.index,
            place=look.place,
            start=span.start,
            end=span.end,
            score=span.score,
            detector=span.detector,
        )
        for span in spans
    ]


@dataclass(slots=True)
class Tally:
    """Counts what was looked at, for the coverage statement."""

    values_total: int = 0
    values_inspected: int = 0
    keys_inspected: int = 0
    values_by_model: int = 0
    gaps: Counter[tuple[Gap, str]] = field(default_factory=Counter)

    def value(self, seen: Seen, path: Path) -> None:
        """Counts a value and what was not done of it."""
        self.values_total += 1
        self.values_by_model += seen.by_model
        self.values_inspected += not seen.gaps
        self._gaps(seen, path)

    def key(self, seen: Seen, path: Path) -> None:
        """Counts a key and what was not done of it."""
        self.keys_inspected += not seen.gaps
        self._gaps(seen, path)

    def settled(self, values: int) -> None:
        """Counts values that need no look: nothing of them leaves as it is."""
        self.values_total += values
        self.values_inspected += values

    def unread(self, part: Unread) -> None:
        """Counts a part that has no text to inspect."""
        self.gaps[Gap.UNREAD_PART, pointer(part.path)] += 1

    def coverage(self, rounds: int) -> Coverage:
        """The coverage statement."""
        return Coverage(
            values_total=self.values_total,
            values_inspected=self.values_inspected,
            keys_inspected=self.keys_inspected,
            values_by_model=self.values_by_model,
            gaps=tuple(
                CoverageGap(kind=kind, path=path, count=count)
                for (kind, path), count in sorted(
                    self.gaps.items(), key=lambda item: (item[0][1], item[0][0].value)
                )
            ),
            rounds=rounds,
        )

    def _gaps(self, seen: Seen, path: Path) -> None:
        for gap in seen.gaps:
            self.gaps[gap, alike(path)] += 1
