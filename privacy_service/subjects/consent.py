"""Consent: what a person was told and asked, what they said, and whether that still holds.

A record has what ISO/IEC TS 27560:2023 asks of a consent record, in the words of the W3C Data
Privacy Vocabulary (DPV). What was told and asked is the same for many people and does not change:
it is kept once, by its digest. What the person said is a line of events, of which the last counts.

Only a consent that was given or renewed, and has not run out, permits anything. It does so for its
purposes (each with its narrower ones) and its recipients, and no others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from privacy_service import errors
from privacy_service.contracts import dpv
from privacy_service.errors import PrivacyError
from privacy_service.periods import Period


class ConsentState(StrEnum):
    """What was said last. The words are DPV's, without its prefix `Consent`."""

    REQUESTED = "requested"
    DEFERRED = "deferred"
    REFUSED = "refused"
    GIVEN = "given"
    RENEWED = "renewed"
    EXPIRED = "expired"
    INVALIDATED = "invalidated"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"


class Expression(StrEnum):
    """How it was said."""

    EXPLICIT = "explicit"
    EXPRESSED = "expressed"
    IMPLIED = "implied"


_PERMITTING: Final = frozenset({ConsentState.GIVEN, ConsentState.RENEWED})
_ASKED: Final = frozenset({ConsentState.REQUESTED, ConsentState.GIVEN})
_ENDS: Final = frozenset(
    {
        ConsentState.RENEWED,
        ConsentState.WITHDRAWN,
        ConsentState.REVOKED,
        ConsentState.INVALIDATED,
    }
)
_NEXT: Final[dict[ConsentState | None, frozenset[ConsentState]]] = {
    None: _ASKED | {ConsentState.REFUSED},
    ConsentState.REQUESTED: frozenset(
        {ConsentState.DEFERRED, ConsentState.REFUSED, ConsentState.GIVEN}
    ),
    ConsentState.DEFERRED: _ASKED | {ConsentState.REFUSED},
    ConsentState.REFUSED: _ASKED,
    ConsentState.GIVEN: _ENDS,
    ConsentState.RENEWED: _ENDS,
    ConsentState.EXPIRED: _ENDS | _ASKED,
    ConsentState.WITHDRAWN: _ASKED,
    # What its controller or an authority ended is asked for anew before it is given anew.
    ConsentState.REVOKED: frozenset({ConsentState.REQUESTED}),
    ConsentState.INVALIDATED: frozenset({ConsentState.REQUESTED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentParty:
    """An organisation that takes part: who answers for the processing, and where it is reached."""

    id: str
    name: str
    address: str
    contact: str
    type: str

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            _require(f"terms.controllers.{name}", bool(value.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentTerms:
    """What the person was told and asked.

    `purposes` are DPV terms, `recipients` partners, `personal_data` DPV terms (`pd:EmailAddress`)
    or entities, `storage_locations` and `jurisdiction` ISO 3166-1 codes, `retention_period`
    ISO 8601. `notice` is where the notice that was shown can be read, in `language` (BCP 47);
    `withdrawal_method` is how consent is withdrawn, as the notice says it.
    """

    notice: str
    language: str
    purposes: tuple[str, ...]
    legal_basis: str
    recipients: tuple[str, ...]
    personal_data: tuple[str, ...]
    special_categories: tuple[str, ...] = ()
    controllers: tuple[ConsentParty, ...]
    collection_method: str
    storage_locations: tuple[str, ...]
    processing_locations: tuple[str, ...] = ()
    retention_period: str
    jurisdiction: str
    withdrawal_method: str
    service: str = ""
    rights: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("notice", "language", "collection_method", "jurisdiction"):
            _require(f"terms.{name}", bool(getattr(self, name).strip()))
        _require("terms.withdrawal_method", bool(self.withdrawal_method.strip()))
        for name in ("recipients", "personal_data", "controllers", "storage_locations"):
            _require(f"terms.{name}", bool(getattr(self, name)))
        known = dpv.purposes()
        _require("terms.purposes", self.purposes and all(p in known for p in self.purposes))
        _require("terms.legal_basis", self.legal_basis in dpv.consent_bases())
        _require_period("terms.retention_period", self.retention_period)

    @property
    def digest(self) -> str:
        """`sha256:` and the hash of the terms' canonical form."""
        written = json.dumps(
            asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return f"sha256:{hashlib.sha256(written.encode()).hexdigest()}"

    def to_plain(self) -> dict[str, Any]:
        """The terms as JSON has them."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> ConsentTerms:
        """The terms that `to_plain` wrote."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in plain.items()
        }
        values["controllers"] = tuple(ConsentParty(**party) for party in plain["controllers"])
        return cls(**values)

    def permit(self, purpose: str, recipient: str) -> bool:
        """Whether a consent to these terms is one to this purpose and recipient."""
        return recipient in self.recipients and any(
            dpv.covers(one, purpose) for one in self.purposes
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """What was said, when, and how.

    `by` is who said it: `data-subject`, or who acted for them or ended it. `valid_for` is how long
    it holds (ISO 8601), None until it is ended.
    """

    state: ConsentState
    at: datetime
    expression: Expression = Expression.EXPLICIT
    by: str = "data-subject"
    valid_for: str | None = None

    def __post_init__(self) -> None:
        _require("event.by", bool(self.by.strip()))
        _require("event.state", self.state is not ConsentState.EXPIRED)
        if self.valid_for is not None:
            _require_period("event.valid_for", self.valid_for)

    @property
    def until(self) -> datetime | None:
        """When it runs out, if it was for a time and permits anything."""
        if self.valid_for is None or self.state not in _PERMITTING:
            return None
        return Period.parse(self.valid_for).after(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """One person's consent at one partner. `subjects` are keyed digests of the one person."""

    partner: str
    id: str
    subjects: frozenset[str] = field(repr=False)
    terms: ConsentTerms
    events: tuple[ConsentEvent, ...]

    def __post_init__(self) -> None:
        _require("subjects", bool(self.subjects))

    def state_at(self, now: datetime) -> ConsentState:
        """What holds at an instant; an event counts from when it was said on."""
        last = self.events[-1]
        if last.until is not None and last.until <= now:
            return ConsentState.EXPIRED
        return last.state

    def permits(self, purpose: str, recipient: str, *, at: datetime) -> bool:
        """Whether it permits to share for this purpose with this recipient."""
        last = self.events[-1]
        return (
            last.at <= at
            and self.state_at(at) in _PERMITTING
            and self.terms.permit(purpose, recipient)
        )

    def then(self, event: ConsentEvent, *, now: datetime) -> ConsentRecord:
        """The record with what was said next.

        Raises CONSENT_STATE for what cannot follow, REQUEST_INVALID for what lies in the future or
        before what was said last.
        """
        require_next(self.state_at(now), event, now=now)
        _require("event.time", self.events[-1].at <= event.at)
        return replace(self, events=(*self.events, event))


def require_next(state: ConsentState | None, event: ConsentEvent, *, now: datetime) -> None:
    """Raises CONSENT_STATE unless the event may follow the state; None: there is no record yet."""
    _require("event.time", event.at <= now)
    if event.state not in _NEXT[state]:
        raise PrivacyError(errors.CONSENT_STATE, state=state or "no record", said=event.state.value)


def permitting(
    records: Iterable[ConsentRecord],
    subjects: Iterable[str],
    *,
    purpose: str,
    recipient: str,
    at: datetime,
) -> tuple[str, ...]:
    """The ids of the records by which each of the people consents, sorted.

    Raises SUBJECT_REQUIRED where nobody is named, and CONSENT_NOT_IN_FORCE where somebody does not
    consent; it does not say who.
    """
    good = [one for one in records if one.permits(purpose, recipient, at=at)]
    used: set[str] = set()
    named = tuple(subjects)
    if not named:
        raise PrivacyError(errors.SUBJECT_REQUIRED, term="consent_proof")
    for subject in named:
        found = next((one for one in good if subject in one.subjects), None)
        if found is None:
            raise PrivacyError(errors.CONSENT_NOT_IN_FORCE)
        used.add(found.id)
    return tuple(sorted(used))


def _require(name: str, holds: object, /) -> None:
    if not holds:
        raise PrivacyError(errors.REQUEST_INVALID, field=name)


def _require_period(name: str, text: str) -> None:
    try:
        Period.parse(text)
    except ValueError:
        raise PrivacyError(errors.REQUEST_INVALID, field=name) from None
