"""A behavior contract, compiled: each expectation as a function that judges, each condition as a
program. Made once per version, used by many threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from privacy_service.behavior import attacks, classifying, grounds, secrets, wording
from privacy_service.behavior.forms import FormatCheck, ToolCheck
from privacy_service.behavior.judgement import Judgement, broken, kept, undetermined
from privacy_service.behavior.model import (
    BehaviorContract,
    Citations,
    Classified,
    Expectation,
    FailureMode,
    Format,
    Grounding,
    Language,
    Length,
    Must,
    NoInjection,
    NoPromptLeak,
    NoSecrets,
    Patterns,
    Quotes,
    Readability,
    Side,
    Tone,
    ToolCalls,
    Topics,
    Unit,
    Wording,
)
from privacy_service.behavior.signals import Condition, condition
from privacy_service.behavior.subject import Subject
from privacy_service.behavior.tokens import TokenizerFault
from privacy_service.behavior.tone import toned

Judge = Callable[[Subject], Judgement]


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """The contract, its expectations in order, its failure modes of single checks, and the shares
    of answers to be looked at where a condition says that they are risky. `glances`: by side, what
    tells many of the expectations at once.
    """

    contract: BehaviorContract
    judges: tuple[tuple[Expectation, Judge], ...]
    modes: tuple[tuple[FailureMode, Condition], ...]
    risks: tuple[tuple[float, Condition], ...] = ()
    glances: Mapping[Side, Glance] = field(default_factory=dict)

    def kept_at_a_glance(self, subject: Subject) -> frozenset[str]:
        """The ids of expectations that are kept because nothing that any of them forbids stands in
        the subject; there are others that are kept.
        """
        glance = self.glances.get(subject.side)
        if glance is None:
            return _NONE
        for _node, _view, data in subject.encoded:
            if glance.sought.pattern.search(data):
                return _NONE
        return glance.ids


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """Expectations that do nothing but forbid wording, and one pattern for all that they forbid."""

    sought: wording.Sought
    ids: frozenset[str]


_NONE: Final = frozenset[str]()


def compiled(contract: BehaviorContract) -> Compiled:
    """Raises what its parts raise for a contract that `lint` did not pass."""
    judges = tuple((one, judge_of(one.must)) for one in contract.expectations)
    return Compiled(
        contract=contract,
        judges=judges,
        modes=tuple(
            (mode, condition(mode.when)) for mode in contract.failure_modes if mode.over is None
        ),
        risks=tuple(
            (one.share, condition(one.when))
            for one in (() if contract.sampling is None else contract.sampling.risk)
        ),
        glances=dict(_glances(judges)),
    )


def _glances(judges: Iterable[tuple[Expectation, Judge]]) -> Iterator[tuple[Side, Glance]]:
    forbidding = [(one, judge) for one, judge in judges if isinstance(judge, _Forbids)]
    for side in Side:
        here = [(one, judge) for one, judge in forbidding if one.side is side]
        together = wording.any_of([sought for _one, judge in here for sought in judge.sought])
        if together is not None:
            yield side, Glance(together, frozenset(one.id for one, _judge in here))


def judge_of(must: Must) -> Judge:
    """The function that judges. Raises `re2.error` and SchemaFault."""
    return _JUDGES[type(must)](must)


def _length(must: Length, subject: Subject) -> Judgement:
    try:
        count = _count(must, subject)
    except TokenizerFault:
        return undetermined("Its tokens could not be counted.")
    if must.least is not None and count < must.least:
        return broken("It is too short.", count=count, bound=must.least)
    if must.most is not None and count > must.most:
        return broken("It is too long.", count=count, bound=must.most)
    return kept(count, must.most if must.most is not None else must.least)


def _count(must: Length, subject: Subject) -> int:
    if must.unit is Unit.TOKENS:
        return subject.tokens(must.tokenizer or "")
    if must.unit is Unit.ITEMS and subject.elements is not None:
        return subject.elements
    count: int = getattr(subject.measures, must.unit.value)
    return count


def _language(must: Language, subject: Subject) -> Judgement:
    if subject.language is None or subject.language in must.one_of:
        return kept()
    return broken("It is in another language.")


def _readability(must: Readability, subject: Subject) -> Judgement:
    lix = round(subject.measures.lix, 1)
    if lix <= must.most_lix:
        return kept(lix, must.most_lix)
    return broken("It is too hard to read.", count=lix, bound=must.most_lix)


@dataclass(frozen=True, slots=True)
class _Forbids:
    """Judges that none of what is sought stands in it."""

    sought: tuple[wording.Sought, ...]
    why: str

    def __call__(self, subject: Subject) -> Judgement:
        return wording.forbidden(subject, self.sought, why=self.why)


def _wording(must: Wording) -> Judge:
    require = tuple(one for phrase in must.require for one in wording.phrases((phrase,)))
    return _said(wording.phrases(must.forbid), require, "phrase")


def _patterns(must: Patterns) -> Judge:
    require = tuple(map(wording.sought, must.require))
    return _said(tuple(map(wording.sought, must.forbid)), require, "pattern")


_FORBIDDEN: Final = {
    "phrase": "A phrase that the contract forbids stands in it.",
    "pattern": "A pattern that the contract forbids is found in it.",
}
_REQUIRED: Final = {
    "phrase": "A phrase that the contract requires is missing.",
    "pattern": "A pattern that the contract requires is not found.",
}


def _said(
    forbid: tuple[wording.Sought, ...], require: tuple[wording.Sought, ...], what: str
) -> Judge:
    forbids = _Forbids(forbid, _FORBIDDEN[what])
    if not require:
        return forbids

    def judge(subject: Subject) -> Judgement:
        result = forbids(subject)
        return result if result.why else wording.required(subject, require, why=_REQUIRED[what])

    return judge


def _topics(must: Topics) -> Judge:
    listed = [
        (
            topic.name,
            (*wording.phrases(topic.words), *map(wording.sought, topic.patterns)),
        )
        for topic in must.forbid
    ]
    return lambda subject: wording.topics(subject, listed)


def _with(judge: Callable[[Subject, Any], Judgement]) -> Callable[[Any], Judge]:
    return lambda must: lambda subject: judge(subject, must)


_JUDGES: Final[Mapping[type, Callable[[Any], Judge]]] = {
    Format: lambda must: FormatCheck.of(must).judge,
    Length: lambda must: partial(_length, must),
    Language: lambda must: partial(_language, must),
    Readability: lambda must: partial(_readability, must),
    Wording: _wording,
    Patterns: _patterns,
    Topics: _topics,
    Citations: _with(grounds.citations),
    Quotes: _with(grounds.quotes),
    Grounding: _with(grounds.grounding),
    NoSecrets: lambda _must: secrets.no_secrets,
    NoInjection: _with(attacks.injection),
    NoPromptLeak: _with(attacks.prompt_leak),
    Tone: _with(toned),
    Classified: _with(classifying.classified),
    ToolCalls: lambda must: ToolCheck.of(must.allow).judge,
}
