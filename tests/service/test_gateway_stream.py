"""The gateway as Envoy calls it, message by message: what a well-behaved Envoy never sends, too."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.gateway.v3 import ext_proc_pb2 as pb
from tests.rpc.exchanges import (
    HEAD,
    PIECES,
    TRAILERS,
    WHOLE,
    body,
    headers,
    heard,
    released,
    said,
    says,
)
from tests.service.conftest import Peer, Service, reason_of

SAYS = says("acme-shop", "swift-parcel")
BODY = json.dumps(
    {"order_id": "SO-7", "note": "Ask Peter Weber, maria@mail.example, Zoë."}
).encode()


def refusal(peer: Peer, *messages: Any, **how: Any) -> tuple[int, str, str]:
    """The immediate response's status and reason, and the reason with which the stream failed."""
    answers, error = heard(peer.channel, messages, how.get("metadata", SAYS))
    last = answers[-1].immediate_response
    return last.status.code, json.loads(last.body)["reason"], reason_of(error)


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
    answers, _error = heard(acme.channel, messages, SAYS)
    last = answers[-1].immediate_response
    if last.grpc_status.status:
        assert last.body.decode().startswith(reason)
    else:
        assert json.loads(last.body)["reason"] == reason
    assert released(answers) == b""


@pytest.mark.parametrize("mode", [WHOLE, PIECES])
def test_nothing_goes_on_behind_the_end_of_a_body(acme: Peer, mode: int) -> None:
    answers, error = heard(acme.channel, [headers(mode=mode), body(BODY), body(b"more")], SAYS)
    assert reason_of(error) == "EXCHANGE_NOT_COVERED"
    assert b"more" not in released(answers)


def test_a_body_that_breaks_off_is_never_passed_on(acme: Peer) -> None:
    """The stream may end in the middle: then nothing of the body has gone on."""
    answers = list(said(acme.channel, [headers(mode=PIECES), body(BODY[:9], end=False)], SAYS))
    assert answers == []


def test_a_body_may_end_with_trailers(acme: Peer) -> None:
    answers = list(
        said(acme.channel, [headers(mode=PIECES), body(BODY, end=False), TRAILERS], SAYS)
    )
    kinds = [answer.WhichOneof("response") for answer in answers]
    assert kinds == ["request_headers", "request_body", "request_trailers"]
    assert not answers[1].request_body.response.body_mutation.streamed_response.end_of_stream
    assert b"<PERSON>" in released(answers)


def test_a_large_body_goes_on_in_pieces(acme: Peer) -> None:
    order = json.dumps({"items": [{"sku": f"KB-{n}", "quantity": n} for n in range(5000)]}).encode()
    answers = list(said(acme.channel, [headers(mode=PIECES), body(order)], SAYS))
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
    one = released(said(acme.channel, [headers(), body(BODY)], SAYS))
    assert one
    assert released(said(acme.channel, [headers(mode=PIECES), *shown], SAYS)) == one


def test_only_partners_are_answered_and_only_for_themselves(service: Service, acme: Peer) -> None:
    for role in ("officer", "auditor", "operator"):
        person = service.person(role)
        _answers, error = heard(person.channel, [headers()], SAYS + person.metadata)
        assert reason_of(error) == "ROLE_MISSING"
    theirs = (("privacy-partner", "other-shop"), *SAYS[1:])
    wanted = (500, "NOT_YOUR_PARTNER", "NOT_YOUR_PARTNER")
    assert refusal(acme, headers(), metadata=theirs) == wanted
