"""What the service notices by itself: opened once, added to, and counted by hour."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from privacy_service.app.incidents import incidents, rereading, watch
from privacy_service.breaches.breach import Breach, BreachState
from privacy_service.breaches.incidents import Cause, Sign
from privacy_service.breaches.statements import Closed, Noticed, Source
from privacy_service.clock import SteppedClock
from privacy_service.custody.watching import Watch
from privacy_service.evidence.entries import EntryKind
from privacy_service.settings import AllSettings, IncidentSettings
from privacy_service.store.database import Database
from privacy_service.store.tables import audit_entries
from tests.stores.databases import NOW
from tests.stores.samples import disclosure, entry

STOPPED = {"outcome": "REFUSE", "reason": "FIELDS_REMOVED,LEFTOVER_PERSONAL_DATA"}
SIGN = Sign(cause=Cause.UNCONFIRMED_ERASURE, about="globex", says="n-1 was not confirmed.")


def settings(**incidents: object) -> AllSettings:
    return AllSettings(incidents=IncidentSettings(**incidents))


class House:
    """A database with a clock, and what looks at it."""

    def __init__(self, database: Database, **given: object) -> None:
        self.database, self.clock, self.settings = database, SteppedClock(NOW), settings(**given)

    @property
    def watch(self) -> Watch:
        return watch(self.settings, self.database, self.clock)

    def look(self) -> None:
        while self.watch.log():
            pass
        while self.watch.disclosures():
            pass
        now, opens = self.clock.now(), self.watch.incidents
        self.database.commit(lambda tx: opens.say_waiting(tx, at=now))

    def send(self, many: int = 1, to: str = "globex") -> None:
        """So many disclosures, now."""
        now = self.clock.now()

        def work(tx: object) -> None:
            for _ in range(many):
                at = tx.audit.append(entry(at=now, counterparty=to))  # type: ignore[attr-defined]
                tx.disclosures.add(disclosure(at, at=now, recipient=to))  # type: ignore[attr-defined]

        self.database.commit(work)

    def stop(self) -> int:
        """A payload that the last look stops, now."""
        now = self.clock.now()
        return self.database.commit(lambda tx: tx.audit.append(entry(at=now, **STOPPED)))

    def breaches(self) -> tuple[Breach, ...]:
        with self.database.reading() as view:
            return view.breaches.list()

    def noticed(self) -> list[Noticed]:
        return [one for breach in self.breaches() for one in breach.all(Noticed)]


@pytest.fixture
def house(database: Database) -> House:
    made = House(database)
    made.look()
    return made


def test_what_the_last_look_stopped_opens_one_breach(house: House) -> None:
    first = house.stop()
    house.look()
    (breach,) = house.breaches()
    assert breach.opening.source is Source.SERVICE
    assert breach.opening.title == "Stopped at the second look, nothing left: acme to globex"
    assert set(breach.times) == {"suspicion"}
    (noticed,) = house.noticed()
    assert (noticed.cause, noticed.severity) == ("stopped_egress", "low")
    assert (noticed.positions, noticed.counts) == ((first,), {"payloads": 1})
    with house.database.reading() as view:
        last = view.audit.entries(view.audit.size() - 1)[0].entry
    assert (last.kind, last.action, last.outcome) == (EntryKind.EFFECT, "incident/notice", "OPENED")
    assert (last.resource, last.reason) == (breach.id, "stopped_egress")
    house.look()
    assert len(house.noticed()) == 1


def test_further_signs_are_gathered_and_then_added(house: House) -> None:
    positions = [house.stop()]
    house.look()
    for _ in range(3):
        house.clock.step(timedelta(minutes=5))
        positions.append(house.stop())
        house.look()
    assert len(house.noticed()) == 1
    house.clock.step(timedelta(minutes=60))
    house.look()
    (breach,) = house.breaches()
    _, added = breach.all(Noticed)
    assert added.positions == tuple(positions[1:])
    assert added.counts == {"payloads": 3}


def test_what_comes_after_the_closing_opens_another(house: House) -> None:
    house.stop()
    house.look()
    (breach,) = house.breaches()
    closed = Closed(causes="a test", lessons="", breach=False)
    grown = breach.with_statement(closed, by="officer", at=house.clock.now())
    house.database.commit(lambda tx: tx.breaches.extend(grown, after=breach.newest))
    house.look()
    assert len(house.breaches()) == 1
    house.clock.step(timedelta(minutes=1))
    house.stop()
    house.look()
    states = {one.state for one in house.breaches()}
    assert (len(house.breaches()), states) == (2, {BreachState.OPEN, BreachState.NO_BREACH})


def test_a_cause_that_is_off_opens_nothing_and_a_threshold_is_waited_for(
    database: Database,
) -> None:
    quiet = House(database, off=("stopped_egress",))
    quiet.look()
    quiet.stop()
    quiet.look()
    assert quiet.breaches() == ()
    careful = House(database, stopped_least=3)
    careful.stop()
    careful.look()
    assert careful.breaches() == ()
    careful.stop()
    careful.look()
    assert [one.counts for one in careful.noticed()] == [{"payloads": 1}]


def test_a_volume_is_unusual_by_the_partner_s_own_days(database: Database) -> None:
    house = House(database, disclosures_least=5, volume_factor=3)
    for _ in range(4):
        house.send(4)
        house.clock.step(timedelta(days=1))
    house.look()
    house.send(11)
    house.look()
    assert house.breaches() == ()  # usual are 4 in the busiest hour: 12 are unusual
    house.send(1, to="initech")
    house.send(1)
    house.look()
    (noticed,) = house.noticed()
    assert (noticed.cause, noticed.about) == ("unusual_volume", "disclosures to globex")
    assert "12 disclosures in the hour" in noticed.says
    assert "usual are at most 4" in noticed.says
    house.clock.step(timedelta(hours=2))
    house.send(4, to="initech")
    house.look()
    assert len(house.breaches()) == 1


def test_what_was_there_before_the_first_look_is_history(database: Database) -> None:
    house = House(database, disclosures_least=5)
    house.send(50)
    house.stop()
    house.look()
    assert house.breaches() == ()
    house.stop()
    house.look()
    assert len(house.breaches()) == 1


def test_an_outage_of_the_watch_hides_nothing(house: House) -> None:
    house.stop()
    house.clock.step(timedelta(days=2))
    house.look()
    assert len(house.breaches()) == 1


def test_the_log_is_read_again_and_a_changed_entry_is_a_breach(house: House) -> None:
    looking = rereading(house.settings, house.database, house.clock)
    house.send(40)
    assert not looking.look()
    assert house.breaches() == ()
    change = audit_entries.update().where(audit_entries.c.position == 7).values(leaf=b"{}")
    with house.database._engines.writing.begin() as connection:
        connection.execute(change)
    assert not looking.look()
    (breach,) = house.breaches()
    (noticed,) = house.noticed()
    assert (noticed.severity, noticed.positions) == ("critical", (7,))
    assert set(breach.times) == {"detection"}
    assert not looking.look()
    assert len(house.breaches()) == 1


def test_a_log_whose_entries_fit_but_whose_tree_does_not_is_a_breach(house: House) -> None:
    house.send(40)
    other = entry(actor="somebody else").to_bytes()
    from privacy_service.evidence.merkle import leaf_hash

    change = audit_entries.update().where(audit_entries.c.position == 7)
    with house.database._engines.writing.begin() as connection:
        connection.execute(change.values(leaf=other, digest=leaf_hash(other)))
    assert not rereading(house.settings, house.database, house.clock).look()
    (noticed,) = house.noticed()
    assert "do not make the tree" in noticed.says


def test_a_sign_in_the_transaction_of_another_act_goes_with_it(
    database: Database, tmp_path: Path
) -> None:
    opens = incidents(settings())

    def fails(tx: object) -> None:
        opens.notice(tx, SIGN, at=NOW)  # type: ignore[arg-type]
        raise ValueError

    with pytest.raises(ValueError):
        database.commit(fails)
    with database.reading() as view:
        assert view.breaches.list() == ()
        assert view.incidents.of(SIGN.cause, SIGN.about) is None
    first = database.commit(lambda tx: opens.notice(tx, SIGN, at=NOW))
    again = database.commit(lambda tx: opens.notice(tx, SIGN, at=NOW))
    assert first == again
