"""What waits for a person, when machines die: nothing is lost, and nothing is released twice.

A story is told on a real database: something is held, looked at, decided, collected. The machine
dies at each commit of it, before it and after it, and what is in memory dies with it; then another
machine goes on, and everybody repeats the call that was not answered, with the same request id.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import grpc
import pytest

from privacy_service.access import Caller, Role
from privacy_service.app.desks import open_desks
from privacy_service.behavior.model import Outcome, Side
from privacy_service.behavior.request import CheckRequest
from privacy_service.behavior.subject import Company
from privacy_service.clock import SteppedClock
from privacy_service.desks.ports.behavior import PutBehavior
from privacy_service.desks.ports.contracts import PutContract
from privacy_service.desks.ports.desks import Desks
from privacy_service.desks.ports.reviews import (
    CollectCheck,
    DecideReview,
    EditReview,
    OpenReview,
)
from privacy_service.enforcement.request import TransferRequest
from privacy_service.errors import PrivacyError
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.reviews.review import ReviewState
from privacy_service.settings import Settings
from privacy_service.store.database import Database
from privacy_service.v1 import behavior_pb2, behavior_pb2_grpc, reviews_pb2, reviews_pb2_grpc
from tests.faults.odd_service import Odd
from tests.faults.proofs import disclosures
from tests.faults.served import Served, served
from tests.stores.databases import NOW, migrated_url

SHARING = """apiVersion: privacy-service/v1
kind: SharingContract
id: care
title: What customers write and are told
party: {partner: acme, role: controller, region: DE}
counterparty: {partner: parrot, role: processor, region: DE}
direction: both
purposes: ["dpv:CustomerCare"]
legal_basis: eu-gdpr:A6-1-b
effective: {from: 2026-01-01}
fields: [{path: $}]
entities: {EMAIL_ADDRESS: tokenize}
review: {entities: [EMAIL_ADDRESS]}
"""
BEHAVIOR = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: answers
title: Answers
party: acme
provider: parrot
effective: {from: 2026-01-01}
personal_data_purpose: dpv:CustomerCare
expectations: [{id: no-promises, wording: {forbid: [guaranteed]}, otherwise: hold}]
"""
ACME = Caller(name="acme", partner="acme", roles=frozenset({Role.PARTNER}))
OFFICER = Caller(name="ann", partner=None, roles=frozenset({Role.OFFICER}))
TEXT, EDITED = b"Guaranteed. Write to maria@mail.example.", b"Write to peter@mail.example."


class Died(BaseException):
    """What is in memory is gone."""


def request_id(name: str) -> str:
    return str(uuid5(NAMESPACE_DNS, name))


@dataclass
class Story:
    """What is held, how it ends, and what was seen of it so far."""

    what: str
    end: str
    review_id: str = ""
    seen: str = ""
    shown: bytes = b""
    got: list[tuple[str, bytes | None]] = field(default_factory=list)

    @property
    def steps(self) -> list[Callable[[Desks], None]]:
        decided = {
            "approve": [self.open, self.approve],
            "edit": [self.open, self.edit, self.open, self.approve],
            "reject": [self.open, self.reject],
        }
        return [self.hold, *decided[self.end], self.collect, self.collect]

    def hold(self, desks: Desks) -> None:
        if self.what == "transfer":
            sent = TransferRequest(
                sender="acme", recipient="parrot", purpose="dpv:CustomerCare",
                content_type="text/plain", payload=TEXT, request_id=request_id("hold"),
            )  # fmt: skip
            self.review_id = desks.enforcement.transfer(ACME, sent, seconds=9).review_id or ""
            return
        asked = CheckRequest(
            side=Side.OUTPUT, party="acme", provider="parrot", content_type="text/plain",
            content=TEXT, company=Company(prompt="May I?"), request_id=request_id("hold"),
        )  # fmt: skip
        answer = desks.behavior.check(ACME, asked, seconds=9)
        assert answer.outcome is Outcome.HELD
        self.review_id = answer.review_id or ""

    def open(self, desks: Desks) -> None:
        asked = OpenReview(review_id=self.review_id, reason="queue")
        opened = desks.reviews.open_review(OFFICER, asked, seconds=9)
        self.seen, self.shown = opened.review.seen, opened.payload

    def approve(self, desks: Desks) -> None:
        desks.reviews.approve_review(OFFICER, self._decision("approve"), seconds=9)

    def reject(self, desks: Desks) -> None:
        desks.reviews.reject_review(OFFICER, self._decision("reject"), seconds=9)

    def edit(self, desks: Desks) -> None:
        edit = EditReview(
            review_id=self.review_id, seen=self.seen, payload=EDITED, request_id=request_id("edit")
        )
        desks.reviews.edit_review(OFFICER, edit, seconds=9)

    def collect(self, desks: Desks) -> None:
        if self.what == "transfer":
            try:
                answer = desks.reviews.collect_review(ACME, self.review_id, seconds=9)
            except PrivacyError as error:
                self.got.append((error.reason.code, None))
            else:
                self.got.append(("released", answer.payload))
            return
        asked = CollectCheck(review_id=self.review_id)
        check = desks.reviews.collect_check(ACME, asked, seconds=9)
        self.got.append((check.outcome.value, check.content))

    def _decision(self, name: str) -> DecideReview:
        return DecideReview(
            review_id=self.review_id, seen=self.seen, note="fine", request_id=request_id(name)
        )


@dataclass
class House:
    """One database and keyring, on which machines come and go."""

    url: str
    folder: Path
    clock: SteppedClock = field(default_factory=lambda: SteppedClock(NOW))

    @contextmanager
    def machine(self, *, dies_at: int = 0, after: bool = False) -> Iterator[tuple[Desks, Any]]:
        """A machine that dies at its commit number `dies_at`, before or after it is made."""
        path = self.folder / "keyring.json"
        make = FileKeyring.open if path.exists() else FileKeyring.create
        keyring = make(path, random=os.urandom, clock=self.clock)
        with Database.open(self.url, clock=self.clock) as database:
            commits = _counted(database, dies_at, after)
            yield open_desks(Settings.model_construct(), self.clock, keyring, database, Odd()), (
                database, commits,
            )  # fmt: skip


def _counted(database: Database, dies_at: int, after: bool) -> list[int]:
    """Counts the commits of a machine; at `dies_at` it stops answering for good."""
    engine = database._engines.writing
    commit, made = engine.dialect.do_commit, list[int]()

    def do_commit(connection: Any) -> None:
        made.append(1)
        if dies_at and len(made) == dies_at and after:
            commit(connection)
        if dies_at and len(made) >= dies_at:
            raise OSError("the machine is gone")
        commit(connection)

    engine.dialect.do_commit = do_commit
    return made


def tell(house: House, story: Story, dies_at: int, *, after: bool) -> int:
    """Tells the story to its end. How many commits the first machine made."""
    steps, made = story.steps, 0
    done = 0
    with house.machine(dies_at=dies_at, after=after) as (desks, (_database, commits)):
        for step in steps:
            try:
                step(desks)
            except (PrivacyError, OSError):
                break  # unanswered: whoever asked repeats it elsewhere
            done += 1
        made = len(commits)
    if done < len(steps):
        with house.machine() as (desks, _):
            for step in steps[done:]:
                step(desks)
    return made


def require_once(house: House, story: Story) -> None:
    """It came to its end: released exactly as it was seen, once, or not at all."""
    with house.machine() as (_desks, (database, _)), database.reading() as view:
        review = view.reviews.get(story.review_id)
        entries = [one.entry for one in view.audit.entries(0, 1000)]
        released = view.disclosures.at(range(len(entries)))
    effects = [
        one for one in entries
        if one.action == "ReviewService/ApproveReview" and one.outcome in ("TREATED", "ALLOW")
    ]  # fmt: skip
    if story.end == "reject":
        assert review.state is ReviewState.REJECTED
        assert not effects
        assert not released
        assert {word for word, _content in story.got} <= {"REVIEW_REFUSED", "REFUSED"}
        return
    assert review.state is ReviewState.APPROVED
    assert len(effects) == len(released) == 1
    assert released[0].position == review.position
    assert story.got == [story.got[0]] * 2
    assert story.got[0][1] == story.shown
    assert story.shown.startswith(b"Write" if story.end == "edit" else b"Guaranteed")


def house_of(kind: str, folder: Path) -> House:
    folder.mkdir(mode=0o700)
    house = House(migrated_url(kind, folder), folder)
    with house.machine() as (desks, _):
        desks.contracts.put_contract(
            ACME, PutContract(source=SHARING, request_id=request_id("a")), seconds=9
        )
        desks.behavior.put_behavior_contract(
            ACME, PutBehavior(source=BEHAVIOR, request_id=request_id("b")), seconds=9
        )
    return house


@pytest.mark.parametrize(
    ("kind", "what", "end"),
    [
        ("sqlite", "transfer", "approve"),
        ("sqlite", "transfer", "reject"),
        ("sqlite", "check", "edit"),
        ("postgresql", "check", "approve"),
    ],
)
def test_a_machine_may_die_at_any_commit(tmp_path: Path, kind: str, what: str, end: str) -> None:
    for dies_at in range(1, 40):
        for after in (False, True):
            house = house_of(kind, tmp_path / f"{dies_at}-{after}")
            story = Story(what, end)
            made = tell(house, story, dies_at, after=after)
            require_once(house, story)
        if made < dies_at:
            break  # each commit has had its turn
    assert made >= 6


def test_what_nobody_decides_ends_as_the_contract_says(tmp_path: Path, kind: str) -> None:
    house = house_of(kind, tmp_path / "house")
    story = Story("check", "approve")
    with house.machine() as (desks, _):
        story.hold(desks)
        story.open(desks)
        house.clock.step(timedelta(days=1, seconds=1))
        with pytest.raises(PrivacyError) as late:
            story.approve(desks)
        assert late.value.reason.code == "REVIEW_DECIDED"
        story.collect(desks)
    assert story.got == [("REFUSED", None)]


def test_a_killed_service_releases_once_what_it_held(tmp_path: Path) -> None:
    """kill -9 of a whole service, while many are held, looked at, approved and collected."""
    chance = random.Random(20261126)
    with served(tmp_path) as one:
        shop = one.partner("other-shop")
        shop.put_contract(SHARING.replace("acme", "other-shop").replace("parrot", "helpdesk-ai"))
        put = behavior_pb2.PutBehaviorContractRequest(
            source=BEHAVIOR.replace("acme", "other-shop").replace("parrot", "helpdesk-ai"),
            request_id=request_id("put"),
        )
        behavior_pb2_grpc.BehaviorServiceStub(shop.channel).PutBehaviorContract(put, timeout=10)
        with ThreadPoolExecutor(4) as crowd:
            told = [crowd.submit(_through, one, f"story {number}") for number in range(8)]
            for _ in range(2):
                time.sleep(chance.uniform(0.3, 1.2))
                one.kill()
                one.start()
            contents = [story.result(timeout=120) for story in told]
        assert all(content.startswith(b"Guaranteed. Write to tok_") for content in contents)
        assert len(list(disclosures(one.person("auditor")))) == len(contents)


def _through(one: Served, name: str) -> bytes:
    """One story, with the calls that were not answered repeated under their ids."""

    def asked(call: Callable[[], Any]) -> Any:
        while True:
            try:
                return call()
            except grpc.RpcError as error:
                if error.code() not in (
                    grpc.StatusCode.UNAVAILABLE,
                    grpc.StatusCode.DEADLINE_EXCEEDED,
                    grpc.StatusCode.CANCELLED,
                ):
                    raise
                time.sleep(0.1)

    shop, officer = one.partner("other-shop"), one.person("officer")
    reviews = reviews_pb2_grpc.ReviewServiceStub(officer.channel)
    check = behavior_pb2.CheckOutputRequest(
        party="other-shop", provider="helpdesk-ai", content_type="text/plain", content=TEXT,
        request_id=request_id(f"{name} check"),
    )  # fmt: skip
    judge = behavior_pb2_grpc.BehaviorServiceStub(shop.channel)
    review_id = asked(lambda: judge.CheckOutput(check, timeout=10)).result.review_id
    look = reviews_pb2.OpenReviewRequest(review_id=review_id, reason="queue")
    seen = asked(lambda: reviews.OpenReview(look, timeout=10, metadata=officer.metadata)).seen
    approve = reviews_pb2.ApproveReviewRequest(
        review_id=review_id, seen=seen, note="fine", request_id=request_id(f"{name} approve")
    )
    asked(lambda: reviews.ApproveReview(approve, timeout=10, metadata=officer.metadata))
    mine = reviews_pb2_grpc.ReviewServiceStub(shop.channel)
    collect = reviews_pb2.CollectCheckRequest(review_id=review_id)
    content: bytes = asked(lambda: mine.CollectCheck(collect, timeout=10)).result.content
    return content
