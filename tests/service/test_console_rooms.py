"""The console's rooms for contracts, AI answers, keys and consents, before a real service."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from privacy_service.console.asking import Ask
from privacy_service.console.pages import Console
from privacy_service.console.room import Visit
from privacy_service.console.rooms import recipients
from privacy_service.console.times import Times
from privacy_service.v1 import (
    behavior_pb2,
    behavior_pb2_grpc,
    consent_pb2,
    governance_pb2,
    governance_pb2_grpc,
    records_pb2,
)
from retention.jobs.play import JOB as PLAY
from retention.workplace import Workplace
from tests.retention.erasures import Plain
from tests.service.browsing import Browser, token, words
from tests.service.conftest import Peer, Service
from tests.service.test_consent import OFFERS, customer, offer, ref, said, withdraw
from tests.service.test_recorded_cases import HELD, decided
from tests.service.test_shadows import seen, start, stop

BEHAVIOR = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: console-answers
title: Answers that the console shows
party: other-shop
provider: helpdesk-ai
effective: {from: 2026-01-01}
scope:
  success:
    - {id: helps, says: People get an answer, signal: acceptance_rate, at_least: 0.9, over: P7D}
expectations:
  - id: short
    length: {unit: words, most: 20}
    otherwise: {ask-again: Be brief.}
  - id: no-promises
    wording: {forbid: [guaranteed]}
    otherwise: refuse
    severity: high
failure_modes:
  - id: promises
    category: other
    severity: high
    when: "'no-promises' in broken"
    symptoms: It promises what nobody may.
    playbook: stop-it
  - id: gets-worse
    category: drift
    severity: medium
    over: {last: PT1H, least: 1000}
    when: "violation_rate > 0.5"
    playbook: stop-it
playbooks:
  - id: stop-it
    title: It is stopped until somebody has looked
    targets: {contain: PT1M, resolve: P5D}
    steps:
      - answer: refuse
      - halt: {}
      - task: {kind: rule, title: Write a rule against it, owner: Care}
        within: P3D
monitor:
  objectives: [{id: kept, good: kept, share: 0.9, over: P28D}]
examples:
  - {name: a short answer, content: It is on its way., outcome: ACCEPTED}
"""


@pytest.fixture
def officer(first_officer: Browser) -> Browser:
    return first_officer


@pytest.fixture
def second(second_officer: Browser) -> Browser:
    return second_officer


@pytest.fixture
def shop(service: Service) -> Peer:
    return service.partner("other-shop")


def behavior(name: str, provider: str) -> str:
    """The contract under another name: a party has one in force for each provider."""
    return BEHAVIOR.replace("console-answers", name).replace("helpdesk-ai", provider)


def put(shop: Peer, source: str) -> None:
    request = behavior_pb2.PutBehaviorContractRequest(source=source, request_id=str(uuid.uuid4()))
    behavior_pb2_grpc.BehaviorServiceStub(shop.channel).PutBehaviorContract(request, timeout=20)


def checked(shop: Peer, answer: str) -> behavior_pb2.CheckResult:
    request = behavior_pb2.CheckOutputRequest(
        party="other-shop", provider="model-c", content_type="text/plain",
        content=answer.encode(), request_id=str(uuid.uuid4()),
    )  # fmt: skip
    return (
        behavior_pb2_grpc.BehaviorServiceStub(shop.channel).CheckOutput(request, timeout=20).result
    )


def propose(shop: Peer, source: str) -> governance_pb2.ContractProposal:
    request = governance_pb2.ProposeContractRequest(
        source=source, reason="customers ask for more", request_id=str(uuid.uuid4())
    )
    return (
        governance_pb2_grpc.GovernanceServiceStub(shop.channel)
        .ProposeContract(request, timeout=30)
        .proposal
    )


def test_a_proposal_is_seen_approved_activated_and_taken_back(
    officer: Browser, second: Browser, shop: Peer
) -> None:
    source = behavior("console-course", "model-a")
    put(shop, source)
    page = officer.go("/contracts/console-course")
    assert "Version 1 is in force." in words(page)
    longer = source.replace("most: 20", "most: 40")
    page = officer.press(
        page, "propose-contract", source=longer, reason="longer ones are asked for"
    )
    version = "/contracts/console-course/versions/2"
    assert officer.path == version
    assert "It would weaken it, and cannot be in force yet. It lacks: approval for other-shop" in (
        words(page)
    )
    assert "expectations:short.most" in words(page)
    page = officer.press(page, "start-shadow", percent="50", reason="to see what it does")
    assert "judges 50 % of requests" in words(page)
    page = officer.press(page, "stop-shadow", reason="seen enough")
    assert "judged 50 % of requests" in words(page)
    mine = officer.press(page, "approve-proposal", reason="looks good")
    assert officer.status == 422
    assert "SECOND_PERSON_NEEDED" in words(mine)
    assert "approve or reject it, for other-shop" in words(second.go("/"))
    page = second.press(second.go(version), "approve-proposal", reason="as asked for")
    assert "Approved." in words(page)
    assert "It lacks nothing: it can be activated." in words(page)
    page = second.press(page, "activate-contract")
    assert "It is in force." in words(page)
    assert "Version 2 is in force." in words(page)
    page = second.press(page, "roll-back", reason="too long after all")
    assert "It is rolled back." in words(page)
    assert "Version 1 is in force." in words(page)


def test_what_a_proposal_did_before_is_seen_and_accepted(
    service: Service, officer: Browser, second: Browser, shop: Peer
) -> None:
    source = HELD.replace("case-answers", "console-cases").replace("helpdesk-ai", "model-d")
    put(shop, source)
    answer = behavior_pb2.CheckOutputRequest(
        party="other-shop", provider="model-d", content_type="text/plain",
        content=b"It is guaranteed.", request_id=str(uuid.uuid4()), use_case="cases",
    )  # fmt: skip
    checks = behavior_pb2_grpc.BehaviorServiceStub(shop.channel)
    review = checks.CheckOutput(answer, timeout=20).result.review_id
    decided(service.person("officer"), review, approve=True)
    propose(shop, source.replace("otherwise: hold", "otherwise: refuse"))
    start(shop, "console-cases", 2)
    answer.content, answer.request_id = b"It is on its way.", str(uuid.uuid4())
    checks.CheckOutput(answer, timeout=20)
    seen(shop, "console-cases", 1)
    page = second.go("/contracts/console-cases/versions/2")
    assert "Recorded cases: 1 of 1 come out otherwise" in words(page)
    assert "Beside the version in force, without effect" in words(page)
    assert review in page.links
    page = second.press(page, "accept-cases", reason="promises are refused now")
    assert "Approved, and accepted." in words(page)
    assert "promises are refused now" in words(page)
    assert "It lacks nothing: it can be activated." in words(page)
    stop(shop, "console-cases")


def test_the_contracts_of_both_kinds_say_what_they_wait_for(officer: Browser, shop: Peer) -> None:
    source = behavior("console-listed", "model-b")
    put(shop, source)
    propose(shop, source.replace("most: 20", "most: 30"))
    page = officer.go("/contracts")
    assert "console-listed" in page.links
    assert "version 2 is proposed: approval for other-shop" in words(page)
    page = officer.press(
        officer.go("/contracts/console-listed/versions/2"), "reject-proposal", reason="no"
    )
    assert "It is rejected." in words(page)
    page = officer.go("/contracts/console-listed/versions/17")
    assert "PROPOSAL_NOT_FOUND" in words(page)
    assert officer.client.get("/contracts/console-listed/versions/two").status_code == 404


def played(service: Service, run: str) -> None:
    """What the job does of a run by itself."""
    at = service.running
    workplace = Workplace(
        settings=at.settings, clock=at.clock, log=at.log, database=at.database, keyring=at.keyring
    )
    PLAY.work(workplace, run, Plain())


def test_an_ai_partner_that_fails_is_seen_and_let_go_on(
    service: Service, officer: Browser, shop: Peer
) -> None:
    put(shop, behavior("console-answers", "model-c"))
    checked(shop, "It is on its way.")
    checked(shop, "A refund is guaranteed.")
    page = officer.go("/answers")
    assert "console-answers" in page.links
    assert "halted" in words(page)
    page = officer.go("/answers/console-answers")
    assert "It is held up: halted." in words(page)
    for shown in (
        "promises",
        "gets-worse",
        "says nothing with fewer than 1000",
        "kept",
        "90.00%",
        "People get an answer",
    ):
        assert shown in words(page)
    assert re.search("People get an answer.* at least 0.9 .*nothing to tell it by yet", words(page))
    for last in ("1h", "28d", "nonsense"):
        assert "Rates and drift" in words(officer.go(f"/answers/console-answers?last={last}"))
    page = officer.go("/answers/console-answers/failures/promises")
    assert "It promises what nobody may." in words(page)
    assert "Fired 1 times" in words(page)

    page = officer.go("/answers/console-answers")
    run = page.links["stop-it"]
    assert "It waits for a halt to be lifted." in words(officer.go(run))
    played(service, run.rpartition("/")[2])
    page = officer.go(run)
    assert "Write a rule against it" in words(page)
    page = officer.press(page, "complete-task", evidence="change 4711")
    page = officer.press(page, "resume-checks", reason="a rule stands")
    assert "Checks pass again." in words(page)
    page = officer.press(page, "resolve-run", risk="low", says="the rule catches it")
    assert officer.path == run
    assert "It is over. Risk that is left: low." in words(page)
    assert checked(shop, "It is on its way.").outcome == behavior_pb2.OUTCOME_ACCEPTED

    page = officer.go("/answers/console-answers")
    page = officer.press(page, "halt-checks", reason="a drill", minutes="30")
    assert "after 30 min" in words(page)
    page = officer.press(page, "resume-checks", reason="the drill is over")
    assert "Nothing: checks pass." in words(page)
    page = officer.press(page, "start-playbook", playbook="stop-it", reason="a drill")
    assert officer.path.startswith("/runs/")
    page = officer.press(page, "resume-checks", reason="the drill is over")


def kept(service: Service, partner: str, email: str) -> str:
    name = f"console-{uuid.uuid4().hex[:8]}"
    service.partner(partner).records.PutRecord(
        records_pb2.PutRecordRequest(
            partner=partner, record_id=name, content=b"kept",
            content_type="text/plain", subjects=[{"type": "email", "value": email}],
            request_id=str(uuid.uuid4()),
        ),
        timeout=20,
    )  # fmt: skip
    return name


def test_keys_are_looked_after(service: Service, officer: Browser) -> None:
    kept(service, "other-shop", "keys@mail.example")
    page = officer.go("/keys")
    assert "partner/other-shop" in words(page)
    page = officer.press(page, "rotate-key", key="other-shop")
    assert "partner/other-shop is at version" in words(page)
    assert "data keys are under an older version" in words(page)
    form = next(one for one in page.forms if one[""] == "/acts/plan-retire")
    assert form["version"].startswith("other-shop ")
    page = officer.press(page, "plan-retire")
    assert "KEY_SETTLING" in words(page)
    page = officer.press(officer.go("/keys"), "rewrap-keys")
    assert "0 are left." in words(page)
    person = {"partner": "other-shop", "subject": "email=keys@mail.example", "reason": "case 7"}
    page = officer.press(page, "plan-shred", **person)
    assert "records that it seals 1" in words(page)
    page = officer.press(page, "shred-key")
    assert "Shredded; a tombstone stands." in words(page)
    page = officer.press(page, "report-exposed", key="partner/nobody", reason="in a bucket")
    assert "KEY_NOT_KNOWN" in words(page)
    page = officer.press(page, "report-exposed", key="partner/other-shop#1", reason="in a bucket")
    assert officer.path.startswith("/breaches/")
    assert "Reported to be exposed: partner/other-shop." in words(officer.go("/keys"))
    form = {"causes": "a drill", "none": "yes"}
    officer.press(page, "close-breach", **form)
    assert "Reported to be exposed: partner/other-shop." not in words(officer.go("/keys"))


TERMS = consent_pb2.ConsentTerms(
    notice="https://shop.example/notice", language="en", purposes=["dpv:Marketing"],
    recipients=["swift-parcel"], personal_data=["EMAIL_ADDRESS"],
    controllers=[
        consent_pb2.ConsentParty(
            party_id="other-shop", name="Other", address="Berlin", contact="privacy@other.example",
            type="company",
        )
    ],
    collection_method="a form", storage_locations=["DE"], retention_period="P2Y",
    jurisdiction="DE", withdrawal_method="a link in every mail",
)  # fmt: skip


def test_a_consent_is_found_by_the_person_and_withdrawn(officer: Browser, shop: Peer) -> None:
    shop.consents.RecordConsent(
        consent_pb2.RecordConsentRequest(
            partner="other-shop", record_id="console/1", terms=TERMS,
            subjects=[{"type": "email", "value": "consent@mail.example"}],
            event=consent_pb2.ConsentEvent(state=consent_pb2.CONSENT_STATE_GIVEN, valid_for="P1Y"),
            request_id=str(uuid.uuid4()),
        ),
        timeout=20,
    )  # fmt: skip
    page = officer.press(
        officer.go("/consents"), "find-consents", subject="email=consent@mail.example"
    )
    assert officer.path == "/acts/find-consents"
    assert "1 of 1 records permit something now." in words(page)
    page = officer.go(page.links["console/1"])
    assert "It permits dpv:Marketing, to swift-parcel." in words(page)
    assert "consent@mail.example" not in page.text
    officer.press(page, "save-consent")
    assert officer.last is not None
    assert officer.last.json()
    page = officer.press(
        page, "copy-consent", new="console/2", subjects="email=consent-2@mail.example"
    )
    assert officer.path == "/consents/other-shop/console/2"
    page = officer.press(page, "withdraw-consent")
    assert "It permits nothing: it is withdrawn." in words(page)
    page = officer.press(page, "say-consent", state="deferred")
    assert officer.status == 422
    page = officer.press(page, "say-consent", state="given")
    assert "It permits dpv:Marketing" in words(page)
    page = officer.press(
        officer.go("/consents"), "find-consents", subject="email=consent-2@mail.example"
    )
    page = officer.press(page, "withdraw-all")
    assert "Withdrawn: console/2." in words(page)


SCHEDULE = """apiVersion: privacy-service/v1
kind: RetentionSchedule
id: console-notes
title: Notes, for the console
covers: {partner: other-shop, records: "content_type = text/csv"}
trigger: collection
at_most: P10Y
action: erase
zone: Europe/Berlin
authority: {citation: "own policy", source: "https://shop.example/policy"}
owner: care
review_by: 2027-06-30
effective: {from: 2026-01-01}
"""


def test_a_schedule_is_put_and_changed_and_a_record_explained(
    service: Service, officer: Browser
) -> None:
    page = officer.press(officer.go("/retention"), "put-schedule", source=SCHEDULE)
    assert officer.path == "/schedules/console-notes", words(page)
    assert "at most P10Y; then: erase." in words(page)
    page = officer.press(page, "put-schedule", source=SCHEDULE.replace("P10Y", "P9Y"))
    assert "It is version 2." in words(page)
    page = officer.press(page, "put-schedule", source="kind: nothing")
    assert officer.status == 422
    record = kept(service, "other-shop", "explained@mail.example")
    page = officer.press(
        officer.go("/retention"), "explain-record", partner="other-shop", record=record
    )
    assert "It may stay at most until" in words(page)
    page = officer.press(page, "explain-record", partner="other-shop", record="none-such")
    assert officer.status == 422


def test_recipients_are_followed_until_they_have_confirmed(
    service: Service, acme: Peer, console: Console, officer: Browser
) -> None:
    names = [customer() for _ in range(2)]
    for name in names:
        said(acme, name)
        acme.transfer(offer(name), **OFFERS)
        withdraw(acme, subject=ref(name))
    page = officer.go("/recipients")
    assert "none is overdue" in words(page)
    page = officer.go(page.links["helpdesk-ai"])
    assert officer.path == "/recipients/helpdesk-ai"
    assert "consent withdrawn" in words(page)
    later = Times(ZoneInfo("UTC"), lambda: datetime.now(UTC) + timedelta(days=60))
    late = recipients.listed(Visit(Ask(console.channel, token(service)), later, {}))
    assert late.lead is not None
    assert "are overdue: call helpdesk-ai." in late.lead.text
    page = officer.press(page, "confirm-notice")
    assert "Confirmed." in words(page)
    page = officer.press(page, "excuse-notice", code="LEGAL_CLAIM")
    assert "Excused." in words(page)
    assert "officer@demo.example" in words(officer.go("/recipients?settled=1"))
    page = officer.press(
        officer.go("/recipients/helpdesk-ai"), "put-address", email="privacy@helpdesk.example"
    )
    assert "It is told that way from now on." in words(page)
    officer.press(page, "put-address")
