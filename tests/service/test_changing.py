"""A contract that is changed: proposed, approved, tried on a share, in force, and taken back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.contracts.dpv import covers, purposes
from privacy_service.v1 import answer_pb2, enforcement_pb2
from privacy_service.v1 import governance_pb2 as pb
from tests.service.conftest import Peer, Service
from tests.service.test_breaches import refusal
from tests.service.test_suspension import ask, run, suspended

GOVERNED = """apiVersion: privacy-service/v1
kind: SharingContract
id: {id}
title: Orders
party: {{partner: other-shop, role: controller, region: DE}}
counterparty: {{partner: swift-parcel, role: processor, region: DE}}
direction: outbound
purposes: ["{purpose}"]
legal_basis: eu-gdpr:A6-1-b
effective: {{from: 2026-01-01}}
governance: {{{governance}}}
fields: [{fields}]
examples:
  - name: an order
    content_type: application/json
    payload: '{{"order_id": "SO-1", "note": "ring twice"}}'
    output: '{{"order_id": "SO-1"}}'
"""
ORDER = json.dumps({"order_id": "SO-1", "note": "ring twice"})
OUTPUT = """    output: '{"order_id": "SO-1"}'\n"""
NUMBER, NOTE = "{path: $.order_id, type: identifier}", "{path: $.note}"
NOTE_SHOWN = """
  - name: an order with a note
    content_type: application/json
    payload: '{"order_id": "SO-1", "note": "ring twice"}'
    effect: ALLOW
"""
# One for each deal, and none of them covers another.
# What contracts of other files, in the same service, are for.
USED = (
    "dpv:CustomerCare", "dpv:PaymentManagement", "dpv:TargetedAdvertising", "dpv:DeliveryOfGoods",
    "dpv:SellDataToThirdParties", "dpv:CustomerClaimsManagement",
)  # fmt: skip
PURPOSES = iter(
    f"dpv:{leaf.removeprefix('dpv:')}"
    for leaf in sorted(purposes())
    if not any(covers(leaf, other) for other in purposes() if other != leaf)
    and not any(covers(used, leaf) for used in USED)
    and not covers(leaf, "dpv:DeliveryOfGoods")
)


def contract(id: str, purpose: str, *fields: str, governance: str = "approval: weakening") -> str:  # noqa: A002
    return GOVERNED.format(
        id=id, purpose=purpose, governance=governance, fields=", ".join(fields or (NUMBER,))
    )


def with_note(source: str) -> str:
    """The contract with the note permitted, which weakens it, and its example stated anew."""
    fields = source.replace(f"fields: [{NUMBER}]", f"fields: [{NUMBER}, {NOTE}]")
    return fields.replace(
        """    output: '{"order_id": "SO-1"}'\n""", f"    effect: ALLOW{NOTE_SHOWN}"
    )


def propose(peer: Peer, source: str, **more: Any) -> pb.ContractProposal:
    said = {"source": source, "reason": "the carrier asks", "request_id": str(uuid.uuid4())}
    return ask(peer, "ProposeContract", **(said | more)).proposal


def decide(peer: Peer, one: pb.ContractProposal, **more: Any) -> pb.ContractProposal:
    said = {
        "contract_id": one.contract_id, "version": one.version, "digest": one.digest,
        "decision": pb.PROPOSAL_DECISION_APPROVE, "reason": "looked at",
        "request_id": str(uuid.uuid4()),
    }  # fmt: skip
    return ask(peer, "DecideProposal", **(said | more)).proposal


def activate(peer: Peer, one: pb.ContractProposal, **more: Any) -> pb.ContractCourse:
    said = {
        "contract_id": one.contract_id,
        "version": one.version,
        "request_id": str(uuid.uuid4()),
    }
    return ask(peer, "ActivateContract", **(said | more)).course


def rollback(peer: Peer, contract_id: str, **more: Any) -> pb.ContractCourse:
    said = {"contract_id": contract_id, "reason": "notes lost", "request_id": str(uuid.uuid4())}
    return ask(peer, "RollBackContract", **(said | more)).course


class Deal:
    """A contract of other-shop's with a purpose of its own, in force."""

    def __init__(self, service: Service, *, governance: str = "approval: weakening") -> None:
        self.shop, self.carrier = service.partner("other-shop"), service.partner("swift-parcel")
        self.officer, self.second = service.person("officer"), service.person("second-officer")
        self.purpose = next(PURPOSES)
        self.id = f"other-shop-{self.purpose.removeprefix('dpv:').lower()}"
        self.source = contract(self.id, self.purpose, governance=governance)
        first = propose(self.shop, self.source)
        decide(self.officer, first)
        if "both" in governance:
            decide(self.carrier, first)
        activate(self.shop, first)

    def send(self, **more: Any) -> answer_pb2.TransferResult:
        return self.shop.transfer(ORDER, purpose=self.purpose, **more)

    def version(self, **more: Any) -> int:
        """The version that decided a transfer."""
        return self.send(**more).contracts[0].contract.version


@pytest.fixture
def deal(service: Service) -> Deal:
    return Deal(service)


def test_a_weakening_takes_somebody_else_and_is_then_in_force(deal: Deal) -> None:
    weaker = with_note(deal.source)
    assert refusal(lambda: deal.shop.put_contract(weaker)) == "CONTRACT_NEEDS_PROPOSAL"
    one = propose(deal.shop, weaker)
    assert one.state == pb.CONTRACT_VERSION_STATE_PROPOSED
    ways = {change.path: change.way for change in one.changes}
    assert ways == {"fields:$.note": pb.CHANGE_WAY_WEAKENS, "examples": pb.CHANGE_WAY_NEUTRAL}
    assert list(one.lacks) == ["approval for other-shop"]
    assert refusal(lambda: activate(deal.shop, one)) == "CONTRACT_NOT_READY"
    assert refusal(lambda: decide(deal.shop, one)) == "SECOND_PERSON_NEEDED"
    assert deal.version() == 1
    assert decide(deal.officer, one).state == pb.CONTRACT_VERSION_STATE_APPROVED
    course = activate(deal.shop, one)
    assert (course.version, course.rollback_version) == (2, 1)
    assert [each.state for each in course.proposals] == [
        pb.CONTRACT_VERSION_STATE_ACTIVE, pb.CONTRACT_VERSION_STATE_SUPERSEDED,
    ]  # fmt: skip
    assert deal.send().payload.decode() == ORDER
    assert [step.kind for step in course.steps] == [
        "activated", "approved", "proposed", "activated", "approved", "proposed",
    ]  # fmt: skip


def test_a_tightening_is_put_at_once(deal: Deal) -> None:
    tighter = deal.source.replace("title: Orders", "title: Orders\nunknown_fields: refuse").replace(
        OUTPUT, "    effect: REFUSE\n"
    )
    assert deal.shop.put_contract(tighter).version == 2
    assert deal.version() == 2
    assert rollback(deal.officer, deal.id).version == 1


def test_both_sides_approve_where_the_contract_says_so(service: Service) -> None:
    deal = Deal(service, governance="approval: always, approvers: both")
    one = propose(deal.shop, deal.source.replace("title: Orders", "title: All orders"))
    assert list(one.waits_for) == ["other-shop", "swift-parcel"]
    decide(deal.officer, one)
    assert refusal(lambda: activate(deal.shop, one)) == "CONTRACT_NOT_READY"
    assert refusal(lambda: activate(deal.carrier, one)) == "NOT_YOUR_PARTNER"
    assert decide(deal.carrier, one).state == pb.CONTRACT_VERSION_STATE_APPROVED
    assert activate(deal.shop, one).version == 2


def test_a_change_is_announced_for_its_notice(service: Service) -> None:
    deal = Deal(service)  # without notice, so that it can be made in a test
    noticed = deal.source.replace("approval: weakening", "approval: weakening, notice: P14D")
    deal.shop.put_contract(noticed)
    one = propose(deal.shop, noticed.replace("title: Orders", "title: All orders"))
    assert one.state == pb.CONTRACT_VERSION_STATE_APPROVED  # neutral: nobody has to approve
    assert "notice" in one.lacks[0]
    assert refusal(lambda: activate(deal.shop, one)) == "CONTRACT_NOT_READY"
    assert refusal(lambda: deal.shop.put_contract(noticed + "review_by: 2027-01-01\n")) == (
        "CONTRACT_NEEDS_PROPOSAL"
    )
    soon = stamp(datetime.now(UTC) + timedelta(days=13))
    assert refusal(lambda: activate(deal.shop, one, at=soon)) == "CONTRACT_NOT_READY"
    late = stamp(datetime.now(UTC) + timedelta(days=15))
    course = activate(deal.shop, one, at=late)
    assert (course.version, course.plan.version, course.plan.at) == (2, 3, late)
    assert rollback(deal.officer, deal.id).version == 2  # the plan alone is dropped


def stamp(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made


def test_examples_that_come_out_otherwise_stand_in_the_way(deal: Deal) -> None:
    silent = deal.source.replace(f"[{NUMBER}]", f"[{NUMBER}, {NOTE}]")
    one = propose(deal.shop, silent)
    assert list(one.failed_examples) == ["an order"]
    renamed = propose(deal.shop, silent.partition("examples:")[0])
    assert list(renamed.regressed_examples) == ["an order"]
    decide(deal.officer, renamed)
    assert refusal(lambda: activate(deal.shop, renamed)) == "CONTRACT_NOT_READY"


def test_a_canary_takes_its_share_and_one_person_meets_one_version(deal: Deal) -> None:
    one = propose(deal.shop, with_note(deal.source))
    decide(deal.officer, one)
    assert activate(deal.shop, one, canary_percent=50).canary.percent == 50
    people = [f"c{n}@mail.example" for n in range(12)]

    def met(person: str) -> int:
        named = [enforcement_pb2.SubjectRef(type="email", value=person)]
        return deal.version(subjects=named)

    first = [met(person) for person in people]
    assert set(first) == {1, 2}
    assert [met(person) for person in people] == first
    grown = activate(deal.shop, one, canary_percent=80)
    assert grown.canary.percent == 80
    later = [met(person) for person in people]
    assert all(now == 2 for was, now in zip(first, later, strict=True) if was == 2)
    assert rollback(deal.shop, deal.id).version == 1
    assert {met(person) for person in people} == {1}
    assert rollback(deal.officer, deal.id).version == 1  # once more changes nothing
    assert {met(person) for person in people} == {1}


def test_a_rollback_is_one_command_and_goes_back_once(deal: Deal) -> None:
    one = propose(deal.shop, with_note(deal.source))
    decide(deal.officer, one)
    activate(deal.shop, one)
    request_id = str(uuid.uuid4())
    assert rollback(deal.officer, deal.id, request_id=request_id).version == 1
    assert rollback(deal.officer, deal.id, request_id=request_id).version == 1
    assert rollback(deal.second, deal.id).version == 1
    assert deal.version() == 1
    again = propose(deal.shop, with_note(deal.source))
    assert again.version == one.version  # the same terms are the same version
    assert list(again.lacks) == ["approval for other-shop"]


def test_the_way_back_that_weakens_takes_an_officer(deal: Deal) -> None:
    tighter = deal.source.replace("title: Orders", "title: Orders\nunknown_fields: refuse")
    deal.shop.put_contract(tighter)
    assert refusal(lambda: rollback(deal.shop, deal.id)) == "OFFICER_NEEDED"
    assert rollback(deal.officer, deal.id).version == 1


def test_a_draft_asks_nobody_and_what_was_compared_with_another_is_stale(deal: Deal) -> None:
    draft = propose(deal.shop, with_note(deal.source), draft=True)
    assert draft.state == pb.CONTRACT_VERSION_STATE_DRAFT
    assert refusal(lambda: decide(deal.officer, draft)) == "PROPOSAL_NOT_OPEN"
    assert refusal(lambda: activate(deal.shop, draft)) == "CONTRACT_NOT_READY"
    proposed = propose(deal.officer, with_note(deal.source))
    assert proposed.version == draft.version
    assert len(proposed.authors) == 2
    assert refusal(lambda: decide(deal.officer, proposed)) == "SECOND_PERSON_NEEDED"
    decide(deal.second, proposed)
    deal.shop.put_contract(deal.source.replace("title: Orders", "title: Orders, all"))
    assert refusal(lambda: activate(deal.shop, proposed)) == "CONTRACT_NOT_READY"
    stranger: Callable[[], object] = lambda: propose(deal.carrier, deal.source)  # noqa: E731
    assert refusal(stranger) == "NOT_YOUR_PARTNER"


def test_what_waits_for_somebody_is_one_list(service: Service, deal: Deal) -> None:
    one = propose(deal.shop, with_note(deal.source))

    def listed(peer: Peer, **more: Any) -> list[tuple[str, int]]:
        found, token = [], ""
        while True:
            page = ask(peer, "ListProposals", page_size=1, page_token=token, **more)
            found += [(each.contract_id, each.version) for each in page.proposals]
            token = page.next_page_token
            if not token:
                return found

    own = (one.contract_id, one.version)
    assert own in listed(deal.officer)
    assert own in listed(service.person("auditor"), partner="swift-parcel")
    assert own in listed(deal.carrier)
    assert listed(service.partner("acme-shop"), partner="acme-shop") == listed(
        deal.officer, partner="acme-shop"
    )
    assert own not in listed(service.partner("acme-shop"))
    theirs: Callable[[], object] = lambda: listed(deal.shop, partner="acme-shop")  # noqa: E731
    assert refusal(theirs) == "NOT_YOUR_PARTNER"
    tighter = deal.source.replace("title: Orders", "title: Orders\nunknown_fields: refuse").replace(
        OUTPUT, "    effect: REFUSE\n"
    )
    deal.shop.put_contract(tighter)  # another version has overtaken it
    assert own not in listed(deal.officer)
    rejected = propose(deal.shop, with_note(deal.source))
    decide(deal.officer, rejected, decision=pb.PROPOSAL_DECISION_REJECT)
    assert (rejected.contract_id, rejected.version) not in listed(deal.officer)


def test_what_is_rejected_is_not_tried_any_more(deal: Deal) -> None:
    one = propose(deal.shop, with_note(deal.source))
    other: Callable[[], object] = lambda: decide(deal.officer, one, digest="sha256:" + "0" * 64)  # noqa: E731
    assert refusal(other) == "PROPOSAL_DIFFERS"
    decide(deal.officer, one)
    activate(deal.shop, one, canary_percent=99)
    rejected = decide(deal.carrier, one, decision=pb.PROPOSAL_DECISION_REJECT)
    assert rejected.state == pb.CONTRACT_VERSION_STATE_REJECTED
    assert deal.version() == 1
    assert refusal(lambda: activate(deal.shop, one)) == "CONTRACT_NOT_READY"


def test_on_the_command_line(service: Service, deal: Deal, tmp_path: Any) -> None:
    file = tmp_path / "weaker.yaml"
    file.write_text(with_note(deal.source))
    one = run(service, "officer", "propose", str(file), "--reason", "the carrier asks")
    seen = run(service, "auditor", "proposal", deal.id, str(one["version"]))
    assert seen["lacks"] == ["approval for other-shop"]
    assert run(service, "auditor", "proposals", "--partner", "other-shop")[-1]["lacks"]
    said = [deal.id, "2", "--digest", one["digest"][:24], "--reason", "looked at"]
    assert run(service, "second-officer", "approve", *said)["state"].endswith("APPROVED")
    assert run(service, "officer", "activate", deal.id, "2", "--canary", "5")["canary"] == {
        "version": 2, "percent": 5,
    }  # fmt: skip
    assert run(service, "officer", "activate", deal.id, "2")["version"] == 2
    assert run(service, "officer", "rollback", deal.id, "--reason", "lost")["version"] == 1
    with suspended(service, deal.id):
        assert refusal(deal.send) == "CONTRACT_SUSPENDED"


def test_a_behavior_contract_is_changed_alike(service: Service) -> None:
    shop, officer = service.partner("other-shop"), service.person("officer")
    source = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: other-shop-drafts
title: Drafts of letters
party: other-shop
provider: drafts-ai
effective: {from: 2026-01-01}
governance: {approval: weakening}
expectations:
  - {id: short, length: {unit: words, most: 50}, otherwise: refuse}
examples:
  - {name: a short one, content: Dear customer, outcome: ACCEPTED}
"""
    first = propose(shop, source)
    decide(officer, first)
    assert activate(shop, first).kind == pb.CONTRACT_KIND_BEHAVIOR
    one = propose(shop, source.replace("most: 50", "most: 80"))
    assert [(each.path, each.way) for each in one.changes] == [
        ("expectations:short.most", pb.CHANGE_WAY_WEAKENS)
    ]
    decide(officer, one)
    assert activate(shop, one, canary_percent=10).canary.version == 2
    assert rollback(shop, "other-shop-drafts").version == 1
    counted = "{unit: tokens, tokenizer: nobodys, most: 80}"
    unknown = source.replace("{unit: words, most: 50}", counted)
    assert refusal(lambda: propose(shop, unknown)) == "CONTRACT_INVALID"
