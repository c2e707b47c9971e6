"""Outputs that are checked while they come, through a whole service."""

from __future__ import annotations

import json
import queue
import time
import uuid
from pathlib import Path
from typing import Any

import grpc
import pytest

from privacy_service.v1 import audit_pb2
from privacy_service.v1 import behavior_pb2 as pb
from privacy_service.v1 import behavior_pb2_grpc as pb_grpc
from tests.service.conftest import Peer, Service, reason_of

HELPDESK = Path(__file__).parents[2] / "examples" / "behavior" / "helpdesk-answers.yaml"
PARTY, PROVIDER = "swift-parcel", "other-shop"
STREAMING = f"""apiVersion: privacy-service/v1
kind: BehaviorContract
id: streams
title: Answers that stream
party: {PARTY}
provider: {PROVIDER}
effective: {{from: 2026-01-01}}
scope: {{use_cases: [chat, orders]}}
expectations:
  - {{id: promises, wording: {{forbid: [guaranteed, no side effects]}}, otherwise: redact}}
  - {{id: law, topics: {{forbid: [{{name: law, words: [sue them]}}]}}, otherwise: refuse}}
streaming: {{may_break_off: true}}
"""


class Stream:
    """One streamed output, driven step by step."""

    def __init__(self, peer: Peer, timeout: float = 30, **more: Any) -> None:
        given: dict[str, Any] = {
            "party": PARTY,
            "provider": PROVIDER,
            "use_case": "chat",
            "content_type": "text/plain",
            "request_id": str(uuid.uuid4()),
        }
        self.opening = pb.CheckOutputRequest(**(given | more))
        self._parts: queue.Queue[pb.CheckOutputStreamRequest | None] = queue.Queue()
        self.send(opening=self.opening)
        self.call = pb_grpc.BehaviorServiceStub(peer.channel).CheckOutputStream(
            iter(self._parts.get, None), timeout=timeout
        )

    def send(self, **part: Any) -> None:
        self._parts.put(pb.CheckOutputStreamRequest(**part))

    def say(self, text: str) -> None:
        self.send(chunk=text.encode())

    def end(self) -> None:
        self.send(end=pb.OutputEnd())
        self.half_close()

    def half_close(self) -> None:
        self._parts.put(None)

    def next(self) -> pb.CheckOutputStreamResponse:
        answer: pb.CheckOutputStreamResponse = next(self.call)
        return answer

    def rest(self) -> tuple[bytes, pb.StreamEnded]:
        """What else is released, and the end."""
        answers = list(self.call)
        assert answers[-1].HasField("ended")
        return b"".join(one.released for one in answers), answers[-1].ended


@pytest.fixture(scope="module")
def carrier(service: Service) -> Peer:
    peer = service.partner(PARTY)
    put(peer, STREAMING)
    return peer


def put(peer: Peer, source: str) -> None:
    request = pb.PutBehaviorContractRequest(source=source, request_id=str(uuid.uuid4()))
    pb_grpc.BehaviorServiceStub(peer.channel).PutBehaviorContract(request, timeout=10)


def entries(service: Service, resource: str) -> list[dict[str, Any]]:
    """The audit entries about one request id."""
    auditor = service.person("auditor")
    found: list[dict[str, Any]] = []
    start = 0
    while True:
        page = auditor.audit.ListEntries(
            audit_pb2.ListEntriesRequest(start_position=start, page_size=1000),
            metadata=auditor.metadata,
            timeout=10,
        ).entries
        if not page:
            return found
        found += [json.loads(one.leaf) for one in page if resource in one.leaf]
        start = page[-1].position + 1


def ended(service: Service, resource: str) -> list[str]:
    """How the attempts with a request id ended, once one has."""
    for _ in range(100):
        outcomes = [one["outcome"] for one in entries(service, resource) if one.get("outcome")]
        if outcomes:
            return outcomes
        time.sleep(0.05)
    return []


def test_what_no_rule_can_touch_goes_out_while_it_comes(service: Service, carrier: Peer) -> None:
    stream = Stream(carrier)
    opened = stream.next().opened
    assert opened.contract.contract_id == "streams"
    assert list(opened.whole) == []
    assert {one.expectation_id: one.words for one in opened.bounds} == {"promises": 3, "law": 2}
    stream.say("It is on its way, and it is ")
    assert stream.next().released == b"It is on its way, and it "
    stream.say("guaranteed to arrive. ")
    stream.say("Good bye to you all.")
    stream.end()
    released, end = stream.rest()
    assert not end.take_back
    assert end.result.outcome == pb.OUTCOME_TREATED
    assert end.result.content == (
        b"It is on its way, and it is <REDACTED> to arrive. Good bye to you all."
    )
    assert b"It is on its way, and it " + released == end.result.content
    told = entries(service, stream.opening.request_id)
    assert [one["kind"] for one in told] == ["attempt", "effect"]
    assert told[1]["outcome"] == "TREATED"


def test_it_is_the_same_request_in_one_piece(carrier: Peer) -> None:
    stream = Stream(carrier)
    stream.say("All is well.")
    stream.end()
    _released, end = stream.rest()
    whole = pb.CheckOutputRequest()
    whole.CopyFrom(stream.opening)
    whole.content = b"All is well."
    stub = pb_grpc.BehaviorServiceStub(carrier.channel)
    assert stub.CheckOutput(whole, timeout=10).result == end.result

    again = Stream(carrier, request_id=stream.opening.request_id)
    again.say("All is ")
    again.say("well.")
    again.end()
    assert again.rest() == (b"All is well.", end)

    other = Stream(carrier, request_id=stream.opening.request_id)
    other.say("All is lost.")
    other.end()
    with pytest.raises(grpc.RpcError) as refused:
        list(other.call)
    assert reason_of(refused.value) == "REQUEST_ID_REUSED"


def test_an_output_that_breaks_off_says_so_and_is_taken_back(
    service: Service, carrier: Peer
) -> None:
    stream = Stream(carrier)
    stream.next()
    stream.say("They owe you an answer by now. ")
    assert stream.next().released == b"They owe you an answer by "
    stream.say("You should sue them, and soon. ")
    assert stream.next().HasField("stopped")
    stream.say("Here is how.")
    stream.end()
    released, end = stream.rest()
    assert (released, end.take_back) == (b"", True)
    assert end.result.outcome == pb.OUTCOME_REFUSED
    assert not end.result.HasField("content")
    effect = entries(service, stream.opening.request_id)[1]
    assert (effect["outcome"], effect["reason"]) == ("REFUSED", "law")
    assert effect["payload_out"]


def test_without_an_end_nothing_more_goes_out(service: Service, carrier: Peer) -> None:
    stream = Stream(carrier)
    stream.say("One two three. Four five")
    stream.half_close()
    answers = []
    with pytest.raises(grpc.RpcError) as refused:
        answers += list(stream.call)
    assert reason_of(refused.value) == "OUTPUT_INCOMPLETE"
    assert ended(service, stream.opening.request_id) == ["OUTPUT_INCOMPLETE"]


def test_a_caller_who_leaves_leaves_an_entry(service: Service, carrier: Peer) -> None:
    stream = Stream(carrier)
    stream.next()
    stream.say("One two three four five. ")
    assert stream.next().released
    stream.call.cancel()
    assert ended(service, stream.opening.request_id) == ["OUTPUT_INCOMPLETE"]
    effect = entries(service, stream.opening.request_id)[1]
    assert effect["payload_in"]
    assert effect["payload_out"]


def test_a_deadline_ends_it(service: Service, carrier: Peer) -> None:
    stream = Stream(carrier, timeout=0.7)
    stream.say("One two three four five. ")
    with pytest.raises(grpc.RpcError) as over:
        list(stream.call)
    assert over.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert ended(service, stream.opening.request_id) == ["OUTPUT_INCOMPLETE"]


def test_a_contract_that_is_changed_halfway_lets_nothing_more_out(
    service: Service, carrier: Peer
) -> None:
    stream = Stream(carrier)
    stream.next()
    put(carrier, STREAMING + "owner: somebody else\n")
    time.sleep(1.1)
    stream.say("One two three four five. ")
    with pytest.raises(grpc.RpcError) as refused:
        list(stream.call)
    assert reason_of(refused.value) == "CONTRACT_SUPERSEDED"
    assert ended(service, stream.opening.request_id) == ["CONTRACT_SUPERSEDED"]


@pytest.mark.parametrize(
    ("opening", "parts", "reason"),
    [
        ({}, [{"chunk": b"x" * (1 << 20)}] * 13, "PAYLOAD_TOO_LARGE"),
        ({}, [{"chunk": b"x" * ((1 << 20) + 1)}], "REQUEST_INVALID"),
        ({}, [{}], "REQUEST_INVALID"),
        ({}, [{"opening": pb.CheckOutputRequest(party=PARTY)}], "REQUEST_INVALID"),
        ({}, [{"chunk": b"\xff"}, {"end": pb.OutputEnd()}], "PAYLOAD_NOT_UTF8"),
        ({"content": b"x"}, [], "REQUEST_INVALID"),
        ({"party": "acme-shop"}, [], "NOT_YOUR_PARTNER"),
        ({"use_case": "poetry"}, [], "USE_CASE_NOT_COVERED"),
        ({"request_id": "none"}, [], "REQUEST_INVALID"),
    ],
)
def test_what_cannot_be_judged_ends_it(
    carrier: Peer, opening: dict[str, Any], parts: list[dict[str, Any]], reason: str
) -> None:
    stream = Stream(carrier, **opening)
    for part in parts:
        stream.send(**part)
    with pytest.raises(grpc.RpcError) as refused:
        list(stream.call)
    assert reason_of(refused.value) == reason
    stream.half_close()


def test_under_a_sharing_contract_the_whole_is_held(service: Service) -> None:
    shop = service.partner("other-shop")
    source = HELPDESK.read_text("utf-8").replace("party: acme-shop", "party: other-shop")
    source = source.replace("provider: parrot-ai", "provider: acme-shop")
    put(shop, source.replace("id: helpdesk-answers", "id: held-answers"))
    given = {"party": "other-shop", "provider": "acme-shop", "use_case": "returns"}
    stream = Stream(shop, **given, confidence=0.9)
    assert "personal_data_purpose" in stream.next().opened.whole
    stream.say("word " * 200)
    stream.end()
    released, end = stream.rest()
    assert (released, end.take_back) == (b"", False)
    assert end.result.outcome == pb.OUTCOME_ASK_AGAIN


def test_pieces_of_a_character_are_put_together(carrier: Peer) -> None:
    stream = Stream(carrier)
    for byte in "Grüße aus Köln, und ein schönes Wochenende.".encode():
        stream.send(chunk=bytes([byte]))
    stream.end()
    released, end = stream.rest()
    assert released == end.result.content
    assert released.decode() == "Grüße aus Köln, und ein schönes Wochenende."
