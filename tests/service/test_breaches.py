"""Breaches, as officers, partners and auditors meet them: over gRPC, on a real service."""

from __future__ import annotations

import csv
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from pypdf import PdfReader
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.commands.client import error_info
from privacy_service.v1 import breaches_pb2 as pb
from privacy_service.v1 import breaches_pb2_grpc as pb_grpc
from privacy_service.v1 import enforcement_pb2
from tests.service.conftest import Peer, Service, reason_of

NOW = datetime.now(UTC).replace(microsecond=0)


def stamp(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made


def ask(peer: Peer, rpc: str, request: Any) -> Any:
    stub = pb_grpc.BreachServiceStub(peer.channel)
    return getattr(stub, rpc)(request, metadata=peer.metadata, timeout=30)


def when(name: str, at: datetime, evidence: str = "call of the carrier") -> pb.TimeStatement:
    return pb.TimeStatement(name=name, at=stamp(at), evidence=evidence)


def opened(peer: Peer, **fields: Any) -> Any:
    said = {
        "title": "Order list sent to the wrong carrier",
        "natures": [pb.BREACH_NATURE_CONFIDENTIALITY],
        "seats": ["DE"],
        "times": [when("awareness", NOW - timedelta(hours=1))],
        "request_id": str(uuid.uuid4()),
    } | fields
    return ask(peer, "OpenBreach", pb.OpenBreachRequest(**said))


def say(peer: Peer, breach: str, *, expected: int = 0, **statement: Any) -> Any:
    request = pb.RecordStatementRequest(
        breach_id=breach,
        statement=pb.BreachStatement(**statement),
        expected_entry=expected,
        request_id=str(uuid.uuid4()),
    )
    return ask(peer, "RecordStatement", request)


def assess(peer: Peer, breach: str, decided: Mapping[str, bool], **more: Any) -> Any:
    said = {"method": "own", "decider": "DPO", "reasons": "addresses alone", **more}
    return say(peer, breach, assessment=pb.AssessmentStatement(decided=dict(decided), **said))


def rules(answer: Any) -> dict[str, int]:
    return {one.rule_id: one.status for one in answer.obligations}


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        act()
    return reason_of(caught.value)


@pytest.fixture
def officer(service: Service) -> Peer:
    return service.person("officer")


def test_from_the_first_call_to_the_closing(officer: Peer) -> None:
    answer = opened(officer)
    breach = answer.breach.breach_id
    due = {one.rule_id: one for one in answer.obligations}
    authority = due["eu-gdpr.33-1"]
    assert authority.status == pb.OBLIGATION_STATUS_TO_DECIDE
    assert authority.because == ["whether there is risk is not decided"]
    safe = authority.conservative_due_time.ToDatetime(tzinfo=UTC)
    assert safe == NOW - timedelta(hours=1) + timedelta(hours=72)
    assert any("72 hours run without a break" in step for step in authority.why_then)
    assert (
        refusal(
            lambda: say(officer, breach, closing=pb.ClosingStatement(causes="wrong address book"))
        )
        == "BREACH_NOT_SETTLED"
    )

    decided = assess(officer, breach, {"risk": True, "high_risk": False})
    assert rules(decided)["eu-gdpr.33-1"] == pb.OBLIGATION_STATUS_OPEN
    assert "eu-gdpr.34-1" not in rules(decided)

    filing = pb.FilingStatement(
        rule_id="eu-gdpr.33-1", at=stamp(NOW), channel="portal", reference="12/345"
    )
    filed = say(officer, breach, filing=filing)
    assert rules(filed)["eu-gdpr.33-1"] == pb.OBLIGATION_STATUS_DONE
    say(
        officer, breach,
        measure=pb.MeasureStatement(what="recalled", at=stamp(NOW), says="deleted", contained=True),
    )  # fmt: skip
    closed = say(officer, breach, closing=pb.ClosingStatement(causes="wrong address book"))
    assert closed.breach.state == pb.BREACH_STATE_CLOSED
    assert closed.breach.seconds_to["notify"] == closed.breach.seconds_to["contain"] == 3600

    request = pb.GetBreachRequest(breach_id=breach, with_entries=True)
    seen = ask(officer, "GetBreach", request)
    kinds = [entry.kind for entry in seen.entries]
    assert kinds == [
        "opened", "time", "obligations", "assessment", "obligations", "filing", "measure",
        "closing",
    ]  # fmt: skip
    then = ask(officer, "GetBreach", pb.GetBreachRequest(breach_id=breach, as_of_entry=3))
    assert rules(then)["eu-gdpr.33-1"] == pb.OBLIGATION_STATUS_TO_DECIDE


def test_new_facts_bring_new_clocks_and_the_old_ones_stay_to_be_seen(officer: Peer) -> None:
    breach = opened(officer).breach.breach_id
    say(officer, breach, time=when("determination", NOW - timedelta(minutes=30)))
    texans = pb.PeopleCount(number=240, approximate=True)
    few = say(officer, breach, facts=pb.FactsStatement(residents={"US-TX": texans}))
    assert rules(few)["us-tx.regulator"] == pb.OBLIGATION_STATUS_TO_DECIDE
    counted = pb.PeopleCount(number=249)
    none = say(officer, breach, facts=pb.FactsStatement(residents={"US-TX": counted}))
    assert "us-tx.regulator" not in rules(none)
    more = say(
        officer, breach, facts=pb.FactsStatement(residents={"US-TX": pb.PeopleCount(number=250)})
    )
    assert rules(more)["us-tx.regulator"] == pb.OBLIGATION_STATUS_OPEN
    corrected = say(officer, breach, time=when("awareness", NOW - timedelta(hours=5), "mail found"))
    (authority,) = (one for one in corrected.obligations if one.rule_id == "eu-gdpr.33-1")
    assert authority.conservative_due_time.ToDatetime(tzinfo=UTC) == NOW + timedelta(hours=67)
    seen = ask(officer, "GetBreach", pb.GetBreachRequest(breach_id=breach, with_entries=True))
    said = [json.loads(one.statement_json) for one in seen.entries if one.kind == "time"]
    assert [one["evidence"] for one in said if one["name"] == "awareness"] == [
        "call of the carrier", "mail found",
    ]  # fmt: skip


def test_a_notice_to_an_authority_that_waits_for_another_filing(officer: Peer) -> None:
    breach = opened(officer, seats=["US-CA"], times=[when("detection", NOW)]).breach.breach_id
    people = pb.FactsStatement(residents={"US-CA": pb.PeopleCount(number=501)})
    answer = say(officer, breach, facts=people)
    due = {one.rule_id: one for one in answer.obligations}
    assert due["us-ca.regulator"].clock == "expected"
    assert due["us-ca.regulator"].waits_for == ["filing/us-ca.individuals"]
    filing = pb.FilingStatement(rule_id="us-ca.individuals", at=stamp(NOW), channel="letter")
    started = {one.rule_id: one for one in say(officer, breach, filing=filing).obligations}
    assert started["us-ca.regulator"].clock == "running"
    assert (
        started["us-ca.regulator"].legal_due_time.seconds
        < due["us-ca.regulator"].legal_due_time.seconds
    )


def test_a_late_notice_says_why(officer: Peer) -> None:
    early = [when("awareness", NOW - timedelta(days=10))]
    breach = opened(officer, times=early).breach.breach_id
    late = {"rule_id": "eu-gdpr.33-1", "at": stamp(NOW), "channel": "portal"}
    assert (
        refusal(lambda: say(officer, breach, filing=pb.FilingStatement(**late)))
        == "DELAY_NOT_EXPLAINED"
    )
    explained = pb.FilingStatement(**late, reasons_for_delay="the log was lost")
    answer = say(officer, breach, filing=explained)
    assert rules(answer)["eu-gdpr.33-1"] == pb.OBLIGATION_STATUS_DONE_LATE


def test_the_scope_comes_from_the_ledger(service: Service, acme: Peer, officer: Peer) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=2)
    people = [f"C-{uuid.uuid4()}" for _ in range(3)]
    for person in (*people, people[0]):
        order = {"order_id": "SO-1", "customer": {"customer_id": person, "phone": "+49 30 901820"}}
        acme.transfer(json.dumps(order))
    asked = {"partner": "swift-parcel", "since": stamp(begun), "request_id": str(uuid.uuid4())}
    scope = ask(officer, "ScopeBreach", pb.ScopeBreachRequest(**asked)).scope
    assert (scope.subjects, scope.disclosures, scope.unnamed_disclosures) == (3, 4, 0)
    assert dict(scope.recipients) == {"swift-parcel": 4}
    assert set(scope.contracts.values()) == {3}
    assert dict(scope.approximate_regions) == {"DE": 3}  # each once, though two contracts hold
    assert any(name.endswith("tokenize") for name in scope.categories)
    assert scope.several_identifiers == 0
    one = enforcement_pb2.SubjectRef(type="customer_id", value=people[0])
    alone = ask(officer, "ScopeBreach", pb.ScopeBreachRequest(subject=one, **asked)).scope
    assert (alone.disclosures, people[0] in str(alone)) == (2, False)
    nobody = pb.ScopeBreachRequest(**(asked | {"partner": "nobody"}))
    assert ask(officer, "ScopeBreach", nobody).scope.subjects == 0

    breach = opened(officer).breach.breach_id
    keep = pb.ScopeBreachRequest(**asked, breach_id=breach, keep=True)
    kept = ask(officer, "ScopeBreach", keep)
    assert kept.breach.scope.subjects == kept.breach.total.number == 3
    assert ask(officer, "ScopeBreach", keep).audit == kept.audit
    assert not kept.breach.total.approximate

    known = enforcement_pb2.SubjectRef(type="email", value=f"{people[0]}@mail.example")
    acme.transfer(json.dumps({"customer": {"customer_id": people[0]}}), subjects=[known])
    again = pb.ScopeBreachRequest(
        **(asked | {"request_id": str(uuid.uuid4())}), breach_id=breach, keep=True
    )
    more = ask(officer, "ScopeBreach", again).breach
    assert (more.scope.subjects, more.scope.several_identifiers) == (4, 1)
    assert more.total.approximate  # three people, one of them by two identifiers


def test_friday_at_four_on_the_command_line(service: Service, tmp_path: Path) -> None:
    where = [
        "--address", f"localhost:{service.running.token_port}",
        "--ca", str(service.trial.authority), "--token", str(service.trial.officer_token),
        "--zone", "Europe/Berlin",
    ]  # fmt: skip

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["breach", *words, *where])
        assert done.exit_code == code, done.output
        return done.output

    friday = "2026-06-05T16:00"
    title = "Order list sent to the wrong carrier"
    said = json.loads(run("open", title, "--at", f"awareness={friday}", "--seat", "DE", "--json"))
    breach = said["breach"]["breach_id"]
    assert title in run("list")
    run("facts", breach, "--resident", "DE=900", "--resident", "US-CA=~600", "--no-encrypted")
    run("assess", breach, "--decide", "risk", "--decide", "no-high_risk", "--decider", "DPO",
        "--reasons", "addresses alone")  # fmt: skip
    due = run("due", breach)
    assert "Mon 2026-06-08 16:00" in due
    assert "72 hours run without a break: Monday, 8 June 2026, 16:00 (Europe/Berlin)" in due
    late = (
        "file",
        breach,
        "--rule",
        "eu-gdpr.33-1",
        "--at",
        "2026-06-09T10:00",
        "--channel",
        "portal",
    )
    assert "DELAY_NOT_EXPLAINED" in run(*late, code=1)
    run(*late, "--reasons-for-delay", "the log was lost")
    run("measure", breach, "--what", "recalled", "--says", "deleted", "--at", "2026-06-05T18:00",
        "--contained")  # fmt: skip
    run("task", breach, "--task", "ask", "--title", "Ask them", "--owner", "legal", "--due",
        "2026-06-09")  # fmt: skip
    run("task", breach, "--task", "ask", "--done", "they confirmed")
    corrective = ("--title", "Export by contract", "--owner", "it", "--due", "2026-01-09")
    run("task", breach, "--task", "mend", *corrective, "--corrective")
    today = run("today", "--days", "4000", "--calendar", str(tmp_path / "due.ics"), "--json")
    assert ("task mend, it", breach) in [(one["of"], one["breach_id"]) for one in json.loads(today)]
    assert f"UID:{breach}.task:mend@" in (tmp_path / "due.ics").read_text()
    listed = CliRunner().invoke(app, ["breach", "tasks", *where[:-2]])
    assert "OVERDUE" in listed.output
    assert "recalled" in run("timeline", breach)
    assert "900" in run("show", breach)
    assert "subjects" in run("scope", "--partner", "swift-parcel", "--json")
    assert "BREACH_NOT_SETTLED" in run("close", breach, "--causes", "wrong address book", code=1)
    archive, register = tmp_path / "breach.zip", tmp_path / "register.csv"
    taken = ("--to", "State police", "--reason", "handed over")
    done = CliRunner().invoke(app, ["breach", "export", breach, str(archive), *taken, *where[:-2]])
    assert done.exit_code == 0, done.output
    assert hashlib.sha256(archive.read_bytes()).hexdigest() in run("timeline", breach, "--json")
    done = CliRunner().invoke(app, ["breach", "register", str(register), *where[:-2]])
    assert done.exit_code == 0, done.output
    (row,) = [one for one in csv.DictReader(register.open()) if one["breach"] == breach]
    assert (row["title"], row["noticed_by"], row["residents"]) == (
        title, "person", "DE: 900; US-CA: about 600",
    )  # fmt: skip
    assert (row["closed"], row["lessons"]) == ("", "")
    assert row["filed"] == "eu-gdpr.33-1 2026-06-09T08:00:00+00:00"


def test_a_notice_from_draft_to_queue_on_the_command_line(
    service: Service, officer: Peer, tmp_path: Path
) -> None:
    breach = opened(officer).breach.breach_id
    where = [
        "--address", f"localhost:{service.running.token_port}",
        "--ca", str(service.trial.authority), "--token", str(service.trial.officer_token),
    ]  # fmt: skip

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["breach", "notice", *words, *where])
        assert done.exit_code == code, done.output
        return done.output

    drafted = json.loads(
        run("draft", breach, "--rule", "eu-gdpr.33-1", "--place", "DE", "--content",
            "consequences=<b>spam</b> at most", "--to", "breach@dpa.example", "--json")
    )  # fmt: skip
    notice, digest = drafted["notice_id"], drafted["digest"]
    assert drafted["missing"] == [
        "subject_categories", "record_categories", "contact", "measures",
    ]  # fmt: skip
    page = tmp_path / "notice.html"
    assert "<b>spam</b> at most" in run("show", notice, "--html", str(page))
    assert "<b>" not in page.read_text().partition("<body>")[2]
    paper = tmp_path / "notice.pdf"
    assert digest in run("print", notice, "--format", "pdf", "--out", str(paper))
    assert digest in PdfReader(paper).pages[0].extract_text()
    assert "<b>" not in run("print", notice, "--format", "html", "--out", str(page))
    other = "sha256:" + "0" * 64
    assert "NOTICE_CHANGED" in run("decide", notice, "approved", "--digest", other, code=1)
    assert "NOTICE_NOT_READY" in run("send", notice, "--digest", digest, code=1)
    run("decide", notice, "reviewed", "--digest", digest)
    run("decide", notice, "approved", "--digest", digest)
    assert "queued" in run("send", notice, "--digest", digest)
    assert "queued" in run("list", breach)
    assert "BREACH_NOTICE_NOT_FOUND" in run("show", "notice-none", code=1)


def test_two_officers_at_once(service: Service, officer: Peer) -> None:
    second = service.person("second-officer")
    answer = opened(officer)
    breach, entry = answer.breach.breach_id, answer.breach.newest_entry
    facts = pb.FactsStatement(encrypted=False)
    say(officer, breach, expected=entry, facts=facts)
    assert refusal(lambda: say(second, breach, expected=entry, facts=facts)) == "BREACH_CHANGED"


def test_a_repeated_request_has_one_effect(officer: Peer) -> None:
    request_id = str(uuid.uuid4())
    first, again = opened(officer, request_id=request_id), opened(officer, request_id=request_id)
    assert (first.breach, first.audit) == (again.breach, again.audit)
    assert refusal(lambda: opened(officer, request_id=request_id, drill=True)) == (
        "REQUEST_ID_REUSED"
    )
    said = pb.RecordStatementRequest(
        breach_id=first.breach.breach_id,
        statement=pb.BreachStatement(facts=pb.FactsStatement(key_exposed=True)),
        request_id=str(uuid.uuid4()),
    )
    one, two = ask(officer, "RecordStatement", said), ask(officer, "RecordStatement", said)
    assert (one.breach.newest_entry, one.audit) == (two.breach.newest_entry, two.audit)


def test_a_partner_tells_and_learns_nothing_of_what_follows(
    service: Service, officer: Peer
) -> None:
    carrier = service.partner("swift-parcel")
    answer = opened(carrier, times=[when("detection", NOW)])
    assert not answer.obligations
    seen = ask(officer, "GetBreach", pb.GetBreachRequest(breach_id=answer.breach.breach_id))
    assert (seen.breach.source, seen.breach.reported_by) == (
        pb.BREACH_SOURCE_PARTNER, "swift-parcel",
    )  # fmt: skip
    asked = pb.GetBreachRequest(breach_id=answer.breach.breach_id)
    assert refusal(lambda: ask(carrier, "GetBreach", asked)) == "ROLE_MISSING"


def test_a_drill_is_marked_and_apart(officer: Peer) -> None:
    drill = opened(officer, drill=True).breach
    assert drill.drill
    listed = ask(officer, "ListBreaches", pb.ListBreachesRequest(page_size=1000)).breaches
    assert drill.breach_id not in {one.breach_id for one in listed}
    with_drills = pb.ListBreachesRequest(page_size=1000, drills=True)
    assert drill.breach_id in {
        one.breach_id for one in ask(officer, "ListBreaches", with_drills).breaches
    }


def test_what_does_not_fit_is_shown_or_refused(officer: Peer) -> None:
    breach = opened(officer).breach.breach_id
    odd = say(officer, breach, time=when("detection", NOW - timedelta(minutes=5)))
    assert odd.breach.doubts == ["awareness is said to be before detection"]
    ahead = when("handled", NOW + timedelta(days=1))
    assert refusal(lambda: say(officer, breach, time=ahead)) == "REQUEST_INVALID"
    assert refusal(lambda: say(officer, breach, time=when("lunch", NOW))) == "REQUEST_INVALID"
    mars = pb.FactsStatement(residents={"MARS": pb.PeopleCount(number=1)})
    assert refusal(lambda: say(officer, breach, facts=mars)) == "PLACE_UNKNOWN"
    done = pb.TaskDoneStatement(task_id="none")
    assert refusal(lambda: say(officer, breach, task_done=done)) == "REQUEST_INVALID"
    filing = pb.FilingStatement(rule_id="eu-gdpr.99", at=stamp(NOW), channel="portal")
    assert refusal(lambda: say(officer, breach, filing=filing)) == "RULE_NOT_FOUND"
    assert refusal(lambda: assess(officer, breach, {"risk": False}, method="edpb")) == (
        "REQUEST_INVALID"
    )
    assert refusal(lambda: say(officer, "breach-none", facts=pb.FactsStatement())) == (
        "BREACH_NOT_FOUND"
    )
    named = "List about maria@mail.example sent to the wrong carrier"
    with pytest.raises(grpc.RpcError) as caught:
        opened(officer, title=named)
    info = error_info(caught.value)
    assert info is not None
    assert info.metadata["where"] == "EMAIL_ADDRESS at characters 12 to 29"
    assert refusal(lambda: opened(officer, title="A list \u202etsil")) == "REQUEST_INVALID"


def test_that_there_was_no_breach_is_documented_and_may_turn_out_wrong(officer: Peer) -> None:
    breach = opened(officer).breach.breach_id
    none = pb.ClosingStatement(causes="the list was a test file", no_breach=True)
    closed = say(officer, breach, closing=none)
    assert closed.breach.state == pb.BREACH_STATE_NO_BREACH
    facts = pb.FactsStatement(encrypted=False)
    assert refusal(lambda: say(officer, breach, facts=facts)) == "BREACH_CLOSED"
    again = say(officer, breach, reopening=pb.ReopeningStatement(reasons="it was not"))
    assert again.breach.state == pb.BREACH_STATE_OPEN


def test_law_enforcement_holds_the_clock_of_notices_to_people(officer: Peer) -> None:
    breach = opened(officer, seats=["US-TX"], times=[when("determination", NOW)]).breach.breach_id
    people = pb.FactsStatement(residents={"US-TX": pb.PeopleCount(number=900)})
    say(officer, breach, facts=people)
    pause = {"pause_id": "law_enforcement", "start": stamp(NOW), "asked_by": "FBI", "written": True}
    held = say(officer, breach, pause=pb.PauseStatement(**pause))
    assert rules(held)["us-tx.individuals"] == pb.OBLIGATION_STATUS_HELD
    until = stamp(NOW + timedelta(days=90))
    freed = say(officer, breach, pause=pb.PauseStatement(**pause, until=until))
    (notice,) = (one for one in freed.obligations if one.rule_id == "us-tx.individuals")
    assert notice.conservative_due_time == until
