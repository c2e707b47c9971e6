"""The console as officers and auditors meet it: pages and forms, before a real service."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.commands.client import Connection
from privacy_service.console.pages import Console, drawn
from privacy_service.console.sessions import Sessions
from privacy_service.console.times import Times
from privacy_service.records.hpke import new_recipient_key
from privacy_service.subjects.notices import Channel, Concerns, Notice, NoticeKind, NoticeState
from privacy_service.v1 import answer_pb2, records_pb2
from tests.service.browsing import Browser, Hands, Shown, served, token, words
from tests.service.conftest import Peer, Service
from tests.service.test_held_checks import BEHAVIOR, SHARING, put
from tests.service.test_held_checks import held as held_check
from tests.service.test_reviews import CONTRACT, LETTER, PURPOSE


@pytest.fixture
def officer(first_officer: Browser) -> Browser:
    return first_officer


@pytest.fixture
def second(second_officer: Browser) -> Browser:
    return second_officer


# -- Signing in ---------------------------------------------------------------------------------


def test_nothing_is_shown_before_signing_in(browser: Callable[[], Browser]) -> None:
    visitor = browser()
    for path in ("/", "/requests", "/reviews/x", "/ledger"):
        page = visitor.go(path)
        assert visitor.path == "/sign-in"
        assert "Your token" in words(page)


def test_a_token_that_the_service_refuses_signs_nobody_in(browser: Callable[[], Browser]) -> None:
    visitor = browser()
    for wrong in ("nonsense", "a.b.c", "ü" * 40):
        page = visitor.sign_in(wrong)
        assert visitor.status == 403
        assert "Not signed in" in words(page)
    visitor.go("/")
    assert visitor.path == "/sign-in"


def test_signing_in_leads_to_what_waits(service: Service, browser: Callable[[], Browser]) -> None:
    at = browser()
    page = at.sign_in(token(service))
    assert at.path == "/"
    for part in ("What is due", "In the way of checks", "Quarantined partners", "Legal holds"):
        assert part in words(page)
    (cookie,) = at.client.cookies.jar
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"


def test_the_link_of_who_started_it_works_once(
    service: Service, console: Console, browser: Callable[[], Browser]
) -> None:
    console.start["once"] = token(service)
    at, another = browser(), browser()
    at.go("/start/once")
    assert at.path == "/"
    another.go("/start/once")
    assert another.path == "/sign-in"


def test_a_session_ends(officer: Browser, clock: Hands) -> None:
    clock.ahead = timedelta(minutes=29)
    officer.go("/")
    assert officer.path == "/"
    clock.ahead = timedelta(minutes=60)
    officer.go("/")
    assert officer.path == "/sign-in"


def test_signing_out(officer: Browser) -> None:
    page = officer.go("/")
    form = next(one for one in page.forms if one[""] == "/sign-out")
    officer.client.post("/sign-out", data={"_secret": form["_secret"]})
    officer.go("/")
    assert officer.path == "/sign-in"


# -- What a hostile page or address can do ------------------------------------------------------


def test_a_form_of_another_page_does_nothing(officer: Browser, second: Browser) -> None:
    page = second.go("/protections")
    form = next(one for one in page.forms if one[""] == "/acts/quarantine")
    answer = officer.client.post(form.pop(""), data=form | {"partner": "other-shop"})
    assert answer.status_code == 403
    cross = officer.client.post(
        "/acts/quarantine", data=form, headers={"sec-fetch-site": "cross-site"}
    )
    assert cross.status_code == 403


def test_answers_forbid_scripts_frames_and_keeping(officer: Browser) -> None:
    officer.go("/")
    assert officer.last is not None
    policy = officer.last.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert officer.last.headers["cache-control"] == "no-store"
    assert "<script" not in officer.last.text


def test_other_hosts_and_other_sites_are_not_gone_to(officer: Browser) -> None:
    assert officer.client.get("/", headers={"host": "evil.example"}).status_code == 400
    for href in ("//evil.example", "https://evil.example", "/\\evil.example"):
        page = officer.client.get("/sign-in", params={"next": href})
        assert "evil.example" not in page.text


@pytest.mark.parametrize("path", ["/nowhere", "/requests/../../etc", "/acts/nothing"])
def test_what_is_not_there(officer: Browser, path: str) -> None:
    assert officer.client.get(path).status_code in (404, 405)


def test_what_somebody_wrote_is_never_mark_up(officer: Browser) -> None:
    page = officer.go("/breaches")
    officer.press(page, "open-breach", title='<b>it\'s "gone"</b> & more', drill="yes")
    assert officer.last is not None
    assert "<b>it" not in officer.last.text
    assert "&lt;b&gt;it&#39;s" in officer.last.text


# -- The day of an officer ----------------------------------------------------------------------


def test_a_request_from_receipt_to_receipt(service: Service, officer: Browser, acme: Peer) -> None:
    page = officer.go("/requests")
    page = officer.press(
        page, "submit-request", kind="restriction", subjects="email=console@mail.example"
    )
    assert "Received." in words(page)
    assert "state received" in words(page)
    assert "why then" in words(page)
    page = officer.press(page, "identify", file=b"a passport", level="high")
    assert "identity high" in words(page)
    page = officer.press(page, "extend", code="COMPLEXITY")
    assert "Done." in words(page)
    page = officer.press(page, "start")
    assert "Done." in words(page)
    assert "console@mail.example" not in words(page)


def test_who_has_not_confirmed_is_called_to_mind(service: Service, officer: Browser) -> None:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    told = Notice(
        id="notice-console", request_id="", recipient="swift-parcel", kind=NoticeKind.ERASURE,
        concerns=Concerns(), state=NoticeState.TOLD, channel=Channel.PULL, attempts=3,
        next_at=at, deadline=at, made_at=at, told_at=at,
    )  # fmt: skip
    service.running.database.commit(lambda tx: tx.notices.add(told.escalated()))
    told_of = words(officer.go("/recipients"))
    assert "are overdue: call swift-parcel." in told_of
    assert re.search("swift-parcel erasure notice-console .* escalated", told_of)
    assert "swift-parcel: erasure notice-console" in words(officer.go("/"))
    done = told.escalated().confirmed(by="swift-parcel", at=at)
    service.running.database.commit(lambda tx: tx.notices.keep(done))
    assert "notice-console" not in words(officer.go("/"))


def test_a_rectification_is_looked_at_before_it_is_done(service: Service, officer: Browser) -> None:
    service.partner("acme-shop").records.PutRecord(
        records_pb2.PutRecordRequest(
            partner="acme-shop", record_id="console-2", content_type="application/json",
            content=b'{"phone": "+49 30 901820"}', request_id=str(uuid.uuid4()),
            subjects=[{"type": "email", "value": "console-2@mail.example"}],
        ),
        timeout=20,
    )  # fmt: skip
    page = officer.press(
        officer.go("/requests"), "submit-request", kind="rectification",
        subjects="email=console-2@mail.example", regime="us-ccpa", place="US-CA",
    )  # fmt: skip
    request = officer.path
    assert re.search(r"tell it came by \w+ 20", words(page))
    page = officer.press(page, "acknowledge")
    assert not re.search(r"tell it came by \w+ 20", words(page))
    page = officer.press(page, "ask-person", code="IDENTITY_REQUIRED")
    assert "The person was asked, and has not answered" in words(page)
    page = officer.press(page, "answered")
    page = officer.press(page, "identify", file=b"a passport", level="high")
    assert not any(one[""] == "/acts/start" for one in page.forms)
    page = officer.press(
        page, "add-correction", partner="acme-shop", field="$.phone",
        was="+49 30 901820", value="+49 30 901899",
    )  # fmt: skip
    assert "1 fields would change" in words(page)
    assert "901899" not in str(officer.last.url if officer.last else "")
    page = officer.press(page, "add-statement", partner="acme-shop", text="It came back unread.")
    assert "It came back unread." in words(page)
    page = officer.press(page, "correct")
    assert officer.path == request
    assert "It is being corrected." in words(page)
    assert "901899" not in page.text


def test_an_access_is_given_to_a_key(officer: Browser) -> None:
    page = officer.press(
        officer.go("/requests"), "submit-request", kind="access",
        subjects="email=console-3@mail.example",
    )  # fmt: skip
    page = officer.press(page, "identify", file=b"a passport", level="high")
    page = officer.press(page, "disclose", key=new_recipient_key(os.urandom).public)
    assert "nothing: a job does it" in words(page).lower()


def test_what_is_refused_is_said_beside_what_was_written(officer: Browser) -> None:
    page = officer.press(
        officer.go("/requests"), "submit-request", kind="erasure", subjects="no equals sign"
    )
    assert officer.status == 422
    assert "INPUT_UNCLEAR" in words(page)
    form = next(one for one in page.forms if one[""] == "/acts/submit-request")
    assert form["subjects"] == "no equals sign"
    page = officer.press(page, "submit-request", subjects="email=a@b.example", regime="mars")
    assert officer.status == 422
    assert "INPUT_UNCLEAR" not in words(page)


def test_a_form_that_is_sent_twice_acts_once(officer: Browser) -> None:
    page = officer.go("/requests")
    first = officer.press(page, "submit-request", subjects="email=twice@mail.example")
    path = officer.path
    officer.press(page, "submit-request", subjects="email=twice@mail.example")
    assert officer.path == path
    assert "Received." in words(first)


def held(shop: Peer, letter: object = LETTER) -> str:
    result = shop.transfer(json.dumps(letter), purpose=PURPOSE)
    assert result.decision.effect == answer_pb2.EFFECT_HOLD
    return str(result.review_id)


@pytest.fixture
def shop(service: Service) -> Peer:
    peer = service.partner("other-shop")
    peer.put_contract(CONTRACT)
    return peer


def test_a_review_is_decided_by_what_was_seen(officer: Browser, shop: Peer) -> None:
    review = held(shop)
    assert review in officer.go("/reviews").links
    page = officer.go(f"/reviews/{review}")
    assert "536-90-4399" not in page.text
    page = officer.press(page, "open-review", reason="case 17")
    assert "536-90-4399" in page.text
    assert "maria@mail.example" not in page.text
    page = officer.press(page, "approve-review", note="as agreed")
    assert "It is approved." in words(page)
    page = officer.go(f"/reviews/{review}")
    assert "state approved" in words(page)
    page = officer.press(page, "pin-case", reason="as it has to be")
    assert "Kept as a case until" in words(page)
    assert review in officer.go("/contracts/other-shop-care").links
    page = officer.press(officer.go(f"/reviews/{review}"), "unpin-case", reason="not any more")
    assert "It goes as other reviews do." in words(page)


def test_a_review_of_somebody_else_is_taken_over_first(
    officer: Browser, second: Browser, shop: Peer
) -> None:
    review = held(shop)
    page = officer.go(f"/reviews/{review}")
    officer.press(page, "assign-review", to="officer@demo.example")
    assert review in officer.go("/reviews?whose=mine").links.get(review, "")
    assert review not in words(officer.go("/reviews?kind=sample"))
    page = second.go(f"/reviews/{review}")
    assert "officer@demo.example decides it." in words(page)
    seen = second.press(page, "open-review", reason="case 20")
    second.press(seen, "approve-review", note="as agreed")
    assert second.status == 422
    assert "REVIEW_ASSIGNED" in words(Shown(second.last.text if second.last else ""))
    page = second.press(page, "assign-review", where="to=second-officer@demo.example", reason="ill")
    assert "It is yours to decide." in words(page)
    page = second.press(seen, "approve-review", note="as agreed")
    assert "It is approved." in words(page)


def test_a_review_that_is_changed_waits_again(officer: Browser, shop: Peer) -> None:
    review = held(shop)
    page = officer.press(officer.go(f"/reviews/{review}"), "open-review", reason="case 18")
    changed = json.dumps(LETTER).replace("536-90-4399", "(withheld)")
    page = officer.press(page, "edit-review", text=changed)
    assert "Open it again" in words(page)
    page = officer.press(page, "open-review", reason="case 18")
    assert "(withheld)" in page.text
    page = officer.press(page, "reject-review", note="not needed")
    assert "It is rejected." in words(page)


def test_an_answer_of_a_model_is_decided_with_what_it_was_asked(
    service: Service, officer: Browser
) -> None:
    peer = service.partner("other-shop")
    peer.put_contract(SHARING)
    put(peer, BEHAVIOR)
    review = held_check(peer)
    page = officer.go("/reviews")
    assert "output" in words(page)
    page = officer.press(officer.go(page.links[review]), "open-review", reason="case 19")
    assert "A refund is guaranteed." in page.text
    assert "no-promises" in words(page)
    assert "May I send it back?" in page.text
    page = officer.press(page, "reject-review", code="wrong-fact", note="no such promise")
    assert "It is rejected." in words(page)


def test_a_breach_shows_its_clocks_and_gives_its_drafts(officer: Browser) -> None:
    at = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%d %H:%M}"
    page = officer.press(
        officer.go("/breaches"),
        "open-breach",
        title="A list went to the wrong partner",
        awareness=at,
        evidence="ticket 4711",
        drill="yes",
    )
    breach = officer.path
    assert "Opened." in words(page)
    assert "DRILL" in words(page)
    page = officer.press(page, "state-people", number="1200", residents="DE=1200", evidence="count")
    assert "Stated." in words(page)
    assert "eu-gdpr.33-1" in words(page)
    assert "in 2 d" in words(page) or "in 70 h" in words(page)
    answers = {
        f"factor-{name}": "as in the ticket"
        for name in ("type", "data", "identification", "severity", "people", "controller", "number")
    }
    page = officer.press(
        page, "assess-edpb", **answers, **{"decided-risk": "yes"}, decider="dpo", reasons="a list"
    )
    assert "Stated." in words(page)
    held = {"pause": "law_enforcement", "asked": "the police", "written": "yes"}
    page = officer.press(page, "state-pause", at=at, **held)
    assert "asked by: the police" in words(page)
    page = officer.press(page, "state-extension", at=at, extension="no_such", reasons="scope")
    assert officer.status == 422
    page = officer.press(officer.go(breach), "state-pause", at=at, until=at, **held)
    page = officer.press(
        page, "state-task", task="call", title="Call them", owner="dpo", due="2999-01-01"
    )
    page = officer.press(page, "task-done", task="call", says="called")
    assert "Stated." in words(page)
    page = officer.press(
        page, "draft-notice", rule="eu-gdpr.33-1|DE", contents="dpo=dpo@acme.example"
    )
    assert "Drafted." in words(page)
    officer.press(page, "print-notice")
    assert officer.last is not None
    assert officer.last.content.startswith(b"%PDF")


def test_two_officers_do_not_talk_past_each_other(officer: Browser, second: Browser) -> None:
    page = officer.press(officer.go("/breaches"), "open-breach", title="Both at once", drill="yes")
    other = second.go(officer.path)
    said = {"name": "suspicion", "at": "2026-11-01 10:00", "evidence": "a call"}
    officer.press(page, "state-time", **said)
    other = second.press(other, "state-time", **said)
    assert second.status == 422
    assert "BREACH_CHANGED" in words(other)
    page = officer.press(officer.go(officer.path), "close-breach", causes="a drill")
    assert "BREACH_NOT_SETTLED" in words(page)
    page = officer.press(page, "close-breach", causes="a drill", none="yes")
    assert "state no breach" in words(page)


def test_a_partner_is_stopped_by_one_and_let_go_by_two(officer: Browser, second: Browser) -> None:
    page = officer.press(
        officer.go("/protections"), "quarantine", partner="helpdesk-ai", reason="it leaks"
    )
    assert "Stopped, on every machine." in words(page)
    mine = next(
        href for text, href in page.links.items() if href.startswith("/quarantines/") and text
    )
    page = officer.press(officer.go(mine), "propose-release", reason="mended")
    page = officer.press(page, "confirm-release")
    assert officer.status == 422
    assert "SECOND_PERSON_NEEDED" in words(page)
    page = second.press(second.go(mine), "confirm-release")
    assert "Lifted." in words(page)


def test_a_contract_is_read_and_stopped(officer: Browser, second: Browser, shop: Peer) -> None:
    page = officer.go("/contracts")
    page = officer.go(page.links["other-shop-care"])
    assert "kind: SharingContract" in page.text
    page = officer.press(page, "suspend-contract", reason="wrong list")
    assert "Suspended." in words(page)
    page = second.press(second.go("/contracts/other-shop-care"), "resume-contract", reason="mended")
    assert "It goes on." in words(page)


def test_a_sweep_is_planned_before_it_runs(officer: Browser) -> None:
    page = officer.press(officer.go("/retention"), "plan-sweep")
    assert "The plan is being made" in words(page)
    assert officer.path.startswith("/sweeps/")


def test_a_hold_is_placed(officer: Browser) -> None:
    page = officer.press(
        officer.go("/protections"),
        "place-hold",
        subjects="email=held@mail.example",
        matter="LG-1",
        reason="suit",
        approver="counsel",
        review="2999-01-01",
    )
    assert "Held." in words(page)
    assert "held@mail.example" not in words(page)


def test_the_ledger_answers_and_evidence_is_saved(officer: Browser) -> None:
    page = officer.press(officer.go("/ledger"), "find-disclosures", partner="swift-parcel")
    assert "Disclosures" in words(page)
    officer.press(officer.go("/ledger"), "export-evidence", partner="swift-parcel")
    assert officer.last is not None
    assert officer.last.content.startswith(b"PK")
    page = officer.press(officer.go("/ledger"), "export-evidence")
    assert officer.status == 422


def test_an_auditor_looks_and_decides_nothing(
    service: Service, browser: Callable[[], Browser], shop: Peer
) -> None:
    auditor = browser()
    auditor.sign_in(token(service, "auditor"))
    review = held(shop)
    page = auditor.press(auditor.go(f"/reviews/{review}"), "open-review", reason="curious")
    assert auditor.status == 422
    assert "ROLE_MISSING" in words(page)


def test_a_service_that_is_gone_is_said_in_each_part(clock: Hands) -> None:
    with Connection(address="127.0.0.1:1").open() as channel:
        pages = Console(
            channel=channel,
            sessions=Sessions(now=clock, draw=drawn),
            times=Times(ZoneInfo("UTC"), clock),
            hosts=["127.0.0.1"],
            secure=False,
        )
        session = pages.sessions.begin("a.b.c")
        with served(pages.application()) as address, httpx.Client(base_url=address) as client:
            client.cookies.set("privacy-console", session.key, domain="127.0.0.1")
            at = Browser(client)
            page = at.go("/")
            assert at.status == 200
            assert words(page).count("UNAVAILABLE") == 9
            page = at.press(at.go("/requests"), "submit-request", subjects="email=a@b.example")
            assert at.status == 422
            assert "UNAVAILABLE" in words(page)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("--listen", "0.0.0.0:8450"), "--tls-cert"),
        (("--listen", "8450"), "host:port"),
        (("--zone", "Mars/Base"), "zone"),
    ],
)
def test_what_would_not_be_safe_is_not_served(said: tuple[str, ...], told: str) -> None:
    answer = CliRunner().invoke(app, ["console", *said])
    assert answer.exit_code == 2
    assert told in answer.output
