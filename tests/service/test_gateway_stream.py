"""The gateway as Envoy calls it, message by message: what a well-behaved Envoy never sends, too."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from typing import Any

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.gateway.v3 import ext_proc_pb2 as pb
from tests.service.conftest import Peer, Service, reason_of

PATH = "/envoy.service.ext_proc.v3.ExternalProcessor/Process"
SAYS = (
    ("privacy-partner", "acme-shop"),
    ("privacy-counterparty", "swift-parcel"),
    ("privacy-purpose", "dpv:DeliveryOfGoods"),
    ("privacy-request", "transfer"),
    ("privacy-response", "pass"),
)
BODY = json.dumps(
    {"order_id": "SO-7", "note": "Ask Peter Weber, maria@mail.example, Zoë."}
).encode()
HEAD = {":method": "POST", ":path": "/orders", "content-type": "application/json"}
WHOLE, PIECES = pb.BODY_MODE_BUFFERED, pb.BODY_MODE_FULL_DUPLEX_STREAMED


def headers(named: dict[str, str] = HEAD, *, mode: int = WHOLE, **more: Any) -> Any:
    fields = [pb.HeaderValue(key=key, raw_value=value.encode()) for key, value in named.items()]
    return pb.ProcessingRequest(
        request_headers=pb.HttpHeaders(headers=pb.HeaderMap(headers=fields)),
        protocol_config=pb.ProtocolConfiguration(request_body_mode=mode),
        **more,
    )


def body(piece: bytes, *, end: bool = True) -> Any:
    return pb.ProcessingRequest(request_body=pb.HttpBody(body=piece, end_of_stream=end))


TRAILERS = pb.ProcessingRequest(request_trailers=pb.HttpTrailers())


def said(
    peer: Peer, messages: Iterable[Any], metadata: tuple[tuple[str, str], ...] = SAYS
) -> Iterator[pb.ProcessingResponse]:
    process = peer.channel.stream_stream(
        PATH,
        request_serializer=pb.ProcessingRequest.SerializeToString,
        response_deserializer=pb.ProcessingResponse.FromString,
    )
    return process(iter(messages), metadata=metadata + peer.metadata, timeout=20)


def heard(
    peer: Peer, messages: Iterable[Any], metadata: tuple[tuple[str, str], ...] = SAYS
) -> tuple[list[pb.ProcessingResponse], grpc.RpcError]:
    """The answers before the stream failed, and how it did."""
    answers: list[pb.ProcessingResponse] = []
    try:
        for answer in said(peer, messages, metadata):
            answers.append(answer)  # noqa: PERF402 -- what came before the error counts
    except grpc.RpcError as error:
        return answers, error
    raise AssertionError("it ended well")


def refusal(peer: Peer, *messages: Any, **how: Any) -> tuple[int, str, str]:
    """The immediate response's status and reason, and the reason with which the stream failed."""
    answers, error = heard(peer, messages, **how)
    last = answers[-1].immediate_response
    return last.status.code, json.loads(last.body)["reason"], reason_of(error)


def released(answers: Iterable[pb.ProcessingResponse]) -> bytes:
    """The request's body, as it goes on."""
    out = b""
    for answer in answers:
        mutation = answer.request_body.response.body_mutation
        out += mutation.body or mutation.streamed_response.body
    return out


def test_a_refusal_ends_the_stream_with_an_error(acme: Peer) -> None:
    """An Envoy that is told to ignore immediate responses minds an error."""
    card = json.dumps({"note": "4111 1111 1111 1111"}).encode()
    assert refusal(acme, headers(), body(card)) == (403, "ENTITY_REFUSED", "NOT_RELEASED")


@pytest.mark.parametrize("mode", [0, 1, 3, 5, 17])
def test_a_mode_that_does_not_show_all_is_refused_at_the_first_message(
    acme: Peer, mode: int
) -> None:
    assert refusal(acme, headers(mode=mode)) == (500, "BODY_NOT_SHOWN", "BODY_NOT_SHOWN")


def test_an_envoy_that_does_not_wait_is_refused(acme: Peer) -> None:
    first = headers(observability_mode=True)
    assert refusal(acme, first) == (500, "BODY_NOT_SHOWN", "BODY_NOT_SHOWN")


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([pb.ProcessingRequest()], "BODY_NOT_SHOWN"),
        ([body(BODY)], "BODY_NOT_SHOWN"),
        ([headers(), headers()], "EXCHANGE_NOT_COVERED"),
        ([headers(HEAD | {"content-length": "999"}), body(BODY)], "BODY_INCOMPLETE"),
        ([headers(HEAD | {"upgrade": "websocket"})], "EXCHANGE_NOT_COVERED"),
        ([headers({**HEAD, ":method": "CONNECT"})], "EXCHANGE_NOT_COVERED"),
        ([headers(), body(b"a" * (12 * 1024 * 1024 + 1))], "PAYLOAD_TOO_LARGE"),
        ([headers({":method": "POST", ":path": "/"}), body(BODY)], "CONTENT_TYPE_UNKNOWN"),
        (
            [headers(HEAD | {"content-type": "application/grpc"}), body(b"\0\0\0")],
            "BODY_INCOMPLETE",
        ),
        (
            [headers(HEAD | {"content-type": "application/grpc+json"}), body(b"\0\0\0\0\0" * 2)],
            "EXCHANGE_NOT_COVERED",
        ),
        (
            [headers(HEAD | {"content-type": "application/grpc"}), body(b"\0\0\0\0\1a")],
            "ROUTE_INVALID",
        ),
    ],
)
def test_what_does_not_fit_is_refused(acme: Peer, messages: list[Any], reason: str) -> None:
    answers, _error = heard(acme, messages)
    last = answers[-1].immediate_response
    if last.grpc_status.status:
        assert last.body.decode().startswith(reason)
    else:
        assert json.loads(last.body)["reason"] == reason
    assert released(answers) == b""


@pytest.mark.parametrize("mode", [WHOLE, PIECES])
def test_nothing_goes_on_behind_the_end_of_a_body(acme: Peer, mode: int) -> None:
    answers, error = heard(acme, [headers(mode=mode), body(BODY), body(b"more")])
    assert reason_of(error) == "EXCHANGE_NOT_COVERED"
    assert b"more" not in released(answers)


def test_a_body_that_breaks_off_is_never_passed_on(acme: Peer) -> None:
    """The stream may end in the middle: then nothing of the body has gone on."""
    answers = list(said(acme, [headers(mode=PIECES), body(BODY[:9], end=False)]))
    assert answers == []


def test_a_body_may_end_with_trailers(acme: Peer) -> None:
    answers = list(said(acme, [headers(mode=PIECES), body(BODY, end=False), TRAILERS]))
    kinds = [answer.WhichOneof("response") for answer in answers]
    assert kinds == ["request_headers", "request_body", "request_trailers"]
    assert not answers[1].request_body.response.body_mutation.streamed_response.end_of_stream
    assert b"<PERSON>" in released(answers)


def test_a_large_body_goes_on_in_pieces(acme: Peer) -> None:
    order = json.dumps({"items": [{"sku": f"KB-{n}", "quantity": n} for n in range(5000)]}).encode()
    answers = list(said(acme, [headers(mode=PIECES), body(order)]))
    pieces = [
        answer.request_body.response.body_mutation.streamed_response for answer in answers[1:]
    ]
    assert max(len(piece.body) for piece in pieces) == 64 * 1024
    assert [piece.end_of_stream for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert json.loads(released(answers)) == json.loads(order)


@settings(max_examples=12, deadline=None)
@given(st.sets(st.integers(1, len(BODY) - 1), max_size=8))
def test_however_a_body_is_cut_the_same_goes_on(acme: Peer, cuts: set[int]) -> None:
    ends = [0, *sorted(cuts), len(BODY)]
    pieces = [BODY[start:end] for start, end in itertools.pairwise(ends)]
    shown = [body(piece, end=n == len(pieces)) for n, piece in enumerate(pieces, 1)]
    one = released(said(acme, [headers(), body(BODY)]))
    assert one
    assert released(said(acme, [headers(mode=PIECES), *shown])) == one


def test_only_partners_are_answered_and_only_for_themselves(service: Service, acme: Peer) -> None:
    for role in ("officer", "auditor", "operator"):
        _answers, error = heard(service.person(role), [headers()])
        assert reason_of(error) == "ROLE_MISSING"
    theirs = (("privacy-partner", "other-shop"), *SAYS[1:])
    wanted = (500, "NOT_YOUR_PARTNER", "NOT_YOUR_PARTNER")
    assert refusal(acme, headers(), metadata=theirs) == wanted
