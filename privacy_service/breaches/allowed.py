"""What may be said of a breach, given the law and what is asked for already."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from privacy_service import errors
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.factors import require_answered
from privacy_service.breaches.obligations import UNSETTLED, Obligation
from privacy_service.breaches.statements import (
    Assessed,
    Closed,
    ExtensionTaken,
    FactsSaid,
    Filed,
    PauseSaid,
    Statement,
    TimeSaid,
)
from privacy_service.errors import PrivacyError
from privacy_service.law.book import Law
from privacy_service.law.shape import TIMES


def require_allowed(
    statement: Statement, breach: Breach, asked: Iterable[Obligation], law: Law
) -> None:
    """Raises what stands in the way of saying it: BREACH_NOT_SETTLED for a closing that comes too
    early, RULE_NOT_FOUND and DELAY_NOT_EXPLAINED for a filing, PLACE_UNKNOWN, and REQUEST_INVALID
    for a time, pause, extension or method that there is not.
    """
    match statement:
        case Closed(breach=True):
            _require_settled(breach, asked)
        case Filed():
            _require_explained(statement, asked, law)
        case TimeSaid():
            _require_known("name", statement.name, TIMES)
        case FactsSaid():
            for place in (*statement.residents, *(statement.seats or ())):
                law.place(place)
        case Assessed():
            require_answered(statement)
        case PauseSaid():
            known = {pause.id for rule in law.rules.values() for pause in rule.pauses}
            _require_known("pause", statement.id, known)
        case ExtensionTaken():
            extensions = law.rule(statement.rule).extensions
            _require_known("extension", statement.id, [one.id for one in extensions])


def _require_known(field: str, word: str, known: Collection[str]) -> None:
    if word not in known:
        listed = ", ".join(sorted(known))
        raise PrivacyError(errors.REQUEST_INVALID, field=field, known=listed)


def _require_settled(breach: Breach, asked: Iterable[Obligation]) -> None:
    open_duties = [one for one in asked if one.status in UNSETTLED]
    open_tasks = [task for task in breach.tasks if task.done_at is None and not task.set.corrective]
    if open_duties or open_tasks:
        raise PrivacyError(
            errors.BREACH_NOT_SETTLED,
            breach=breach.id,
            duties=len(open_duties),
            tasks=len(open_tasks),
            first=open_duties[0].rule if open_duties else open_tasks[0].set.task,
        )


def _require_explained(filed: Filed, asked: Iterable[Obligation], law: Law) -> None:
    rule = law.rule(filed.rule)
    ends = [
        one.legal
        for one in asked
        if one.rule == filed.rule and one.legal and filed.place in (None, one.place)
    ]
    late = bool(ends) and filed.at > min(ends)
    if late and rule.late is not None and not filed.reasons_for_delay.strip():
        raise PrivacyError(errors.DELAY_NOT_EXPLAINED, rule=rule.id, asks=rule.late)
