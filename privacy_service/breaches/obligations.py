"""What law and own policy ask for after a breach: each duty, to whom, by when, and why then.

    obligations(breach, law, now) -> (Obligation, …)

Every rule about breaches is asked whether it reaches this one (`law/reach.py`); what it asks for is
due as `law/due.py` counts. A duty whose clock starts with another filing is shown with when it ends
if that filing is made at the last moment. The same breach and law always give the same answer;
`now` only tells what is overdue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from privacy_service.breaches.breach import Breach
from privacy_service.breaches.statements import Computed, Filed
from privacy_service.law.book import Law
from privacy_service.law.due import Due, Given, State, due
from privacy_service.law.reach import Facts, Reach, Reached, reached
from privacy_service.law.rules import FILING, Concerns, Duty, Recipient, Rule


class Status(StrEnum):
    """How an obligation stands."""

    TO_DECIDE = "to_decide"
    """Whether it is one depends on what nobody decided yet. Its clock runs."""
    OPEN = "open"
    SOON = "soon"
    """The safe time has passed or is near."""
    OVERDUE = "overdue"
    DONE = "done"
    DONE_LATE = "done_late"
    HELD = "held"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    """It was asked for, and the rule is gone from the rule packs."""


UNSETTLED = frozenset(
    {Status.TO_DECIDE, Status.OPEN, Status.SOON, Status.OVERDUE, Status.HELD, Status.WAITING}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One duty toward one recipient.

    `legal` is None where law names no number or the clock has not started; `conservative` is then
    our own target, or None. `standing` tells law from own policy.
    """

    rule: str
    rule_digest: str
    title: str
    regime: str
    duty: str
    recipient: str
    to: str
    citation: str
    standing: str
    place: str
    status: Status
    state: str = State.WAITING.value
    because: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    """What would decide whether it is one: `breaches/questions.py`."""
    legal: datetime | None = None
    conservative: datetime | None = None
    waits_for: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    started: datetime | None = None
    """When its clock started."""
    filed: Filed | None = None


def obligations(breach: Breach, law: Law, *, now: datetime) -> tuple[Obligation, ...]:
    """Every duty that the breach has, by when it is due. Those that do not apply are left out."""
    asked = tuple(_asked(breach, law))
    given = _with_expected(breach, law, asked)
    found = [_obligation(one, breach, law, given, now) for one in asked]
    return tuple(sorted([*found, *_withdrawn(breach, law)], key=_when))


def with_obligations(breach: Breach, law: Law, *, by: str, now: datetime) -> Breach:
    """With what is asked for now, as an entry, if that is not what was asked for before."""
    found = computed(obligations(breach, law, now=now))
    return breach if found == breach.computed else breach.with_statement(found, by=by, at=now)


def computed(found: tuple[Obligation, ...]) -> Computed:
    """The obligations as the breach keeps them, without what only the time of day changes."""
    return Computed(
        found=tuple(
            {
                "rule": one.rule,
                "rule_digest": one.rule_digest,
                "title": one.title,
                "regime": one.regime,
                "duty": one.duty,
                "recipient": one.recipient,
                "to": one.to,
                "citation": one.citation,
                "standing": one.standing,
                "place": one.place,
                "state": one.state,
                "legal": _written(one.legal),
                "conservative": _written(one.conservative),
                "to_decide": "yes" if one.status is Status.TO_DECIDE else None,
            }
            for one in found
        )
    )


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def keep_until(breach: Breach, law: Law) -> date | None:
    """Until when its record has to be kept, as the longest of the laws that reach it asks."""
    ends = [
        due(rule, breach.given, place=place, law=law).legal
        for rule in law.about(Concerns.BREACH)
        if rule.duty is Duty.RECORD and rule.deadline.periods
        for place in _places(rule, breach.facts, law)
        if _reaches(rule, breach, law)
    ]
    return max((end.date() for end in ends if end is not None), default=None)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A rule that asks for something at a place."""

    rule: Rule
    place: str
    reached: Reached


def _asked(breach: Breach, law: Law) -> Iterator[_Asked]:
    facts, on = breach.facts, _reference_day(breach)
    for rule in law.about(Concerns.BREACH):
        if rule.duty is Duty.RECORD:
            continue  # the register is the record
        answer = reached(rule, facts, on=on, law=law)
        if answer.reach is Reach.DOES_NOT_APPLY:
            continue
        for place in _places(rule, facts, law):
            yield _Asked(rule, place, answer)


def _reaches(rule: Rule, breach: Breach, law: Law) -> bool:
    answer = reached(rule, breach.facts, on=_reference_day(breach), law=law)
    return answer.reach is not Reach.DOES_NOT_APPLY


def _reference_day(breach: Breach) -> date:
    """Whose day's law holds: that of the earliest time that is known of it."""
    return min([said.at for said in breach.times.values()] or [breach.opened_at]).date()


def _places(rule: Rule, facts: Facts, law: Law) -> tuple[str, ...]:
    """Where the rule is followed: at our seat under that law; without one, for authorities of a
    union, in each country in which people live.
    """
    seats = sorted(seat for seat in facts.seats if law.lies_in(seat, rule.jurisdiction))
    if seats:
        return (seats[0],)
    union = law.place(rule.jurisdiction).calendar is None
    homes = {
        home.partition("-")[0]
        for home, count in facts.residents.items()
        if count.number and law.lies_in(home, rule.jurisdiction)
    }
    if union and homes and rule.recipient is Recipient.AUTHORITY:
        return tuple(sorted(homes))
    return (rule.jurisdiction,)


# -- When -------------------------------------------------------------------------------------


def _with_expected(breach: Breach, law: Law, asked: tuple[_Asked, ...]) -> Given:
    """What is given, with when each filing that has not been made is due at the latest."""
    given = breach.given
    for _ in range(3):  # the longest chain of filings: initial, intermediate, final
        expected = {}
        for one in asked:
            answer = _due(one, breach, law, given)
            at = answer.legal or answer.conservative
            if at is not None and FILING + one.rule.id not in given.times:
                expected[FILING + one.rule.id] = at
        given = replace(given, expected=expected)
    return given


def _due(one: _Asked, breach: Breach, law: Law, given: Given) -> Due:
    own = replace(given, extensions=breach.extensions(one.rule.id))
    return due(one.rule, own, place=one.place, law=law)


def _obligation(one: _Asked, breach: Breach, law: Law, given: Given, now: datetime) -> Obligation:
    rule, answer = one.rule, _due(one, breach, law, given)
    filed = _filed(one, breach)
    return Obligation(
        rule=rule.id,
        rule_digest=rule.digest,
        title=rule.title,
        regime=rule.regime,
        duty=rule.duty.value,
        recipient=rule.recipient.value,
        to=rule.to,
        citation=rule.citation,
        standing=rule.standing(_reference_day(breach)).value,
        place=one.place,
        status=_status(one.reached.reach, answer, filed, now),
        state=answer.state.value,
        because=one.reached.because,
        asks=one.reached.asks,
        legal=answer.legal,
        conservative=answer.conservative,
        waits_for=answer.waits_for,
        why=answer.why,
        started=_started(answer),
        filed=filed,
    )


def _filed(one: _Asked, breach: Breach) -> Filed | None:
    """What first settled it. An assessment is settled by having been made."""
    if one.rule.duty is Duty.ASSESS:
        for entry in breach.entries:
            if entry.statement.kind == "assessment":
                return Filed(rule=one.rule.id, at=entry.at, channel="assessment")
    for filed in breach.filings:
        if filed.rule == one.rule.id and filed.place in (None, one.place):
            return filed
    return None


def _status(reach: Reach, answer: Due, filed: Filed | None, now: datetime) -> Status:
    if filed is not None:
        late = answer.legal is not None and filed.at > answer.legal
        return Status.DONE_LATE if late else Status.DONE
    if answer.state is State.HELD:
        return Status.HELD
    if answer.state in (State.WAITING, State.EXPECTED):
        return Status.WAITING
    end = answer.legal or answer.conservative
    if end is not None and now > end:
        return Status.OVERDUE
    if reach is Reach.TO_DECIDE:
        return Status.TO_DECIDE
    return Status.SOON if _is_near(answer, now) else Status.OPEN


def _is_near(answer: Due, now: datetime) -> bool:
    """Whether three quarters of the time until the safe end are over."""
    begun = _started(answer)
    if begun is None or answer.conservative is None:
        return False
    return now - begun >= (answer.conservative - begun) * 3 / 4


def _started(answer: Due) -> datetime | None:
    return next((step.at for step in answer.steps if step.at is not None), None)


def _withdrawn(breach: Breach, law: Law) -> Iterator[Obligation]:
    """What was asked for when it was last computed, by rules that there are no more."""
    for row in breach.computed.found if breach.computed else ():
        if str(row["rule"]) not in law.rules:
            yield _remembered(row)


def _remembered(row: Mapping[str, str | None]) -> Obligation:
    def text(name: str) -> str:
        return row.get(name) or ""

    def at(name: str) -> datetime | None:
        return datetime.fromisoformat(text(name)) if text(name) else None

    return Obligation(
        rule=text("rule"),
        rule_digest=text("rule_digest"),
        title=text("title"),
        regime=text("regime"),
        duty=text("duty"),
        recipient=text("recipient"),
        to=text("to"),
        citation=text("citation"),
        standing=text("standing"),
        place=text("place"),
        status=Status.WITHDRAWN,
        state=text("state"),
        because=("the rule is gone from the rule packs since it was asked for",),
        legal=at("legal"),
        conservative=at("conservative"),
    )


_NEVER = datetime.max.replace(tzinfo=UTC)


def _when(one: Obligation) -> tuple[datetime, str, str]:
    return (one.conservative or one.legal or _NEVER, one.rule, one.place)
