"""When a subject request is due, by the rule packs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.law.book import Law
from privacy_service.law.due import Given, Paused, Taken, due
from privacy_service.law.rules import Concerns, Duty, OnPause, Rule
from privacy_service.subjects.requests import Deadline, RequestKind, SubjectRequest

_CONTROLLER: Final = "controller"


def rule_for(law: Law, kind: RequestKind, regime: str, place: str, on: date) -> Rule:
    """The duty to answer such a request under a regime (`eu-gdpr`), or the rule of that very id.

    A rule for this kind of request comes before one for all that no other names. Raises
    RULE_NOT_FOUND where the regime has none that is in force there on that day, and PLACE_UNKNOWN.
    """
    law.place(place)
    if regime in law.rules:
        return law.rule(regime)
    found = _rules(law, Duty.RESPOND, kind, regime, place, on)
    if not found:
        raise PrivacyError(errors.RULE_NOT_FOUND, rule=regime[:120], place=place)
    return next((rule for rule in found if rule.requests), found[0])


def _rules(
    law: Law, duty: Duty, kind: RequestKind, regime: str, place: str, on: date
) -> list[Rule]:
    return [
        rule
        for rule in law.about(Concerns.REQUEST, regime=regime)
        if rule.duty is duty
        and (not rule.capacities or _CONTROLLER in rule.capacities)
        and (not rule.requests or kind.value in rule.requests)
        and rule.followed(on)
        and law.lies_in(place, rule.jurisdiction)
    ]


def deadline_of(request: SubjectRequest, law: Law) -> Deadline:
    """When the request is due, with what was asked and extended so far, and why then."""
    received = request.received_at
    rule = _rule_of(request, law)
    found = due(rule, _given(request, rule), place=request.place, law=law)
    return Deadline(
        legal=found.legal,
        conservative=found.conservative,
        rule=rule.id,
        standing=rule.standing(received.date()).value,
        digest=found.rule_digest,
        why=found.why,
    )


def acknowledge_by(request: SubjectRequest, law: Law) -> datetime | None:
    """Until when the person has to hear that the request has come, to be safe; None where no law
    of its regime asks for that.
    """
    on, regime = request.received_at.date(), _rule_of(request, law).regime
    found = _rules(law, Duty.ACKNOWLEDGE, request.kind, regime, request.place, on)
    if not found:
        return None
    given = Given(times={"received": request.received_at})
    return due(found[0], given, place=request.place, law=law).conservative


def can_be_extended(request: SubjectRequest, law: Law) -> bool:
    """Whether the law knows a longer period for it."""
    return bool(_rule_of(request, law).extensions)


def _rule_of(request: SubjectRequest, law: Law) -> Rule:
    on = request.received_at.date()
    return rule_for(law, request.kind, request.regime, request.place, on)


def _given(request: SubjectRequest, rule: Rule) -> Given:
    pauses = [pause.id for pause in rule.pauses if pause.effect is OnPause.STOPS]
    return Given(
        times={"received": request.received_at},
        pauses=tuple(
            Paused(id=pauses[0], start=one.at, until=one.answered_at)
            for one in request.asked
            if pauses
        ),
        extensions=(
            (Taken(id=rule.extensions[0].id, told_at=request.extended.at),)
            if request.extended and rule.extensions
            else ()
        ),
    )
