"""Which models read which texts, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from privacy_service import errors
from privacy_service.detection.candidates import Candidate
from privacy_service.detection.jury import verdict
from privacy_service.detection.language import Languages
from privacy_service.detection.model import Model
from privacy_service.detection.plausible import plausible, running, trimmed
from privacy_service.detection.rampart import Rampart
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Gap
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

    def __init__(
        self,
        by_language: Mapping[str, tuple[str, Reader]],
        second: Reader | None,
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
        return cls(models, second, Languages(settings.languages))

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> list[Reading]:
        """What the models find in each text. A language that is given is not guessed."""
        spoken = [
            (given.split("-")[0].lower() if given else self._languages.of(text))
            for text, given in zip(texts, languages, strict=True)
        ]
        votes: list[dict[str, list[Candidate]]] = [{} for _ in texts]
        for kind, reader, asked in self._asked(spoken):
            for index, found in zip(asked, reader.read([texts[i] for i in asked]), strict=True):
                votes[index][kind] = found
        return [
            Reading(tuple(_settled(text, cast)), self._gaps(text, language, cast))
            for text, language, cast in zip(texts, spoken, votes, strict=True)
        ]

    def _asked(self, spoken: Sequence[str | None]) -> Iterator[tuple[str, Reader, list[int]]]:
        default = next(iter(self._by_language), None)
        for language, (kind, model) in self._by_language.items():
            asked = [i for i, name in enumerate(spoken) if (name or default) == language]
            if asked:
                yield kind, model, asked
        if self._second is not None:
            yield "rampart", self._second, list(range(len(spoken)))

    def _gaps(self, text: str, language: str | None, cast: Mapping[str, object]) -> tuple[Gap, ...]:
        """Names cannot be looked for in running text whose language no model reads."""
        if cast or language is None or not running(text):
            return ()
        return (Gap.NO_MODEL_FOR_LANGUAGE,)


def _kind(name: str) -> str:
    """How reliable a model is, by the size that spaCy puts into the names of its models."""
    return "small" if "_sm" in name else "medium"


def _settled(text: str, votes: Mapping[str, Sequence[Candidate]]) -> Iterator[Candidate]:
    in_running_text = running(text)
    believed = {}
    for reader, found in votes.items():
        bare = [one for one in (trimmed(candidate, text) for candidate in found) if one]
        believed[reader] = (
            [one for one in bare if plausible(one, text, in_running_text=in_running_text)]
            if reader != "rampart"
            else bare
        )
    yield from verdict(text, believed)
    for found in believed.values():
        yield from (one for one in found if one.entity == "NRP")
