"""The detector of one thread in one process: recognizers, context, model, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import monotonic

from privacy_service import errors
from privacy_service.detection.candidates import Candidate
from privacy_service.detection.model import ENTITIES, Model
from privacy_service.detection.plausible import plausible, running, trimmed
from privacy_service.detection.recognize import Recognizers
from privacy_service.detection.resolve import resolve
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Inspected, Passage
from privacy_service.errors import PrivacyError


def _believed(found: Sequence[Candidate], text: str) -> Iterator[Candidate]:
    """What the model found, without what cannot be."""
    in_running_text = running(text)
    for candidate in found:
        bare = trimmed(candidate, text)
        if bare is not None and plausible(bare, text, in_running_text=in_running_text):
            yield bare


class LocalDetector:
    """A detector that does its work in the calling thread. One thread at a time may call it."""

    def __init__(self, settings: DetectionSettings, model: Model | None) -> None:
        self._settings = settings
        self._model = model
        self._recognizers = Recognizers.load(settings)

    @classmethod
    def load(cls, settings: DetectionSettings) -> LocalDetector:
        """Loads the rules and models. Raises MODEL_NOT_LOADED or DETECTOR_FILE_INVALID."""
        model = settings.model and Model(settings.model, window=settings.model_chars)
        return cls(settings, model or None)

    @property
    def entities(self) -> frozenset[str]:
        """Every entity name that it can answer with."""
        model = frozenset(ENTITIES.values()) if self._model else frozenset()
        return model | self._recognizers.entities

    def patterns(self, passages: Sequence[Passage]) -> list[Inspected]:
        """Everything but the language model."""
        return [
            self._answer(passage, self._recognizers.find(passage), by_model=False)
            for passage in passages
        ]

    def detect(
        self, passages: Sequence[Passage], *, seconds: float | None = None
    ) -> list[Inspected]:
        """One answer per passage, in order. Raises DEADLINE_PASSED after `seconds`."""
        until = None if seconds is None else monotonic() + seconds
        candidates = [self._recognizers.find(passage) for passage in passages]
        prose = [
            i
            for i, passage in enumerate(passages)
            if self._model
            and passage.prose
            and self._recognizers.wants_model(passage, candidates[i])
        ]
        if until is not None and monotonic() > until:
            raise PrivacyError(errors.DEADLINE_PASSED)
        if self._model and prose:
            read = self._model.read([passages[i].text for i in prose])
            for i, found in zip(prose, read, strict=True):
                candidates[i].extend(_believed(found, passages[i].text))
        asked = frozenset(prose)
        return [
            self._answer(passages[i], found, by_model=i in asked)
            for i, found in enumerate(candidates)
        ]

    def _answer(
        self, passage: Passage, candidates: Sequence[Candidate], *, by_model: bool
    ) -> Inspected:
        strong = [c for c in candidates if c.score >= self._settings.minimum_score]
        return Inspected(
            spans=tuple(candidate.span() for candidate in resolve(strong)), by_model=by_model
        )
