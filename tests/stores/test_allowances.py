"""What one caller may do in a time is exact over replicas."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from privacy_service import errors
from privacy_service.enforcement.rates import Rate
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from privacy_service.store.views import Writing
from tests.stores.databases import NOW, opened

RATE = Rate(most=20)


def taken(database: Database, name: str, *, later: timedelta = timedelta()) -> bool:
    now = NOW + later

    def work(tx: Writing) -> None:
        owed = RATE.taken(tx.allowances.paid_at(name), 1, now=now)
        tx.allowances.put(name, owed, now=now)

    try:
        database.commit(work)
    except PrivacyError as error:
        if error.reason is not errors.REVEAL_LIMITED:
            raise
        return False
    return True


def test_replicas_share_an_allowance_to_the_last_unit(url: str) -> None:
    with opened(url) as one, opened(url) as other, ThreadPoolExecutor(8) as crowd:
        tries = list(crowd.map(lambda n: taken((one, other)[n % 2], "reveal acme"), range(60)))
    assert sum(tries) == 20


def test_callers_have_their_own_and_what_is_paid_off_is_forgotten(database: Database) -> None:
    for name in ("reveal acme", "reveal globex", "restore acme"):
        assert all(taken(database, name) for _ in range(20))
        assert not taken(database, name)
    later = timedelta(hours=2)
    assert taken(database, "reveal acme", later=later)
    with database.reading() as view:
        assert view.allowances.paid_at("reveal globex") is None
        assert view.allowances.paid_at("reveal acme") == NOW + later + RATE.per / 20


@pytest.mark.parametrize("name", ["", "reveal @Jörg", "x" * 300])
def test_any_name_will_do(database: Database, name: str) -> None:
    assert taken(database, name)
