"""Every entity in every encoding: whether what a reader could make out is found.

A row is an entity and one text that holds it, a column a way to write that text; a cell is whether
the detector finds the entity in the text written so. The whole text is encoded, so that what speaks
for the value is as hidden as the value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bench.samples.encodings import ENCODINGS
from privacy_service.app.reading import reader
from privacy_service.clock import SystemClock
from privacy_service.contracts.model import USUAL_THRESHOLD
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.rule_files import our_rules
from privacy_service.enforcement.answer import InspectAnswer
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.survey import survey
from privacy_service.settings import LimitSettings

_TOLD: Final[Mapping[str, str]] = {
    "ACCOUNT_ID": "customer number: KD-448210",
    "CARD_EXPIRY": "card expiry: 09/27",
    "DATE_TIME": "We met on 14 March 2023.",
    "DOB": "She was born on 14 March 1985.",
    "HEALTH_CONDITION": "She was diagnosed with type 2 diabetes.",
    "LOCATION": "She lives in Winterthur with her sister.",
    "NRP": "He is a devout Muslim and a father.",
    "PERSON": "Please tell Maria Gonzales about the delay.",
    "PHONE_NUMBER": "You can call +49 30 90182055 after five.",
    "PIN": "PIN: 4821",
    "POSTCODE": "It went to Lindenallee 7, 50968 Köln.",
    "SEX_LIFE": "He told them that he is gay.",
    "STREET_ADDRESS": "It went to 1600 Pennsylvania Avenue NW today.",
    "UNION_MEMBERSHIP": "Er ist Mitglied der IG Metall.",
}
"""Texts for what no rule in a file finds; the others come with their rules, as examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """The cells: for each entity, for each encoding, whether it was found."""

    cells: Mapping[str, Mapping[str, bool]]

    @property
    def found(self) -> int:
        """Cells in which the entity was found."""
        return sum(sum(row.values()) for row in self.cells.values())

    @property
    def size(self) -> int:
        """All cells."""
        return sum(map(len, self.cells.values()))

    def missed(self) -> list[tuple[str, str]]:
        """(entity, encoding) of the others."""
        return [
            (entity, encoding)
            for entity, row in self.cells.items()
            for encoding, found in row.items()
            if not found
        ]


def texts() -> dict[str, str]:
    """A text for each entity that the detector can answer with."""
    told = dict(_TOLD)
    for rule in our_rules():
        if rule.match:
            told.setdefault(rule.entity, rule.match[0])
    return dict(sorted(told.items()))


def matrix(detector: LocalDetector) -> Matrix:
    """The matrix of `detector`."""
    cells: dict[str, dict[str, bool]] = {}
    for entity, text in texts().items():
        answers = _answers(detector, [encode(text) for encode in ENCODINGS.values()])
        cells[entity] = {
            encoding: any(one.entity == entity for one in answer.findings)
            for encoding, answer in zip(ENCODINGS, answers, strict=True)
        }
    return Matrix(cells=cells)


def _answers(detector: LocalDetector, written: Iterable[str]) -> list[InspectAnswer]:
    limits, read = reader(LimitSettings())
    return survey(
        [read("application/json", json.dumps({"text": text}).encode()) for text in written],
        threshold=USUAL_THRESHOLD,
        detector=detector,
        deadline=Deadline.after(None, SystemClock()),
        limits=limits,
    )
