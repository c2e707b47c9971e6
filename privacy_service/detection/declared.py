"""Values of fields whose entity a contract declares: judged by that entity's rules and shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.rules import Rule
from privacy_service.detection.shapes import SHAPES

_SURE: Final = 0.99
_UNCHECKED: Final = 0.8

_OTHER_WORDS: Final = {
    "DATE_OF_BIRTH": "DOB",
    "PASSPORT_NUMBER": "PASSPORT",
    "DRIVER_LICENSE": "DRIVERS_LICENSE",
    "NATIONAL_ID": "GOVERNMENT_ID",
    "MEDICAL_RECORD_NUMBER": "MEDICAL_ID",
    "HEALTH_INSURANCE_ID": "MEDICAL_ID",
    "CUSTOMER_ID": "ACCOUNT_ID",
    "EMPLOYEE_ID": "ACCOUNT_ID",
    "ABA_ROUTING_NUMBER": "ROUTING_NUMBER",
    "US_BANK_NUMBER": "BANK_ACCOUNT",
    "CITY": "LOCATION",
    "SOCIAL_HANDLE": "USERNAME",
    "PRIVATE_KEY": "SECRET",
    "US_ZIP_CODE": "POSTCODE",
    "DE_PLZ": "POSTCODE",
}
"""Entities of the catalogue (contracts/entities.yaml) that we answer with under another name."""

_FREE: Final = frozenset({"phrase", "secret", "token", "username"})
"""Shapes that take nearly anything: a declared field of them is believed as it is."""


class Declared:
    """What each entity's values look like."""

    def __init__(self, rules: Iterable[Rule], shapes: Mapping[str, str]) -> None:
        self._rules: dict[str, list[Rule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.entity, []).append(rule)
        self._shapes = shapes

    def judge(self, entity: str, text: str) -> Candidate | None:
        """The whole value as the declared entity, if it looks like one; None to look freely."""
        value = text.strip()
        name = (
            entity if entity in self._shapes or entity in self._rules else _OTHER_WORDS.get(entity)
        )
        if not value or name is None:
            return None
        score = max(self._by_rules(name, value), self._by_shape(name, value))
        if not score:
            return None
        start = text.index(value)
        return Candidate(name, start, start + len(value), score, "declared", "declared")

    def _by_rules(self, name: str, value: str) -> float:
        rules: Sequence[Rule] = self._rules.get(name, ())
        matching = [rule for rule in rules if rule.pattern.fullmatch(value)]
        if any(rule.check is None or rule.check(value) for rule in matching):
            return _SURE
        return _UNCHECKED if any(rule.unchecked for rule in matching) else 0.0

    def _by_shape(self, name: str, value: str) -> float:
        shape = self._shapes.get(name)
        read = SHAPES[shape].read(value) if shape else None
        if read is None or shape is None or read[1] - read[0] < len(value):
            return 0.0
        return _SURE * (1.0 if shape in _FREE else 0.5 + 0.5 * read[2])
