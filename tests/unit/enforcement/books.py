"""What enforcement asks of the world, kept in memory: a contract, a ledger, keyed words."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import SystemClock
from privacy_service.contracts.dates import DateWarning
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement.answer import Answer, AuditStamp
from privacy_service.enforcement.enforce import Enforcement
from privacy_service.enforcement.findings import Detector
from privacy_service.enforcement.ports import Begun, Pair, Release, Revealed
from privacy_service.enforcement.rates import Rate, RevealRates
from privacy_service.enforcement.request import PreviewRequest, TransferRequest
from privacy_service.enforcement.reveal import Revealing
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry
from tests.unit.enforcement.stage import (
    EVERYTHING,
    LIMITS,
    PatternDetector,
    decoded,
    digest,
    terms_of,
)

SENDER = Caller(name="acme-shop", partner="acme-shop", roles=frozenset({Role.PARTNER}))
RECIPIENT = Caller(name="swift-parcel", partner="swift-parcel", roles=frozenset({Role.PARTNER}))
OFFICER = Caller(name="officer@example", partner=None, roles=frozenset({Role.OFFICER}))
STRANGER = Caller(name="other-shop", partner="other-shop", roles=frozenset({Role.PARTNER}))


@dataclass
class OneContract:
    terms: Terms

    def in_force(
        self, sender: str, recipient: str, purpose: str, *, at: datetime, draw: str | None = None
    ) -> Terms:
        return self.terms

    def warnings(self, terms: Terms, *, at: datetime) -> tuple[DateWarning, ...]:
        return ()

    def as_if(
        self, terms: Terms, contract_id: str, number: int, *, purpose: str, at: datetime
    ) -> Terms:
        raise AssertionError("nothing judges beside")


@dataclass
class MemoryLedger:
    """A log in a list, and what was released."""

    origin: str = "stage"
    entries: list[AuditEntry] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    opted_out: set[tuple[str, str]] = field(default_factory=set)

    def begin(
        self, attempt: AuditEntry, *, request_id: str, request: str, seconds: float | None
    ) -> Begun:
        return Begun(position=self.record(attempt, seconds=seconds))

    def record(self, entry: AuditEntry, *, seconds: float | None) -> int:
        self.entries.append(entry)
        return len(self.entries) - 1

    def remember_opt_out(
        self, pair: Pair, subjects: Sequence[str], *, at: datetime, seconds: float | None
    ) -> None:
        self.opted_out |= {(pair.sender, subject) for subject in subjects}

    def record_revealed(self, entry: AuditEntry, pair: Pair, *, seconds: float | None) -> int:
        return self.record(entry, seconds=seconds)

    def release(self, release: Release, *, seconds: float | None) -> Answer:
        self.releases.append(release)
        position = self.record(release.entry, seconds=seconds)
        for minted in release.minted:
            self.known[minted.token] = (minted.entity, minted.value)
        stamp = AuditStamp(position=position, attempt=release.entry.attempt or 0, origin="stage")
        return replace(release.answer, audit=stamp)

    def revealed(
        self, token: str, pair: Pair, *, whose: Collection[str], claim: str | None, now: datetime
    ) -> Revealed:
        return Revealed(value=self._known(token)[1])

    def minted(self, tokens: Collection[str], pair: Pair) -> dict[str, str]:
        return {token: self.known[token][0] for token in tokens if token in self.known}

    def values(
        self, tokens: Collection[str], pair: Pair, *, whose: Collection[str], now: datetime
    ) -> dict[str, Revealed]:
        return {
            token: Revealed(value=self.known[token][1]) for token in tokens if token in self.known
        }

    def take(
        self, name: str, rate: Rate, many: int, *, at: datetime, seconds: float | None
    ) -> None:
        rate.taken(None, many, now=at)

    def _known(self, token: str) -> tuple[str, str]:
        if token not in self.known:
            raise PrivacyError(errors.TOKEN_UNKNOWN)
        return self.known[token]


class PairWords:
    """Keyed words, bound to a pair as the real ones are."""

    def subject_digest(self, kind: str, value: str, /) -> str:
        return digest("subject", kind, value)

    def subject_digests(self, kind: str, value: str, /) -> tuple[str, ...]:
        return (self.subject_digest(kind, value),)

    def commitment(self, content: bytes) -> str:
        return digest("commitment", content.hex())

    def token(self, pair: Pair, entity: str, value: str) -> str:
        return f"tok_{digest(str(pair), entity, value)}"

    def keyed_hash(self, pair: Pair, entity: str, value: str) -> str:
        return digest("hash", str(pair), entity, value)

    def date_offset(self, pair: Pair, subject: str, days: int) -> int:
        return sum(map(ord, digest("date", str(pair), subject))) % days + 1

    def encrypted(self, value: str, *, recipient_key: str, info: str) -> str:
        return f"hpke:v1:{digest(recipient_key, info, value)}"


@dataclass
class House:
    """An `Enforcement` with all that it needs."""

    contract: str = EVERYTHING
    detector: Detector = field(default_factory=PatternDetector)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)

    @property
    def enforcement(self) -> Enforcement:
        numbers = itertools.count()
        return Enforcement(
            contracts=OneContract(terms_of(self.contract)),
            detector=self.detector,
            pseudonyms=PairWords(),
            ledger=self.ledger,
            decode=decoded,
            clock=SystemClock(),
            limits=LIMITS,
            new_id=lambda: f"id-{next(numbers)}",
        )

    @property
    def revealing(self) -> Revealing:
        return Revealing(
            contracts=OneContract(terms_of(self.contract)),
            pseudonyms=PairWords(),
            ledger=self.ledger,
            decode=decoded,
            require_unnamed=self.enforcement.require_unnamed,
            clock=SystemClock(),
            rates=RevealRates(),
        )

    def transfer(self, payload: str, caller: Caller = SENDER, **more: object) -> Answer:
        request = TransferRequest(**asked(payload, more), request_id=REQUEST_ID)
        return self.enforcement.transfer(caller, request, seconds=None)

    def preview(self, payload: str, caller: Caller = SENDER, **more: object) -> Answer:
        request = PreviewRequest(**asked(payload, more))
        return self.enforcement.preview(caller, request, seconds=None)


REQUEST_ID = "00000000-0000-4000-8000-000000000000"


def asked(payload: str, more: Mapping[str, object]) -> dict[str, object]:
    """A request of acme-shop for swift-parcel."""
    return {
        "sender": "acme-shop",
        "recipient": "swift-parcel",
        "purpose": "dpv:DeliveryOfGoods",
        "content_type": "application/json",
        "payload": payload.encode(),
    } | dict(more)
