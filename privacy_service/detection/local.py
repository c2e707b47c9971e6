"""The detector of one thread in one process: recognizers, context, models, and the verdict."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from time import monotonic

from privacy_service import errors
from privacy_service.contracts.model import USUAL_THRESHOLD
from privacy_service.detection.candidates import NOTHING, Candidate
from privacy_service.detection.echoes import echoes
from privacy_service.detection.readers import Readers, Reading
from privacy_service.detection.recognize import Recognizers, believed
from privacy_service.detection.resolve import resolve
from privacy_service.detection.rules import UNCHECKED
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.sieve import Sieve
from privacy_service.enforcement.findings import Gap, Inspected, Passage, Place, Span
from privacy_service.errors import PrivacyError

_NEARLY = 40
"""So many of the rules that nearly claimed something are told of."""

_BATCH = 256
"""Passages between two looks at the clock."""

_SIEVES = 16
"""Sets of entities that are asked for alone, of which what rules them out is kept."""

_WEAK = f"kept, under the usual threshold of {USUAL_THRESHOLD}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A claim and what became of it: `kept`, or why not. Nothing of the text is in it."""

    candidate: Candidate
    verdict: str


class LocalDetector:
    """A detector that does its work in the calling thread. One thread at a time may call it."""

    def __init__(
        self, settings: DetectionSettings, recognizers: Recognizers, readers: Readers | None
    ) -> None:
        self._settings = settings
        self._recognizers = recognizers
        self._readers = readers
        self._sieves: dict[frozenset[str], Sieve | None] = {}

    @classmethod
    def load(cls, settings: DetectionSettings) -> LocalDetector:
        """Loads the rules and models.

        Raises MODEL_NOT_LOADED, DETECTOR_FILE_INVALID or SETTINGS_INVALID.
        """
        return cls(settings, Recognizers.load(settings), Readers.load(settings))

    @property
    def entities(self) -> frozenset[str]:
        """Every entity name that it can answer with."""
        return self._recognizers.entities | (Readers.entities if self._readers else frozenset())

    def patterns(self, passages: Sequence[Passage]) -> list[Inspected]:
        """Everything but the language models: quick enough for the server's own threads."""
        return [
            Inspected(spans=self._spans(passage, claims), gaps=gaps)
            for passage in passages
            for claims, gaps in (self._claims(passage),)
        ]

    def rules_out(self, passage: Passage) -> bool:
        """Whether it is clear, soon and without a model, that nothing is there of the entities
        that alone are asked for. Where it is not, `detect` tells.
        """
        if passage.only is None or passage.expected is not None:
            return False
        sieve = self._sieve(passage.only)
        try:
            return sieve is not None and sieve.rules_out(passage)
        except Exception:  # noqa: BLE001 -- the whole look comes across it, and says so
            return False

    def _sieve(self, only: frozenset[str]) -> Sieve | None:
        if only not in self._sieves:
            if len(self._sieves) >= _SIEVES:
                self._sieves.clear()
            by_model = self._readers is not None and bool(only & Readers.entities)
            self._sieves[only] = None if by_model else self._recognizers.sieve(only)
        return self._sieves[only]

    def detect(
        self, passages: Sequence[Passage], *, seconds: float | None = None
    ) -> list[Inspected]:
        """One answer per passage, in order. Raises DEADLINE_PASSED after `seconds`."""
        until = None if seconds is None else monotonic() + seconds
        answers: list[Inspected] = []
        for start in range(0, len(passages), _BATCH):
            answers.extend(self._sifted(passages[start : start + _BATCH]))
            if until is not None and monotonic() > until:
                raise PrivacyError(errors.DEADLINE_PASSED)
        return answers

    def explain(self, passage: Passage) -> list[Explained]:
        """Every claim on one passage, with what became of it; and what rules would have claimed of
        the rest, with what that lacks.
        """
        claims = self._recognizers.claims(passage)
        standing = self._recognizers.find(passage)
        if self._asks(passage, standing) and self._readers:
            (reading,) = self._readers.read([passage], [standing])
            claims = [*claims, *reading.found]
            standing = [*standing, *believed(reading.found, standing, passage.text)]
        kept = set(self._settled(passage, standing))
        told = [
            Explained(candidate=claim, verdict=self._verdict(claim, passage, standing, kept))
            for claim in sorted(set(claims), key=lambda one: (one.start, one.end, -one.score))
            if claim.entity != NOTHING
        ]
        return [*told, *self._near(passage, kept)]

    def _near(self, passage: Passage, kept: Collection[Candidate]) -> list[Explained]:
        """What was nearly claimed outside of what is kept; where checks hold, first."""
        near = [
            one
            for one in self._recognizers.near(passage)
            if not any(other.start < one.end and one.start < other.end for other in kept)
        ]
        near.sort(key=lambda one: (one.because == UNCHECKED, one.start - one.end, one.start))
        return [Explained(candidate=one, verdict="not claimed") for one in near[:_NEARLY]]

    def _sifted(self, passages: Sequence[Passage]) -> list[Inspected]:
        """The answers; what asks for a few entities alone is looked at whole only if need be."""
        left = [passage for passage in passages if not self.rules_out(passage)]
        if len(left) == len(passages):
            return self._some(passages)
        answers = iter(self._some(left))
        kept = {id(passage) for passage in left}
        return [next(answers) if id(one) in kept else Inspected() for one in passages]

    def _some(self, passages: Sequence[Passage]) -> list[Inspected]:
        found = [self._claims(passage) for passage in passages]
        asked = [i for i, passage in enumerate(passages) if self._asks(passage, found[i][0])]
        read = self._read([passages[i] for i in asked], [found[i][0] for i in asked])
        readings = dict(zip(asked, read, strict=True))
        return [
            self._answer(passage, *found[i], readings.get(i)) for i, passage in enumerate(passages)
        ]

    def _answer(
        self,
        passage: Passage,
        claims: list[Candidate],
        gaps: tuple[Gap, ...],
        reading: Reading | None,
    ) -> Inspected:
        if reading is None:
            return Inspected(spans=self._spans(passage, claims), gaps=gaps)
        return Inspected(
            spans=self._spans(passage, [*claims, *believed(reading.found, claims, passage.text)]),
            gaps=gaps + tuple(gap for gap in reading.gaps if gap not in gaps),
            by_model=not reading.gaps,
        )

    def _claims(self, passage: Passage) -> tuple[list[Candidate], tuple[Gap, ...]]:
        """What is claimed without a model. A recognizer's fault is a gap, and silences its text."""
        try:
            return self._recognizers.find(passage), ()
        except Exception:  # noqa: BLE001
            return [], (Gap.RECOGNIZER_FAILED,)

    def _read(
        self, passages: Sequence[Passage], claims: Sequence[Sequence[Candidate]]
    ) -> list[Reading]:
        """What the models find; where they fail on several, each is read by itself."""
        if self._readers is None or not passages:
            return []
        try:
            return self._readers.read(passages, claims)
        except Exception:  # noqa: BLE001
            if len(passages) == 1:
                return [Reading((), (Gap.RECOGNIZER_FAILED,))]
            alone = zip(passages, claims, strict=True)
            return [reading for one, its in alone for reading in self._read([one], [its])]

    def _asks(self, passage: Passage, found: Sequence[Candidate]) -> bool:
        return self._readers is not None and self._recognizers.wants_model(passage, found)

    def _spans(self, passage: Passage, found: Sequence[Candidate]) -> tuple[Span, ...]:
        return tuple(one.span() for one in self._settled(passage, found))

    def _settled(self, passage: Passage, found: Sequence[Candidate]) -> list[Candidate]:
        least = self._settings.minimum_score
        strong = [one for one in found if one.score >= least and one.entity != NOTHING]
        kept = resolve(strong, passage.text)
        again = list(echoes(passage.text, kept)) if passage.place is Place.VALUE else []
        if again:
            kept = resolve([*kept, *again], passage.text)
        return [one for one in kept if not self._recognizers.allows(one, passage.text)]

    def _verdict(
        self,
        claim: Candidate,
        passage: Passage,
        standing: Sequence[Candidate],
        kept: set[Candidate],
    ) -> str:
        if claim in kept:
            return "kept" if claim.score >= USUAL_THRESHOLD else _WEAK
        if claim not in standing:
            return "its label speaks against it"
        if claim.score < self._settings.minimum_score:
            return "below the least score"
        if self._recognizers.allows(claim, passage.text):
            return "on an allow list"
        return _outdone(claim, kept)


def _outdone(claim: Candidate, kept: set[Candidate]) -> str:
    """What became of a claim that others overlap."""
    over = [one for one in kept if one.start < claim.end and claim.start < one.end]
    better = next((one for one in over if one.score >= claim.score), None)
    if better is None:
        return "overlapped by one on an allow list"
    in_part = any(
        (one.entity, one.detector) == (claim.entity, claim.detector) and one != better
        for one in over
    )
    told = f"{better.entity} of {better.detector} is better founded"
    return f"kept in part: {told}" if in_part else told
