"""Curbs: a halt as a circuit breaker, a throttle, and what stands in the way altogether."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.behavior.curbs import PROBES, Curb, CurbState, Tally
from privacy_service.behavior.model import FallBack, Halt, HaltCollection, Side, Throttle
from privacy_service.errors import PrivacyError, Reason

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BREAKER = Halt(half_open_after=MINUTE, probes=2)


def curb(does: Any = BREAKER, **fields: Any) -> Curb:
    said = {"reason": "r", "placed_by": "ann", "placed_at": NOW, "tally": Tally(since=NOW)}
    return Curb(id="curb-1", contract_id="c", party="acme", does=does, **(said | fields))


def refused(one: Curb, at: datetime, side: Side = Side.OUTPUT) -> Reason:
    with pytest.raises(PrivacyError) as refusal:
        one.admitting(side, at)
    return refusal.value.reason


def ended(one: Curb, *well: bool, at: datetime) -> Curb:
    """Once so many probes were let through and have come out so."""
    for _ in well:
        one = one.admitting(Side.OUTPUT, at)
    probe = one.probe(Side.OUTPUT)
    for each in well:
        one = one.releasing((probe or "",), Side.OUTPUT, well=each, now=at)
    return one


def test_an_open_halt_lets_nothing_through_and_says_when_it_will() -> None:
    for side in Side:
        assert refused(curb(), NOW, side) is errors.PROVIDER_HALTED
    with pytest.raises(PrivacyError) as refusal:
        curb().admitting(Side.OUTPUT, NOW + timedelta(seconds=20))
    assert refusal.value.details["retry_seconds"] == 40
    forever = curb(Halt())
    assert refused(forever, NOW + timedelta(days=999)) is errors.PROVIDER_HALTED


def test_half_open_it_lets_as_many_probes_through_as_it_needs() -> None:
    at = NOW + MINUTE
    assert curb().state(at) is CurbState.HALF_OPEN
    one = curb().admitting(Side.OUTPUT, at).admitting(Side.OUTPUT, at)
    assert refused(one, at) is errors.PROVIDER_HALTED
    # Prompts, without which there would be no outputs, have as many of their own.
    one = one.admitting(Side.PROMPT, at).admitting(Side.PROMPT, at)
    assert refused(one, at, Side.PROMPT) is errors.PROVIDER_HALTED


def test_probes_that_go_well_lift_it() -> None:
    done = ended(curb(), True, True, at=NOW + MINUTE)
    assert (done.state(NOW + MINUTE), done.lifted_by) == (CurbState.LIFTED, PROBES)


def test_one_that_does_not_opens_it_anew_and_the_others_count_no_more() -> None:
    at = NOW + MINUTE
    let = curb().admitting(Side.OUTPUT, at).admitting(Side.OUTPUT, at)
    probe = let.probe(Side.OUTPUT) or ""
    opened = let.releasing((probe,), Side.OUTPUT, well=False, now=at)
    assert (opened.state(at), opened.tally.round) == (CurbState.IN_PLACE, 2)
    with pytest.raises(PrivacyError) as late:
        opened.releasing((probe,), Side.OUTPUT, well=True, now=at)
    assert late.value.reason is errors.PROVIDER_HALTED
    assert ended(opened, True, True, at=at + MINUTE).lifted_at is not None


def test_prompts_that_pass_prove_nothing() -> None:
    at = NOW + MINUTE
    one = curb().admitting(Side.PROMPT, at)
    probe = one.probe(Side.PROMPT) or ""
    assert one.releasing((probe,), Side.PROMPT, well=True, now=at).tally.well == 0


def test_probes_of_which_nothing_is_heard_are_let_through_again() -> None:
    at = NOW + MINUTE
    let = curb().admitting(Side.OUTPUT, at).admitting(Side.OUTPUT, at)
    assert refused(let, at + MINUTE / 2) is errors.PROVIDER_HALTED
    assert let.admitting(Side.OUTPUT, at + MINUTE).tally.let == 1


def test_what_began_before_a_halt_was_placed_is_not_released() -> None:
    with pytest.raises(PrivacyError) as refusal:
        curb().releasing((), Side.OUTPUT, well=True, now=NOW)
    assert refusal.value.reason is errors.PROVIDER_HALTED


@given(st.lists(st.sampled_from(["ask", "well", "badly", "wait"]), max_size=60))
def test_a_breaker_never_lets_more_through_than_its_probes(story: Sequence[str]) -> None:
    """Whatever comes when: between two openings at most `probes` are on their way at a time, and it
    is lifted by so many that went well in one round.
    """
    one, at, under_way = curb(), NOW, list[str]()
    for word in story:
        if one.lifted_at is not None:
            break
        at += MINUTE if word == "wait" else timedelta(seconds=1)
        if word == "ask":
            try:
                one = one.admitting(Side.OUTPUT, at)
            except PrivacyError:
                continue
            under_way.append(one.probe(Side.OUTPUT) or "")
        elif word != "wait" and under_way:
            probe = under_way.pop()
            try:
                one = one.releasing((probe,), Side.OUTPUT, well=word == "well", now=at)
            except PrivacyError:
                assert probe != one.probe(Side.OUTPUT)
        assert one.tally.let <= BREAKER.probes
        assert one.tally.well <= BREAKER.probes
    if one.lifted_at is not None:
        assert one.tally.well == BREAKER.probes


def test_a_throttle_lets_so_many_through_in_a_time() -> None:
    one = curb(Throttle(most=2, per=MINUTE))
    for _ in range(2):
        one = one.admitting(Side.OUTPUT, NOW)
    assert refused(one, NOW + MINUTE / 2) is errors.CHECKS_THROTTLED
    assert one.admitting(Side.OUTPUT, NOW + MINUTE).tally.used == 1
    assert one.releasing((), Side.OUTPUT, well=False, now=NOW) is one


def test_what_stands_in_the_way_altogether() -> None:
    elsewhere = curb(FallBack(provider="other-ai"))
    with pytest.raises(PrivacyError) as refusal:
        elsewhere.admitting(Side.OUTPUT, NOW)
    assert refusal.value.reason is errors.ASK_ANOTHER_PARTNER
    assert refusal.value.details["provider"] == "other-ai"
    nothing_more = curb(HaltCollection())
    assert refused(nothing_more, NOW, Side.PROMPT) is errors.COLLECTION_HALTED
    assert nothing_more.admitting(Side.OUTPUT, NOW) is nothing_more


def test_it_is_lifted_once() -> None:
    lifted = curb().lifted(by="ann", at=NOW)
    with pytest.raises(PrivacyError) as refusal:
        lifted.lifted(by="bob", at=NOW)
    assert refusal.value.reason is errors.CURB_LIFTED
