"""What is said of a breach, as it is said by call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from privacy_service.breaches.statements import (
    Assessed,
    Closed,
    EvidenceTaken,
    ExtensionTaken,
    FactsSaid,
    Filed,
    MeasureTaken,
    Nature,
    PauseSaid,
    Reopened,
    Statement,
    TaskDone,
    TaskSet,
    TimeSaid,
)
from privacy_service.law.reach import Count
from privacy_service.rpc.answers import parse_instant
from privacy_service.rpc.breach_answers import NATURES
from privacy_service.rpc.holds import parse_day
from privacy_service.v1 import breaches_pb2 as pb

_NATURES: Final = {number: nature for nature, number in NATURES.items()}


def parse_statement(said: pb.BreachStatement) -> Statement:
    """The statement that is set. Raises REQUEST_INVALID."""
    kind = said.WhichOneof("statement") or ""
    return _STATEMENTS[kind](getattr(said, kind))


def parse_natures(said: Iterable[pb.BreachNature.ValueType]) -> tuple[Nature, ...]:
    """What was hurt; what is not known is passed over."""
    return tuple(_NATURES[nature] for nature in said if nature in _NATURES)


def _count(count: pb.PeopleCount) -> Count:
    return Count(number=count.number, approximate=count.approximate)


def parse_time(said: pb.TimeStatement) -> TimeSaid:
    return TimeSaid(name=said.name, at=parse_instant(said.at), evidence=said.evidence)


def _facts(said: pb.FactsStatement) -> FactsSaid:
    natures = parse_natures(said.natures)
    return FactsSaid(
        total=_count(said.total) if said.HasField("total") else None,
        residents={place: _count(count) for place, count in sorted(said.residents.items())},
        capacities=tuple(said.capacities) or None,
        seats=tuple(said.seats) or None,
        natures=natures or None,
        encrypted=said.encrypted if said.HasField("encrypted") else None,
        key_exposed=said.key_exposed if said.HasField("key_exposed") else None,
        evidence=said.evidence,
    )


def _assessed(said: pb.AssessmentStatement) -> Assessed:
    return Assessed(
        method=said.method,
        factors=dict(sorted(said.factors.items())),
        decided=dict(sorted(said.decided.items())),
        decider=said.decider,
        reasons=said.reasons,
    )


def _pause(said: pb.PauseStatement) -> PauseSaid:
    return PauseSaid(
        id=said.pause_id,
        start=parse_instant(said.start),
        until=parse_instant(said.until) if said.HasField("until") else None,
        asked_by=said.asked_by,
        written=said.written,
    )


def _extension(said: pb.ExtensionStatement) -> ExtensionTaken:
    return ExtensionTaken(
        rule=said.rule_id,
        id=said.extension_id,
        told_at=parse_instant(said.told_at),
        reasons=said.reasons,
    )


def _filing(said: pb.FilingStatement) -> Filed:
    return Filed(
        rule=said.rule_id,
        at=parse_instant(said.at),
        channel=said.channel,
        reference=said.reference,
        place=said.place or None,
        reasons_for_delay=said.reasons_for_delay,
    )


def _measure(said: pb.MeasureStatement) -> MeasureTaken:
    return MeasureTaken(
        what=said.what, at=parse_instant(said.at), says=said.says, contained=said.contained
    )


def _task(said: pb.TaskStatement) -> TaskSet:
    return TaskSet(
        task=said.task_id,
        title=said.title,
        owner=said.owner,
        due_on=parse_day(said.due_date, field="due_date"),
        corrective=said.corrective,
    )


def _task_done(said: pb.TaskDoneStatement) -> TaskDone:
    return TaskDone(task=said.task_id, says=said.says)


def _closing(said: pb.ClosingStatement) -> Closed:
    return Closed(causes=said.causes, lessons=said.lessons, breach=not said.no_breach)


def _custody(said: pb.CustodyStatement) -> EvidenceTaken:
    return EvidenceTaken(sha256=said.sha256, to=said.to, reason=said.reason)


def _reopening(said: pb.ReopeningStatement) -> Reopened:
    return Reopened(reasons=said.reasons)


_STATEMENTS: Final[Mapping[str, Callable[[Any], Statement]]] = {
    "time": parse_time,
    "facts": _facts,
    "assessment": _assessed,
    "pause": _pause,
    "extension": _extension,
    "filing": _filing,
    "measure": _measure,
    "task": _task,
    "task_done": _task_done,
    "closing": _closing,
    "reopening": _reopening,
    "custody": _custody,
}
