"""How a contract stands: time, recertification and its end, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.contracts.course import WHOLE, Canary, Course, Halt, Planned
from privacy_service.contracts.governance import Governance
from privacy_service.errors import PrivacyError

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
YEARLY = Governance(recertify=YEAR, grace=timedelta(days=10))
FIRST = Course(contract_id="c").activated(1, at=NOW)


def test_it_warns_when_it_is_due_and_is_refused_after_its_grace() -> None:
    assert FIRST.certified_at == NOW
    assert YEARLY.due(NOW) == NOW + YEAR
    assert FIRST.halt(YEARLY, NOW, NOW + YEAR) is None
    late = NOW + YEAR + timedelta(days=10)
    assert FIRST.halt(YEARLY, NOW, late) is Halt.NOT_RECERTIFIED
    assert FIRST.activated(2, at=late).halt(YEARLY, late, late) is Halt.NOT_RECERTIFIED
    assert FIRST.certified(at=late).halt(YEARLY, NOW, late) is None
    assert FIRST.halt(Governance(), NOW, late) is None


def test_a_clock_that_is_set_back_brings_nothing_back() -> None:
    plan = Planned(number=2, at=NOW + timedelta(days=1), by="ann")
    turned = FIRST.planned_for(plan, at=NOW).turned(plan.at)
    assert (turned.active, turned.back_to) == (2, 1)
    assert turned.deciding(NOW - YEAR, None) == 2
    late = NOW + 2 * YEAR
    moved = FIRST.tried(Canary(number=2, share=1), at=late)
    assert moved.halt(YEARLY, NOW, NOW) is Halt.NOT_RECERTIFIED


def test_a_rollback_ends_a_canary_and_leaves_the_version_before() -> None:
    second = FIRST.activated(2, at=NOW)
    tried = second.tried(Canary(number=3, share=WHOLE // 2), at=NOW)
    assert replace(tried.rolled_back(at=NOW), as_of=second.as_of) == second
    back = second.rolled_back(at=NOW)
    assert (back.active, back.back_to) == (1, None)
    with pytest.raises(PrivacyError) as nothing:
        back.rolled_back(at=NOW)
    assert nothing.value.reason is errors.NOTHING_TO_ROLL_BACK


def test_the_end_takes_two_and_is_for_good() -> None:
    with pytest.raises(PrivacyError) as running:
        FIRST.retired(by="bob", reason="r", at=NOW)
    assert running.value.reason is errors.CONTRACT_NOT_SUSPENDED
    stopped = FIRST.suspended(by="ann", reason="r", at=NOW)
    with pytest.raises(PrivacyError) as alone:
        stopped.retired(by="ann", reason="r", at=NOW)
    assert alone.value.reason is errors.SECOND_PERSON_NEEDED
    ended = stopped.retired(by="bob", reason="r", at=NOW)
    assert ended.halt(Governance(), NOW, NOW) is Halt.RETIRED
    for act in (lambda: ended.resumed(by="eve"), ended.require_going):
        with pytest.raises(PrivacyError) as over:
            act()
        assert over.value.reason is errors.CONTRACT_RETIRED


@given(draw=st.text(max_size=20), small=st.integers(0, WHOLE), more=st.integers(0, WHOLE))
def test_a_larger_share_keeps_those_of_the_smaller(draw: str, small: int, more: int) -> None:
    takes = [
        Canary(number=2, share=share).takes("c", draw)
        for share in (small, min(WHOLE, small + more), WHOLE)
    ]
    assert takes == sorted(takes)
    assert takes[-1]
