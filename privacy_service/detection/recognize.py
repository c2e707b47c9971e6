"""Everything that finds without a model, behind one call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from privacy_service.detection.addresses import find_addresses
from privacy_service.detection.candidates import NOTHING, Candidate
from privacy_service.detection.dates import full_dates, partial_dates
from privacy_service.detection.fields import FieldTable, context_phrases
from privacy_service.detection.labels import find_labelled
from privacy_service.detection.names import find_names
from privacy_service.detection.phones import find_phones
from privacy_service.detection.phrases import Lexicon
from privacy_service.detection.places import find_places
from privacy_service.detection.rule_files import RuleText, our_rules, users_rules
from privacy_service.detection.rules import RuleBook
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.shapes import SHAPES
from privacy_service.detection.sight import Sight
from privacy_service.detection.special import entities as special_entities
from privacy_service.detection.special import find_special
from privacy_service.detection.tables import find_in_tables
from privacy_service.detection.typed import typed
from privacy_service.enforcement.findings import Passage, Place

_SURE: Final = 0.85
"""A claim of this score stands whatever the label says: a checked form of nothing else."""

_WORDS = re.compile(r"[^\W\d_]{2,}")


class Recognizers:
    """The rules and the recognizers in code, over one lexicon."""

    def __init__(self, texts: Sequence[RuleText], users: Sequence[RuleText]) -> None:
        self._book = RuleBook.of(
            [text.compiled() for text in texts] + [text.compiled(users=True) for text in users]
        )
        phrases = [pair for text in (*texts, *users) for pair in text.phrases()]
        self._lexicon = Lexicon.of((*context_phrases(), *phrases))
        self._table = FieldTable.load(
            (text.entity, text.shape, name) for text in (*texts, *users) for name in text.names
        )
        self.entities = (
            frozenset(text.entity for text in (*texts, *users))
            | self._table.entities
            | special_entities()
        )

    @classmethod
    def load(cls, settings: DetectionSettings) -> Recognizers:
        users = [rule for path in settings.detector_files for rule in users_rules(path)]
        return cls(our_rules(), users)

    def find(self, passage: Passage) -> list[Candidate]:
        """Every claim on one passage, overlapping ones too."""
        sight = Sight(passage, self._lexicon, self._table)
        return _outside_the_void(list(self._find(sight)))

    def wants_model(self, passage: Passage, found: Sequence[Candidate]) -> bool:
        """Whether the model could find anything more: words that nothing has claimed whole."""
        text = passage.text
        if passage.place is Place.KEY:
            return False
        if len(_WORDS.findall(text[:200])) < 1:
            return False
        return not any(c.end - c.start == len(text.strip()) and c.score > 0.8 for c in found)

    def _find(self, sight: Sight) -> Iterator[Candidate]:
        if sight.sense is not None:
            whole = typed(sight.sense, sight.text, 0, "field", whole=True)
            if whole is not None:
                yield whole
        yield from self._book.find(sight)
        yield from find_phones(sight)
        yield from _dates(sight)
        if sight.passage.place is Place.KEY:
            return
        yield from find_addresses(sight)
        yield from find_labelled(sight.text, self._table)
        yield from find_in_tables(sight.text, self._table)
        yield from find_names(sight)
        if _WORDS.search(sight.text):
            yield from find_places(sight.text)
            yield from find_special(sight.text)


def _outside_the_void(found: list[Candidate]) -> list[Candidate]:
    """Without the claims by context on values that their own label says are nobody's."""
    voids = [one for one in found if one.entity == NOTHING]
    if not voids:
        return found
    void = frozenset(at for one in voids for at in range(one.start, one.end))
    return [
        one
        for one in found
        if one.entity != NOTHING and not (one.start in void and _doubtful(one))
    ]


def _doubtful(claim: Candidate) -> bool:
    """Whether a label that says otherwise outweighs the claim: context does not, nor mere form."""
    return claim.because.startswith("context") or claim.score < _SURE


def _dates(sight: Sight) -> Iterator[Candidate]:
    """Dates; of birth where something near says so."""
    if not sight.has_digit:
        return
    for start, end, timed in full_dates(sight.text):
        yield _dated(sight, start, end, 0.3 if timed else 0.6)
    for start, end in partial_dates(sight.text):
        yield _dated(sight, start, end, 0.4)


def _dated(sight: Sight, start: int, end: int, score: float) -> Candidate:
    told = sight.told(frozenset({"DOB"}), start, end)
    if told is not None and told[0] < 30:
        return Candidate("DOB", start, end, 0.85, "date:birth", f"context: {told[1]}")
    return Candidate("DATE_TIME", start, end, score, "date", "form")
