"""Plays scenarios: asks, has the answer judged, and says what is not as it has to be.

One step: the prompt is judged, as it would be on its way; where it is released the partner is
asked; its answer is judged; where the contract says to ask again, the partner is asked again, at
most three times. What is then released is held against what the step expects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from privacy_service.behavior.model import Outcome
from privacy_service.behavior.subject import Company
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.payloads.canonical import views
from privacy_service.scenarios.disguises import among, disguised
from privacy_service.scenarios.model import UNANSWERED, Expected, Partner, Play, Scenario, Step
from privacy_service.scenarios.ports import (
    AnsweringPartner,
    Judge,
    Judged,
    Message,
    PartnerFailed,
    Said,
    Turn,
)

_TRIES: Final = 3
_GARBAGE: Final = "\ufffd\x07#\u2592" * 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What became of a step, and what is not as it has to be.

    `error` is a reason's code where it could not be judged; `unanswered` why there was no answer.
    """

    scenario: Scenario
    number: int
    step: Step
    prompt: Judged | None = None
    output: Judged | None = None
    tries: int = 0
    error: str | None = None
    unanswered: str | None = None
    seconds: float = 0.0
    faults: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """What became of it in the end."""
        judged = self.output or self.prompt
        if self.error is not None:
            return self.error
        return UNANSWERED if judged is None or self.unanswered is not None else judged.outcome

    @property
    def passed(self) -> bool:
        """Whether it is as it has to be, or is known not to be."""
        return not self.faults or self.step.known_miss is not None


@dataclass(slots=True)
class _Progress:
    """What is known of a step while it is played."""

    prompt: Judged | None = None
    output: Judged | None = None
    given: str = ""
    tries: int = 0
    said: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """Plays scenarios with one partner and one judge. Without a partner, a step that has no output
    ends with its prompt.
    """

    partner: AnsweringPartner | None
    judge: Judge
    clock: Clock

    def play(self, play: Play) -> Iterator[StepResult]:
        """Each step of each scenario, in order."""
        for scenario in play.scenarios:
            conversation: list[Message] = []
            if scenario.system_prompt is not None:
                conversation.append(Message(role="system", text=scenario.system_prompt))
            for number, step in enumerate(scenario.steps, 1):
                yield self._step(scenario, number, step, conversation)

    def _step(
        self, scenario: Scenario, number: int, step: Step, conversation: list[Message]
    ) -> StepResult:
        begun = self.clock.monotonic()
        progress = _Progress()
        error = unanswered = None
        try:
            self._played(scenario, number, step, conversation, progress)
        except PartnerFailed as failed:
            unanswered = failed.why
        except PrivacyError as refused:
            error = refused.reason.code
        conversation += progress.said
        result = StepResult(
            scenario=scenario,
            number=number,
            step=step,
            prompt=progress.prompt,
            output=progress.output,
            tries=progress.tries,
            error=error,
            unanswered=unanswered,
            seconds=self.clock.monotonic() - begun,
        )
        return replace(result, faults=tuple(_faults(result, progress.given)))

    def _played(
        self,
        scenario: Scenario,
        number: int,
        step: Step,
        conversation: Sequence[Message],
        progress: _Progress,
    ) -> None:
        company = Company(use_case=scenario.use_case)
        asked = None
        if step.say is not None:
            said = _dressed(step, step.say) if step.output is None else step.say
            progress.given = said
            progress.prompt = self.judge.prompt(said, company)
            asked = progress.prompt.content
            released = progress.prompt.outcome in (Outcome.ACCEPTED, Outcome.TREATED)
            nobody = self.partner is None and step.partner is Partner.ANSWERS
            if step.output is None and (nobody or not released):
                return
            progress.said.append(Message(role="user", text=asked or said))
        while progress.tries < _TRIES:
            progress.tries += 1
            turn = Turn(scenario=scenario.name, step=number, attempt=progress.tries)
            answer = self._answer(turn, step, (*conversation, *progress.said))
            if step.output is not None:
                progress.given = answer.text
            progress.output = self.judge.output(
                answer.text, self._company(scenario, step, asked, answer, progress.tries)
            )
            if progress.output.outcome != Outcome.ASK_AGAIN or step.output is not None:
                break
            again = "\n".join(progress.output.ask)
            progress.said += (
                Message(role="assistant", text=answer.text),
                Message(role="user", text=again),
            )
        if progress.output is not None and progress.output.content is not None:
            progress.said.append(Message(role="assistant", text=progress.output.content))

    def _answer(self, turn: Turn, step: Step, conversation: Sequence[Message]) -> Said:
        if step.partner is Partner.UNREACHABLE:
            raise PartnerFailed("unreachable")
        if step.partner is Partner.EMPTY:
            return Said(text="")
        if step.partner is Partner.GARBAGE:
            return Said(text=_GARBAGE)
        if step.output is not None:
            said = Said(text=_dressed(step, step.output))
        elif self.partner is None:
            raise PartnerFailed("nobody is asked")
        else:
            said = self.partner.answer(turn, conversation)
        if step.partner is Partner.TRUNCATED:
            return replace(said, text=said.text[: len(said.text) // 2])
        return said

    def _company(
        self, scenario: Scenario, step: Step, asked: str | None, answer: Said, tries: int
    ) -> Company:
        confidence = answer.confidence if step.confidence is None else step.confidence
        latency = answer.latency_ms if step.latency_ms is None else step.latency_ms
        return Company(
            prompt=asked,
            system_prompt=scenario.system_prompt,
            sources=scenario.sources,
            confidence=confidence,
            latency_ms=latency,
            attempt=step.attempt + tries - 1,
            use_case=scenario.use_case,
        )


def _dressed(step: Step, text: str) -> str:
    return among(disguised(text, step.written), step.filler)


# -- What is not as it has to be ----------------------------------------------------------------


def _faults(result: StepResult, given: str) -> Iterator[str]:
    expected = result.step.expected
    if expected.outcomes and result.outcome not in expected.outcomes:
        yield f"outcome: expected {' or '.join(expected.outcomes)}, not {result.outcome}"
    elif result.error is not None and result.error not in expected.outcomes:
        yield f"it could not be judged: {result.error}"
    elif result.unanswered is not None and UNANSWERED not in expected.outcomes:
        yield f"the partner gave no answer: {result.unanswered}"
    judged = [one for one in (result.prompt, result.output) if one is not None]
    for name, wanted in (
        ("broken", expected.broken),
        ("failures", expected.failures),
        ("playbooks", expected.playbooks),
    ):
        came = sorted({one for judgement in judged for one in getattr(judgement, name)})
        if wanted is not None and sorted(wanted) != came:
            yield f"{name}: expected {_list(wanted)}, not {_list(came)}"
    if expected.stopped and any(given and one.content == given for one in judged):
        yield "it is released as it stands"
    yield from _released_faults(expected, judged[-1].content if judged else None)


def _released_faults(expected: Expected, released: str | None) -> Iterator[str]:
    text = released or ""
    for says in expected.says:
        if says not in text:
            yield "what is released does not say what it has to"
    forms = [view.text.casefold() for view in views(text).views] if expected.lacks else []
    for lacks in expected.lacks:
        if any(lacks.casefold() in form for form in forms):
            yield "what is released says what it must not"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
