"""Curbs: what a playbook or a person has put in the path of a contract's checks, until lifted.

A halt is a circuit breaker. It is open: nothing passes. After a time it is half open: a bounded
number of checks of its side is let through as probes (and as many of the other side). Where all
probes go well it is lifted; where one does not, it is open anew. A probe of which nothing is heard
for as long as the halt is open is taken as lost, and another one is let through.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.behavior.model import FallBack, Halt, HaltCollection, Side, Throttle
from privacy_service.errors import PrivacyError

Containment = Halt | Throttle | FallBack | HaltCollection
PROBES: Final = "probes"
"""Who lifts a halt whose probes went well."""
NEWER: Final = "newer-version"
"""Who lifts a fall-back once the contract has a newer version."""


class CurbKind(StrEnum):
    """What it does."""

    HALT = "halt"
    THROTTLE = "throttle"
    FALL_BACK = "fall-back"
    HALT_COLLECTION = "halt-collection"


class CurbState(StrEnum):
    """Whether it holds, and for a halt, whether checks are let through to see."""

    IN_PLACE = "in-place"
    HALF_OPEN = "half-open"
    LIFTED = "lifted"


_KINDS: Final[dict[type, CurbKind]] = {
    Halt: CurbKind.HALT,
    Throttle: CurbKind.THROTTLE,
    FallBack: CurbKind.FALL_BACK,
    HaltCollection: CurbKind.HALT_COLLECTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a curb has counted: of a halt, the round of probes, how many were let through (of its
    side and of the other), how many went well and when the last one was let through; of a throttle,
    how many passed in the period that began at `since`. Of a halt, `since` is when it opened.
    """

    since: datetime
    round: int = 1
    let: int = 0
    others: int = 0
    let_at: datetime | None = None
    well: int = 0
    used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Curb:
    """One curb on the checks of one contract.

    `side` is that of which a halt's probes are. `from_number` and `to_number` are the versions of a
    fall-back to the last good one: it works while the first is the newest. `reason` names nobody.
    """

    id: str
    contract_id: str
    party: str
    does: Containment
    side: Side = Side.OUTPUT
    run_id: str | None = None
    from_number: int | None = None
    to_number: int | None = None
    reason: str = field(repr=False)
    placed_by: str
    placed_at: datetime
    tally: Tally
    lifted_by: str | None = None
    lifted_at: datetime | None = None

    @property
    def kind(self) -> CurbKind:
        return _KINDS[type(self.does)]

    def state(self, now: datetime) -> CurbState:
        """Where it stands."""
        if self.lifted_at is not None:
            return CurbState.LIFTED
        half_open = isinstance(self.does, Halt) and self._opens_at(self.does) is not None
        if half_open and now >= self._half_open_at():
            return CurbState.HALF_OPEN
        return CurbState.IN_PLACE

    def lifted(self, *, by: str, at: datetime) -> Curb:
        """Lifted. Raises CURB_LIFTED where it was already."""
        if self.lifted_at is not None:
            raise PrivacyError(errors.CURB_LIFTED, curb=self.id)
        return replace(self, lifted_by=by, lifted_at=at)

    # -- In the path --------------------------------------------------------------------------

    def admitting(self, side: Side, now: datetime) -> Curb:
        """The curb once it has let a check through.

        Raises PROVIDER_HALTED, CHECKS_THROTTLED, ASK_ANOTHER_PARTNER or COLLECTION_HALTED.
        """
        match self.does:
            case Halt() as halt:
                return self._probing(halt, side, now)
            case Throttle() as throttle:
                return self._counting(throttle, now)
            case FallBack(provider=str() as provider):
                raise PrivacyError(
                    errors.ASK_ANOTHER_PARTNER, contract=self.contract_id, provider=provider
                )
            case HaltCollection() if side is Side.PROMPT:
                raise PrivacyError(errors.COLLECTION_HALTED, contract=self.contract_id)
        return self

    def probe(self, side: Side) -> str | None:
        """What a check that was let through as a probe is known by; None where it is none."""
        is_halt = isinstance(self.does, Halt)
        return f"{self.id}@{self.tally.round}@{side}" if is_halt else None

    def releasing(self, probes: tuple[str, ...], side: Side, *, well: bool, now: datetime) -> Curb:
        """The curb once a check that began under `probes` has come out.

        Raises PROVIDER_HALTED where a halt was placed since, or has opened anew; and as `admitting`
        does for what stands in the way altogether. A throttle has counted it already.
        """
        if isinstance(self.does, Throttle):
            return self
        if not isinstance(self.does, Halt):
            return self.admitting(side, now)
        if self.probe(side) not in probes:
            raise self._halted(now)
        if side is not self.side:
            return self
        if not well:
            return replace(self, tally=Tally(since=now, round=self.tally.round + 1))
        tally = replace(self.tally, well=self.tally.well + 1)
        done = replace(self, tally=tally)
        return done.lifted(by=PROBES, at=now) if tally.well >= self.does.probes else done

    def _probing(self, halt: Halt, side: Side, now: datetime) -> Curb:
        if self.state(now) is not CurbState.HALF_OPEN:
            raise self._halted(now)
        tally = self.tally
        if self._is_lost(halt, now):
            tally = replace(tally, let=tally.well, others=0)
        own = side is self.side
        if (tally.let if own else tally.others) >= halt.probes:
            raise self._halted(now)
        if own:
            return replace(self, tally=replace(tally, let=tally.let + 1, let_at=now))
        return replace(self, tally=replace(tally, others=tally.others + 1, let_at=now))

    def _is_lost(self, halt: Halt, now: datetime) -> bool:
        last, patience = self.tally.let_at, halt.half_open_after
        return last is not None and patience is not None and now >= last + patience

    def _counting(self, throttle: Throttle, now: datetime) -> Curb:
        tally = self.tally
        if now >= tally.since + throttle.per:
            tally = Tally(since=now)
        if tally.used >= throttle.most:
            raise PrivacyError(
                errors.CHECKS_THROTTLED,
                contract=self.contract_id,
                retry_seconds=_seconds(tally.since + throttle.per - now),
            )
        return replace(self, tally=replace(tally, used=tally.used + 1))

    def _halted(self, now: datetime) -> PrivacyError:
        details: dict[str, str | int] = {"contract": self.contract_id, "curb": self.id}
        if isinstance(self.does, Halt) and self._opens_at(self.does) is not None:
            details["retry_seconds"] = _seconds(self._half_open_at() - now)
        return PrivacyError(errors.PROVIDER_HALTED, **details)

    def _opens_at(self, halt: Halt) -> datetime | None:
        after = halt.half_open_after
        return None if after is None else self.tally.since + after

    def _half_open_at(self) -> datetime:
        assert isinstance(self.does, Halt)
        at = self._opens_at(self.does)
        assert at is not None
        return at


def _seconds(left: timedelta) -> int:
    return max(1, round(left.total_seconds()))
