"""The end of what holds until two people lift it: one proposes, another one confirms."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from privacy_service import errors
from privacy_service.errors import PrivacyError


class LiftState(StrEnum):
    """Whether something holds. It does until its lift is confirmed."""

    PLACED = "placed"
    LIFT_PROPOSED = "lift_proposed"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """A proposal to lift something, and its confirmation. `reason` names no person."""

    proposed_by: str
    proposed_at: datetime
    reason: str = field(repr=False)
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None

    def confirmed(self, *, by: str, at: datetime) -> Lift:
        """The same, confirmed."""
        return replace(self, confirmed_by=by, confirmed_at=at)


def state_of(lift: Lift | None) -> LiftState:
    """Where something stands whose lift is this; None: nobody has proposed one."""
    if lift is None:
        return LiftState.PLACED
    if lift.confirmed_at is None:
        return LiftState.LIFT_PROPOSED
    return LiftState.LIFTED


def confirmed_by_another(
    lift: Lift | None, *, by: str, at: datetime, placed_by: str, **what: str
) -> Lift:
    """The lift of what `placed_by` placed, confirmed; `what` names it in an error.

    Raises LIFT_NOT_PROPOSED, and SECOND_PERSON_NEEDED for whoever placed it or proposed the lift.
    """
    if lift is None:
        raise PrivacyError(errors.LIFT_NOT_PROPOSED, **what)
    if by in (placed_by, lift.proposed_by):
        raise PrivacyError(errors.SECOND_PERSON_NEEDED, **what)
    return lift.confirmed(by=by, at=at)
