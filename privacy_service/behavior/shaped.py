"""From the reading models to the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from privacy_service.behavior import shape
from privacy_service.behavior.model import (
    Act,
    Baseline,
    BehaviorContract,
    Citations,
    Classified,
    Confidence,
    Criterion,
    Escalation,
    Example,
    Expectation,
    FailureMode,
    FallBack,
    Format,
    Grounding,
    Halt,
    HaltCollection,
    Language,
    Length,
    Monitor,
    Must,
    NoInjection,
    NoPromptLeak,
    NoSecrets,
    Notify,
    Objective,
    OpenIncident,
    Patterns,
    People,
    Playbook,
    Quotes,
    Readability,
    Remedy,
    RemedyKind,
    Reviewing,
    RiskShare,
    Sampling,
    Scope,
    Source,
    Step,
    Streaming,
    Targets,
    Task,
    Throttle,
    Tone,
    Tool,
    ToolCalls,
    Topic,
    Topics,
    Training,
    Window,
    Wording,
)
from privacy_service.contracts.shaped import as_governance


def as_contract(shaped: shape.BehaviorShape) -> BehaviorContract:
    """The contract."""
    bands = shaped.confidence
    return BehaviorContract(
        id=shaped.id,
        title=shaped.title,
        party=shaped.party,
        provider=shaped.provider,
        status=shaped.status,
        effective_from=shaped.effective.start,
        effective_until=shaped.effective.until,
        review_by=shaped.review_by,
        owner=shaped.owner,
        governance=as_governance(shaped.governance),
        scope=Scope(
            use_cases=tuple(shaped.scope.use_cases),
            domains=tuple(shaped.scope.domains),
            audiences=tuple(shaped.scope.audiences),
            out_of_scope=tuple(shaped.scope.out_of_scope),
            constraints=tuple(shaped.scope.constraints),
            success=tuple(
                Criterion(
                    id=one.id,
                    signal=one.signal,
                    over=one.over,
                    at_least=one.at_least,
                    at_most=one.at_most,
                    variance=one.variance,
                    use_case=one.use_case,
                    says=one.says,
                )
                for one in shaped.scope.success
            ),
        ),
        personal_data_purpose=shaped.personal_data_purpose,
        expectations=tuple(map(_expectation, shaped.expectations)),
        confidence=None
        if bands is None
        else Confidence(
            answer=bands.answer,
            partial=bands.partial,
            say=bands.say,
            unstated=bands.unstated,
            person=bands.person,
        ),
        failure_modes=tuple(_failure_mode(one, shaped.playbooks) for one in shaped.failure_modes),
        review=_reviewing(shaped.review),
        people=People(
            party=tuple(shaped.people.party),
            provider=tuple(shaped.people.provider),
            feedback=shaped.people.feedback,
            dissent=shaped.people.dissent,
        ),
        streaming=None
        if shaped.streaming is None
        else Streaming(may_break_off=shaped.streaming.may_break_off),
        sampling=None if shaped.sampling is None else _sampling(shaped.sampling),
        examples=tuple(map(_example, shaped.examples)),
        playbooks=tuple(map(_playbook, shaped.playbooks)),
        monitor=_monitor(shaped.monitor),
    )


def _reviewing(written: shape.ReviewingShape) -> Reviewing:
    return Reviewing(
        within=written.within,
        due=written.due,
        otherwise=_remedy(written.otherwise),
        four_eyes=written.four_eyes,
        reasons=tuple(written.reasons),
        escalation=tuple(
            Escalation(role=one.role, to=tuple(one.to), after=one.after or timedelta(0))
            for one in written.escalation
        ),
        training=tuple(
            Training(id=one.id, title=one.title, valid=one.valid) for one in written.training
        ),
        keep=written.keep,
    )


def _sampling(written: shape.SamplingShape) -> Sampling:
    return Sampling(
        share=written.share,
        risk=tuple(RiskShare(when=one.when, share=one.share) for one in written.risk),
        double=written.double,
        within=written.within,
        labels=tuple(written.labels),
    )


def _remedy(written: str | shape.SaidRemedy) -> Remedy:
    if isinstance(written, str):
        return Remedy(kind=RemedyKind(written))
    for kind, said in (
        (RemedyKind.ASK_AGAIN, written.ask_again),
        (RemedyKind.REPLACE, written.replace),
        (RemedyKind.ABSTAIN, written.abstain),
    ):
        if said is not None:
            return Remedy(kind=kind, say=said)
    raise AssertionError("the shape has one of them")


def _expectation(written: shape.ExpectationShape) -> Expectation:
    (kind,) = written.kinds
    return Expectation(
        id=written.id,
        side=written.side,
        must=_MUST[kind](getattr(written, kind)),
        otherwise=_remedy(written.otherwise),
        severity=written.severity,
    )


def _topics(written: shape.TopicsShape) -> Topics:
    return Topics(
        forbid=tuple(
            Topic(name=one.name, words=tuple(one.words), patterns=tuple(one.patterns))
            for one in written.forbid
        )
    )


_MUST: Final[Mapping[str, Callable[[Any], Must]]] = {
    "format": lambda w: Format(
        media_type=w.media_type,
        schema=w.json_schema,
        matches=w.matches,
        one_of=None if w.one_of is None else tuple(w.one_of),
    ),
    "length": lambda w: Length(unit=w.unit, least=w.least, most=w.most, tokenizer=w.tokenizer),
    "language": lambda w: Language(one_of=tuple(w.one_of)),
    "readability": lambda w: Readability(most_lix=w.most_lix),
    "wording": lambda w: Wording(require=tuple(w.require), forbid=tuple(w.forbid)),
    "patterns": lambda w: Patterns(require=tuple(w.require), forbid=tuple(w.forbid)),
    "topics": _topics,
    "citations": lambda w: Citations(least=w.least),
    "quotes": lambda w: Quotes(words=w.words),
    "grounding": lambda w: Grounding(numbers=w.numbers, names=w.names, share=w.share),
    "secrets": lambda _w: NoSecrets(),
    "injection": lambda w: NoInjection(most=w.most),
    "prompt_leak": lambda w: NoPromptLeak(words=w.words),
    "tone": lambda w: Tone(
        exclamations=w.exclamations,
        questions=w.questions,
        shouting=w.shouting,
        emoji=w.emoji,
        apologies=w.apologies,
    ),
    "classifier": lambda w: Classified(name=w.name, most=dict(w.most)),
    "tool_calls": lambda w: ToolCalls(
        allow=tuple(Tool(name=one.name, arguments=one.arguments) for one in w.allow)
    ),
}


def _failure_mode(
    written: shape.FailureModeShape, playbooks: Sequence[shape.PlaybookShape]
) -> FailureMode:
    remedy = written.remedy or _answer_of(written.playbook, playbooks)
    return FailureMode(
        id=written.id,
        category=written.category,
        severity=written.severity,
        when=written.when,
        remedy=_remedy(remedy),
        symptoms=written.symptoms,
        impact=written.impact,
        owner=written.owner,
        playbook=written.playbook,
        over=None if written.over is None else _window(written.over),
    )


def _window(written: shape.WindowShape) -> Window:
    return Window(
        last=written.last, least=written.least, side=written.side, use_case=written.use_case
    )


def _monitor(written: shape.MonitorShape) -> Monitor:
    base = written.baseline
    return Monitor(
        baseline=None
        if base is None
        else Baseline(
            before=base.before,
            since=base.since,
            until=base.until,
            significance=base.significance,
        ),
        objectives=tuple(
            Objective(id=one.id, good=one.good, share=one.share, over=one.over)
            for one in written.objectives
        ),
    )


# -- Playbooks --------------------------------------------------------------------------------

_USUAL_LIMIT: Final = timedelta(minutes=5)
_USUAL_DUE: Final = timedelta(days=7)


def _answer_of(
    playbook: str | None, playbooks: Sequence[shape.PlaybookShape]
) -> str | shape.SaidRemedy:
    """What the playbook answers, else nothing but that it is said."""
    for one in playbooks:
        for step in one.steps:
            if one.id == playbook and step.answer is not None:
                return step.answer
    return "note"


def _playbook(written: shape.PlaybookShape) -> Playbook:
    targets = written.targets
    return Playbook(
        id=written.id,
        title=written.title,
        owner=written.owner,
        targets=Targets(detect=targets.detect, contain=targets.contain, resolve=targets.resolve),
        steps=tuple(map(_step, written.steps)),
    )


def _step(written: shape.StepShape) -> Step:
    (name,) = written.acts
    usual = _USUAL_DUE if name == "task" else _USUAL_LIMIT
    return Step(act=_ACTS[name](getattr(written, name)), within=written.within or usual)


_ACTS: Final[Mapping[str, Callable[[Any], Act]]] = {
    "answer": _remedy,
    "halt": lambda w: Halt(half_open_after=w.half_open_after, probes=w.probes),
    "throttle": lambda w: Throttle(most=w.most, per=w.per),
    "fall_back": lambda w: FallBack(provider=w.provider),
    "halt_collection": lambda _w: HaltCollection(),
    "notify": lambda w: Notify(to=tuple(w.to), says=w.says),
    "incident": lambda w: OpenIncident(natures=tuple(w.natures)),
    "task": lambda w: Task(kind=w.kind, title=w.title, owner=w.owner),
}


def _example(written: shape.ExampleShape) -> Example:
    return Example(
        name=written.name,
        side=written.side,
        content_type=written.content_type,
        content=written.content,
        outcome=written.outcome,
        broken=None if written.broken is None else tuple(written.broken),
        failures=None if written.failures is None else tuple(written.failures),
        prompt=written.prompt,
        system_prompt=written.system_prompt,
        sources=tuple(Source(id=one.id, text=one.text) for one in written.sources),
        confidence=written.confidence,
        use_case=written.use_case,
    )
