"""Sweeps: what is shown is what goes, less what is protected since, whoever dies and whenever."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.app.keeping import certificates, sweeping
from privacy_service.app.keys import verifier_key
from privacy_service.clock import SteppedClock
from privacy_service.custody.acts import Acts
from privacy_service.custody.kept import kept_record
from privacy_service.custody.once import Once
from privacy_service.custody.retention import SchedulesDesk
from privacy_service.desks.ports.pages import Place
from privacy_service.desks.ports.retention import (
    ControlSweep,
    PutSchedule,
    SetSweepTimes,
    StartSweep,
    SweepControl,
)
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import CategoryCount
from privacy_service.evidence.note import VerifierKey
from privacy_service.evidence.proven_note import CERTIFICATE, ProvenNote, ProvenNoteInvalid
from privacy_service.schedules.sweep import Outcome, Sweep, SweepState
from privacy_service.settings import AllSettings
from privacy_service.store.database import Database
from privacy_service.store.requests import HistoryLine
from privacy_service.subjects.consent import ConsentEvent, ConsentRecord, ConsentState
from privacy_service.subjects.holds import ActiveHolds, HoldScope, LegalHold
from privacy_service.subjects.record_query import RecordQuery
from privacy_service.subjects.requests import (
    Deadline,
    Identifier,
    RequestKind,
    RequestState,
    SubjectRequest,
)
from retention.engine import jobs_running
from retention.jobs.sweep import JOB
from retention.workplace import Workplace
from tests.retention.workers import await_, settings_for, worker, workplace_for
from tests.stores.databases import KINDS, NOW
from tests.stores.samples import contract, disclosure, entry, record, replay, token
from tests.unit.subjects.test_consent import TERMS

OFFICER = Caller(name="officer@example", partner=None, roles=frozenset({Role.OFFICER}))
YEARS = """\
apiVersion: privacy-service/v1
kind: RetentionSchedule
id: {id}
title: Whatever is old
covers: {{{covers}}}
trigger: {trigger}
{periods}
authority: {{citation: our own}}
owner: privacy office
review_by: 2999-01-01
effective: {{from: 2020-01-01}}
"""


@contextmanager
def office(settings: AllSettings) -> Iterator[tuple[Workplace, SchedulesDesk, SteppedClock]]:
    """A workplace with a clock that stands still, and the desk on the same database."""
    clock = SteppedClock(NOW)
    with workplace_for(settings, clock) as at:
        once = Once(
            commitment=lambda text: text.hex()[-64:], clock=clock, origin="o",
            replay_for=timedelta(days=1),
        )  # fmt: skip
        desk = SchedulesDesk(
            database=at.database,
            acts=Acts(at.database, clock),
            once=once,
            sweeping=sweeping(at.database, clock),
            certificates=certificates(settings.evidence, at.keyring, at.database, clock),
            clock=clock,
        )
        yield at, desk, clock


@pytest.fixture(params=KINDS)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> AllSettings:
    tmp_path.chmod(0o700)
    return settings_for(request.param, tmp_path)


def some_id() -> str:
    return str(uuid.uuid4())


def scheduled(
    desk: SchedulesDesk, name: str, periods: str, *, trigger: str = "collection", covers: str = ""
) -> None:
    source = YEARS.format(id=name, periods=periods, trigger=trigger, covers=covers)
    desk.put_schedule(OFFICER, PutSchedule(source=source, request_id=some_id()), seconds=None)


def started(desk: SchedulesDesk, *, force: bool = False) -> Sweep:
    request = StartSweep(force=force, request_id=some_id())
    return desk.start_sweep(OFFICER, request, seconds=None)[0]


def controlled(desk: SchedulesDesk, sweep: str, control: SweepControl) -> Sweep:
    request = ControlSweep(sweep_id=sweep, control=control, request_id=some_id())
    return desk.control_sweep(OFFICER, request, seconds=None)[0]


def planned(desk: SchedulesDesk) -> Sweep:
    sweep = started(desk)
    while desk.sweeping.plan(sweep.id):
        pass
    return found(desk, sweep)


def swept(desk: SchedulesDesk, sweep: Sweep) -> Sweep:
    controlled(desk, sweep.id, SweepControl.RUN)
    while desk.sweeping.take(sweep.id):
        pass
    assert desk.certificates.end(sweep.id) == SweepState.DONE.value
    return found(desk, sweep)


def found(desk: SchedulesDesk, sweep: Sweep) -> Sweep:
    return desk.get_sweep(OFFICER, sweep.id, seconds=None)


def counts(sweep: Sweep, *, done: bool = False) -> dict[tuple[str, str, str], int]:
    """(schedule, kind, outcome) -> how many."""
    told = sweep.done if done else sweep.planned
    return {(one.schedule, one.kind, one.outcome.value): one.count for one in told}


def due(sweep: Sweep) -> set[str]:
    """The schedules by which records would go."""
    return {one.schedule for one in sweep.planned if one.kind == "records"}


def put(database: Database, *names: str, days: int = 400, **fields: Any) -> None:
    """Records of acme that were collected so many days ago; no end of their own."""
    for name in names:
        row = record(
            id=name, created_at=NOW - timedelta(days=days), **{"keep_until": None, **fields}
        )
        database.commit(lambda tx, row=row: tx.records.put(row))


def left(database: Database) -> list[str]:
    with database.reading() as view:
        return [row.id for row in view.records.list("acme", limit=1000)]


def hold(name: str, **scope: Any) -> LegalHold:
    return LegalHold(
        id=name, scope=HoldScope(**scope), matter="M-1", reason="suit", approver="counsel",
        review_on=date(2999, 1, 1), placed_by="ann", placed_at=NOW,
    )  # fmt: skip


def lifted(one: LegalHold, at: datetime) -> LegalHold:
    return one.lift_proposed(by="bob", reason="settled", at=at).lift_confirmed(by="eve", at=at)


def test_what_is_shown_goes_less_what_is_protected_since(settings: AllSettings) -> None:
    with office(settings) as (at, desk, clock):
        scheduled(desk, "year", "at_most: P1Y")
        put(at.database, "old-1", "old-2", "old-3")
        put(at.database, "new", days=100)
        put(at.database, "ended", days=1, keep_until=NOW)
        put(at.database, "ends later", days=1, keep_until=NOW + timedelta(microseconds=1))
        plan = planned(desk)
        assert plan.state is SweepState.PLANNED
        assert counts(plan) == {
            ("sharing-contract", "records", "due"): 1,
            ("year", "records", "due"): 3,
        }
        assert len(left(at.database)) == 6, "a plan deletes nothing"
        (years,) = [one for one in plan.planned if one.schedule == "year"]
        assert years.samples == ("records/acme/old-1", "records/acme/old-2", "records/acme/old-3")
        assert years.first == years.last == (NOW - timedelta(days=400)).replace(year=2026)

        query = RecordQuery.parse('id = "old-2"')
        at.database.commit(lambda tx: tx.holds.place(hold("h", query=query)))
        clock.step(timedelta(days=300))  # more is due by now, and was not shown
        done = swept(desk, plan)
        assert left(at.database) == ["ends later", "new", "old-2"]
        assert counts(done, done=True) == {
            ("sharing-contract", "records", "due"): 1,
            ("year", "records", "due"): 2,
            ("year", "records", "held"): 1,
        }


def test_a_hold_that_is_placed_while_a_sweep_runs_holds_from_then_on(
    settings: AllSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privacy_service.custody.sweeping._BATCH", 2)
    with office(settings) as (at, desk, clock):
        scheduled(desk, "year", "at_most: P1Y")
        put(at.database, *(f"r{number}" for number in range(6)))
        plan = planned(desk)
        controlled(desk, plan.id, SweepControl.RUN)
        desk.sweeping.take(plan.id)
        assert left(at.database) == ["r2", "r3", "r4", "r5"]
        late = hold("late", partner="acme", query=RecordQuery.parse("id = r3 OR id = r5"))
        at.database.commit(lambda tx: tx.holds.place(late))
        while desk.sweeping.take(plan.id):
            pass
        assert left(at.database) == ["r3", "r5"]
        desk.certificates.end(plan.id)
        assert found(desk, plan).went == 4

        # What had to stay goes by itself once the hold is lifted.
        assert JOB.waiting is not None
        assert JOB.waiting(at, 10) == ()
        clock.step(timedelta(hours=1))
        at.database.commit(lambda tx: tx.holds.lift(lifted(late, clock.now())))
        with jobs_running(at, [JOB], only=JOB) as engine:
            for _ in range(2):  # it is begun, then done
                assert engine.run_now(JOB, seconds=30)
        assert left(at.database) == []
        assert JOB.waiting(at, 10) == ()


def test_what_somebody_has_asked_for_stays_until_the_answer(settings: AllSettings) -> None:
    with office(settings) as (at, desk, clock):
        scheduled(desk, "year", "at_most: P1Y")
        put(at.database, "mine", subjects=("11" * 32,))
        put(at.database, "other", subjects=("22" * 32,))
        request = SubjectRequest(
            id="request-1", kind=RequestKind.ACCESS, state=RequestState.IN_PROGRESS,
            identifiers=(Identifier(digest="11" * 32, partner=""),), regime="gdpr", place="DE",
            received_at=NOW, opened_by="officer", first_deadline=None,
            deadline=Deadline(legal=None, conservative=None, rule="r", standing="law"),
        )  # fmt: skip
        line = HistoryLine(at=NOW, by="officer", step="submit", state="in_progress")
        at.database.commit(lambda tx: tx.requests.add(request, line))
        done = swept(desk, planned(desk))
        assert left(at.database) == ["mine"]
        assert counts(done, done=True)["year", "records", "asked-for"] == 1
        assert JOB.waiting is not None
        assert JOB.waiting(at, 10) == ()
        clock.step(timedelta(hours=1))
        answered = replace(request, state=RequestState.COMPLETED, closed_at=clock.now())
        at.database.commit(lambda tx: tx.requests.change(answered, line))
        assert len(JOB.waiting(at, 10)) == 1, "one more sweep begins by itself"


def test_the_longest_demand_holds_and_both_are_shown(settings: AllSettings) -> None:
    with office(settings) as (at, desk, clock):
        scheduled(desk, "short", "at_most: P6M")
        scheduled(desk, "long", "at_most: P2Y")
        scheduled(desk, "tax", "at_least: P6Y", covers='records: "id = taxed"')
        put(at.database, "plain", "taxed")
        plan = planned(desk)
        assert counts(plan) == {
            ("short", "records", "due"): 1, ("short", "records", "demanded"): 1,
        }  # fmt: skip
        assert {one.because for one in plan.planned} == {"", "tax"}
        swept(desk, plan)
        assert left(at.database) == ["taxed"]
        told = desk.sweeping.explained("acme", "taxed")
        assert [span.schedule for span in told.verdict.erase] == ["short", "long"]
        assert told.verdict.holds is not None
        assert told.verdict.holds.schedule == "tax"
        clock.step(timedelta(days=6 * 366))
        swept(desk, planned(desk))
        assert left(at.database) == []


def test_what_is_restricted_is_stored_and_used_for_claims_alone(settings: AllSettings) -> None:
    with office(settings) as (at, desk, _clock):
        scheduled(desk, "quiet", "at_most: P6M\naction: restrict")
        put(at.database, "r")
        at.database.commit(lambda tx: tx.holds.place(hold("h", partner="acme")))
        plan = planned(desk)
        assert plan.due == 1, "it takes nothing away that a hold protects"
        swept(desk, plan)
        with at.database.reading() as view:
            kept = kept_record(view.records.get("acme", "r"))
            active = view.holds.active()
        assert kept.restricted
        with pytest.raises(PrivacyError) as refused:
            ActiveHolds().require_usable((kept,), claim=None, now=NOW)
        assert refused.value.reason is errors.USE_RESTRICTED
        active.require_usable((kept,), claim="h", now=NOW)
        assert planned(desk).due == 0


def test_tokens_and_answers_go_too(settings: AllSettings) -> None:
    with office(settings) as (at, desk, _clock):
        scheduled(
            desk, "phones", "at_most: P90D",
            covers="things: [tokens], partner: acme, categories: [PHONE_NUMBER]",
        )  # fmt: skip
        old = NOW - timedelta(days=91)
        rows = [
            token("tok_a", entity="PHONE_NUMBER", minted_at=old),
            token("tok_b", entity="PHONE_NUMBER", minted_at=old, subject="held"),
            token("tok_c", entity="PHONE_NUMBER", minted_at=NOW),
            token("tok_d", entity="EMAIL_ADDRESS", minted_at=old),
            token("tok_e", entity="PHONE_NUMBER", minted_at=old, sender="globex"),
        ]
        at.database.commit(lambda tx: tx.tokens.put_many(rows))
        at.database.commit(lambda tx: tx.holds.place(hold("h", subjects=frozenset({"held"}))))
        for name, expires in (("1", old), ("2", NOW - timedelta(microseconds=1)), ("3", NOW)):
            row = replay(name, expires_at=expires)
            at.database.commit(lambda tx, row=row: tx.replays.put(row))
        plan = planned(desk)
        assert counts(plan) == {
            ("phones", "tokens", "due"): 1,
            ("phones", "tokens", "held"): 1,
            ("request-ids", "answers", "due"): 2,
        }
        assert "tok_a" not in str(plan), "who has a token may have its value revealed"
        done = swept(desk, plan)
        assert counts(done, done=True) == counts(plan)
        with at.database.reading() as view:
            assert [bool(view.tokens.get(row.token)) for row in rows] == [
                False, True, True, True, True,
            ]  # fmt: skip
            assert [view.replays.find("acme", name) is not None for name in "123"] == [
                False, False, True,
            ]  # fmt: skip


def test_sealed_copies_go_by_what_is_in_them(settings: AllSettings) -> None:
    with office(settings) as (at, desk, _clock):
        scheduled(desk, "cards", "at_most: P30D", covers="categories: [CREDIT_CARD]")
        card = (CategoryCount(entity="CREDIT_CARD", treatment="mask", count=1),)
        for name, categories in (("with", card), ("without", ())):
            put(at.database, name, days=31)

            def disclosed(tx: Any, name: str = name, categories: Any = categories) -> None:
                position = tx.audit.append(entry())
                tx.disclosures.add(
                    replace(disclosure(position), id=name, record=name, categories=categories)
                )

            at.database.commit(disclosed)
        swept(desk, planned(desk))
        assert left(at.database) == ["without"]


def test_periods_run_from_the_last_use_the_contract_s_end_and_the_withdrawal(
    settings: AllSettings,
) -> None:
    with office(settings) as (at, desk, clock):
        scheduled(
            desk, "use", "at_most: P1M", trigger="last-activity", covers='records: "id = used"'
        )
        scheduled(
            desk, "end", "at_most: P1M", trigger="contract-end", covers='records: "id = ended"'
        )
        scheduled(
            desk, "consent", "at_most: P1M", trigger="consent-withdrawn",
            covers='records: "id = withdrawn"',
        )  # fmt: skip
        put(at.database, "used", "ended", "withdrawn", days=40)
        at.database.commit(lambda tx: tx.records.touch("acme", "used", at=NOW))
        at.database.commit(lambda tx: tx.contracts.put(contract(effective_until=NOW, put_at=NOW)))
        given = ConsentRecord(
            partner="acme", id="c", subjects=frozenset({"ab" * 32}), terms=TERMS,
            events=(ConsentEvent(state=ConsentState.GIVEN, at=NOW),),
        )  # fmt: skip
        at.database.commit(lambda tx: tx.consents.record(given))
        assert due(planned(desk)) == set()
        ended = given.then(ConsentEvent(state=ConsentState.WITHDRAWN, at=NOW), now=NOW)
        at.database.commit(lambda tx: tx.consents.say(ended))
        clock.step(timedelta(days=29))
        assert due(planned(desk)) == set()
        clock.step(timedelta(days=1))  # a month from 23 November is 23 December
        plan = planned(desk)
        assert due(plan) == {"use", "end", "consent"}
        # Used meanwhile: it was shown, and stays all the same.
        at.database.commit(lambda tx: tx.records.touch("acme", "used", at=clock.now()))
        swept(desk, plan)
        assert left(at.database) == ["used"]


def test_a_contract_that_is_changed_after_the_plan_adds_nothing_to_it(
    settings: AllSettings,
) -> None:
    with office(settings) as (at, desk, clock):
        scheduled(desk, "end", "at_most: P1D", trigger="contract-end")
        put(at.database, "r", days=40)
        at.database.commit(lambda tx: tx.contracts.put(contract(effective_until=None)))
        plan = planned(desk)
        clock.step(timedelta(hours=1))
        late = contract(effective_until=NOW - timedelta(days=9), put_at=clock.now(), digest="x")
        at.database.commit(lambda tx: tx.contracts.put(late))
        assert swept(desk, plan).went == 0
        assert planned(desk).due == 1


def test_a_sweep_is_paused_resumed_and_cancelled(
    settings: AllSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privacy_service.custody.sweeping._BATCH", 2)
    with office(settings) as (at, desk, _clock):
        scheduled(desk, "year", "at_most: P1Y")
        put(at.database, *(f"r{number}" for number in range(8)))
        plan = planned(desk)
        controlled(desk, plan.id, SweepControl.RUN)
        desk.sweeping.take(plan.id)
        controlled(desk, plan.id, SweepControl.PAUSE)
        assert desk.sweeping.take(plan.id) == 0
        assert len(left(at.database)) == 6
        for wrong in (SweepControl.RUN, SweepControl.PAUSE):
            with pytest.raises(PrivacyError) as refused:
                controlled(desk, plan.id, wrong)
            assert refused.value.reason is errors.SWEEP_STATE
        assert controlled(desk, plan.id, SweepControl.RESUME).round == 2
        desk.sweeping.take(plan.id)
        controlled(desk, plan.id, SweepControl.CANCEL)
        assert desk.sweeping.take(plan.id) == 0
        assert desk.certificates.end(plan.id) == "cancelled"
        assert len(left(at.database)) == 4
        with pytest.raises(PrivacyError) as refused:
            desk.get_certificate(OFFICER, plan.id, seconds=None)
        assert refused.value.reason is errors.CERTIFICATE_NOT_READY


def test_an_outsider_can_check_the_certificate(settings: AllSettings) -> None:
    with office(settings) as (at, desk, _clock):
        scheduled(desk, "year", "at_most: P1Y")
        put(at.database, "r1", "r2")
        done = swept(desk, planned(desk))
        file = desk.get_certificate(OFFICER, done.id, seconds=None)
        key = VerifierKey.parse(verifier_key(at.keyring, settings.evidence.origin))
    proven = ProvenNote.parse(file, CERTIFICATE).verify(key)
    assert proven.content["about"] == done.id
    assert proven.content["items"] == f"sha256:{done.items}"
    (count,) = proven.content["counts"]
    assert (count["schedule"], count["count"], count["outcome"]) == ("year", 2, "due")
    assert proven.content["schedules"][0]["authority"] == "our own"
    forged = json.loads(file)
    forged["note"] = forged["note"].replace('"count":2', '"count":3')
    for text in (json.dumps(forged), file.replace("proof", "prove"), "{}", "no"):
        with pytest.raises(ProvenNoteInvalid):
            ProvenNote.parse(text, CERTIFICATE).verify(key)


def test_sweeps_begin_at_the_officer_s_times_once(settings: AllSettings) -> None:
    with office(settings) as (at, desk, clock):
        scheduled(desk, "year", "at_most: P1Y")
        put(at.database, "r")
        times = SetSweepTimes(cron="30 2 * * *", request_id=some_id())
        told, _ = desk.set_sweep_times(OFFICER, times, seconds=None)
        assert told.next == datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
        assert JOB.waiting is not None
        assert JOB.waiting(at, 10) == ()
        clock.step(timedelta(days=3))  # the machine was off for two of them: one makes up for all
        with jobs_running(at, [JOB], only=JOB) as engine:
            for _ in range(2):
                assert engine.run_now(JOB, seconds=30)
        assert left(at.database) == []
        assert JOB.waiting(at, 10) == ()
        (only,) = desk.list_sweeps(OFFICER, Place(), seconds=None).items
        assert (only.state, only.made_by) == (SweepState.DONE, OFFICER.name)
        for wrong in ("now and then", "* * * * * *"):
            times = SetSweepTimes(cron=wrong, request_id=some_id())
            with pytest.raises(PrivacyError) as refused:
                desk.set_sweep_times(OFFICER, times, seconds=None)
            assert refused.value.reason is errors.CRON_INVALID


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("sqlite", "plan:2:after"),
        ("sqlite", "take:2:after"),
        ("sqlite", "end:1:after"),
        ("postgresql", "take:2:after"),
    ],
)
def test_a_killed_worker_changes_nothing_but_the_time(
    tmp_path: Path, kind: str, place: str
) -> None:
    tmp_path.chmod(0o700)
    settings = settings_for(kind, tmp_path)
    program = "tests.retention.sweeper"
    with office(settings) as (at, desk, _clock):
        scheduled(desk, "year", "at_most: P1Y")
        put(at.database, *(f"r{number:02}" for number in range(8)))
        at.database.commit(
            lambda tx: tx.holds.place(hold("h", query=RecordQuery.parse("id = r04")))
        )
        sweep = started(desk, force=True)
        with worker(tmp_path, settings, place, program=program) as first:
            assert first.ended() == -9
        with worker(tmp_path, settings, program=program):
            await_(lambda: found(desk, sweep).state is SweepState.DONE)
        done = found(desk, sweep)
        assert left(at.database) == ["r04"]
        assert counts(done) == counts(done, done=True) == {
            ("year", "records", "due"): 7, ("year", "records", "held"): 1,
        }  # fmt: skip
        with at.database.reading() as view:
            said = [each.entry for each in view.audit.entries(0, 1000)]
        swept_ = [one.reason for one in said if one.outcome == "SWEPT"]
        assert sum(int((reason or "").split()[0]) for reason in swept_) == 7
        assert [one.outcome for one in said if one.action.endswith("Certify")] == ["", "DONE"]


def test_two_workers_on_one_sweep_take_each_thing_once(
    settings: AllSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privacy_service.custody.sweeping._BATCH", 3)
    with office(settings) as (at, desk, _clock):
        scheduled(desk, "year", "at_most: P1Y")
        put(at.database, *(f"r{number:02}" for number in range(40)))
        plan = planned(desk)
        controlled(desk, plan.id, SweepControl.RUN)

        def take() -> None:
            while desk.sweeping.take(plan.id):
                pass

        with ThreadPoolExecutor(4) as threads:
            for work in [threads.submit(take) for _ in range(4)]:
                work.result(60)
        assert left(at.database) == []
        assert counts(found(desk, plan), done=True) == {("year", "records", "due"): 40}
        # Who has the list can show that it is the one that was certified.
        items = ""
        for number in range(40):
            line = f"{items}\nerase records/acme/r{number:02}"
            items = hashlib.sha256(line.encode()).hexdigest()
        assert found(desk, plan).items == items


def test_a_repeated_request_begins_one_sweep(settings: AllSettings) -> None:
    with office(settings) as (_at, desk, _clock):
        request = StartSweep(request_id=some_id())
        one, proof = desk.start_sweep(OFFICER, request, seconds=None)
        assert desk.start_sweep(OFFICER, request, seconds=None) == (one, proof)
        with pytest.raises(PrivacyError) as refused:
            desk.start_sweep(OFFICER, replace(request, force=True), seconds=None)
        assert refused.value.reason is errors.REQUEST_ID_REUSED
        assert Outcome.DUE.value == "due"


def test_a_schedule_has_versions_and_the_newest_counts(settings: AllSettings) -> None:
    with office(settings) as (at, desk, _clock):
        put(at.database, "r", days=40)
        scheduled(desk, "s", "at_most: P1M")
        plan = planned(desk)
        scheduled(desk, "s", "at_most: P1Y")
        scheduled(desk, "s", "at_most: P1Y")
        (now,) = desk.list_schedules(OFFICER, seconds=None)
        assert (now.number, str(now.schedule.at_most)) == (2, "P1Y")
        assert planned(desk).due == 0
        assert swept(desk, plan).went == 1, "a plan goes by the versions that it was made by"
