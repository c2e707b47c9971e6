"""What a detector is asked and what it answers. The port; `detection/` is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from privacy_service.payloads.document import Path


class Place(Enum):
    """Where a text stands: in a value, or as the name of a member."""

    VALUE = "value"
    KEY = "key"


class Gap(Enum):
    """Why some text was not inspected whole. Each appears in the coverage statement."""

    TIMED_OUT = "timed out"
    RECOGNIZER_FAILED = "a recognizer failed"
    NO_MODEL_FOR_LANGUAGE = "no model for the language"
    CANONICALIZATION_BOUND = "the bound on decoding was reached"
    UNDECODABLE = "undecodable"
    UNREAD_PART = "a part without text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One text to inspect, with what is known about where it stands.

    `path` gives the keys above it as context, `named` what the document calls the value in another
    place (`beside.py`). `expected` is the entity or type that a contract
    declares for the place. `prose` says whether the language model may be asked; where it is
    False only patterns, checksums and context decide. `language` is a BCP 47 tag if one is known.
    Where `only` names entities, nothing else need be found.
    """

    text: str
    path: Path = ()
    place: Place = Place.VALUE
    expected: str | None = None
    prose: bool = True
    language: str | None = None
    named: str | None = None
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Personal data found in one passage: code points `start` to `end` of its text.

    `detector` names the recognizer, for the explanation; `score` lies in (0, 1].
    """

    entity: str
    start: int
    end: int
    score: float
    detector: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """The answer for one passage: spans that do not overlap, in order, and what was not done.

    `by_model` says whether the language model read it.
    """

    spans: tuple[Span, ...] = ()
    gaps: tuple[Gap, ...] = ()
    by_model: bool = False


class Detector(Protocol):
    """Finds personal data in passages.

    Same passages, same answer, whatever else runs. Thread-safe.
    """

    @property
    def entities(self) -> frozenset[str]:
        """Every entity name that it can answer with."""
        ...

    def detect(
        self, passages: Sequence[Passage], *, seconds: float | None = None
    ) -> Sequence[Inspected]:
        """One answer per passage, in order, within `seconds` (None: its own limit).

        Raises PrivacyError: DETECTOR_UNAVAILABLE, DETECTOR_BUSY or DEADLINE_PASSED. It never
        answers for a passage that it did not look at without a gap that says so.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A found piece of personal data, in a document.

    `node` is the index of its node; `start` and `end` are code points of the decoded text there
    (of the key where `place` is KEY).
    """

    entity: str
    path: Path
    node: int
    place: Place
    start: int
    end: int
    score: float
    detector: str
