"""Quarantines: what is stopped from the moment it is said: a partner between which and any other
nothing passes then, what it reveals, or certificates by which a partner is known.

A quarantine is placed by one officer, for a breach or without one, and holds until another officer
lifts it: the lift is proposed, and confirmed by someone who neither placed the quarantine nor
proposed the lift. A partner under several is free when the last is lifted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from privacy_service import errors
from privacy_service.access import is_partner_name
from privacy_service.errors import PrivacyError
from privacy_service.lift import Lift, LiftState, confirmed_by_another, state_of


class Stopped(StrEnum):
    """What a quarantine stops."""

    EVERYTHING = "everything"
    REVEALS = "reveals"
    CERTIFICATE = "certificate"
    """Whoever shows one certificate, or any that was issued before: it is revoked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """One quarantine. `breach` is what it was placed for, if for one. `reason` names no person.

    `certificate` is the SHA-256 of the certificate that CERTIFICATE revokes; None: all that name
    the partner and are valid from an instant before it was placed, so that new ones are let in.
    """

    id: str
    partner: str
    stopped: Stopped = Stopped.EVERYTHING
    certificate: str | None = None
    breach: str | None = None
    reason: str = field(repr=False)
    placed_by: str
    placed_at: datetime
    lift: Lift | None = None

    def __post_init__(self) -> None:
        _require("partner", is_partner_name(self.partner))
        _require("reason", bool(self.reason.strip()))
        revokes = self.stopped is Stopped.CERTIFICATE
        _require("certificate_sha256", self.certificate is None or revokes)

    @property
    def state(self) -> LiftState:
        return state_of(self.lift)

    def lift_proposed(self, *, by: str, reason: str, at: datetime) -> Quarantine:
        """Proposed to be lifted; a later proposal stands for an earlier one.

        Raises QUARANTINE_LIFTED.
        """
        _require("reason", bool(reason.strip()))
        self._require_holding()
        return replace(self, lift=Lift(proposed_by=by, proposed_at=at, reason=reason))

    def lift_confirmed(self, *, by: str, at: datetime) -> Quarantine:
        """Lifted. Raises QUARANTINE_LIFTED, LIFT_NOT_PROPOSED, and SECOND_PERSON_NEEDED for whoever
        placed the quarantine or proposed the lift.
        """
        self._require_holding()
        lift = confirmed_by_another(
            self.lift, by=by, at=at, placed_by=self.placed_by, quarantine=self.id
        )
        return replace(self, lift=lift)

    def _require_holding(self) -> None:
        if self.state is LiftState.LIFTED:
            raise PrivacyError(errors.QUARANTINE_LIFTED, quarantine=self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A certificate that somebody shows: its SHA-256, from when on it is valid, and whom it names,
    if it names a partner.
    """

    sha256: str
    valid_from: datetime
    partner: str | None

    def is_revoked_by(self, one: Quarantine) -> bool:
        """Whether the quarantine is about it."""
        if one.stopped is not Stopped.CERTIFICATE:
            return False
        if one.certificate is not None:
            return one.certificate == self.sha256
        return one.partner == self.partner and self.valid_from <= one.placed_at


@dataclass(frozen=True, slots=True)
class ActiveQuarantines:
    """The quarantines that hold."""

    quarantines: tuple[Quarantine, ...] = ()

    def require_free(self, *partners: str, reveals: bool = False) -> None:
        """Raises PARTNER_QUARANTINED where something of one of the partners is stopped; `reveals`:
        where values would be opened. It does not say which partner: that is for officers.
        """
        stopping = {Stopped.EVERYTHING, Stopped.REVEALS} if reveals else {Stopped.EVERYTHING}
        if any(self._stops(one, partners, stopping) for one in self.quarantines):
            raise PrivacyError(errors.PARTNER_QUARANTINED)

    def require_not_revoked(self, certificate: Shown) -> None:
        """Raises CERTIFICATE_REVOKED."""
        if any(certificate.is_revoked_by(one) for one in self.quarantines):
            raise PrivacyError(errors.CERTIFICATE_REVOKED)

    @staticmethod
    def _stops(one: Quarantine, partners: Collection[str], stopping: Collection[Stopped]) -> bool:
        return one.partner in partners and one.stopped in stopping


def _require(name: str, holds: object, /) -> None:
    if not holds:
        raise PrivacyError(errors.REQUEST_INVALID, field=name)
