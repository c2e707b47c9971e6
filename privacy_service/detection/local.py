"""The detector of one thread in one process: recognizers, context, model, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from privacy_service import errors
from privacy_service.detection.candidates import Candidate
from privacy_service.detection.model import ENTITIES
from privacy_service.detection.readers import Readers
from privacy_service.detection.recognize import Recognizers
from privacy_service.detection.resolve import resolve
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Gap, Inspected, Passage
from privacy_service.errors import PrivacyError


class LocalDetector:
    """A detector that does its work in the calling thread. One thread at a time may call it."""

    def __init__(self, settings: DetectionSettings, readers: Readers | None) -> None:
        self._settings = settings
        self._readers = readers
        self._recognizers = Recognizers.load(settings)

    @classmethod
    def load(cls, settings: DetectionSettings) -> LocalDetector:
        """Loads the rules and models. Raises MODEL_NOT_LOADED or DETECTOR_FILE_INVALID."""
        return cls(settings, Readers.load(settings))

    @property
    def entities(self) -> frozenset[str]:
        """Every entity name that it can answer with."""
        model = frozenset(ENTITIES.values()) if self._readers else frozenset()
        return model | self._recognizers.entities

    def patterns(self, passages: Sequence[Passage]) -> list[Inspected]:
        """Everything but the language model."""
        return [
            self._answer(passage, self._recognizers.find(passage), None) for passage in passages
        ]

    def detect(
        self, passages: Sequence[Passage], *, seconds: float | None = None
    ) -> list[Inspected]:
        """One answer per passage, in order. Raises DEADLINE_PASSED after `seconds`."""
        until = None if seconds is None else monotonic() + seconds
        candidates = [self._recognizers.find(passage) for passage in passages]
        gaps: dict[int, tuple[Gap, ...]] = {}
        asked = [i for i, passage in enumerate(passages) if self._asks(passage, candidates[i])]
        if until is not None and monotonic() > until:
            raise PrivacyError(errors.DEADLINE_PASSED)
        if self._readers and asked:
            readings = self._readers.read([passages[i] for i in asked])
            for i, reading in zip(asked, readings, strict=True):
                candidates[i].extend(reading.found)
                gaps[i] = reading.gaps
        return [self._answer(passages[i], found, gaps.get(i)) for i, found in enumerate(candidates)]

    def _asks(self, passage: Passage, found: Sequence[Candidate]) -> bool:
        return (
            self._readers is not None
            and passage.prose
            and self._recognizers.wants_model(passage, found)
        )

    def _answer(
        self, passage: Passage, candidates: Sequence[Candidate], gaps: tuple[Gap, ...] | None
    ) -> Inspected:
        strong = [c for c in candidates if c.score >= self._settings.minimum_score]
        return Inspected(
            spans=tuple(candidate.span() for candidate in resolve(strong)),
            gaps=gaps or (),
            by_model=gaps == (),
        )
