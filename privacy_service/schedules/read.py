"""Reads a retention schedule's YAML, or says all that is wrong with it, with line and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from privacy_service import errors
from privacy_service.contracts import shape_treatments
from privacy_service.contracts.faults import ContractFault, Fault, Severity, WrittenFault
from privacy_service.contracts.model import TreatmentKind
from privacy_service.contracts.paths import parse
from privacy_service.contracts.shaped import treatment_of
from privacy_service.contracts.source import read_source
from privacy_service.contracts.telling import Marked, Teller, fault_at
from privacy_service.periods import Period
from privacy_service.schedules import shape
from privacy_service.schedules.schedule import (
    Action,
    Authority,
    Covers,
    Kind,
    RetentionSchedule,
    Staying,
    Trigger,
)
from privacy_service.subjects.record_query import RecordQuery

_TELLER: Final = Teller(
    models={
        "": (shape.ScheduleShape,),
        "covers": (shape.CoversShape,),
        "anonymise": (shape.StayingShape,),
        "treatment": (shape_treatments.TreatmentMapping,),
        "generalize": (shape_treatments.Generalize,),
        "mask": (shape_treatments.Mask,),
        "shift_date": (shape_treatments.ShiftDate,),
        "authority": (shape.AuthorityShape,),
        "effective": (shape.EffectiveShape,),
    },
    guide="docs/retention.md",
)


class ScheduleFault(WrittenFault):
    """SCHEDULE_INVALID. It says what the first fault is."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        first = min(faults, key=lambda fault: (fault.line, fault.column))
        says = f"{first.path}: {first.says}" if first.path else first.says
        super().__init__(name, errors.SCHEDULE_INVALID, faults, schedule=name, says=says)


def lint(text: str, *, name: str, today: date) -> tuple[Fault, ...]:
    """Every fault and warning, by position; empty if all is well."""
    try:
        reading = _read(text, name)
    except ContractFault as unreadable:
        return unreadable.faults
    return tuple(sorted(_faults(reading, today), key=lambda fault: (fault.line, fault.column)))


def check(text: str, *, name: str, today: date) -> RetentionSchedule:
    """The schedule, if it may be put. Raises ScheduleFault with its errors if it may not."""
    faults = [one for one in lint(text, name=name, today=today) if one.severity is Severity.ERROR]
    if faults:
        raise ScheduleFault(name, tuple(faults))
    return read(text, name=name)


def read(text: str, *, name: str) -> RetentionSchedule:
    """The schedule that `text` writes, as it was put. Raises ScheduleFault."""
    try:
        return _as_schedule(_read(text, name).shaped)
    except ContractFault as unreadable:
        raise ScheduleFault(name, unreadable.faults) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading(Marked):
    shaped: shape.ScheduleShape


def _read(text: str, name: str) -> _Reading:
    root = read_source(text, name=name)
    if root.members is None:
        raise ContractFault(name, [fault_at(root, (), "a schedule is a mapping", "start with id:")])
    try:
        return _Reading(shaped=shape.ScheduleShape.model_validate(root.plain()), root=root)
    except ValidationError as error:
        raise ContractFault(name, _TELLER.faults(root, error)) from None


def _faults(reading: _Reading, today: date) -> Iterator[Fault]:
    written = reading.shaped
    if written.at_least is None and written.at_most is None:
        yield reading.fault((), "it says neither how long nor for how long", "add `at_most`")
    if written.at_most is None and "action" in written.model_fields_set:
        yield reading.warning(("action",), "nothing happens without an end", "add `at_most`")
    until = written.effective.until
    if until is not None and until <= written.effective.start:
        yield reading.fault(("effective", "until"), "it ends before it begins", "make it later")
    if written.closed_on is not None and written.trigger is not Trigger.CASE_CLOSED:
        yield reading.fault(
            ("closed_on",), "its periods do not begin with a case", "write `trigger: case-closed`"
        )
    yield from _anonymous_faults(reading)
    if Kind.TOKENS in written.covers.things:
        yield from _token_faults(reading)
    if written.review_by < today:
        yield reading.warning(("review_by",), "its day has passed", "review it, and set the next")
    if written.authority.verified_on is None:
        yield reading.warning(
            ("authority",), "nobody says to have looked at what it rests on", "add `verified_on`"
        )


def _anonymous_faults(reading: _Reading) -> Iterator[Fault]:
    """What stays must say nothing of anybody: words that lead back to a value cannot."""
    written = reading.shaped
    if (written.action is Action.ANONYMISE) != bool(written.anonymise):
        yield reading.fault(
            ("anonymise",) if written.anonymise else ("action",),
            "`action: anonymise` and `anonymise`, which says what stays, belong together",
            "write both, or `action: erase`",
        )
    for index, one in enumerate(written.anonymise):
        treatment = treatment_of(one.treatment)
        if treatment.kind not in (TreatmentKind.KEEP, TreatmentKind.GENERALIZE):
            yield reading.fault(
                ("anonymise", index, "treatment"),
                "it can be undone, or leaves nothing",
                "write keep or generalize, or leave the field out: then it goes",
            )
        elif not parse(one.path).selectors:
            yield reading.fault(
                ("anonymise", index, "path"), "this is the whole record", "name its fields"
            )


def _token_faults(reading: _Reading) -> Iterator[Fault]:
    """Tokens have no content that a query could ask about, and no use that is remembered."""
    written = reading.shaped
    alone = written.covers.things == [Kind.TOKENS]
    if written.covers.records is not None and alone:
        yield reading.fault(("covers", "records"), "tokens are no records", "leave it out")
    if written.covers.contract is not None and alone:
        yield reading.fault(
            ("covers", "contract"), "a token carries no contract", "name its partner instead"
        )
    if written.action is not Action.ERASE:
        yield reading.fault(("action",), "tokens can be erased only", "write `action: erase`")
    if written.trigger in (Trigger.LAST_ACTIVITY, Trigger.CONTRACT_END):
        yield reading.fault(
            ("trigger",), "of tokens this is not known", "write `trigger: collection`"
        )


def _as_schedule(written: shape.ScheduleShape) -> RetentionSchedule:
    covers = written.covers
    return RetentionSchedule(
        id=written.id,
        title=written.title,
        covers=Covers(
            kinds=frozenset(covers.things),
            partner=covers.partner,
            contract=covers.contract,
            query=None if covers.records is None else RecordQuery.parse(covers.records),
            categories=frozenset(covers.categories),
        ),
        trigger=written.trigger,
        at_least=None if written.at_least is None else Period.parse(written.at_least),
        at_most=None if written.at_most is None else Period.parse(written.at_most),
        action=written.action,
        staying=tuple(
            Staying(path=one.path, treatment=treatment_of(one.treatment))
            for one in written.anonymise
        ),
        zone=ZoneInfo(written.zone),
        closed_on=written.closed_on,
        authority=Authority(
            citation=written.authority.citation,
            source=written.authority.source,
            verified_on=written.authority.verified_on,
        ),
        owner=written.owner,
        review_on=written.review_by,
        effective_from=written.effective.start,
        effective_until=written.effective.until,
    )
