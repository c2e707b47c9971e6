"""The shape of a scenario file: what an editor completes, and what is checked first."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from privacy_service.behavior.shape import Id, Sentence, Share, SourceShape
from privacy_service.contracts import values
from privacy_service.contracts.shape import Title
from privacy_service.contracts.shape_treatments import Shape
from privacy_service.scenarios.model import OUTCOMES, Kind, Partner, Written

_MANY = 1000
OutcomeWord = Literal[
    "ACCEPTED", "TREATED", "PARTIAL", "ABSTAINED", "ASK_AGAIN", "HELD", "REFUSED", "UNANSWERED"
]
assert set(OUTCOMES) <= {*OutcomeWord.__args__}  # type: ignore[attr-defined]


class ExpectedShape(Shape):
    """What has to become of a step. What is left out is not compared."""

    outcome: OutcomeWord | list[OutcomeWord] | None = Field(
        default=None, description="One of these.", examples=["ACCEPTED", ["ABSTAINED", "REFUSED"]]
    )
    broken: list[Id] | None = Field(default=None, description="Exactly these expectations break.")
    failures: list[Id] | None = Field(default=None, description="Exactly these modes fire.")
    playbooks: list[Id] | None = Field(default=None, description="Exactly these playbooks start.")
    says: list[Sentence] = Field(
        default=[], max_length=100, description="Each stands in what is released."
    )
    lacks: list[Sentence] = Field(
        default=[], max_length=100, description="None stands in what is released, in any disguise."
    )
    stopped: bool = Field(default=False, description="It is not released as it stands.")


class StepShape(Shape):
    """One question and its answer."""

    say: Sentence | None = Field(default=None, description="What is asked.")
    output: Annotated[str, Field(max_length=200_000)] | None = Field(
        default=None, description="The answer. Left out: the partner is asked."
    )
    written: Written = Field(
        default=Written.PLAIN,
        strict=False,
        description="How the output, or what is said, is written.",
    )
    filler: int = Field(
        default=0, ge=0, le=200_000, description="So many words of filler before and behind it."
    )
    partner: Partner = Field(
        default=Partner.ANSWERS, strict=False, description="What the partner does."
    )
    confidence: Share | None = Field(default=None, description="The confidence that is stated.")
    latency_ms: int | None = Field(default=None, ge=0, description="How long it takes.")
    attempt: int = Field(default=1, ge=1, le=100, description="Which try it is.")
    expect: ExpectedShape = Field(description="What has to become of it.")
    known_miss: Sentence | None = Field(
        default=None, description="Why it is known that this goes through: told, and no fault."
    )

    @model_validator(mode="after")
    def _is_something(self) -> StepShape:
        if self.say is None and self.output is None:
            raise values.wrong("a step asks or answers something", "add say, output, or both")
        return self


class ScenarioShape(Shape):
    """Steps of one conversation."""

    name: Title = Field(description="What it shows.")
    kind: Kind = Field(strict=False, description="Why it is tried.")
    use_case: Id | None = Field(default=None, description="One of the contract's.")
    system_prompt: Sentence | None = Field(default=None, description="The system prompt.")
    sources: list[SourceShape] = Field(default=[], max_length=100, description="What it rests on.")
    steps: list[StepShape] = Field(min_length=1, max_length=100, description="In their order.")


class PlayShape(Shape):
    """What a partner is asked and answers, and what has to become of it."""

    api_version: Literal["privacy-service/v1"] = Field(
        alias="apiVersion", description="The version of this format."
    )
    kind: Literal["Scenarios"] = Field(description="What this file is.")
    title: Title = Field(description="What it tries.")
    use_case: Id | None = Field(default=None, description="Of scenarios that name none.")
    system_prompt: Sentence | None = Field(
        default=None, description="Of scenarios that have none of their own."
    )
    sources: list[SourceShape] = Field(
        default=[], max_length=100, description="Of scenarios that have none of their own."
    )
    scenarios: list[ScenarioShape] = Field(
        min_length=1, max_length=_MANY, description="Each is played by itself."
    )
