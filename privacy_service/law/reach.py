"""Whether a rule asks anything of us, given what is known; and why, in words.

What nobody knows yet never makes a duty go away: it is `TO_DECIDE`, and its clock runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from privacy_service.law.book import Law
from privacy_service.law.rules import Counted, OnEncryption, Rule, Standing


class Reach(StrEnum):
    """Whether the rule asks for something."""

    APPLIES = "applies"
    TO_DECIDE = "to decide"
    DOES_NOT_APPLY = "does not apply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many people; `approximate` numbers are shown as such."""

    number: int
    approximate: bool = False

    def __str__(self) -> str:
        return f"about {self.number}" if self.approximate else str(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an incident, as far as rules ask for it."""

    total: Count | None = None
    """All people concerned; None: not known."""
    residents: Mapping[str, Count] = field(default_factory=dict)
    """People by jurisdiction."""
    seats: frozenset[str] = frozenset()
    """Jurisdictions whose law binds us wherever the people live: where we are established."""
    capacities: frozenset[str] = frozenset()
    decided: Mapping[str, bool] = field(default_factory=dict)
    """Conditions that somebody decided: `risk`, `high_risk`, …"""
    encrypted: bool | None = None
    key_exposed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The answer for one rule."""

    rule: str
    reach: Reach
    because: tuple[str, ...]
    asks: tuple[str, ...] = ()
    """What is not known or decided yet, as words of `QUESTIONS`, or a condition; the first one
    first.
    """


QUESTIONS: Final = ("residents", "people", "encrypted", "key_exposed")
"""What rules ask for, beside conditions that somebody decides: where people live, how many there
are, whether its encryption is enough, whether the key was exposed.
"""


def reached(rule: Rule, facts: Facts, *, on: date, law: Law) -> Reached:
    """Whether the rule asks for something, as the facts and that day are."""
    verdicts = [
        _standing(rule, on),
        _place(rule, facts, law),
        _capacity(rule, facts),
        *_conditions(rule, facts),
        _threshold(rule, facts, law),
        _encryption(rule, facts),
    ]
    given = [one for one in verdicts if one is not None]
    worst = max((one.reach for one in given), key=_ORDER.index, default=Reach.APPLIES)
    found = [one for one in given if one.reach is worst]
    return Reached(
        rule=rule.id,
        reach=worst,
        because=tuple(one.why for one in found),
        asks=tuple(one.asks for one in found if one.asks),
    )


_ORDER = (Reach.APPLIES, Reach.TO_DECIDE, Reach.DOES_NOT_APPLY)


class _Says(NamedTuple):
    """One part of the answer; `asks` is what is to be known or decided."""

    reach: Reach
    why: str
    asks: str = ""


_Verdict = _Says | None


def _standing(rule: Rule, on: date) -> _Verdict:
    standing = rule.standing(on)
    if standing in (Standing.LAW, Standing.POLICY):
        return None
    return _Says(Reach.DOES_NOT_APPLY, f"the rule is {standing.value} on {on.isoformat()}")


def _place(rule: Rule, facts: Facts, law: Law) -> _Verdict:
    seats = [seat for seat in facts.seats if law.lies_in(seat, rule.jurisdiction)]
    if seats:
        return _Says(Reach.APPLIES, f"established in {', '.join(sorted(seats))}")
    homes = [
        home
        for home, count in facts.residents.items()
        if count.number and law.lies_in(home, rule.jurisdiction)
    ]
    if homes:
        return _Says(Reach.APPLIES, f"people in {', '.join(sorted(homes))}")
    if facts.residents or facts.seats:
        return _Says(
            Reach.DOES_NOT_APPLY, f"nobody and nothing in {law.place(rule.jurisdiction).name}"
        )
    return _Says(Reach.TO_DECIDE, "it is not known where the people live", "residents")


def _capacity(rule: Rule, facts: Facts) -> _Verdict:
    exempt = facts.capacities.intersection(rule.not_for)
    if exempt:
        return _Says(Reach.DOES_NOT_APPLY, f"not for {_words(exempt)}")
    if not rule.capacities or facts.capacities.intersection(rule.capacities):
        return None
    return _Says(Reach.DOES_NOT_APPLY, f"it binds {_words(rule.capacities)}")


def _conditions(rule: Rule, facts: Facts) -> list[_Says]:
    found = []
    for condition in rule.conditions:
        said = facts.decided.get(condition)
        name = condition.replace("_", " ")
        if said is None:
            why = f"whether there is {name} is not decided"
            found.append(_Says(Reach.TO_DECIDE, why, condition))
        elif said:
            found.append(_Says(Reach.APPLIES, f"there is {name}"))
        else:
            found.append(_Says(Reach.DOES_NOT_APPLY, f"decided: no {name}"))
    return found


def _threshold(rule: Rule, facts: Facts, law: Law) -> _Verdict:
    if rule.threshold is None:
        return None
    count = _counted(rule.threshold.counts, rule, facts, law)
    asked = f"{rule.threshold.comparator.value.replace('_', ' ')} {rule.threshold.value}"
    if count is None:
        why = f"how many people is not known; it asks for {asked}"
        return _Says(Reach.TO_DECIDE, why, "people")
    if rule.threshold.holds(count.number):
        return _Says(Reach.APPLIES, f"{count} people; it asks for {asked}")
    if count.approximate:
        why = f"{count} people; it asks for {asked}, and the number may change"
        return _Says(Reach.TO_DECIDE, why, "people")
    return _Says(Reach.DOES_NOT_APPLY, f"{count} people; it asks for {asked}")


def _counted(counts: Counted, rule: Rule, facts: Facts, law: Law) -> Count | None:
    if counts is Counted.SUBJECTS:
        return facts.total
    here = {
        home: count
        for home, count in facts.residents.items()
        if law.lies_in(home, rule.jurisdiction)
    }
    if not here and not facts.residents:
        return None
    approximate = any(count.approximate for count in here.values())
    numbers = [count.number for home, count in here.items()]
    if counts is Counted.RESIDENTS_OF_ONE_STATE:
        parts = [count.number for home, count in here.items() if home != rule.jurisdiction]
        return Count(number=max(parts, default=0), approximate=approximate)
    return Count(number=sum(numbers), approximate=approximate)


def _encryption(rule: Rule, facts: Facts) -> _Verdict:
    if rule.encryption is None or not facts.encrypted:
        return None
    if facts.key_exposed:
        return _Says(Reach.APPLIES, "it was encrypted, and the key was exposed")
    if facts.key_exposed is None:
        why = "it was encrypted; whether the key was exposed is not known"
        return _Says(Reach.TO_DECIDE, why, "key_exposed")
    if rule.encryption.effect is OnEncryption.SUPPRESSES:
        why = f"it was encrypted and no key was exposed ({rule.encryption.citation})"
        return _Says(Reach.DOES_NOT_APPLY, why)
    why = f"it was encrypted: see {rule.encryption.citation}"
    return _Says(Reach.TO_DECIDE, why, "encrypted")


def _words(capacities: frozenset[str] | tuple[str, ...]) -> str:
    return " or ".join(sorted(one.replace("_", " ") for one in capacities))
