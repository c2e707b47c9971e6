"""Quarantines as they are kept, and that what is written after one sees it, on any replica."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from privacy_service import errors
from privacy_service.breaches.quarantine import ActiveQuarantines, Quarantine, Shown, Stopped
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from privacy_service.store.views import Writing
from tests.stores.databases import NOW, later, opened
from tests.stores.test_breaches import breach


def quarantine(name: str, **fields: Any) -> Quarantine:
    said = {"partner": "globex", "reason": "taken over", "placed_by": "ann", "placed_at": NOW}
    return Quarantine(id=name, **(said | fields))


WHOLE = quarantine("whole", stopped=Stopped.REVEALS, breach="breach-1")
PROPOSED = WHOLE.lift_proposed(by="bob", reason="theirs again", at=later(days=1))
LIFTED = PROPOSED.lift_confirmed(by="eve", at=later(days=2))


def require_free(tx: Writing, *partners: str, reveals: bool = False) -> None:
    tx.quarantines.active().require_free(*partners, reveals=reveals)


def test_certificates_are_revoked_one_by_one_or_all_that_were_valid_before() -> None:
    one = quarantine("one", stopped=Stopped.CERTIFICATE, certificate="ab" * 32)
    older = quarantine("all", stopped=Stopped.CERTIFICATE)
    at = older.placed_at
    shown = Shown(sha256="ab" * 32, valid_from=at, partner="globex")
    newer = replace(shown, sha256="cd" * 32, valid_from=at + timedelta(seconds=1))
    for revoked, certificate in ((one, shown), (older, shown), (older, replace(shown, sha256=""))):
        with pytest.raises(PrivacyError) as caught:
            ActiveQuarantines((revoked,)).require_not_revoked(certificate)
        assert caught.value.reason is errors.CERTIFICATE_REVOKED
    ActiveQuarantines((one, older)).require_not_revoked(newer)
    ActiveQuarantines((older,)).require_not_revoked(replace(shown, partner="other-shop"))


def test_a_quarantine_comes_back_as_it_was_placed_and_lifted(database: Database) -> None:
    database.commit(lambda tx: tx.breaches.open(breach()))
    database.commit(lambda tx: tx.quarantines.place(WHOLE))
    for state in (WHOLE, PROPOSED, LIFTED):
        if state.lift:
            database.commit(lambda tx, state=state: tx.quarantines.lift(state))
        with database.reading() as view:
            assert view.quarantines.get("whole") == state
            assert view.quarantines.active().quarantines == (() if state is LIFTED else (state,))
    with database.reading() as view:
        assert view.quarantines.list() == ()
        assert view.quarantines.list(lifted=True) == (LIFTED,)
        with pytest.raises(PrivacyError) as refusal:
            view.quarantines.get("nothing")
    assert refusal.value.reason is errors.QUARANTINE_NOT_FOUND


def test_they_are_listed_in_pages(database: Database) -> None:
    for name in ("a", "b", "c"):
        database.commit(lambda tx, name=name: tx.quarantines.place(quarantine(name)))
    with database.reading() as view:
        assert [one.id for one in view.quarantines.list(limit=2)] == ["a", "b"]
        assert [one.id for one in view.quarantines.list(after="b")] == ["c"]


def test_every_replica_sees_it_in_the_next_transaction(url: str) -> None:
    with opened(url) as one, opened(url) as other:
        other.commit(lambda tx: require_free(tx, "acme", "globex"))
        one.commit(lambda tx: tx.quarantines.place(quarantine("q")))
        for partners in (("acme", "globex"), ("globex", "acme")):
            with pytest.raises(PrivacyError) as refusal:
                other.commit(lambda tx, partners=partners: require_free(tx, *partners))
            assert refusal.value.reason is errors.PARTNER_QUARANTINED
        other.commit(lambda tx: require_free(tx, "acme", "initech"))


def test_one_that_stops_reveals_stops_nothing_else(database: Database) -> None:
    database.commit(lambda tx: tx.quarantines.place(quarantine("q", stopped=Stopped.REVEALS)))
    database.commit(lambda tx: require_free(tx, "acme", "globex"))
    with pytest.raises(PrivacyError):
        database.commit(lambda tx: require_free(tx, "acme", "globex", reveals=True))


@pytest.mark.parametrize("by", ["ann", "bob"])
def test_a_lift_takes_a_second_person(by: str) -> None:
    with pytest.raises(PrivacyError) as refusal:
        PROPOSED.lift_confirmed(by=by, at=NOW)
    assert refusal.value.reason is errors.SECOND_PERSON_NEEDED
    with pytest.raises(PrivacyError) as unasked:
        WHOLE.lift_confirmed(by="eve", at=NOW)
    assert unasked.value.reason is errors.LIFT_NOT_PROPOSED
    with pytest.raises(PrivacyError) as over:
        LIFTED.lift_proposed(by=by, reason="again", at=NOW)
    assert over.value.reason is errors.QUARANTINE_LIFTED
