"""What a change would have done, whether a contract still is right, and its end: on a service."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from privacy_service.v1 import governance_pb2 as pb
from tests.service.conftest import Peer, Service
from tests.service.test_breaches import refusal
from tests.service.test_changing import Deal, activate, decide, propose, with_note
from tests.service.test_suspension import ask, resume, run, suspend

MAIL = json.dumps({"order_id": "SO-1", "note": "write to maria@mail.example"})


@pytest.fixture
def deal(service: Service) -> Deal:
    return Deal(service)


def shifts(one: pb.ContractProposal) -> dict[tuple[str, str], int]:
    return {(shift.before, shift.after): shift.count for shift in one.impact.shifts}


def test_the_impact_says_what_can_be_judged_and_what_not(deal: Deal) -> None:
    weaker = propose(deal.shop, with_note(deal.source))
    decide(deal.officer, weaker)
    activate(deal.shop, weaker)
    for payload in (MAIL, MAIL, '{"order_id": "SO-1"}'):
        deal.shop.transfer(payload, purpose=deal.purpose)
    source = with_note(deal.source)
    refuses = propose(deal.shop, f"{source}entities: {{EMAIL_ADDRESS: refuse}}\n")
    assert refuses.impact.decisions == 3
    assert shifts(refuses) == {("ALLOW", "ALLOW"): 1, ("TREATED", "REFUSE"): 2}
    waits = propose(deal.shop, f"{source}review: {{entities: [EMAIL_ADDRESS]}}\n")
    assert shifts(waits) == {("ALLOW", "ALLOW"): 1, ("TREATED", "HOLD"): 2}
    fields = propose(deal.shop, source.replace("{path: $.note}", "{path: $.note, treatment: hash}"))
    assert shifts(fields) == {("ALLOW", ""): 1, ("TREATED", ""): 2}
    assert [one.why for one in fields.impact.unjudged] == [
        "which fields a payload had is not kept (fields:$.note)"
    ]
    kept = propose(
        deal.shop, source.replace("title: Orders", "title: Orders\nstorage: sealed-copy")
    )
    assert shifts(kept) == {("ALLOW", "ALLOW"): 1, ("TREATED", "TREATED"): 2}


def test_a_packet_is_recertified_as_it_was_looked_at(service: Service, tmp_path: Any) -> None:
    deal = Deal(service, governance="approval: weakening, recertify: P365D")
    deal.send()
    page = tmp_path / "packet.html"
    seen = run(service, "officer", "packet", deal.id, "--out", str(page))
    assert seen["packet"]["outcomes"] == {"TREATED": 1}
    assert seen["packet"]["trend"][-1]["released"] == 1
    assert deal.id in page.read_text()
    said = [deal.id, "--as-of", seen["as_of"], "--reason", "as agreed", "--digest"]
    done = run(service, "second-officer", "recertify", *said, seen["digest"])
    assert done["steps"][0]["kind"] == "recertified"
    assert done["due_time"] < done["lapse_time"]
    other = {
        "contract_id": deal.id, "as_of": {"seconds": 1}, "digest": "sha256:" + "0" * 64,
        "reason": "r", "request_id": str(uuid.uuid4()),
    }  # fmt: skip
    assert refusal(lambda: ask(deal.second, "RecertifyContract", **other)) == "PACKET_DIFFERS"


def test_who_wrote_it_does_not_recertify_it(service: Service, deal: Deal) -> None:
    one = propose(deal.officer, deal.source.replace("title: Orders", "title: All orders"))
    activate(deal.officer, one)
    packet = ask(deal.officer, "GetRecertificationPacket", contract_id=deal.id)
    said = {
        "contract_id": deal.id, "as_of": packet.as_of, "digest": packet.digest, "reason": "r",
        "request_id": str(uuid.uuid4()),
    }  # fmt: skip
    assert refusal(lambda: ask(deal.officer, "RecertifyContract", **said)) == "SECOND_PERSON_NEEDED"
    assert ask(deal.second, "RecertifyContract", **said).course.steps[0].kind == "recertified"


def retire(peer: Peer, contract: str) -> Any:
    said = {"contract_id": contract, "reason": "we part", "request_id": str(uuid.uuid4())}
    return ask(peer, "RetireContract", **said)


def test_the_end_of_a_contract_and_what_proves_it(service: Service) -> None:
    deal = Deal(service)
    deal.shop.put_contract(
        deal.source.replace("title: Orders", "title: Orders\nretention: {ours: P30D}")
    )
    deal.send()
    assert refusal(lambda: retire(deal.second, deal.id)) == "CONTRACT_NOT_SUSPENDED"
    suspend(deal.officer, deal.id)
    assert refusal(lambda: retire(deal.officer, deal.id)) == "SECOND_PERSON_NEEDED"
    assert refusal(lambda: retire(deal.shop, deal.id)) == "ROLE_MISSING"
    assert retire(deal.second, deal.id).course.retirement.reason == "we part"
    assert refusal(deal.send) == "CONTRACT_RETIRED"
    assert refusal(lambda: resume(deal.second, deal.id)) == "CONTRACT_RETIRED"
    again = deal.source.replace("title: Orders", "title: Orders\nretention: {ours: P1D}")
    assert refusal(lambda: deal.shop.put_contract(again)) == "CONTRACT_RETIRED"
    left = ask(deal.shop, "GetDecommissioning", contract_id=deal.id)
    assert not left.complete
    assert [(one.recipient, one.disclosures, one.notice_state) for one in left.given] == [
        ("swift-parcel", 1, "")
    ]
