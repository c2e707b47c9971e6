"""All rule packs together: ours, and those of the user over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.law.read import Reading, read
from privacy_service.law.rules import Concerns, Counting, Place, Rule

_SHIPPED: Final = "packs"


@dataclass(frozen=True, slots=True)
class Law:
    """The rules that there are, by id, with how they are counted and where they hold."""

    rules: Mapping[str, Rule]
    countings: Mapping[str, Counting]
    places: Mapping[str, Place]

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id. Raises RULE_NOT_FOUND."""
        if rule_id not in self.rules:
            raise PrivacyError(errors.RULE_NOT_FOUND, rule=rule_id[:120])
        return self.rules[rule_id]

    def about(self, concerns: Concerns, *, regime: str | None = None) -> tuple[Rule, ...]:
        """The rules that answer such a thing, of one regime or of all, by id."""
        return tuple(
            rule
            for _id, rule in sorted(self.rules.items())
            if rule.concerns is concerns and regime in (None, rule.regime)
        )

    def counting(self, counting_id: str) -> Counting | None:
        """How a deadline is counted that says so; None for one that does not."""
        return self.countings[counting_id] if counting_id else None

    def place(self, place_id: str) -> Place:
        """The jurisdiction of that id. Raises PLACE_UNKNOWN."""
        if place_id not in self.places:
            raise PrivacyError(errors.PLACE_UNKNOWN, place=place_id[:12])
        return self.places[place_id]

    def place_for(self, rule: Rule, place_id: str) -> Place:
        """Where the rule's clock is read: the place asked for, which must lie under the rule's
        law. Raises PLACE_UNKNOWN.
        """
        place = self.place(place_id)
        if not self.lies_in(place_id, rule.jurisdiction):
            raise PrivacyError(errors.PLACE_UNKNOWN, place=place_id, jurisdiction=rule.jurisdiction)
        return place

    def lies_in(self, place_id: str, outer: str) -> bool:
        """Whether the place is the other one, or a part of it."""
        if place_id == outer:
            return True
        place = self.places.get(place_id)
        return place is not None and any(self.lies_in(above, outer) for above in place.within)


def shipped() -> Iterator[tuple[str, str]]:
    """Each pack that ships with the product: its file's name, and its text."""
    folder = files(__package__).joinpath(_SHIPPED)
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            yield file.name, file.read_text(encoding="utf-8")


def law_of(sources: Iterable[tuple[str, str]] = ()) -> Law:
    """The packs that ship, with those of the user (name and text) over them.

    A pack of the user replaces ours of the same id; `replaces` takes single rules out of others.
    Raises LawFault where one cannot be read.
    """
    return bound(readings(sources))


@cache
def _shipped() -> tuple[Reading, ...]:
    """What ships, read once."""
    return tuple(read(text, name=name, ours=True) for name, text in shipped())


def readings(sources: Iterable[tuple[str, str]] = ()) -> tuple[Reading, ...]:
    """All packs that count, as they were read. Raises LawFault."""
    packs = {reading.pack.id: reading for reading in _shipped()}
    for name, text in sources:
        reading = read(text, name=name)
        packs.pop(reading.pack.id, None)
        packs[reading.pack.id] = reading
    return tuple(packs.values())


def bound(packs: Iterable[Reading]) -> Law:
    """The packs as one; where two have a thing of the same id, the later one's counts."""
    rules: dict[str, Rule] = {}
    countings: dict[str, Counting] = {}
    places: dict[str, Place] = {}
    for reading in packs:
        pack = reading.pack
        for gone in pack.replaces:
            rules.pop(gone, None)
        rules |= {rule.id: rule for rule in pack.rules}
        countings |= {one.id: one for one in pack.countings}
        places |= {one.id: one for one in pack.places}
    return Law(rules=rules, countings=countings, places=places)
