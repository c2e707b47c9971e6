"""Secrets among what the detector finds."""

from __future__ import annotations

from functools import cache
from typing import Final

from privacy_service.behavior.judgement import Judgement, broken, kept, undetermined
from privacy_service.behavior.subject import Subject, TextSpan
from privacy_service.contracts.entities import catalogue

_CATEGORIES: Final = frozenset({"pd:Authenticating", "pd:Password", "pd:PINCode", "pd:SecretText"})
"""DPV's categories of what lets somebody in."""


def secrets_in(subject: Subject) -> tuple[TextSpan, ...]:
    """Where a key, password or other secret stands. Raises what the detector raises."""
    names = _names()
    return tuple(
        TextSpan(node.index, span.start, span.end)
        for node, seen in subject.seen_of(names)
        for span in seen.spans
        if span.entity in names
    )


def no_secrets(subject: Subject) -> Judgement:
    """Broken where a secret stands in it."""
    spans = secrets_in(subject)
    if spans:
        return broken("A secret stands in it.", count=len(spans), bound=0, spans=spans)
    if any(seen.gaps for _node, seen in subject.seen_of(_names())):
        return undetermined("The detector could not look at all of it.")
    return kept(0, 0)


@cache
def _names() -> frozenset[str]:
    """Everything that a secret is called, by whatever detector."""
    return frozenset(name for name, entity in catalogue().items() if entity.category in _CATEGORIES)
