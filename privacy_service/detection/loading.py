"""How a process comes by the real detector, without the import of a language model before that."""

from __future__ import annotations

from dataclasses import dataclass, replace

from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Detector


@dataclass(frozen=True, slots=True)
class LocalLoad:
    """Makes a `LocalDetector` of these settings where it is called.

    It pickles, and whoever only passes it on imports nothing of spaCy or Presidio: the server
    starts its workers first and pays for its own import while they load.
    """

    settings: DetectionSettings

    def __call__(self) -> Detector:
        """Raises what `LocalDetector.load` raises."""
        from privacy_service.detection.local import LocalDetector

        return LocalDetector.load(self.settings)

    def patterns_only(self) -> LocalLoad:
        """The same without any language model: for passages without prose, the same answers."""
        settings = replace(self.settings, model=None, models={}, second_opinion=None)
        return LocalLoad(settings)
