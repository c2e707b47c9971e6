"""Legal holds: what may not be deleted, and what may be done with it meanwhile.

A hold covers things by subject, partner, contract or record query; where it names several of
these, what all of them cover. Several holds may cover one thing: it is free when the last is
lifted. A hold beats every deletion. It also restricts use, in the way of GDPR Art. 18: what is held
is stored, and used for the legal claim alone, unless the hold says that use goes on; and what has
outlived its time is kept for the claim alone, whatever the hold says.

Who places a hold cannot lift it alone: a lift is proposed, and confirmed by someone who neither
placed the hold nor proposed the lift. A hold that a person has asked for themselves (a restriction,
GDPR Art. 18) is lifted with the request that it belongs to, after the person was told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.lift import Lift, LiftState, confirmed_by_another, state_of
from privacy_service.subjects.kept import KeptThing
from privacy_service.subjects.record_query import RecordQuery
from privacy_service.subjects.requests import SubjectRequest

_ANNOUNCED: Final = "The person was told (GDPR Art. 18(3))."
_RESTRICTED: Final = "The person asked for a restriction (GDPR Art. 18)."
_REVIEWED_AFTER: Final = timedelta(days=90)
_MATTER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,63}")


def for_claim(claim: str | None) -> str | None:
    """The reason that the audit log has for a use of what may be held; `claim` is a hold's id."""
    return None if claim is None else f"legal claim of {claim}"


def claim_of(reason: str | None) -> str | None:
    """The hold's id in a reason that `for_claim` made; None for any other reason."""
    start = "legal claim of "
    return reason.removeprefix(start) if reason is not None and reason.startswith(start) else None


class HeldUse(StrEnum):
    """What may be done with what is held."""

    RESTRICTED = "restricted"
    CONTINUES = "continues"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldScope:
    """What a hold covers. At least one is named.

    `subjects` are keyed digests: any of them. None: it is not by subject. `counterparties` are the
    two parties of `contract`, by which things are known that carry no contract.
    """

    subjects: frozenset[str] | None = None
    partner: str | None = None
    contract: str | None = None
    counterparties: frozenset[str] = frozenset()
    query: RecordQuery | None = None

    def __post_init__(self) -> None:
        named = (self.subjects, self.partner, self.contract, self.query)
        _require("scope", any(one is not None for one in named))

    def covers(self, thing: KeptThing) -> bool:
        """Whether the thing is held. A query speaks of records, so it covers nothing else."""
        return (
            (self.subjects is None or not self.subjects.isdisjoint(thing.subjects))
            and (self.partner is None or self.partner in thing.partners)
            and (self.contract is None or self._under_contract(thing))
            and (self.query is None or self._asked_for(thing))
        )

    def _under_contract(self, thing: KeptThing) -> bool:
        if self.contract in thing.contracts:
            return True
        # A token or a key carries no contract: then the parties decide.
        return thing.record is None and self.counterparties == frozenset(thing.partners)

    def _asked_for(self, thing: KeptThing) -> bool:
        return thing.record is not None and self.query is not None and (
            self.query.matches(thing.record)
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """One hold. `matter` is the case that it is for, by its number or name without a person in it.

    `approver` is who decided it, `placed_by` who placed it. It must be looked at again on
    `review_on`: it does not end by itself. `request_id` is the request for restriction that it
    belongs to, if a person asked for it.
    """

    id: str
    scope: HoldScope
    matter: str
    reason: str = field(repr=False)
    approver: str
    review_on: date
    use: HeldUse = HeldUse.RESTRICTED
    placed_by: str
    placed_at: datetime
    lift: Lift | None = None
    request_id: str | None = None

    def __post_init__(self) -> None:
        _require("matter", _MATTER.fullmatch(self.matter))
        _require("reason", bool(self.reason.strip()))
        _require("approver", bool(self.approver.strip()))
        _require("review_on", self.review_on > self.placed_at.date())

    @property
    def state(self) -> LiftState:
        return state_of(self.lift)

    def with_parties(self, parties: frozenset[str]) -> LegalHold:
        """The hold with the parties of its contract."""
        return replace(self, scope=replace(self.scope, counterparties=parties))

    def review_due(self, today: date) -> bool:
        """Whether its day of review has come, and it still holds."""
        return self.state is not LiftState.LIFTED and self.review_on <= today

    def lift_proposed(self, *, by: str, reason: str, at: datetime) -> LegalHold:
        """Proposed to be lifted; a later proposal stands for an earlier one.

        Raises HOLD_LIFTED, HOLD_OF_REQUEST.
        """
        _require("reason", bool(reason.strip()))
        self._require_own()
        self._require_holding()
        return replace(self, lift=Lift(proposed_by=by, proposed_at=at, reason=reason))

    def lift_confirmed(self, *, by: str, at: datetime) -> LegalHold:
        """Lifted. Raises HOLD_LIFTED, HOLD_OF_REQUEST, LIFT_NOT_PROPOSED, and SECOND_PERSON_NEEDED
        for whoever placed the hold or proposed the lift.
        """
        self._require_own()
        self._require_holding()
        lift = confirmed_by_another(self.lift, by=by, at=at, placed_by=self.placed_by, hold=self.id)
        return replace(self, lift=lift)

    def lift_announced(self, *, by: str, at: datetime) -> LegalHold:
        """With the person told that their restriction ends. Raises HOLD_LIFTED."""
        self._require_holding()
        return replace(self, lift=Lift(proposed_by=by, proposed_at=at, reason=_ANNOUNCED))

    def lifted_on_request(self, *, by: str, at: datetime) -> LegalHold:
        """Lifted with its request. Raises HOLD_LIFTED, LIFT_NOT_ANNOUNCED."""
        self._require_holding()
        if self.lift is None:
            raise PrivacyError(errors.LIFT_NOT_ANNOUNCED, hold=self.id)
        return replace(self, lift=self.lift.confirmed(by=by, at=at))

    def _require_own(self) -> None:
        if self.request_id is not None:
            raise PrivacyError(errors.HOLD_OF_REQUEST, hold=self.id, request=self.request_id)

    def _require_holding(self) -> None:
        if self.state is LiftState.LIFTED:
            raise PrivacyError(errors.HOLD_LIFTED, hold=self.id)


def restrictions(request: SubjectRequest, *, by: str, at: datetime) -> tuple[LegalHold, ...]:
    """The holds that a request for restriction places: one for each partner whose word names the
    person, and one for what names them everywhere.
    """
    named: dict[str, set[str]] = {}
    for one in request.identifiers:
        named.setdefault(one.partner, set()).add(one.digest)
    return tuple(
        LegalHold(
            id=f"hold-{request.id}-{number}",
            scope=HoldScope(subjects=frozenset(digests), partner=partner or None),
            matter=request.id,
            reason=_RESTRICTED,
            approver=by,
            review_on=(at + _REVIEWED_AFTER).date(),
            placed_by=by,
            placed_at=at,
            request_id=request.id,
        )
        for number, (partner, digests) in enumerate(sorted(named.items()), start=1)
    )


@dataclass(frozen=True, slots=True)
class ActiveHolds:
    """The holds that hold, as far as they concern the things that are asked about."""

    holds: tuple[LegalHold, ...] = ()

    def over(self, thing: KeptThing) -> tuple[LegalHold, ...]:
        """Every hold that covers the thing."""
        return tuple(hold for hold in self.holds if hold.scope.covers(thing))

    def require_deletable(self, thing: KeptThing) -> None:
        """Raises UNDER_LEGAL_HOLD. It does not say which hold: that is for officers."""
        if self.over(thing):
            raise PrivacyError(errors.UNDER_LEGAL_HOLD)

    def by_subject(self) -> ActiveHolds:
        """Those that name people: they alone concern a payload, which is new and not yet held."""
        return ActiveHolds(tuple(hold for hold in self.holds if hold.scope.subjects is not None))

    def require_usable(
        self, things: Iterable[KeptThing], *, claim: str | None, now: datetime
    ) -> None:
        """Raises USE_RESTRICTED where a hold, or the end of its retention, restricts the use of one
        of the things.

        `claim` is the id of the hold for whose matter they are used: it frees what that hold
        itself covers.
        """
        for thing in things:
            over = self.over(thing)
            if any(hold.id == claim for hold in over):
                continue
            if thing.restricted or any(_restricts(hold, thing, now) for hold in over):
                raise PrivacyError(errors.USE_RESTRICTED)


def _restricts(hold: LegalHold, thing: KeptThing, now: datetime) -> bool:
    outlived = (
        thing.record is not None
        and thing.record.keep_until is not None
        and thing.record.keep_until <= now
    )
    return outlived or hold.use is HeldUse.RESTRICTED


def _require(name: str, holds: object, /) -> None:
    if not holds:
        raise PrivacyError(errors.REQUEST_INVALID, field=name)
