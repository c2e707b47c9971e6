"""What holds of every deadline, whatever the rule, the place and the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.law.book import Law, law_of
from privacy_service.law.due import Due, Given, Paused, State, due
from privacy_service.law.rules import OnPause, Rule, Shape


@cache
def law() -> Law:
    return law_of()


NUMBERED = sorted(rule.id for rule in law().rules.values() if rule.deadline.periods)
INSTANTS = st.datetimes(
    min_value=datetime(2025, 1, 1), max_value=datetime(2032, 1, 1), timezones=st.just(UTC)
)


@st.composite
def placed(draw: st.DrawFn) -> tuple[Rule, str]:
    rule = law().rule(draw(st.sampled_from(NUMBERED)))
    inside = sorted(one for one in law().places if law().lies_in(one, rule.jurisdiction))
    return rule, draw(st.sampled_from(inside))


def answer(rule: Rule, place: str, at: datetime, *, pauses: tuple[Paused, ...] = ()) -> Due:
    times = {name: at for period in rule.deadline.periods for name in period.origin}
    return due(rule, Given(times=times, pauses=pauses), place=place, law=law())


@settings(max_examples=150, deadline=None)
@given(placed(), INSTANTS)
def test_the_safe_time_is_never_after_the_legal_one_nor_before_the_event(
    where: tuple[Rule, str], at: datetime
) -> None:
    found = answer(*where, at)
    assert found.legal is not None
    assert found.conservative is not None
    assert at < found.conservative <= found.legal
    assert found.why


@settings(max_examples=150, deadline=None)
@given(placed(), INSTANTS, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40)))
def test_what_happens_later_is_never_due_earlier(
    where: tuple[Rule, str], at: datetime, later: timedelta
) -> None:
    first, second = answer(*where, at), answer(*where, at + later)
    assert first.legal is not None
    assert second.legal is not None
    assert first.legal <= second.legal


@settings(max_examples=100, deadline=None)
@given(placed(), INSTANTS)
def test_hours_are_hours_and_days_end_at_the_end_of_a_day(
    where: tuple[Rule, str], at: datetime
) -> None:
    rule, place = where
    found = answer(rule, place, at)
    assert found.legal is not None
    assert found.conservative is not None
    (period, *others) = rule.deadline.periods
    if others:
        return
    if period.shape is Shape.HOURS:
        assert found.conservative == at + timedelta(hours=period.length)
        return
    local = found.legal.astimezone(ZoneInfo(law().place(place).time_zone))
    assert f"{local:%H:%M:%S}" in ("23:59:59", "12:00:00")


@settings(max_examples=100, deadline=None)
@given(
    placed(),
    INSTANTS,
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=60)),
    st.timedeltas(min_value=timedelta(hours=1), max_value=timedelta(days=60)),
)
def test_a_pause_never_brings_anything_forward(
    where: tuple[Rule, str], at: datetime, after: timedelta, long: timedelta
) -> None:
    rule, place = where
    plain = answer(rule, place, at)
    assert plain.legal is not None
    assert plain.conservative is not None
    for pause in rule.pauses:
        begun = at + after
        paused = Paused(id=pause.id, start=begun, until=begun + long)
        found = answer(rule, place, at, pauses=(paused,))
        assert found.legal is not None
        assert found.conservative is not None
        assert found.legal >= plain.legal
        assert found.conservative >= plain.conservative
        held = answer(rule, place, at, pauses=(Paused(id=pause.id, start=begun),))
        assert held.state is State.HELD
        assert held.legal is None
        assert (held.conservative is None) == (pause.effect is OnPause.DEFERS)
