"""When a subject request is due, by the rule packs."""

from __future__ import annotations

from datetime import date
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.law.book import Law
from privacy_service.law.due import Given, Paused, Taken, due
from privacy_service.law.rules import Concerns, Duty, OnPause, Rule
from privacy_service.subjects.requests import Deadline, SubjectRequest

_CONTROLLER: Final = "controller"


def rule_for(law: Law, regime: str, place: str, on: date) -> Rule:
    """The duty to answer under a regime (`eu-gdpr`), or the rule of that very id.

    Raises RULE_NOT_FOUND where the regime has none that is in force there on that day, and
    PLACE_UNKNOWN.
    """
    law.place(place)
    if regime in law.rules:
        return law.rule(regime)
    for rule in law.about(Concerns.REQUEST, regime=regime):
        binds = not rule.capacities or _CONTROLLER in rule.capacities
        holds = rule.followed(on) and law.lies_in(place, rule.jurisdiction)
        if rule.duty is Duty.RESPOND and binds and holds:
            return rule
    raise PrivacyError(errors.RULE_NOT_FOUND, rule=regime[:120], place=place)


def deadline_of(request: SubjectRequest, law: Law) -> Deadline:
    """When the request is due, with what was asked and extended so far, and why then."""
    received = request.received_at
    rule = rule_for(law, request.regime, request.place, received.date())
    found = due(rule, _given(request, rule), place=request.place, law=law)
    return Deadline(
        legal=found.legal,
        conservative=found.conservative,
        rule=rule.id,
        standing=rule.standing(received.date()).value,
        digest=found.rule_digest,
        why=found.why,
    )


def can_be_extended(request: SubjectRequest, law: Law) -> bool:
    """Whether the law knows a longer period for it."""
    return bool(rule_for(law, request.regime, request.place, request.received_at.date()).extensions)


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
