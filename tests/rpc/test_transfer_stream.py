"""TransferStream: each item its own answer, and one bad item never ends the others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.v1 import enforcement_pb2 as pb
from tests.rpc.fakes import treated
from tests.rpc.house import House, call, refusal, refusal_of, transfer

PATH = "/privacy_service.v1.EnforcementService/TransferStream"


def stream(channel: grpc.Channel, items: Iterator[bytes], timeout: float | None = 10.0) -> Any:
    opened = channel.stream_stream(PATH, response_deserializer=pb.TransferStreamResponse.FromString)
    return opened(items, timeout=timeout)


def item(item_id: str, **changes: Any) -> bytes:
    request = pb.TransferStreamRequest(item_id=item_id, request=transfer(**changes))
    return request.SerializeToString()


def raises(error: Exception) -> Any:
    def answer() -> Any:
        raise error

    return answer


def test_bad_items_do_not_end_the_others(house: House) -> None:
    script = house.desks.enforcement.script
    script[b"malformed"] = raises(PrivacyError(errors.PAYLOAD_MALFORMED, position=3))
    script[b"crash"] = raises(LookupError("anna@example.org"))
    items = [
        item("1", payload=b"one"),
        item("2", request_id="none"),
        item("3", payload=b"malformed"),
        item("4", sender="globex", recipient="acme"),
        item("5", payload=b"crash"),
        b"\xff\xff\xff",
        pb.TransferStreamRequest(item_id="7").SerializeToString(),
        item("8", payload=b"eight"),
    ]
    with house.as_partner() as channel:
        answers = list(stream(channel, iter(items)))
    said = [
        (one.item_id, one.WhichOneof("answer"), refusal_of(one.status).reason) for one in answers
    ]
    assert said == [
        ("1", "response", ""),
        ("2", "status", "REQUEST_INVALID"),
        ("3", "status", "PAYLOAD_MALFORMED"),
        ("4", "status", "NOT_YOUR_PARTNER"),
        ("5", "status", "INTERNAL"),
        ("", "status", "REQUEST_INVALID"),
        ("7", "status", "REQUEST_INVALID"),
        ("8", "response", ""),
    ]
    assert answers[0].response.result.payload == b"ONE"
    assert answers[7].response.result.payload == b"EIGHT"
    lines = house.lines("item_answered")[-8:]
    assert [line.get("reason", line["code"]) for line in lines] == [
        "OK", "REQUEST_INVALID", "PAYLOAD_MALFORMED", "NOT_YOUR_PARTNER", "INTERNAL",
        "REQUEST_INVALID", "REQUEST_INVALID", "OK",
    ]  # fmt: skip
    assert "anna" not in str(house.log.entries) + str(answers)
    assert house.lines()[-1]["code"] == "OK"


def test_an_answer_above_the_limit_is_that_items_alone(house: House) -> None:
    def answer() -> Any:
        return treated(transfer(payload=b"x" * (house.bounds.message_bytes + 1)))  # type: ignore[arg-type]

    house.desks.enforcement.script[b"big"] = answer
    items = [item("1", payload=b"big"), item("2", payload=b"two")]
    with house.as_partner() as channel:
        answers = list(stream(channel, iter(items)))
    assert refusal_of(answers[0].status).reason == "RESPONSE_TOO_LARGE"
    assert answers[1].response.result.payload == b"TWO"


def test_items_are_answered_as_they_come(house: House) -> None:
    answered: list[str] = []

    def one_by_one() -> Iterator[bytes]:
        for n in range(3):
            yield item(str(n))
            while len(answered) <= n:  # the next is sent once this one is answered
                time.sleep(0.001)

    with house.as_partner() as channel:
        for answer in stream(channel, one_by_one()):
            answered.append(answer.item_id)  # noqa: PERF401 - the sender looks at it meanwhile
    assert answered == ["0", "1", "2"]


def test_an_empty_stream_is_no_error(house: House) -> None:
    with house.as_partner() as channel:
        assert list(stream(channel, iter(()))) == []


def test_whoever_is_unknown_sends_no_item(house: House) -> None:
    with house.over_tls() as channel, pytest.raises(grpc.RpcError) as error:
        call(channel, "EnforcementService/TransferStream", pb.TransferStreamRequest(item_id="1"))
    assert refusal(error.value).reason == "CALLER_UNKNOWN"


def test_a_stream_that_is_left_frees_its_thread(own_house: House) -> None:
    with own_house.as_partner() as channel:
        for _ in range(own_house.bounds.streams + 2):
            opened = stream(channel, endless(), timeout=None)
            assert next(opened).item_id == "1"
            opened.cancel()
            time.sleep(0.02)
    # A stream that is left is at first no other than one that has ended.
    assert {line["code"] for line in own_house.lines()} <= {"CANCELLED", "OK"}
    assert len(own_house.lines()) == own_house.bounds.streams + 2


def endless() -> Iterator[bytes]:
    yield item("1")
    while True:
        time.sleep(0.01)


def test_items_after_the_deadline_reach_no_desk(own_house: House) -> None:
    with own_house.as_partner() as channel, pytest.raises(grpc.RpcError) as error:
        list(stream(channel, endless(), timeout=0.2))
    assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED  # type: ignore[attr-defined]
    assert len(own_house.desks.enforcement.asked) == 1
