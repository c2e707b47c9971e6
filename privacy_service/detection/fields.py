"""What a field's name says of its value.

A name is taken apart into words ("patientDOB" is patient, dob; "givennamemale" is given, name,
male) and read as a person would: the last phrase that the lexicon knows is what the field holds
("customer_email" holds an e-mail), unless what follows it is about something else
("email_verified", "phone_type").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from privacy_service.detection.gazetteer import read_yaml, word_list
from privacy_service.detection.words import name_words
from privacy_service.payloads.document import Path


@dataclass(frozen=True, slots=True)
class Sense:
    """What a name says: the entity, the shape that its value must have, and how surely.

    `phrase` is the phrase of our lexicon that says so. `weak` names need a value that looks the
    part. `entity` is None for a name that is known to hold nothing personal.
    """

    entity: str | None
    shape: str
    weak: bool
    phrase: str


NEUTRAL: Final = word_list("neutral")
"""Words around a phrase that change nothing of what it says."""

KILLERS: Final = word_list("of_another")
"""Words after a phrase that make the name one of something else."""

_THINGS: Final = word_list("things")
"""Parents whose weak names are nobody's: `product.name`."""

_IN_FULL: Final[Mapping[str, tuple[str, ...]]] = {
    short: tuple(words) for short, *words in map(str.split, word_list("abbreviations"))
}
_VALUE_WORDS: Final = 4
"""At most so many words of a name's parents are read with it."""


class FieldTable:
    """The lexicon of field names, indexed. Answers are kept for names seen before."""

    KEEP: Final = 4_096

    def __init__(self, senses: Mapping[tuple[str, ...], Sense]) -> None:
        self._senses = senses
        self._longest = max(map(len, senses), default=0)
        self._vocabulary = frozenset(w for phrase in senses for w in phrase) | NEUTRAL | KILLERS
        self.shapes = {
            one.entity: one.shape for one in reversed(list(senses.values())) if one.entity
        }
        """The shape of each entity that a name can speak of."""
        self._seen: dict[tuple[str, ...], Sense | None] = {}

    @classmethod
    def load(cls, more: Iterable[tuple[str, str, str]] = ()) -> FieldTable:
        """Our lexicon and `more` (entity, shape, phrase), which yields to it where both speak."""
        senses: dict[tuple[str, ...], Sense] = {}
        for entity, shape, weak, phrase in _entries():
            parts = name_words(phrase)
            if parts not in senses or senses[parts].weak:
                named = None if entity == "none" else entity
                senses[parts] = Sense(named, shape, weak, " ".join(parts))
        for entity, shape, phrase in more:
            parts = name_words(phrase)
            if parts not in senses or senses[parts].weak or senses[parts].entity in GENERAL:
                senses[parts] = Sense(entity, shape, False, " ".join(parts))
        return cls(senses)

    def of_path(self, path: Path) -> Sense | None:
        """What the names on the way to a value say: the last one, with its parent if need be."""
        names = tuple(step for step in path if isinstance(step, str))[-2:]
        if not names:
            return None
        if names not in self._seen:
            self._remember(names, self._read_path(names))
        return self._seen[names]

    def of_name(self, name: str) -> Sense | None:
        """What one name says: a label in a form, an attribute, a column."""
        return self.of_path((name,))

    def knows(self, name: str) -> bool:
        """Whether the name is one of a field, personal or not."""
        return self.of_name(name) is not None or name_words(name) in self._senses

    def spells(self, name: str) -> bool:
        """Whether the words are those of a phrase of several, as in `Bill to`."""
        parts = name_words(name)
        return len(parts) > 1 and parts in self._senses

    def _remember(self, names: tuple[str, ...], sense: Sense | None) -> None:
        if len(self._seen) >= self.KEEP:
            self._seen.clear()
        self._seen[names] = sense

    def _read_path(self, names: tuple[str, ...]) -> Sense | None:
        own = self._words(names[-1])
        alone = self._understood(own)
        if alone is not None and not alone.weak and alone.entity is not None:
            return alone
        if len(names) == 2 and len(own) <= _VALUE_WORDS:
            parent = self._words(names[0])[-_VALUE_WORDS:]
            together = self._understood(_singular(parent) + own)
            if together is not None and not together.weak and together.entity is not None:
                return together
            thing = {"".join(parent), *_singular(parent)[-1:]}
            if alone is not None and alone.weak and not _THINGS.isdisjoint(thing):
                return None
        return alone

    def _understood(self, parts: tuple[str, ...]) -> Sense | None:
        """What words say: those unknown in full (`strt_nm`), as they stand, or all in full."""
        unknown = self._in_full(parts, self._vocabulary)
        if unknown != parts and (sense := self._read(unknown)):
            return sense
        sense = self._read(parts)
        if sense is not None:
            return sense
        full = self._in_full(parts, frozenset())
        return self._read(full) if full not in (parts, unknown) else None

    def _in_full(self, parts: tuple[str, ...], kept: frozenset[str]) -> tuple[str, ...]:
        """The words without what is cut short, but for those that are kept."""
        return tuple(
            word
            for part in parts
            for word in ((part,) if part in kept else _IN_FULL.get(part, (part,)))
        )

    def _words(self, name: str) -> tuple[str, ...]:
        parts: list[str] = []
        for word in name_words(name[:120]):
            parts.extend(self._taken_apart(word))
        return tuple(parts)

    def _taken_apart(self, word: str) -> tuple[str, ...]:
        """A run-together word as known words, if it is made of them: `givenname`, `phonenumber`."""
        if word in self._vocabulary or len(word) < 6 or word.isdigit():
            return (word,)
        if word.endswith("s") and word[:-1] in self._vocabulary:
            return (word[:-1],)
        return _segment(word, self._vocabulary) or (word,)

    def _read(self, parts: tuple[str, ...]) -> Sense | None:
        for end in range(len(parts), 0, -1):
            found = self._longest_ending(parts, end)
            if found is not None:
                start, sense = found
                return sense if not sense.weak or self._left_alone(parts[:start], sense) else None
            if parts[end - 1] not in NEUTRAL and not parts[end - 1].isdigit():
                break
        return self._at_the_front(parts)

    def _longest_ending(self, parts: tuple[str, ...], end: int) -> tuple[int, Sense] | None:
        for start in range(max(0, end - self._longest), end):
            for words in (parts[start:end], (*parts[start : end - 1], _one(parts[end - 1]))):
                if words in self._senses:
                    return start, self._senses[words]
        return None

    def _at_the_front(self, parts: tuple[str, ...]) -> Sense | None:
        """Languages that put the noun first: `telefono_casa`, `nombre_cliente`."""
        for size in range(min(self._longest, len(parts) - 1), 0, -1):
            sense = self._senses.get(parts[:size])
            if sense is not None and not sense.weak:
                return None if KILLERS.intersection(parts[size:]) else sense
        return None

    def _left_alone(self, before: Sequence[str], sense: Sense) -> bool:
        """Whether the words before a weak name leave it what it is: `customer_name`, not `host`."""
        return all(
            word in NEUTRAL or word in _QUALIFIERS or self._entity_of(word) == sense.entity
            for word in before
        )

    def _entity_of(self, word: str) -> str | None:
        sense = self._senses.get((word,))
        return sense.entity if sense else None


_QUALIFIERS: Final = word_list("qualifiers")
GENERAL: Final = frozenset(
    {
        "GOVERNMENT_ID", "TAX_ID", "MEDICAL_ID", "BANK_ACCOUNT", "ACCOUNT_ID", "PASSPORT",
        "DRIVERS_LICENSE", "DEVICE_ID", "HEALTH_CONDITION", "SEX_LIFE", "UNION_MEMBERSHIP", "NRP",
        "STREET_ADDRESS", "USERNAME", "URL", "SECRET", "TOKEN", "API_KEY", "PASSWORD",
    }
)  # fmt: skip
"""Entities of which there are finer ones, or in whose values other things may stand."""


def _entries() -> Iterable[tuple[str, str, bool, str]]:
    read = read_yaml("fields.yaml")
    assert isinstance(read, list)
    for entry in read:
        for kind in ("names", "weak"):
            for line in entry.get(kind, ()):
                for phrase in line.split(","):
                    yield entry["entity"], entry["shape"], kind == "weak", phrase.strip()


def context_phrases() -> Iterable[tuple[str, str]]:
    """(phrase, entity) of every name and context word that may speak for a value in prose."""
    read = read_yaml("fields.yaml")
    assert isinstance(read, list)
    for entry in read:
        for kind in ("names", "context"):
            for line in entry.get(kind, ()):
                for phrase in line.split(","):
                    if len(phrase.strip()) > 1:
                        yield phrase.strip(), entry["entity"]


def _one(word: str) -> str:
    """A plural as its singular, as far as a name needs it."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _singular(parts: tuple[str, ...]) -> tuple[str, ...]:
    return (*parts[:-1], _one(parts[-1])) if parts else ()


def _segment(word: str, vocabulary: frozenset[str]) -> tuple[str, ...] | None:
    """`word` cut into the fewest known words; one unknown beginning of three letters or more may
    stand before known words of five letters or more together.
    """
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 20), end - 1):
            head = best[start]
            if head is None or word[start:end] not in vocabulary:
                continue
            if best[end] is None or len(head) + 1 < len(best[end] or ()):
                best[end] = (*head, word[start:end])
    if best[-1] is not None:
        return best[-1]
    for start in range(3, len(word) - 7):
        rest = _segment_whole(word[start:], vocabulary)
        if rest:
            return (word[:start], *rest)
    return None


def _segment_whole(word: str, vocabulary: frozenset[str]) -> tuple[str, ...] | None:
    for cut in range(3, len(word) - 2):
        if word[:cut] in vocabulary and word[cut:] in vocabulary:
            return word[:cut], word[cut:]
    return (word,) if word in vocabulary and len(word) > 7 else None
