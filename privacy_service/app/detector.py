"""The detector: in this process, or in workers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from privacy_service.clock import Clock
from privacy_service.detection.loading import LocalLoad
from privacy_service.detection.pool import PooledDetector, Pooling, pooled
from privacy_service.detection.remembered import Remembered
from privacy_service.detection.settings import DetectionSettings as DetectorSettings
from privacy_service.enforcement.findings import Detector
from privacy_service.settings import DetectionSettings

_REMEMBER_SECONDS = 600.0
_INLINE_CHARS = 4096
"""A structured payload of a few KB is inspected faster here than it crosses to a worker."""


def detector_settings(settings: DetectionSettings) -> DetectorSettings:
    """The settings as `detection/` takes them. Without a first model there is no second opinion."""
    second = None if "none" in (settings.model, settings.second_opinion) else "rampart"
    return DetectorSettings(
        model=None if settings.model in ("none", "rampart") else settings.model,
        models=settings.models,
        detector_files=settings.detectors,
        allow_files=settings.allow,
        deny_files=settings.deny,
        second_opinion="rampart" if settings.model == "rampart" else second,
    )


def load_detector(settings: DetectorSettings) -> Detector:
    """A detector in this process."""
    return LocalLoad(settings)()


@contextmanager
def open_pool(settings: DetectionSettings, clock: Clock) -> Iterator[PooledDetector]:
    """The worker pool of the settings."""
    load = LocalLoad(detector_settings(settings))
    memory = (
        Remembered(
            key=os.urandom(32),
            entries=settings.cache,
            seconds=_REMEMBER_SECONDS,
            clock=clock,
        )
        if settings.cache
        else None
    )
    with pooled(
        load,
        inline=load.patterns_only(),
        pooling=Pooling(
            processes=settings.processes,
            queue=settings.queue,
            seconds=settings.seconds,
            inline_chars=_INLINE_CHARS,
        ),
        memory=memory,
        clock=clock,
    ) as pool:
        yield pool
