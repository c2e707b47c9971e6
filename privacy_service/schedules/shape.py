"""The shape of a schedule's YAML: what `read.py` checks first."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from privacy_service.contracts import values
from privacy_service.contracts.shape import (
    ContractId,
    Day,
    FieldPath,
    Instant,
    PartnerName,
    Title,
)
from privacy_service.contracts.shape_treatments import Shape, Treated
from privacy_service.errors import PrivacyError
from privacy_service.periods import Period
from privacy_service.schedules.schedule import Action, Kind, Trigger
from privacy_service.subjects.record_query import RecordQuery


def _period(text: object) -> str:
    if isinstance(text, str):
        try:
            return Period.parse(text).text
        except ValueError:
            pass
    raise values.wrong("this is no period", "write it like P90D, P6M, P10Y or PT12H")


def _query(text: str) -> str:
    try:
        return RecordQuery.parse(text).text
    except PrivacyError as fault:
        column, says = fault.details["column"], fault.details["says"]
        raise values.wrong(f"at its column {column}: {says}", "see docs/holds.md") from None


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise values.wrong("there is no such time zone", "write UTC, or a name like Europe/Berlin")
    return name


WrittenPeriod = Annotated[str, BeforeValidator(_period)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class CoversShape(Shape):
    """What the schedule is about: what all that is named covers."""

    things: list[Annotated[Kind, Field(strict=False)]] = Field(
        default_factory=lambda: [Kind.RECORDS], min_length=1, description="records, tokens, or both"
    )
    partner: PartnerName | None = Field(default=None, description="The partner whose they are.")
    contract: ContractId | None = Field(
        default=None, description="The sharing contract under which they were kept."
    )
    records: Annotated[str, AfterValidator(_query)] | None = Field(
        default=None, description="A record query: the class of records."
    )
    categories: list[Annotated[str, AfterValidator(values.entity_key)]] = Field(
        default_factory=list, max_length=200, description="Entities that are in it: any of them."
    )


class StayingShape(Shape):
    """A field that stays of a record that is made anonymous."""

    path: FieldPath = Field(description="Which, as contracts write it.", examples=["$.total"])
    treatment: Treated = Field(
        default="keep", description="`keep`, or `generalize`, as contracts write it."
    )


class AuthorityShape(Shape):
    """What the schedule rests on."""

    citation: Text = Field(description="The law or the decision.", examples=["AO § 147(3)"])
    source: Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=500)] | None = (
        Field(default=None, description="Where it can be read.")
    )
    verified_on: Day | None = Field(default=None, description="When somebody looked last.")


class EffectiveShape(Shape):
    """When the schedule holds."""

    start: Instant = Field(alias="from", description="The first instant.")
    until: Instant | None = Field(default=None, description="The first at which it does not.")


class ScheduleShape(Shape):
    """A retention schedule."""

    api_version: Literal["privacy-service/v1"] = Field(alias="apiVersion", description="Always so.")
    kind: Literal["RetentionSchedule"] = Field(description="Always so.")
    id: ContractId = Field(description="Its name, the same in all its versions.")
    title: Title = Field(description="What it is about, for a person.")
    covers: CoversShape = Field(default_factory=CoversShape, description="What it is about.")
    trigger: Trigger = Field(strict=False, description="What its periods begin with.")
    closed_on: Day | None = Field(
        default=None, description="With `case-closed`: the day; without it nothing is due."
    )
    at_least: WrittenPeriod | None = Field(default=None, description="How long it must stay.")
    at_most: WrittenPeriod | None = Field(default=None, description="How long it may stay.")
    action: Action = Field(
        default=Action.ERASE, strict=False, description="What happens after `at_most`."
    )
    anonymise: list[StayingShape] = Field(
        default_factory=list, max_length=200, description="With `action: anonymise`: what stays."
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="Whose calendar counts."
    )
    authority: AuthorityShape = Field(description="What it rests on.")
    owner: Text = Field(description="Who answers for it: a role, not a person.")
    review_by: Day = Field(description="When it must be looked at again.")
    effective: EffectiveShape = Field(description="When it holds.")
