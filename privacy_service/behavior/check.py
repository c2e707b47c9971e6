"""The story of one check, under one compiled contract.

1. Every expectation of the side is judged. 2. The signals that the failure modes ask for are worked
out, and their conditions looked at. 3. The remedies of what is broken and of what fired are put
together: the strictest wins. 4. A redaction is judged again, as often as it changes something.
5. The confidence says whether what is left is an answer, a part of one, or none. 6. What a person
is to decide about waits: it is what would be released without that.

Whatever cannot be judged counts as broken, and a condition that cannot be worked out as fired.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from privacy_service.behavior.compiled import Compiled
from privacy_service.behavior.judgement import Judgement, Verdict, kept
from privacy_service.behavior.model import (
    Confidence,
    Expectation,
    FailureMode,
    Outcome,
    Remedy,
    RemedyKind,
    Severity,
    Side,
)
from privacy_service.behavior.signals import ConditionFault, Judged, values_of
from privacy_service.behavior.subject import Subject, TextSpan
from privacy_service.payloads.document import Changes, Document
from privacy_service.payloads.media import media_type

_NOTHING_FOUND: Final = kept(0, 0)
PLACEHOLDER: Final = "<REDACTED>"
"""What stands where something was taken out."""
_ROUNDS: Final = 3
"""So often a redaction is judged again; a text that is then still not clean is refused."""


class ExpectationResult(NamedTuple):
    """An expectation and what judging it came to."""

    expectation: Expectation
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a prompt or an output comes to.

    `content` is None unless the outcome releases; `content_type` is its type, which is another
    one than came in where the contract's words take its place. `ask` is what to ask the model for.
    `results` are of the text as it came. `substituted`: the contract's words stand there. `waits`
    is what a person decides about, where the outcome is HELD.
    """

    outcome: Outcome
    content: bytes | None = field(repr=False)
    content_type: str
    results: tuple[ExpectationResult, ...]
    failures: tuple[FailureMode, ...]
    ask: tuple[str, ...] = ()
    substituted: bool = False
    waits: Waiting | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for a person: what it comes to if that person approves, why, and how bad it is."""

    approved: Checked
    reasons: tuple[str, ...]
    severity: Severity


Reread = Callable[[bytes], Subject]
"""The same subject with other content."""


def check(compiled: Compiled, subject: Subject, reread: Reread) -> Checked:
    """What the contract makes of it. Raises what the detector raises, and DEADLINE_PASSED."""
    results = tuple(judged(compiled, subject))
    failures = tuple(_fired(compiled, subject, results)) if compiled.modes else ()
    bands = compiled.contract.confidence if subject.side is Side.OUTPUT else None
    if bands is None and not failures and not any(map(_is_broken, results)):
        return _as_it_came(subject, results)
    asked = _person_asked(results, failures)
    due = [one.expectation.otherwise for one in results if _is_broken(one)]
    due += [mode.remedy for mode in failures]
    due = [one for one in due if one.kind is not RemedyKind.HOLD]
    worst = max((one.kind for one in due), key=lambda kind: kind.strictness, default=None)
    content: bytes | None = subject.content
    if worst is RemedyKind.REDACT:
        content = _redacted(compiled, subject, results, reread)
        worst = RemedyKind.REFUSE if content is None else worst
    if bands is None:
        return _held(_done(subject, worst, due, content, results, failures), asked)
    if bands.person is not None and bands.person <= _confidence(subject, bands) < bands.partial:
        asked = (*asked, ("CONFIDENCE_LOW", Severity.MEDIUM))
        return _held(_done(subject, worst, due, content, results, failures), asked)
    return _held(_with_confidence(subject, bands, worst, due, content, results, failures), asked)


def _as_it_came(subject: Subject, results: tuple[ExpectationResult, ...]) -> Checked:
    """What nothing stands against: nearly everything."""
    return Checked(
        outcome=Outcome.ACCEPTED,
        content=subject.content,
        content_type=subject.document.content_type,
        results=results,
        failures=(),
    )


_Asked = tuple[tuple[str, Severity], ...]
"""Why a person is asked, and how bad each is."""


def _person_asked(results: Sequence[ExpectationResult], failures: Sequence[FailureMode]) -> _Asked:
    return (
        *(
            (f"EXPECTATION_BROKEN:{one.expectation.id}", one.expectation.severity)
            for one in results
            if _is_broken(one) and one.expectation.otherwise.kind is RemedyKind.HOLD
        ),
        *(
            (f"FAILURE_FIRED:{mode.id}", mode.severity)
            for mode in failures
            if mode.remedy.kind is RemedyKind.HOLD
        ),
    )


def _held(checked: Checked, asked: _Asked) -> Checked:
    """What would be released waits, where a person is asked. The contract's own words do not: they
    are what a stricter remedy says.
    """
    if not asked or not checked.outcome.releases or checked.substituted:
        return checked
    waiting = Waiting(
        approved=checked,
        reasons=tuple(reason for reason, _severity in asked),
        severity=max((severity for _reason, severity in asked), key=lambda one: one.rank),
    )
    return replace(checked, outcome=Outcome.HELD, content=None, waits=waiting)


def _confidence(subject: Subject, bands: Confidence) -> float:
    stated = subject.company.confidence
    return bands.unstated if stated is None else stated


def judged(compiled: Compiled, subject: Subject) -> Iterator[ExpectationResult]:
    """Every expectation of the subject's side, judged."""
    side, at_a_glance = subject.side, compiled.kept_at_a_glance(subject)
    for expectation, judge in compiled.judges:
        if expectation.id in at_a_glance:
            yield ExpectationResult(expectation, _NOTHING_FOUND)
        elif expectation.side is side:
            yield ExpectationResult(expectation, judge(subject))


def _is_broken(result: ExpectationResult) -> bool:
    return result.judgement.verdict is not Verdict.KEPT


def _fired(
    compiled: Compiled, subject: Subject, results: Sequence[ExpectationResult]
) -> Iterator[FailureMode]:
    if not compiled.modes:
        return
    names = sorted({name for _mode, condition in compiled.modes for name in condition.names})
    values = values_of(subject, known_of(results), names)
    for mode, condition in compiled.modes:
        try:
            if condition.holds(values):
                yield mode
        except ConditionFault:
            yield mode


def known_of(results: Sequence[ExpectationResult]) -> Judged:
    """What conditions may ask of the expectations."""
    return Judged(
        broken=_ids(results, Verdict.BROKEN),
        undetermined=_ids(results, Verdict.UNDETERMINED),
        topics=tuple(
            one.judgement.name
            for one in results
            if one.judgement.verdict is Verdict.BROKEN and one.judgement.name is not None
        ),
    )


def _ids(results: Iterable[ExpectationResult], verdict: Verdict) -> tuple[str, ...]:
    return tuple(one.expectation.id for one in results if one.judgement.verdict is verdict)


# -- Remedies ---------------------------------------------------------------------------------


def _redacted(
    compiled: Compiled, subject: Subject, results: Sequence[ExpectationResult], reread: Reread
) -> bytes | None:
    """The content with placeholders; None where that does not mend what it should."""
    for _round in range(_ROUNDS):
        mendable = [one for one in results if _is_broken(one) and _to_redact(one)]
        if not mendable:
            return subject.content
        spans = [span for one in mendable for span in one.judgement.spans]
        if not all(one.judgement.spans for one in mendable):
            return None
        subject = reread(_without(subject.document, spans))
        results = tuple(judged(compiled, subject))
    return None


def _to_redact(result: ExpectationResult) -> bool:
    return result.expectation.otherwise.kind is RemedyKind.REDACT


def _without(document: Document, spans: Iterable[TextSpan]) -> bytes:
    by_node: dict[int, list[tuple[int, int]]] = {}
    for span in spans:
        by_node.setdefault(span.node, []).append((span.start, span.end))
    values = {
        index: redacted_text(document.nodes[index].text, listed)
        for index, listed in by_node.items()
    }
    return document.render(Changes(values=values))


def redacted_text(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with one placeholder for spans that overlap or touch."""
    parts: list[str] = []
    at, last = 0, -1
    for start, end in sorted(spans):
        if start > last:
            parts += [text[at:start], PLACEHOLDER]
        at = last = max(last, end)
    return "".join((*parts, text[at:]))


def _with_confidence(
    subject: Subject,
    bands: Confidence,
    worst: RemedyKind | None,
    due: Sequence[Remedy],
    content: bytes | None,
    results: tuple[ExpectationResult, ...],
    failures: tuple[FailureMode, ...],
) -> Checked:
    confidence = _confidence(subject, bands)
    stays = worst is None or worst.strictness < RemedyKind.ABSTAIN.strictness
    if confidence < bands.partial and stays:
        low = Remedy(kind=RemedyKind.ABSTAIN, say=bands.say)
        return _done(subject, RemedyKind.ABSTAIN, [low], content, results, failures)
    done = _done(subject, worst, due, content, results, failures)
    if confidence < bands.answer and done.outcome in (Outcome.ACCEPTED, Outcome.TREATED):
        return Checked(
            outcome=Outcome.PARTIAL,
            content=done.content,
            content_type=done.content_type,
            results=results,
            failures=failures,
            substituted=done.substituted,
        )
    return done


_OUTCOMES: Final = {
    None: Outcome.ACCEPTED,
    RemedyKind.NOTE: Outcome.ACCEPTED,
    RemedyKind.REDACT: Outcome.TREATED,
    RemedyKind.ASK_AGAIN: Outcome.ASK_AGAIN,
    RemedyKind.REPLACE: Outcome.TREATED,
    RemedyKind.ABSTAIN: Outcome.ABSTAINED,
    RemedyKind.REFUSE: Outcome.REFUSED,
}


def _done(
    subject: Subject,
    worst: RemedyKind | None,
    due: Sequence[Remedy],
    content: bytes | None,
    results: tuple[ExpectationResult, ...],
    failures: tuple[FailureMode, ...],
) -> Checked:
    outcome = _OUTCOMES[worst]
    content_type = subject.document.content_type
    said = next((one.say for one in due if one.kind is worst and one.say is not None), None)
    substituted = worst in (RemedyKind.REPLACE, RemedyKind.ABSTAIN)
    if substituted:
        content, content_type = worded(said or "", content_type)
    return Checked(
        outcome=outcome,
        content=content if outcome.releases else None,
        content_type=content_type,
        results=results,
        failures=failures,
        ask=_asks(due) if outcome is Outcome.ASK_AGAIN else (),
        substituted=substituted,
    )


def _asks(due: Iterable[Remedy]) -> tuple[str, ...]:
    asked = (one.say for one in due if one.kind is RemedyKind.ASK_AGAIN)
    return tuple(dict.fromkeys(say for say in asked if say))


def worded(said: str, content_type: str) -> tuple[bytes, str]:
    """The contract's words in the type that the reader waits for, or as plain text."""
    name = media_type(content_type).name
    if name != "application/json" and not name.endswith("+json"):
        return said.encode(), "text/plain"
    try:
        json.loads(said)
    except (ValueError, RecursionError):
        said = json.dumps(said, ensure_ascii=False)
    return said.encode(), content_type
