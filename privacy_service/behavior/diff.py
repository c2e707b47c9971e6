"""What changed between two versions of a behavior contract, and which way.

A change tightens where less is released, or less as it came. What is not known to tighten weakens:
also a term that this page does not know yet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from privacy_service.behavior import model
from privacy_service.behavior.canonical import plain
from privacy_service.behavior.model import (
    BehaviorContract,
    Expectation,
    FailureMode,
    Remedy,
    RemedyKind,
)
from privacy_service.contracts.change import Change, Way, compared
from privacy_service.contracts.governance import STRICTNESS, USUAL_GRACE

Holds = Callable[[Any, Any], bool]
"""Whether the second is at least as strict as the first."""


def diff(old: BehaviorContract, new: BehaviorContract) -> tuple[Change, ...]:
    """Every changed term, each with its way and why; empty for equal contracts."""
    return (
        *_term_changes(_CONTRACT, old, new, "", apart=_APART),
        *_term_changes(_GOVERNANCE, old.governance, new.governance, "governance."),
        *_term_changes(_SCOPE, old.scope, new.scope, "scope."),
        *_each(old.expectations, new.expectations, "expectations", _expectation_changes),
        *_confidence_changes(old, new),
        *_each(old.failure_modes, new.failure_modes, "failure_modes", _mode_changes),
        *_term_changes(_REVIEW, old.review, new.review, "review.", apart=("otherwise",)),
        *_remedy_changes(old.review.otherwise, new.review.otherwise, "review.otherwise"),
    )


# -- Which of two values is stricter ----------------------------------------------------------


def _same(old: Any, new: Any) -> bool:
    return bool(old == new)


def _anything(_old: object, _new: object) -> bool:
    """Neither is stricter: the term says nothing about what is released."""
    return True


def _least(old: Any, new: Any) -> bool:
    return old is None or (new is not None and new >= old)


def _most(old: Any, new: Any) -> bool:
    return old is None or (new is not None and new <= old)


def _asked(old: object, new: object) -> bool:
    """To ask for something is stricter than to ask for nothing; two things can't be compared."""
    return old is None or old in ((), new)


def _all_of(old: Iterable[object], new: Iterable[object]) -> bool:
    return {*old} <= {*new}


def _one_of(old: Sequence[object] | None, new: Sequence[object] | None) -> bool:
    return old is None or (new is not None and {*new} <= {*old})


def _scores(old: Mapping[str, float], new: Mapping[str, float]) -> bool:
    """Every label that was bounded is, by no more."""
    return all(label in new and new[label] <= most for label, most in old.items())


def _use_cases(old: Sequence[str], new: Sequence[str]) -> bool:
    """With none listed, requests name none: not comparable with a list."""
    return bool(old) == bool(new) and {*new} <= {*old}


def _later(old: Any, new: Any) -> bool:
    return bool(new >= old)


def _sooner(old: Any, new: Any) -> bool:
    return old is None or (new is not None and new <= old)


def _suspended(old: model.Status, new: model.Status) -> bool:
    return new is model.Status.SUSPENDED or old is new


def _severe(old: model.Severity, new: model.Severity) -> bool:
    order = list(model.Severity)
    return order.index(new) >= order.index(old)


def _whole(old: model.Streaming | None, new: model.Streaming | None) -> bool:
    """What is broken off may have gone out in part; with nothing said, no part of it has."""
    return (old is not None and old.may_break_off) or new is None or not new.may_break_off


def _unspent(old: model.Monitor, new: model.Monitor) -> bool:
    """The same baseline, and every objective with at least its share over the same time."""
    by_id = {one.id: one for one in new.objectives}
    return old.baseline in (None, new.baseline) and all(
        (known := by_id.get(one.id)) is not None
        and (known.good, known.over) == (one.good, one.over)
        and known.share >= one.share
        for one in old.objectives
    )


def _succeeds(old: Sequence[model.Criterion], new: Sequence[model.Criterion]) -> bool:
    """Every criterion is there, over the same checks, and as near to its target or nearer."""
    by_id = {one.id: one for one in new}
    return all(
        (known := by_id.get(one.id)) is not None
        and (known.signal, known.over, known.use_case) == (one.signal, one.over, one.use_case)
        and _least(_floor(one), _floor(known))
        and _most(_ceiling(one), _ceiling(known))
        for one in old
    )


def _floor(one: model.Criterion) -> float | None:
    return None if one.at_least is None else one.at_least - one.variance


def _ceiling(one: model.Criterion) -> float | None:
    return None if one.at_most is None else one.at_most + one.variance


def _played(old: Sequence[model.Playbook], new: Sequence[model.Playbook]) -> bool:
    """Every playbook does what it did, in as little time; titles and owners are for people."""
    by_id = {one.id: one for one in new}
    return all(
        (known := by_id.get(one.id)) is not None
        and (known.targets, known.steps) == (one.targets, one.steps)
        for one in old
    )


def _grace(old: timedelta | None, new: timedelta | None) -> bool:
    return (new or USUAL_GRACE) <= (old or USUAL_GRACE)


def _four_eyes(old: model.Severity | None, new: model.Severity | None) -> bool:
    """From a severity on, two people approve: the lower it is, the more often."""
    order = list(model.Severity)
    return old is None or (new is not None and order.index(new) <= order.index(old))


def _ranked(old: StrEnum, new: StrEnum) -> bool:
    return STRICTNESS[new] >= STRICTNESS[old]


def _topics(old: Sequence[model.Topic], new: Sequence[model.Topic]) -> bool:
    by_name = {topic.name: topic for topic in new}
    return all(
        (known := by_name.get(topic.name)) is not None
        and _all_of(topic.words, known.words)
        and _all_of(topic.patterns, known.patterns)
        for topic in old
    )


def _tools(old: Sequence[model.Tool], new: Sequence[model.Tool]) -> bool:
    by_name = {tool.name: tool for tool in old}
    return all(
        (known := by_name.get(tool.name)) is not None and _asked(known.arguments, tool.arguments)
        for tool in new
    )


@dataclass(frozen=True, slots=True)
class _Term:
    """A field, how two of its values compare, and what is said of either way."""

    name: str
    holds: Holds
    tightened: str = "It asks for more."
    weakened: str = "It asks for less, or for something else."


_WORDS: Final = "Other words are released in its place, and nothing judges those."
_UNJUDGED: Final = "Nothing is judged by it."
_CONTRACT: Final = (
    _Term("id", _same, weakened="It is another contract."),
    _Term("party", _same, weakened="Another partner takes part."),
    _Term("provider", _same, weakened="Another partner's model answers."),
    _Term("status", _suspended, "Everything is refused.", "What was refused is judged."),
    _Term("effective_from", _later, "It begins later.", "It begins earlier."),
    _Term("effective_until", _sooner, "It ends sooner.", "It ends later, or not at all."),
    _Term(
        "personal_data_purpose", _asked,
        "Personal data is treated by the sharing contract for this purpose.",
        "Personal data is not treated, or for another purpose.",
    ),
    *(_Term(name, _anything, _UNJUDGED, _UNJUDGED)
      for name in ("title", "owner", "review_by", "examples", "people")),
    _Term("sampling", _asked, "People look at answers.", "People look at fewer, or at others."),
    _Term(
        "streaming", _whole, "Nothing is out before all of it is judged.",
        "A part may be out before what follows is judged.",
    ),
    _Term("playbooks", _played, "More is done about failures.", "Other things are done, or less."),
    _Term("monitor", _unspent, "More is watched for.", "It is watched for less, or otherwise."),
)  # fmt: skip
_SCOPE: Final = (
    _Term("use_cases", _use_cases, "It is used for less.", "It is used for more, or other things."),
    _Term("domains", lambda old, new: {*new} <= {*old}, "For fewer trades.", "For other trades."),
    _Term("success", _succeeds, "More has to be reached.", "Less has to be reached, or other."),
    _Term("audiences", lambda old, new: {*new} <= {*old}, "For fewer people.", "For other people."),
    _Term("out_of_scope", _all_of, "More is none of its business.", "Less is off limits."),
    _Term("constraints", _all_of, "More binds it.", "Less binds it."),
)
_GOVERNANCE: Final = (
    _Term("approval", _ranked, "More changes need an approval.", "Fewer need one."),
    _Term("approvers", _ranked, "Both partners approve changes.", "One partner approves changes."),
    _Term("recertify", _most, "It is looked at again sooner.", "It is looked at again later."),
    _Term("grace", _grace, "It is refused sooner.", "It works for longer, unlooked at."),
    _Term("notice", _least, "Changes are announced for longer.", "For less long, or not at all."),
)
_REVIEW: Final = (
    _Term("within", _most, "It waits for less long.", "It waits for longer."),
    _Term("due", _most, "It is to be decided sooner.", "It is to be decided later, or any time."),
    _Term("four_eyes", _four_eyes, "Two people approve more.", "One person approves more."),
    _Term("reasons", _asked, "A reason is named.", "No reason is named, or others are."),
    _Term("escalation", _asked, "Others are told when it is late.", "Fewer or others are told."),
    _Term("training", _all_of, "More has to be known.", "Less has to be known, or other things."),
    _Term("keep", _most, "What was approved is kept for less long.", "It is kept for longer."),
)
_APART: Final = frozenset(
    {"governance", "scope", "expectations", "confidence", "failure_modes", "review"}
)
"""Fields of the contract that have rules of their own."""

_MUST: Final[Mapping[type, tuple[_Term, ...]]] = {
    model.Format: (
        _Term("media_type", _asked), _Term("schema", _asked), _Term("matches", _asked),
        _Term("one_of", _one_of),
    ),
    model.Length: (
        _Term("unit", _same),
        _Term("least", _least),
        _Term("most", _most),
        _Term("tokenizer", _same),
    ),
    model.Language: (_Term("one_of", _one_of),),
    model.Readability: (_Term("most_lix", _most),),
    model.Wording: (_Term("require", _all_of), _Term("forbid", _all_of)),
    model.Patterns: (_Term("require", _all_of), _Term("forbid", _all_of)),
    model.Topics: (_Term("forbid", _topics),),
    model.Citations: (_Term("least", _least),),
    model.Quotes: (_Term("words", _most),),
    model.Grounding: (_Term("numbers", _least), _Term("names", _least), _Term("share", _least)),
    model.NoSecrets: (),
    model.NoInjection: (_Term("most", _most),),
    model.NoPromptLeak: (_Term("words", _most),),
    model.ToolCalls: (_Term("allow", _tools),),
    model.Tone: tuple(_Term(one.name, _most) for one in fields(model.Tone)),
    model.Classified: (_Term("name", _same), _Term("most", _scores)),
}  # fmt: skip
_CONFIDENCE: Final = (
    _Term("answer", _least), _Term("partial", _least), _Term("unstated", _most),
    _Term("say", _same, weakened=_WORDS),
    _Term("person", _same, weakened="People decide about others, or about fewer."),
)  # fmt: skip
_SEVERITY: Final = _Term("severity", _severe, "It counts for more.", "It counts for less.")
_EXPECTATION: Final = (
    _SEVERITY,
    _Term("side", _same, weakened="It is looked for on the other side."),
)
_MODE: Final = (
    _SEVERITY,
    _Term("when", _same, weakened="It fires on something else."),
    *(_Term(name, _anything, _UNJUDGED, _UNJUDGED)
      for name in ("category", "symptoms", "impact", "owner")),
    _Term("playbook", _asked, "It starts a playbook.", "It starts none, or another."),
    _Term("over", _same, weakened="It looks at other checks."),
)  # fmt: skip


def _term_changes(
    terms: Iterable[_Term], old: Any, new: Any, place: str, *, apart: Collection[str] = ()
) -> Iterator[Change]:
    """The fields of a dataclass that changed, but for those `apart`; one without a rule weakens."""
    rules = {term.name: term for term in terms}
    for one in fields(new):
        before, after = getattr(old, one.name), getattr(new, one.name)
        if before == after or one.name in apart:
            continue
        rule = rules.get(one.name) or _Term(
            one.name, _same, weakened="It is not known which way this goes."
        )
        way = compared(tighter=rule.holds(before, after), looser=rule.holds(after, before))
        yield Change(
            path=f"{place}{one.name}",
            before=plain(before),
            after=plain(after),
            direction=way,
            why=rule.tightened if way is Way.TIGHTENS else rule.weakened,
        )


# -- Expectations, confidence, failure modes --------------------------------------------------


def _each(
    old: Iterable[Any],
    new: Iterable[Any],
    place: str,
    changes: Callable[[Any, Any, str], Iterator[Change]],
) -> Iterator[Change]:
    """What has an id, by it: added, removed or changed."""
    ours, theirs = {one.id: one for one in old}, {one.id: one for one in new}
    for name in sorted({*ours, *theirs}):
        path, before, after = f"{place}:{name}", ours.get(name), theirs.get(name)
        if before is not None and after is not None:
            yield from changes(before, after, path)
        elif after is not None:
            yield Change(
                path=path, before=None, after=plain(after),
                direction=Way.TIGHTENS, why="More is looked for.",
            )  # fmt: skip
        else:
            yield Change(
                path=path, before=plain(before), after=None,
                direction=Way.WEAKENS, why="It is no longer looked for.",
            )  # fmt: skip


def _expectation_changes(old: Expectation, new: Expectation, path: str) -> Iterator[Change]:
    if type(old.must) is type(new.must):
        yield from _term_changes(_MUST.get(type(new.must), ()), old.must, new.must, f"{path}.")
    else:
        yield Change(
            path=f"{path}.must", before=plain(old.must), after=plain(new.must),
            direction=Way.WEAKENS, why="Something else is expected.",
        )  # fmt: skip
    yield from _remedy_changes(old.otherwise, new.otherwise, f"{path}.otherwise")
    yield from _term_changes(_EXPECTATION, old, new, f"{path}.", apart=("must", "otherwise"))


def _mode_changes(old: FailureMode, new: FailureMode, path: str) -> Iterator[Change]:
    yield from _remedy_changes(old.remedy, new.remedy, f"{path}.remedy")
    yield from _term_changes(_MODE, old, new, f"{path}.", apart=("remedy",))


def _remedy_changes(old: Remedy, new: Remedy, path: str) -> Iterator[Change]:
    """A remedy by its strictness; of equally strict ones, by the words that it releases."""
    if old == new:
        return
    released = new.kind in (RemedyKind.REPLACE, RemedyKind.ABSTAIN)
    if old.kind is not new.kind:
        way = Way.TIGHTENS if new.kind.strictness > old.kind.strictness else Way.WEAKENS
        why = "A stricter remedy." if way is Way.TIGHTENS else "A milder remedy."
    else:
        way = Way.WEAKENS if released else Way.NEUTRAL
        why = _WORDS if released else "The model is asked in other words."
    yield Change(path=path, before=plain(old), after=plain(new), direction=way, why=why)


def _confidence_changes(old: BehaviorContract, new: BehaviorContract) -> Iterator[Change]:
    before, after = old.confidence, new.confidence
    if before is not None and after is not None:
        yield from _term_changes(_CONFIDENCE, before, after, "confidence.")
    elif before != after:
        yield Change(
            path="confidence", before=plain(before), after=plain(after),
            direction=Way.WEAKENS if after is None else Way.TIGHTENS,
            why="Stated confidence counts for nothing." if after is None
            else "What is stated with little confidence is not released as an answer.",
        )  # fmt: skip
