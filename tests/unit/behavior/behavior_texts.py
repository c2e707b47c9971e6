"""Behavior contracts in a few lines, and what judges texts by them."""

from __future__ import annotations

from typing import Final

from privacy_service.behavior.check import Checked
from privacy_service.behavior.compiled import compiled
from privacy_service.behavior.judgement import Judgement
from privacy_service.behavior.model import Side, Source
from privacy_service.behavior.read import read
from privacy_service.behavior.rehearse import Stage
from privacy_service.behavior.subject import Company
from privacy_service.clock import SystemClock
from privacy_service.detection.language import Languages
from privacy_service.payloads.decode import decode
from tests.unit.enforcement.stage import LIMITS, PatternDetector

HEAD: Final = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: answers
title: A contract for a test
party: acme-shop
provider: parrot-ai
effective: {from: 2026-01-01}
"""
DETECTOR: Final = PatternDetector(
    {"PERSON": r"\b(?:Maria|Gonzales)\b", "API_KEY": r"sk_live_[a-z0-9]{8,}"}
)
STAGE: Final = Stage(
    detector=DETECTOR,
    decode=lambda content_type, payload: decode(content_type, payload, limits=LIMITS),
    language_of=Languages(("en", "de", "fr")).of,
    clock=SystemClock(),
    limits=LIMITS,
)


def expecting(expectation: str, otherwise: str = "refuse", *, side: str = "output") -> str:
    """A contract with one expectation, called `it`."""
    return (
        f"{HEAD}expectations:\n"
        f"  - {{id: it, side: {side}, {expectation}, otherwise: {otherwise}}}\n"
    )


def checked(
    contract: str,
    content: str,
    *,
    content_type: str = "text/plain",
    side: Side = Side.OUTPUT,
    prompt: str | None = None,
    system_prompt: str | None = None,
    sources: dict[str, str] | None = None,
    confidence: float | None = None,
    attempt: int = 1,
) -> Checked:
    """What the contract makes of a text."""
    company = Company(
        prompt=prompt,
        system_prompt=system_prompt,
        sources=tuple(Source(id=name, text=text) for name, text in (sources or {}).items()),
        confidence=confidence,
        attempt=attempt,
    )
    return STAGE.checked(
        compiled(read(contract, name="test")),
        side=side,
        content=content.encode("utf-8", "surrogatepass"),
        content_type=content_type,
        company=company,
    )


def judgement(expectation: str, content: str, **company: object) -> Judgement:
    """What one expectation comes to."""
    (one,) = checked(expecting(expectation), content, **company).results  # type: ignore[arg-type]
    return one.judgement
