"""A stage for enforcement alone: contracts in a few lines, a detector of patterns, plain words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from privacy_service.clock import SystemClock
from privacy_service.contracts.compile import compile_terms
from privacy_service.contracts.model import ContractVersion, SharingContract
from privacy_service.contracts.read import read
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.examine import Examination, Examined
from privacy_service.enforcement.findings import Detector, Inspected, Passage, Span
from privacy_service.enforcement.treat import Mint
from privacy_service.payloads.decode import decode
from privacy_service.payloads.document import Document, Limits, Path

LIMITS: Final = Limits()

HEAD: Final = """apiVersion: privacy-service/v1
kind: SharingContract
id: stage
title: A contract for a test
party: {partner: acme-shop, role: controller, region: DE}
counterparty: {partner: swift-parcel, role: processor, region: DE}
direction: outbound
purposes: ["dpv:DeliveryOfGoods"]
legal_basis: eu-gdpr:A6-1-b
effective: {from: 2026-01-01T00:00:00Z}
"""
EVERYTHING: Final = "fields: [{path: $}]\n"
"""Every field may pass; what is personal in it is redacted."""

PATTERNS: Final = {
    "EMAIL_ADDRESS": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}",
    "URL": r"(?<![\w@])(?:https?://)?(?:www\.)?[\w-]+\.(?:com|example)\b(?:/\S*)?",
    "CREDIT_CARD": r"(?<!\d)\d(?:[ -]?\d){15}(?!\d)",
    "DATE_TIME": r"(?<!\d)(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?(?!\d)",
    "PERSON": r"\b(?:Maria|Gonzales|Jan Novak)\b",
    "IP_ADDRESS": r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])",
}


@dataclass(frozen=True)
class PatternDetector:
    """Finds what matches a pattern: the same answer for a text wherever it stands."""

    patterns: Mapping[str, str] = field(default_factory=lambda: PATTERNS)
    score: float = 0.9

    @property
    def entities(self) -> frozenset[str]:
        return frozenset(self.patterns)

    def detect(
        self, passages: Sequence[Passage], *, seconds: float | None = None
    ) -> Sequence[Inspected]:
        return [Inspected(spans=self.spans(passage.text)) for passage in passages]

    def spans(self, text: str) -> tuple[Span, ...]:
        return tuple(
            Span(entity=entity, start=m.start(), end=m.end(), score=self.score, detector="stage")
            for entity, pattern in self.patterns.items()
            for m in re.finditer(pattern, text)
        )


@dataclass
class PlainMint:
    """Words that a test can read, and that tell values apart."""

    offset: int = 17

    def token(self, entity: str, value: str, *, path: Path) -> str:
        return f"tok_{digest(entity, value)}"

    def keyed_hash(self, entity: str, value: str) -> str:
        return digest("hash", entity, value)

    def encrypted(self, value: str, *, path: Path) -> str:
        return f"hpke:v1:{digest('hpke', value)}"

    def date_offset(self, days: int, *, path: Path) -> int:
        return self.offset


def digest(*parts: str) -> str:
    """Letters only, so that no pattern takes it for something else."""
    written = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:26]
    return written.translate(str.maketrans("0123456789", "ghijklmnop"))


def terms_of(contract: str | SharingContract) -> Terms:
    """The terms of a contract that is given by all but its head, or whole."""
    if isinstance(contract, str):
        contract = read(HEAD + contract, name="stage")
    now = datetime(2026, 6, 1, tzinfo=UTC)
    return compile_terms(
        ContractVersion(
            contract=contract, number=1, digest="sha256:0", source="", put_at=now, put_by="stage"
        )
    )


def decoded(content_type: str, payload: bytes) -> Document:
    return decode(content_type, payload, limits=LIMITS)


def examined(
    payload: str | bytes,
    contract: str | SharingContract | Terms = EVERYTHING,
    *,
    content_type: str = "application/json",
    detector: Detector | None = None,
    mint: Mint | None = None,
    limits: Limits = LIMITS,
) -> Examined:
    """What a payload comes to under a contract."""
    raw = payload.encode() if isinstance(payload, str) else payload
    terms = contract if isinstance(contract, Terms) else terms_of(contract)
    examination = Examination(
        terms,
        detector or PatternDetector(),
        mint or PlainMint(),
        decoded,
        Deadline.after(None, SystemClock()),
        limits,
    )
    return examination.examine(decoded(content_type, raw), content_type)


def released(payload: str | bytes, contract: str | Terms = EVERYTHING, **more: object) -> str:
    """What leaves, as text. Fails where nothing does."""
    done = examined(payload, contract, **more)  # type: ignore[arg-type]
    assert done.payload is not None, done.decision
    return done.payload.decode()
