"""What a pack says that does not fit the others, or that may not be meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from privacy_service.contracts.faults import Fault, did_you_mean, shown
from privacy_service.law.book import Law, bound
from privacy_service.law.calendars import is_known
from privacy_service.law.read import Reading
from privacy_service.law.rules import FILING, FOLLOWED, Rule

STALE: Final = timedelta(days=365)
"""How long ago a rule may have been verified before that is said."""


def lint(packs: Sequence[Reading], reading: Reading, *, today: date) -> tuple[Fault, ...]:
    """The faults and warnings of one pack among all."""
    law = bound(packs)
    faults = [*_places(reading), *_twice(packs, reading)]
    for index, rule in enumerate(reading.pack.rules):
        place = ("rules", index)
        faults += _references(reading, law, rule, place)
        faults += _sourcing(reading, rule, place, today)
    return tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))


def _places(reading: Reading) -> Iterator[Fault]:
    for index, place in enumerate(reading.pack.places):
        at = ("places", index)
        try:
            ZoneInfo(place.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            says = f"there is no time zone {shown(place.time_zone)}"
            yield reading.fault((*at, "time_zone"), says, "write an IANA name: Europe/Berlin")
        if place.calendar is not None and not is_known(place.calendar):
            says = f"there is no calendar {shown(place.calendar)}"
            fix = "see what the `holidays` library has, or leave it out: weekends alone then"
            yield reading.fault((*at, "calendar"), says, fix)


def _twice(packs: Sequence[Reading], reading: Reading) -> Iterator[Fault]:
    """An id that another rule of this pack, or of another, has."""
    met: set[str] = set()
    others = {rule.id for other in packs if other is not reading for rule in other.pack.rules}
    for index, rule in enumerate(reading.pack.rules):
        place = ("rules", index, "id")
        if rule.id in met:
            yield reading.fault(place, f"the rule {shown(rule.id)} stands twice", "rename one")
        elif rule.id in others and rule.id not in reading.pack.replaces:
            says = f"another pack has a rule {shown(rule.id)}"
            yield reading.fault(place, says, "name it under `replaces`, or rename yours")
        met.add(rule.id)


def _references(
    reading: Reading, law: Law, rule: Rule, place: tuple[str | int, ...]
) -> Iterator[Fault]:
    if rule.jurisdiction not in law.places:
        says = f"there is no place {shown(rule.jurisdiction)}"
        fix = did_you_mean(rule.jurisdiction, law.places)
        yield reading.fault((*place, "jurisdiction"), says, fix)
    counting = rule.deadline.counting
    if counting and counting not in law.countings:
        says = f"nothing says how `{counting}` counts"
        fix = did_you_mean(counting, law.countings)
        yield reading.fault((*place, "deadline", "counting"), says, fix)
    periods = [*rule.deadline.periods, *filter(None, [rule.deadline.target])]
    for name in {name for period in periods for name in period.origin}:
        filed = name.removeprefix(FILING)
        if name.startswith(FILING) and filed not in law.rules:
            fix = did_you_mean(filed, law.rules)
            yield reading.fault((*place, "deadline"), f"there is no rule {shown(filed)}", fix)
    wanted = {content.id for content in rule.contents} & set(rule.must_not_hold)
    for name in sorted(wanted):
        says = f"`{name}` is asked for and forbidden"
        yield reading.fault((*place, "must_not_hold"), says, "leave one")


def _sourcing(
    reading: Reading, rule: Rule, place: tuple[str | int, ...], today: date
) -> Iterator[Fault]:
    if rule.verified_on > today:
        says = "it was verified on a day that has not come"
        yield reading.fault((*place, "verified_on"), says, "write when it was read")
    elif today - rule.verified_on > STALE and rule.confidence in FOLLOWED:
        says = f"`{rule.id}` was last verified on {rule.verified_on}"
        yield reading.warning((*place, "id"), says, "read the source again and date it")
