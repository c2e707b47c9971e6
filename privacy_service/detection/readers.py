"""Which models read which texts, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from privacy_service import errors
from privacy_service.detection import capitals
from privacy_service.detection.candidates import Candidate
from privacy_service.detection.doubts import in_doubt
from privacy_service.detection.jury import FINER, verdict
from privacy_service.detection.language import Languages
from privacy_service.detection.model import Model
from privacy_service.detection.plausible import believable_alone, plausible, running, trimmed
from privacy_service.detection.rampart import Rampart
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.shortened import Shortened, shortened
from privacy_service.enforcement.findings import Gap, Passage
from privacy_service.errors import PrivacyError


class Reader(Protocol):
    """A model that reads texts."""

    def read(self, texts: Sequence[str]) -> list[list[Candidate]]:
        """What it finds in each text, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What the models came to on one text, and what they could not do."""

    found: tuple[Candidate, ...]
    gaps: tuple[Gap, ...]


class Readers:
    """All models of one detector."""

    entities: ClassVar = frozenset({"PERSON", "LOCATION", "NRP", *FINER})

    def __init__(
        self,
        by_language: Mapping[str, tuple[str, Reader]],
        second: Rampart | None,
        languages: Languages,
    ) -> None:
        self._by_language = by_language
        self._second = second
        self._languages = languages

    @classmethod
    def load(cls, settings: DetectionSettings) -> Readers | None:
        """The models that the settings name; None if they name none. Raises MODEL_NOT_LOADED."""
        named = dict(settings.models)
        if settings.model is not None:
            named[settings.model_language] = settings.model
        if settings.second_opinion not in (None, "rampart"):
            raise PrivacyError(errors.SETTINGS_INVALID, setting="second_opinion")
        second = Rampart() if settings.second_opinion else None
        if not named and second is None:
            return None
        models = {
            language: (_kind(name), Model(name, window=settings.model_chars))
            for language, name in named.items()
        }
        languages = tuple(dict.fromkeys((*settings.languages, *models)))
        return cls(models, second, Languages(languages))

    def read(
        self, passages: Sequence[Passage], claims: Sequence[Sequence[Candidate]]
    ) -> list[Reading]:
        """What the models find in each passage, beside what was claimed on it without them.

        A language that is given is not guessed.
        """
        spoken = [self._language(passage) for passage in passages]
        pieces = [
            _Piece(index, start, shortened(passage.text[start:end], ()))
            for index, (passage, language) in enumerate(zip(passages, spoken, strict=True))
            for start, end in _to_read(passage.text, language, claims[index])
        ]
        votes: list[dict[str, list[Candidate]]] = [{} for _ in passages]
        for kind, reader, asked in self._asked(pieces, spoken, claims):
            answers = reader.read([piece.read.text for piece in asked])
            for piece, found in zip(asked, answers, strict=True):
                votes[piece.passage].setdefault(kind, []).extend(map(piece.placed, found))
        for cast, passage, language in zip(votes, passages, spoken, strict=True):
            cast.update(_by_capitals(passage.text, language, read=bool(cast)))
        return [
            Reading(tuple(_settled(passage, cast)), self._gaps(passage.text, language))
            for passage, language, cast in zip(passages, spoken, votes, strict=True)
        ]

    def _language(self, passage: Passage) -> str | None:
        if passage.language:
            return passage.language.split("-")[0].lower()
        return self._languages.of(passage.text)

    def _gaps(self, text: str, language: str | None) -> tuple[Gap, ...]:
        """Names cannot be looked for in running text whose language no model reads."""
        if language is None or language in self._by_language or not running(text):
            return ()
        if self._second is not None and language in self._second.languages:
            return ()
        return (Gap.NO_MODEL_FOR_LANGUAGE,)

    def _asked(
        self,
        pieces: Sequence[_Piece],
        spoken: Sequence[str | None],
        claims: Sequence[Sequence[Candidate]],
    ) -> Iterator[tuple[str, Reader, list[_Piece]]]:
        """Each reader, and what it reads; the second one reads everything, if in short."""
        default = next(iter(self._by_language), None)
        for language, (kind, model) in self._by_language.items():
            asked = [one for one in pieces if (spoken[one.passage] or default) == language]
            if asked:
                yield kind, model, asked
        if self._second is not None:
            short = [
                one.shortened(claims[one.passage]) if _english(spoken[one.passage]) else one
                for one in pieces
            ]
            yield "rampart", self._second, short


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is read of a passage, from code point `start` on."""

    passage: int
    start: int
    read: Shortened

    def shortened(self, claims: Sequence[Candidate]) -> _Piece:
        """The piece without what is claimed on its passage."""
        return replace(self, read=shortened(self.read.text, claims, self.start))

    def placed(self, found: Candidate) -> Candidate:
        """What was found in the piece, where it stands in the passage."""
        start, end = (self.start + self.read.place(at) for at in (found.start, found.end))
        return (
            found
            if start == found.start and end == found.end
            else replace(found, start=start, end=end)
        )


def _english(language: str | None) -> bool:
    """Whether a text is taken for English: where its language is not known, it is."""
    return language in (None, "en")


def _to_read(
    text: str, language: str | None, claims: Sequence[Candidate]
) -> Sequence[tuple[int, int]]:
    """The stretches that models read: of an English text what is in doubt, else all of it."""
    return in_doubt(text, claims) if _english(language) else [(0, len(text))]


def _by_capitals(text: str, language: str | None, *, read: bool) -> Mapping[str, list[Candidate]]:
    """What capitals say, in the languages where they do; of an English text only where a model has
    `read` it too.
    """
    if language in capitals.LANGUAGES and running(text):
        return {"capitals": capitals.find_capitals(text)}
    if read and language in (None, "en") and running(text):
        return {"english": capitals.find_capitals(text)}
    return {}


def _kind(name: str) -> str:
    """How reliable a model is, by the size that spaCy puts into the names of its models."""
    return "small" if "_sm" in name else "medium"


def _settled(passage: Passage, votes: Mapping[str, Sequence[Candidate]]) -> Iterator[Candidate]:
    if not any(votes.values()):
        return
    text = passage.text
    believed = {}
    for reader, found in votes.items():
        bare = [one for one in (trimmed(candidate, text) for candidate in found) if one]
        believed[reader] = bare if reader == "rampart" else [o for o in bare if plausible(o, text)]
    found = verdict(text, believed)
    if not running(text):
        found = [one for one in found if _believable(one, passage)]
    yield from found
    for some in believed.values():
        yield from (one for one in some if one.entity == "NRP")


def _believable(found: Candidate, passage: Passage) -> bool:
    """In a fragment: what stands under a field's name needs more than what stands by itself."""
    if passage.path or found.entity in FINER:
        return believable_alone(found, passage.text)
    return plausible(found, passage.text)
