"""Everything that finds without a model, behind one call."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, Protocol

from privacy_service import errors
from privacy_service.contracts.model import FieldType
from privacy_service.detection.candidates import MEMBER, NOTHING, OTHER_COLUMN, VALUE, Candidate
from privacy_service.detection.dates import full_dates, partial_dates
from privacy_service.detection.declared import Declared
from privacy_service.detection.fields import GENERAL, FieldTable, context_phrases
from privacy_service.detection.handles import find_handles
from privacy_service.detection.labels import find_labelled
from privacy_service.detection.lists import Lists
from privacy_service.detection.messages import find_in_messages
from privacy_service.detection.name_runs import find_name_runs, given_name, named_key
from privacy_service.detection.names import find_names
from privacy_service.detection.openings import openings
from privacy_service.detection.phones import find_phones
from privacy_service.detection.phrases import Lexicon
from privacy_service.detection.places import find_places, listed_places
from privacy_service.detection.plausible import believable_alone, running
from privacy_service.detection.postcodes import find_postcodes
from privacy_service.detection.rule_examples import checked_rules
from privacy_service.detection.rule_files import RuleText, our_rules
from privacy_service.detection.rules import RuleBook
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.sieve import FOUND_IN_CODE, Sieve
from privacy_service.detection.sight import Sight
from privacy_service.detection.special import entities as special_entities
from privacy_service.detection.special import find_special
from privacy_service.detection.streets import find_streets
from privacy_service.detection.typed import typed
from privacy_service.enforcement.findings import Passage, Place
from privacy_service.errors import PrivacyError

_SURE: Final = 0.85
"""A claim of this score stands whatever the label says: a checked form of nothing else."""

_CHECKED: Final = 0.7
"""And so does a claim of this score whose check holds."""

_CLAIMED: Final = 0.8
"""Above this a value that is claimed whole needs no second look."""

_GUESSED: Final = frozenset({"PERSON", "LOCATION", "STREET_ADDRESS", "NRP"})
_NAMED: Final = 0.8
"""So sure a guess at a name must be to stand in the name of a member: `"Maria Gonzales": 5`."""

_EVIDENT: Final = 0.89
_SHORT: Final = 16

_LONG: Final = 16
"""Letters from which on a word may be a key."""

_DIGITS_OF_A_NUMBER: Final = 9
"""Of the shortest number that is found by its check alone."""

_CLOCK: Final = re.compile(r" \d{1,2}:\d{2}:\d{2}")
"""What follows the day in the time stamp of a log: `May 11 10:22:01`."""

_WORDS = re.compile(r"[^\W\d_]{2,}")

_SAID: Final = frozenset({FieldType.CODE, FieldType.NUMBER, FieldType.BOOLEAN, FieldType.DATE})
"""Where a contract says that a field holds one of these, its name suggests nothing more."""


class Other(Protocol):
    """A recognizer of another make."""

    @property
    def entities(self) -> frozenset[str]:
        """What it can find."""
        ...

    def find(self, text: str) -> list[Candidate]:
        """What it claims in `text`."""
        ...


class Recognizers:
    """The rules and the recognizers in code, over one lexicon."""

    def __init__(
        self,
        ours: Sequence[RuleText],
        users: Sequence[RuleText] = (),
        lists: Lists | None = None,
        others: Sequence[Other] = (),
    ) -> None:
        rules = [text.compiled() for text in ours] + [text.compiled(users=True) for text in users]
        texts = (*ours, *users)
        self._rules = list(zip(texts, rules, strict=True))
        self._book = RuleBook.of(rules)
        self._lists = lists or Lists()
        self._others = others
        self._lexicon = Lexicon.of(
            (*context_phrases(), *(pair for text in texts for pair in text.phrases()))
        )
        self._table = FieldTable.load(
            (text.entity, text.shape, name) for text in texts for name in text.names
        )
        self._declared = Declared(rules, self._table.shapes)
        self.entities = (
            frozenset(text.entity for text in texts)
            | self._table.shapes.keys()
            | special_entities()
            | self._lists.entities
        ).union(*(other.entities for other in others))

    @classmethod
    def load(cls, settings: DetectionSettings) -> Recognizers:
        """Our rules and those of the settings' files. Raises DETECTOR_FILE_INVALID."""
        users = [rule for path in settings.detector_files for rule in checked_rules(path)]
        lists = Lists.read(settings.allow_files, settings.deny_files)
        return cls(our_rules(), users, lists, _others(settings.presidio))

    def find(self, passage: Passage) -> list[Candidate]:
        """Every claim on one passage, overlapping ones too."""
        return _outside_the_void(self.claims(passage))

    def claims(self, passage: Passage) -> list[Candidate]:
        """Every claim, also those on values that a label says are nobody's."""
        if passage.expected is not None:
            declared = self._declared.judge(passage.expected, passage.text)
            if declared is not None:
                return [declared]
        return list(self._find(Sight(passage, self._lexicon, self._table)))

    def near(self, passage: Passage) -> list[Candidate]:
        """What rules would claim if something more spoke for it; they score nothing."""
        return list(self._book.near(Sight(passage, self._lexicon, self._table)))

    def sieve(self, only: frozenset[str]) -> Sieve | None:
        """What rules these entities out; None where that takes a whole look."""
        others = self._lists.entities.union(*(other.entities for other in self._others))
        if only & (FOUND_IN_CODE | others):
            return None
        return Sieve(only, self._rules, self._lexicon, self._table)

    def allows(self, found: Candidate, text: str) -> bool:
        """Whether a user's list lets the finding through."""
        return self._lists.allows(found, text)

    def wants_model(self, passage: Passage, found: Sequence[Candidate]) -> bool:
        """Whether a model could find anything more.

        It is not asked of names of members, of values without words, of values that are claimed
        whole, and of fragments under a field's name: there a finding of a model alone would not be
        believed, and what is listed is found without one.
        """
        text = passage.text
        if not passage.prose or passage.place is Place.KEY or not _WORDS.search(text):
            return False
        if any(c.end - c.start == len(text.strip()) and c.score > _CLAIMED for c in found):
            return False
        return not passage.path or running(text)

    def _find(self, sight: Sight) -> Iterator[Candidate]:
        for other in self._others:
            yield from other.find(sight.text)
        if self._lists.denied:
            yield from self._lists.find(sight.text, sight.words)
        if sight.sense is not None and sight.passage.expected not in _SAID:
            whole = typed(sight.sense, sight.text, 0, "field", whole=True)
            if whole is not None:
                yield whole
                if _evident(whole, sight):
                    return
        if sight.a_word:
            yield from self._about_a_word(sight)
            return
        yield from self._book.find(sight)
        if sight.digits:
            yield from find_phones(sight)
            yield from _dates(sight)
        if sight.passage.place is Place.KEY:
            if not sight.one_word:
                yield from named_key(sight.text)
            return
        yield from find_labelled(sight)
        if not sight.one_word:
            yield from self._about_text(sight)

    def _about_a_word(self, sight: Sight) -> Iterator[Candidate]:
        """A value of letters alone can be a name or a place, a long one a key by its context."""
        if len(sight.text) >= _LONG:
            yield from self._book.find(sight)
        elif sight.passage.place is not Place.KEY and sight.text[0].isupper():
            yield from given_name(sight.text)
            yield from listed_places(sight.text)

    def _about_text(self, sight: Sight) -> Iterator[Candidate]:
        streets = list(find_streets(sight))
        yield from streets
        yield from find_postcodes(sight, streets)
        yield from sight.tables.claims
        yield from find_in_messages(sight.text, self._table)
        yield from find_name_runs(sight)
        yield from find_handles(sight.text)
        if _WORDS.search(sight.text):
            opened = openings(sight.text, sight.words)
            yield from find_names(sight.text, opened)
            yield from find_places(sight.text, opened)
            yield from find_special(sight.text, sight.words)


def _others(names: Sequence[str]) -> list[Other]:
    """Presidio's recognizers, which are imported only if some are named."""
    if not names:
        return []
    from privacy_service.detection.presidio import PresidioRecognizer, recognizer

    try:
        return [PresidioRecognizer(recognizer(name)) for name in names]
    except KeyError as cause:
        raise PrivacyError(errors.SETTINGS_INVALID, setting="presidio") from cause


def _evident(whole: Candidate, sight: Sight) -> bool:
    """Whether a value is so surely what its field's name says that nothing more need be looked for.

    Of a value that is nobody's this holds only while it is short enough to hold nothing else.
    """
    if whole.entity == NOTHING:
        few = sight.digits < _DIGITS_OF_A_NUMBER and len(sight.text) <= _SHORT
        return sight.one_word and few and "@" not in sight.text
    return whole.score >= _EVIDENT and whole.entity not in GENERAL


def _outside_the_void(found: list[Candidate]) -> list[Candidate]:
    """Without the claims that the label of their own value speaks against, and without guesses at
    names in what a machine named.

    Claims that a span is a member's name or bare value stay, for whoever weighs the models' word.
    """
    voids = [one for one in found if one.entity == NOTHING]
    if not voids:
        return found
    void = _covered(one for one in voids if one.detector not in (MEMBER, VALUE))
    members = _covered(one for one in voids if one.detector == MEMBER)
    columns = _covered(one for one in voids if one.because == OTHER_COLUMN)
    return [
        one
        for claim in found
        for one in (_before(claim, members),)
        if one.detector in (MEMBER, VALUE)
        or (
            one.entity != NOTHING
            and not (one.start in void and _doubtful(one))
            and not (one.start in members and one.entity in _GUESSED and one.score < _NAMED)
            and not (one.start in columns and one.because.startswith("context"))
        )
    ]


def _before(claim: Candidate, members: Collection[int]) -> Candidate:
    """A guess at a name, without the name of a member that it goes on to: `Tiffany accountId=`."""
    if claim.entity not in _GUESSED or claim.start in members:
        return claim
    end = next((at for at in range(claim.start, claim.end) if at in members), claim.end)
    return claim if end == claim.end else replace(claim, end=end)


def _covered(claims: Iterable[Candidate]) -> frozenset[int]:
    return frozenset(at for one in claims for at in range(one.start, one.end))


def believed(read: Iterable[Candidate], claims: Sequence[Candidate], text: str) -> list[Candidate]:
    """What models found, but in the name of a member, and in its bare value only what is listed."""
    members = _covered(one for one in claims if one.detector == MEMBER)
    bare = _covered(one for one in claims if one.detector == VALUE)
    return [
        one
        for claim in read
        for one in (_before(claim, members),)
        if one.start not in members and (one.start not in bare or believable_alone(one, text))
    ]


def _doubtful(claim: Candidate) -> bool:
    """Whether a label that says otherwise outweighs the claim: context does not, nor mere form.

    A form that holds by its check does, wherever it stands: a field called `quantity` must not be
    the way out for a card number.
    """
    if claim.because == "checked":
        return claim.score < _CHECKED
    return claim.because.startswith("context") or claim.score < _SURE


def _dates(sight: Sight) -> Iterator[Candidate]:
    """Dates; of birth where something near says so."""
    for start, end, timed in full_dates(sight.text):
        yield _dated(sight, start, end, 0.3 if timed else 0.6)
    for start, end in partial_dates(sight.text):
        stamp = _CLOCK.match(sight.text, end) is not None
        yield _dated(sight, start, end, 0.3 if stamp else 0.4)


def _dated(sight: Sight, start: int, end: int, score: float) -> Candidate:
    told = sight.told(frozenset({"DOB"}), start, end)
    if told is not None and told[0] < 30:
        return Candidate("DOB", start, end, 0.85, "date:birth", f"context: {told[1]}")
    return Candidate("DATE_TIME", start, end, score, "date", "form")
