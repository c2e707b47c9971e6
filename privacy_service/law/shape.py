"""The shape of a rule pack's YAML: what an editor completes, and what `read.py` checks first."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from privacy_service.contracts import values
from privacy_service.contracts.shape import Day, Title
from privacy_service.contracts.shape_treatments import Shape as Strict
from privacy_service.law.rules import (
    FILING,
    Basis,
    Comparator,
    Concerns,
    Confidence,
    Counted,
    Duty,
    OnEncryption,
    OnPause,
    Recipient,
    Roll,
    Shape,
)

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,118}[a-z0-9]$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
PlaceId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,3}(-[A-Z0-9]{1,3})?$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Source = Annotated[str, StringConstraints(pattern=r"^(https://|urn:)\S+$", max_length=500)]

TIMES: Final = (
    "suspicion",
    "detection",
    "awareness",
    "determination",
    "assessment",
    "classification",
    "materiality",
    "causal_link",
    "handled",
    "received",
    "relevant_time",
)
"""The times that a clock may start with, besides other filings."""


def _origin(text: str) -> str:
    if text in TIMES or text.startswith(FILING):
        return text
    raise values.wrong(
        "no clock starts with this", f"write one of {', '.join(TIMES)}, or {FILING}RULE-ID"
    )


Origin = Annotated[str, AfterValidator(_origin)]
Length = Annotated[int, Field(ge=1, le=3660)]


class PeriodShape(Strict):
    """A length of one kind, from one time."""

    start: Origin | list[Origin] | None = Field(
        default=None,
        alias="from",
        description="Which time starts it; of several, the first that came.",
        examples=["awareness", ["determination", "detection"], "filing/eu-nis2.23-4-b"],
    )
    hours: Length | None = Field(default=None, description="So many elapsed hours.", examples=[72])
    days: Length | None = Field(
        default=None, description="So many calendar days; the day of the event is day 0."
    )
    working_days: Length | None = Field(
        default=None, description="So many days that are no weekend and no holiday."
    )
    months: Length | None = Field(
        default=None, description="So many months; the same date, or the month's last day."
    )
    days_after_year_end: Length | None = Field(
        default=None, description="So many days after the calendar year in which the time lies."
    )
    falls_away_after: Origin | None = Field(
        default=None,
        description="Within earlier_of: if this time comes after this period's end, only the "
        "others count.",
    )

    def lengths(self) -> dict[Shape, int]:
        """Each kind of length that is written."""
        written = ((shape, getattr(self, shape.value)) for shape in Shape)
        return {shape: length for shape, length in written if length is not None}

    @model_validator(mode="after")
    def _is_one(self) -> PeriodShape:
        if type(self) is PeriodShape and (len(self.lengths()) != 1 or self.start is None):
            raise values.wrong(
                "a period is one length from one time", "write {from: awareness, hours: 72}"
            )
        return self


class DeadlineShape(PeriodShape):
    """When it is due."""

    earlier_of: list[PeriodShape] = Field(
        default_factory=list, max_length=5, description="The earliest of these."
    )
    no_number: Text | None = Field(
        default=None,
        description="The law's words where it names no number: nothing is due by law at a time.",
        examples=["without undue delay"],
    )
    target: PeriodShape | None = Field(
        default=None, description="Own policy, where the law names no number."
    )
    counting: Id | None = Field(default=None, description="How it is counted.")
    no_roll_for: list[Word] = Field(
        default_factory=list,
        description="Capacities for which it does not move to the next working day.",
    )

    @model_validator(mode="after")
    def _is_a_deadline(self) -> DeadlineShape:
        ways = [len(self.lengths()) == 1, bool(self.earlier_of), self.no_number is not None]
        if sum(ways) != 1 or len(self.lengths()) > 1:
            raise values.wrong(
                "a deadline is one length, `earlier_of` or `no_number`", "leave one of them"
            )
        if ways[0] and self.start is None:
            raise values.wrong("nothing starts this clock", "add `from: awareness` or the like")
        if (self.target is not None) != (self.no_number is not None):
            raise values.wrong(
                "`target` is the own policy for a duty with `no_number`",
                "write both, or neither",
            )
        return self


class ThresholdShape(Strict):
    """From how many people on."""

    counts: Counted = Field(strict=False, description="Who is counted.")
    comparator: Comparator = Field(strict=False, description="How it is compared.")
    value: int = Field(ge=0, le=10**9, description="The number of the law.")


class EncryptionShape(Strict):
    """What follows if all of it was encrypted and no key was exposed."""

    effect: OnEncryption = Field(strict=False, description="Whether the duty falls away.")
    citation: Title = Field(description="Where that is said.")


class ExtensionShape(Strict):
    """A longer period, with reasons."""

    id: Word = Field(description="Its name.", examples=["complexity"])
    adds: Length = Field(description="How much longer, in the unit of the deadline.")
    citation: Title = Field(description="Where that is said.")
    needs: Text = Field(description="What has to be told, to whom, and until when.")


class PauseShape(Strict):
    """What may hold the clock."""

    id: Word = Field(description="Its name.", examples=["law_enforcement"])
    effect: OnPause = Field(strict=False, description="What it does.")
    citation: Title = Field(description="Where that is said.")
    says: Text = Field(description="When it may be used.")


class ContentShape(Strict):
    """Something that the notice or answer has to hold."""

    id: Word = Field(description="Its name.", examples=["nature"])
    says: Text = Field(description="What has to be told.")
    citation: Title | None = Field(default=None, description="Where that is said.")


class EffectiveShape(Strict):
    """From which day to which day it holds."""

    start: Day | None = Field(
        default=None, alias="from", description="The first day; without one it is not in force."
    )
    until: Day | None = Field(default=None, description="The first day on which it no longer is.")


class CountingShape(Strict):
    """How periods are counted under one body of law."""

    id: Id = Field(description="Its name.")
    citation: Title = Field(description="Where it is said.")
    source: Source = Field(description="Where its text can be read.")
    verified_on: Day = Field(description="When it was read.")
    confidence: Confidence = Field(strict=False, description="How well it is sourced.")
    event_hour: Literal["counts", "does_not_count"] = Field(
        default="counts", description="Whether the hour of the event is part of a period in hours."
    )
    hours_roll: Roll = Field(
        default=Roll.NONE, strict=False, description="When a period in hours ends on a free day."
    )
    days_roll: Roll = Field(
        default=Roll.NONE, strict=False, description="When any other period ends on a free day."
    )
    doubt: Text | None = Field(default=None, description="What is not settled about it.")


class PlaceShape(Strict):
    """A jurisdiction."""

    id: PlaceId = Field(description="ISO 3166 code, or EU, EEA.", examples=["DE", "US-CA"])
    name: Title = Field(description="For a person.")
    within: list[PlaceId] = Field(default_factory=list, description="What it lies in.")
    time_zone: Title = Field(description="IANA time zone.", examples=["Europe/Berlin"])
    calendar: PlaceId | Literal["NYSE", "ECB"] | None = Field(
        default=None, description="Holidays, as the `holidays` library names them."
    )


class Shared(Strict):
    """What a rule says of itself, or leaves to the pack's `defaults`."""

    concerns: Concerns | None = Field(default=None, strict=False, description="What it answers.")
    regime: Id | None = Field(default=None, description="The law that it is part of.")
    jurisdiction: PlaceId | None = Field(default=None, description="Whose law it is.")
    basis: Basis | None = Field(
        default=None, strict=False, description="Law, or own policy; law if left out."
    )
    source: Source | None = Field(default=None, description="Where its text can be read.")
    verified_on: Day | None = Field(default=None, description="When it was read.")
    confidence: Confidence | None = Field(
        default=None, strict=False, description="How well it is sourced."
    )
    confirmed_by: Title | None = Field(
        default=None, description="Who of yours confirmed it, for `confidence: confirmed`."
    )
    effective: EffectiveShape | None = Field(default=None, description="When it holds.")
    capacities: list[Word] | None = Field(
        default=None, description="Who is bound; empty: everyone.", examples=[["controller"]]
    )
    late: Text | None = Field(default=None, description="What a late notice has to say besides.")


class RuleShape(Shared):
    """One duty toward one recipient."""

    id: Id = Field(description="Its name; it stays the same.", examples=["eu-gdpr.33-1"])
    title: Title = Field(description="For a person.")
    duty: Duty = Field(strict=False, description="What has to be done.")
    recipient: Recipient = Field(strict=False, description="Who has to hear of it.")
    to: Title = Field(description="The recipient by name.")
    citation: Title = Field(description="Where it is said.")
    note: Text | None = Field(default=None, description="What else one has to know.")
    not_for: list[Word] = Field(default_factory=list, description="Capacities that are exempt.")
    conditions: list[Word] = Field(
        default_factory=list, description="Facts that have to hold.", examples=[["high_risk"]]
    )
    requests: list[Word] = Field(
        default_factory=list,
        description="Kinds of requests that it answers before the regime's other rules do.",
        examples=[["objection"]],
    )
    threshold: ThresholdShape | None = Field(default=None, description="From how many on.")
    encryption: EncryptionShape | None = Field(
        default=None, description="What follows if all of it was encrypted."
    )
    deadline: DeadlineShape = Field(description="When it is due.")
    extensions: list[ExtensionShape] = Field(default_factory=list, description="Longer periods.")
    pauses: list[PauseShape] = Field(default_factory=list, description="What may hold the clock.")
    contents: list[ContentShape] = Field(
        default_factory=list, description="What the notice or answer has to hold."
    )
    must_not_hold: list[Word] = Field(
        default_factory=list, description="Contents that it must not have."
    )


class PackShape(Strict):
    """Rules of law and of own policy, and how their periods are counted."""

    api_version: Literal["privacy-service/v1"] = Field(
        alias="apiVersion", description="Always privacy-service/v1."
    )
    kind: Literal["RulePack"] = Field(description="Always RulePack.")
    id: Id = Field(description="The pack's name. A pack of yours replaces ours of that name.")
    title: Title = Field(description="For a person.")
    replaces: list[Id] = Field(
        default_factory=list,
        description="Rules of other packs that this one replaces or takes out.",
    )
    defaults: Shared = Field(
        default_factory=Shared, description="What its rules say if they say nothing themselves."
    )
    countings: list[CountingShape] = Field(
        default_factory=list, description="How periods are counted."
    )
    places: list[PlaceShape] = Field(default_factory=list, description="Jurisdictions.")
    rules: list[RuleShape] = Field(default_factory=list, description="The rules.")
