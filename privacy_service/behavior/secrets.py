"""Secrets among what the detector finds."""

from __future__ import annotations

from typing import Final

from privacy_service.behavior.judgement import Judgement, broken, kept, undetermined
from privacy_service.behavior.subject import Subject, TextSpan
from privacy_service.contracts.entities import canonical, catalogue

_CATEGORIES: Final = frozenset({"pd:Authenticating", "pd:Password", "pd:PINCode", "pd:SecretText"})
"""DPV's categories of what lets somebody in."""


def secrets_in(subject: Subject) -> tuple[TextSpan, ...]:
    """Where a key, password or other secret stands. Raises what the detector raises."""
    return tuple(
        TextSpan(node.index, span.start, span.end)
        for node, seen in subject.seen
        for span in seen.spans
        if _is_secret(span.entity)
    )


def no_secrets(subject: Subject) -> Judgement:
    """Broken where a secret stands in it."""
    spans = secrets_in(subject)
    if spans:
        return broken("A secret stands in it.", count=len(spans), bound=0, spans=spans)
    if subject.gaps:
        return undetermined("The detector could not look at all of it.")
    return kept(0, 0)


def _is_secret(entity: str) -> bool:
    known = catalogue().get(canonical(entity))
    return known is not None and known.category in _CATEGORIES
