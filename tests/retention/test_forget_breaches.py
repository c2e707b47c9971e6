"""The register's own retention: what is over, and kept by nothing, is deleted with proof."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from privacy_service.app.law import open_law
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.keeping import HELD, delete_after
from privacy_service.breaches.mailings import Contacts
from privacy_service.breaches.statements import Closed, MeasureTaken, Reopened
from privacy_service.custody.forgetting import FORGET
from privacy_service.errors import PrivacyError
from privacy_service.subjects.holds import HoldScope, LegalHold
from retention.jobs import forget_breaches
from tests.retention.erasures import Died, DiesAfter, Plain, Twice
from tests.retention.test_breach_notices import opened
from tests.retention.test_mailings import House, house_on
from tests.stores.databases import KINDS, NOW

YEARS = timedelta(days=6 * 366 + 2)


@pytest.fixture(params=KINDS)
def house(request: Any, tmp_path: Path) -> Iterator[House]:
    yield from house_on(request.param, tmp_path)


def close(house: House, breach: Breach) -> None:
    def work(tx: Any) -> None:
        before = tx.breaches.get(breach.id)
        over = Closed(causes="an old list", lessons="", breach=False)
        grown = before.with_statement(over, by="officer", at=house.at.clock.now())
        tx.breaches.extend(grown, after=before.newest)

    house.at.database.commit(work)


def run(house: House, steps: Plain | None = None) -> list[str]:
    assert forget_breaches.JOB.waiting is not None
    keys = list(forget_breaches.JOB.waiting(house.at, 100))
    for key in keys:
        forget_breaches.JOB.work(house.at, key, steps or Plain())
    return keys


def is_there(house: House, breach: Breach) -> bool:
    with house.at.database.reading() as view:
        return breach.id in [one.id for one in view.breaches.list(drills=True)]


def hold(house: House, matter: str) -> LegalHold:
    now = house.at.clock.now()
    one = LegalHold(
        id=f"hold-{uuid.uuid4().hex[:16]}", scope=HoldScope(partner="globex"), matter=matter,
        reason="a suit", approver="counsel", review_on=now.date() + timedelta(days=9),
        placed_by="officer", placed_at=now,
    )  # fmt: skip
    house.at.database.commit(lambda tx: tx.holds.place(one))
    return one


def lift(house: House, one: LegalHold) -> None:
    now = house.at.clock.now()
    lifted = one.lift_proposed(by="a", reason="over", at=now).lift_confirmed(by="b", at=now)
    house.at.database.commit(lambda tx: tx.holds.lift(lifted))


def test_what_is_over_is_deleted_with_all_that_belongs_to_it_and_the_log_has_proof(
    house: House,
) -> None:
    house.people(3)
    over, notice = house.notice()
    house.start(notice, contacts=Contacts(partner="acme-shop"))
    house.run()
    going, young = opened(house.at), opened(house.at)
    close(house, over)
    house.step(YEARS - timedelta(days=10))
    close(house, young)
    assert run(house) == []
    house.step(timedelta(days=10))
    assert run(house, Twice()) == [over.id]
    assert [is_there(house, one) for one in (over, going, young)] == [False, True, True]
    with house.at.database.reading() as view:
        entries = [one.entry for one in view.audit.entries(0, 1000)]
        for gone in (view.breach_notices.get, view.mailings.get):
            with pytest.raises(PrivacyError):
                gone(notice.id)
    (said,) = [one for one in entries if one.action == FORGET and one.outcome]
    assert (said.resource, said.outcome) == (over.id, "DESTROYED")
    assert said.reason is not None
    assert "1 notices" in said.reason
    assert said.request
    assert "A list" not in str(said)


@pytest.mark.parametrize("named", ["by matter", "in the timeline"])
def test_a_hold_keeps_it_until_it_is_lifted(house: House, named: str) -> None:
    breach = opened(house.at)
    one = hold(house, breach.id if named == "by matter" else "case-1")
    if named == "in the timeline":
        said = MeasureTaken(what=HELD, at=NOW, says=f"{one.id}, for case-1")
        grown = breach.with_statement(said, by="officer", at=NOW)

        def say(tx: Any) -> None:
            before = tx.breaches.get(breach.id)
            tx.breaches.extend(before.with_statement(said, by="o", at=NOW), after=before.newest)

        house.at.database.commit(say)
        assert grown.newest
    close(house, breach)
    house.step(YEARS)
    assert run(house) == []
    lift(house, one)
    assert run(house) == [breach.id]
    assert not is_there(house, breach)


def test_a_hold_or_a_reopening_that_comes_between_keeps_what_is_left(house: House) -> None:
    house.people(2)
    breach, notice = house.notice()
    house.start(notice)
    house.run()
    close(house, breach)
    house.step(YEARS)
    with pytest.raises(Died):
        run(house, DiesAfter(0))
    one = hold(house, breach.id)
    forget_breaches.JOB.work(house.at, breach.id, Plain())
    assert is_there(house, breach)
    lift(house, one)
    run(house)
    assert not is_there(house, breach)


def test_by_own_policy_nothing_may_be_deleted_at_all(tmp_path: Path) -> None:
    for house in house_on("sqlite", tmp_path):
        never = house.at.settings.incidents.model_copy(update={"keep_years": 0})
        object.__setattr__(house.at.settings, "incidents", never)
        close(house, opened(house.at))
        house.step(20 * YEARS)
        assert run(house) == []


def test_the_longer_of_law_and_own_policy_holds_and_only_of_what_is_closed() -> None:
    law = open_law(())
    assert law.rules
    breach = opened_at_leap_day()
    assert delete_after(breach, by_law=None, years=1) is None
    closed = breach.with_statement(Closed(causes="c", lessons=""), by="o", at=breach.opened_at)
    assert delete_after(closed, by_law=None, years=1) == date(2029, 3, 1)
    assert delete_after(closed, by_law=date(2032, 1, 1), years=1) == date(2032, 1, 1)
    assert delete_after(closed, by_law=date(2032, 1, 1), years=0) is None
    again = closed.with_statement(Reopened(reasons="more"), by="o", at=breach.opened_at)
    assert delete_after(again, by_law=None, years=1) is None


def opened_at_leap_day() -> Breach:
    from privacy_service.breaches.statements import Opened, Source

    leap = NOW.replace(year=2028, month=2, day=29)
    said = Opened(title="A list", source=Source.PERSON)
    return Breach.opened("breach-1", said, by="o", at=leap)
