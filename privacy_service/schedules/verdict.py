"""How long one thing stays: the shortest time that is allowed wins, the longest demanded holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from privacy_service.periods import Period
from privacy_service.schedules.schedule import Action, Facts, RetentionSchedule

SHARING_CONTRACT: Final = "sharing-contract"
"""What stands for a schedule where the sharing contract itself says how long (`retention.ours`)."""

_FEBRUARY: Final = datetime(2026, 2, 1, tzinfo=UTC)
"""From here months are as short as they get, and a year has no leap day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Until when one schedule lets a thing stay, or demands that it does."""

    schedule: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All that the schedules say of one thing, soonest first.

    `erase`, `anonymise` and `restrict` are the ends of what is allowed, `demands` of what is
    demanded.
    """

    erase: tuple[Span, ...] = ()
    anonymise: tuple[Span, ...] = ()
    restrict: tuple[Span, ...] = ()
    demands: tuple[Span, ...] = ()

    @property
    def holds(self) -> Span | None:
        """The longest demand."""
        return self.demands[-1] if self.demands else None

    def due(self, at: datetime) -> Due | None:
        """What is due at an instant, and why; None: nothing."""
        if self.erase and self.erase[0].until <= at:
            return Due(action=Action.ERASE, wins=self.erase[0], demanded=self._demanded(at))
        if self.anonymise and self.anonymise[0].until <= at:
            return Due(action=Action.ANONYMISE, wins=self.anonymise[0], demanded=self._demanded(at))
        if self.restrict and self.restrict[0].until <= at:
            return Due(action=Action.RESTRICT, wins=self.restrict[0])
        return None

    def _demanded(self, at: datetime) -> Span | None:
        return self.holds if self.holds is not None and self.holds.until > at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is due: by which schedule, and what demands that it stays all the same."""

    action: Action
    wins: Span
    demanded: Span | None = None


def judge(
    schedules: Iterable[RetentionSchedule], facts: Facts, *, own: datetime | None = None
) -> Verdict:
    """What the schedules say of a thing. `own` is the end that its sharing contract gave it."""
    erase: list[Span] = [] if own is None else [Span(schedule=SHARING_CONTRACT, until=own)]
    anonymise: list[Span] = []
    restrict: list[Span] = []
    ends = {Action.ERASE: erase, Action.ANONYMISE: anonymise, Action.RESTRICT: restrict}
    demands: list[Span] = []
    for schedule in schedules:
        begins = schedule.begins(facts) if schedule.is_about(facts) else None
        if begins is None:
            continue
        for period, spans in (
            (schedule.at_least, demands),
            (schedule.at_most, ends[schedule.action]),
        ):
            if period is not None:
                until = period.after(begins, schedule.zone)
                spans.append(Span(schedule=schedule.id, until=until))
    return Verdict(
        erase=_sorted(erase),
        anonymise=_sorted(anonymise),
        restrict=_sorted(restrict),
        demands=_sorted(demands),
    )


def earliest_collected(schedules: Iterable[RetentionSchedule], *, at: datetime) -> datetime | None:
    """Nothing collected after this instant can be due by these schedules; None: nothing can.

    It errs on the side of looking at too much.
    """
    spans = [_at_least(one.at_most) for one in schedules if one.at_most is not None]
    return None if not spans else at - min(spans)


def _at_least(period: Period) -> timedelta:
    """No more than the period is long, whenever it begins; a day less for zones and clocks."""
    return max(timedelta(0), period.after(_FEBRUARY) - _FEBRUARY - timedelta(days=2))


def _sorted(spans: list[Span]) -> tuple[Span, ...]:
    if len(spans) < 2:
        return tuple(spans)
    return tuple(sorted(spans, key=lambda span: (span.until, span.schedule)))
