"""What behavior contracts are judged with, in this process."""

from __future__ import annotations

from privacy_service.app.detector import detector_settings, load_detector
from privacy_service.app.reading import reader
from privacy_service.behavior.classifying import Classify
from privacy_service.behavior.rehearse import Stage
from privacy_service.behavior.subject import LanguageOf
from privacy_service.clock import Clock
from privacy_service.detection.classifiers import HttpClassifiers
from privacy_service.detection.language import Languages
from privacy_service.detection.tokenizers import FileTokenizers
from privacy_service.settings import DetectionSettings, LimitSettings

_READ = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
"""The languages that the detector has words of, and that are told apart here."""


def language_of() -> LanguageOf:
    """Tells the languages apart that we read."""
    return Languages(_READ).of


def local_stage(detection: DetectionSettings, limits: LimitSettings, clock: Clock) -> Stage:
    """A stage with a detector in this process, for the command line."""
    bounds, decode = reader(limits)
    return Stage(
        detector=load_detector(detector_settings(detection)),
        decode=decode,
        language_of=language_of(),
        clock=clock,
        limits=bounds,
        classify=classifiers(detection),
        count_tokens=FileTokenizers(detection.tokenizers),
    )


def classifiers(detection: DetectionSettings) -> Classify:
    """The classifiers that the settings name."""
    return HttpClassifiers(detection.classifiers, seconds=detection.classifier_seconds)
