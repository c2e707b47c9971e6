"""From what a contract makes of a text to what the caller is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from privacy_service.behavior.answer import CheckAnswer, ExpectationVerdict, FiredFailure
from privacy_service.behavior.check import Checked, judged
from privacy_service.behavior.compiled import Compiled, compiled
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.judgement import Verdict
from privacy_service.behavior.model import Format, Outcome
from privacy_service.behavior.read import read
from privacy_service.behavior.subject import Subject
from privacy_service.enforcement.answer import Answer, Effect
from privacy_service.evidence.entries import ContractRef

_MOST_COMPILED: Final = 256


def answer_of(version: BehaviorVersion, checked: Checked) -> CheckAnswer:
    """What a check answers, before the sharing contract is asked."""
    return CheckAnswer(
        outcome=checked.outcome,
        content=checked.content,
        content_type=checked.content_type,
        verdicts=tuple(
            ExpectationVerdict(
                id=one.expectation.id,
                severity=one.expectation.severity,
                judgement=one.judgement,
            )
            for one in checked.results
        ),
        failures=tuple(
            FiredFailure(id=mode.id, category=mode.category.value, severity=mode.severity)
            for mode in checked.failures
        ),
        ask=checked.ask,
        substituted=checked.substituted,
        contract=ContractRef(id=version.contract.id, number=version.number, digest=version.digest),
    )


def as_shared(answer: CheckAnswer, shared: Answer) -> CheckAnswer:
    """The answer with what the sharing contract made of its content."""
    if shared.payload is None:
        return replace(answer, outcome=Outcome.REFUSED, content=None, personal_data=shared)
    treated = shared.decision.effect is Effect.TREATED
    outcome = answer.outcome
    if treated and outcome is Outcome.ACCEPTED:
        outcome = Outcome.TREATED
    return replace(answer, outcome=outcome, content=shared.payload, personal_data=shared)


def in_form(
    contract: Compiled, checked: Checked, answer: CheckAnswer, reread: Callable[[bytes], Subject]
) -> CheckAnswer:
    """Refused, where a treatment has broken the form that the content had before."""
    if answer.content is None or answer.content == checked.content:
        return answer
    had = {one.expectation.id for one in checked.results if _is_form_kept(one.judgement.verdict)}
    for one in judged(contract, reread(answer.content)):
        is_form = isinstance(one.expectation.must, Format)
        if is_form and one.expectation.id in had and not _is_form_kept(one.judgement.verdict):
            verdict = ExpectationVerdict(
                id=one.expectation.id,
                severity=one.expectation.severity,
                judgement=one.judgement,
            )
            verdicts = tuple(
                verdict if known.id == verdict.id else known for known in answer.verdicts
            )
            return replace(answer, outcome=Outcome.REFUSED, content=None, verdicts=verdicts)
    return answer


def _is_form_kept(verdict: Verdict) -> bool:
    return verdict is Verdict.KEPT


def compiled_version(version: BehaviorVersion) -> Compiled:
    """The contract of a version, compiled once. A source that an older release took and this one
    does not raises CONTRACT_INVALID: nothing passes under a contract that does not work.
    """
    return _compiled(version.contract.id, version.digest, version.source)


@lru_cache(maxsize=_MOST_COMPILED)
def _compiled(contract_id: str, digest: str, source: str) -> Compiled:
    del digest
    return compiled(read(source, name=contract_id))
