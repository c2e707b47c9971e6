"""What reads payloads, within the limits of the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor import Descriptor

from privacy_service import errors
from privacy_service.enforcement.examine import Decode
from privacy_service.errors import PrivacyError
from privacy_service.payloads.decode import decode
from privacy_service.payloads.descriptors import DescriptorSet
from privacy_service.payloads.document import Limits
from privacy_service.settings import (
    LimitSettings,
)


def reader(settings: LimitSettings, descriptors: Sequence[Path] = ()) -> tuple[Limits, Decode]:
    """The limits, and the function that reads payloads within them.

    Raises SETTINGS_INVALID for a file that holds no descriptor set.
    """
    limits = Limits(
        payload_bytes=settings.payload_bytes,
        depth=settings.depth,
        values=settings.values,
        findings=settings.findings,
    )
    known = _descriptors(descriptors)
    return limits, lambda content_type, payload: decode(
        content_type, payload, limits=limits, descriptors=known
    )


@dataclass(frozen=True, slots=True)
class _DescriptorSets:
    """Several sets, asked one after the other: each has its own pool."""

    sets: tuple[DescriptorSet, ...]

    def find(self, message_type: str) -> Descriptor | None:
        found = (one.find(message_type) for one in self.sets)
        return next((descriptor for descriptor in found if descriptor is not None), None)


def _descriptors(files: Sequence[Path]) -> _DescriptorSets:
    try:
        return _DescriptorSets(tuple(DescriptorSet(file.read_bytes()) for file in files))
    except (OSError, ValueError) as unusable:
        raise PrivacyError(
            errors.SETTINGS_INVALID,
            setting="payloads.descriptors",
            cause=type(unusable).__name__,
        ) from None
