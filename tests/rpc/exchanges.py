"""What Envoy would send the gateway, by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import grpc

from privacy_service.gateway.v3 import ext_proc_pb2 as pb

PATH = "/envoy.service.ext_proc.v3.ExternalProcessor/Process"
HEAD = {":method": "POST", ":path": "/orders", "content-type": "application/json"}
WHOLE, PIECES = pb.BODY_MODE_BUFFERED, pb.BODY_MODE_FULL_DUPLEX_STREAMED
TRAILERS = pb.ProcessingRequest(request_trailers=pb.HttpTrailers())


def says(partner: str, counterparty: str) -> tuple[tuple[str, str], ...]:
    """A route by which requests are transferred."""
    return (
        ("privacy-partner", partner),
        ("privacy-counterparty", counterparty),
        ("privacy-purpose", "dpv:DeliveryOfGoods"),
        ("privacy-request", "transfer"),
        ("privacy-response", "pass"),
    )


def headers(named: dict[str, str] = HEAD, *, mode: int = WHOLE, **more: Any) -> Any:
    fields = [pb.HeaderValue(key=key, raw_value=value.encode()) for key, value in named.items()]
    return pb.ProcessingRequest(
        request_headers=pb.HttpHeaders(headers=pb.HeaderMap(headers=fields)),
        protocol_config=pb.ProtocolConfiguration(request_body_mode=mode),
        **more,
    )


def body(piece: bytes, *, end: bool = True) -> Any:
    return pb.ProcessingRequest(request_body=pb.HttpBody(body=piece, end_of_stream=end))


def said(
    channel: grpc.Channel, messages: Iterable[Any], metadata: tuple[tuple[str, str], ...]
) -> Iterator[pb.ProcessingResponse]:
    process = channel.stream_stream(
        PATH,
        request_serializer=pb.ProcessingRequest.SerializeToString,
        response_deserializer=pb.ProcessingResponse.FromString,
    )
    return process(iter(messages), metadata=metadata, timeout=20)


def heard(
    channel: grpc.Channel, messages: Iterable[Any], metadata: tuple[tuple[str, str], ...]
) -> tuple[list[pb.ProcessingResponse], grpc.RpcError]:
    """The answers before the stream failed, and how it did."""
    answers: list[pb.ProcessingResponse] = []
    try:
        for answer in said(channel, messages, metadata):
            answers.append(answer)  # noqa: PERF402 -- what came before the error counts
    except grpc.RpcError as error:
        return answers, error
    raise AssertionError("it ended well")


def released(answers: Iterable[pb.ProcessingResponse]) -> bytes:
    """The request's body, as it goes on."""
    out = b""
    for answer in answers:
        mutation = answer.request_body.response.body_mutation
        out += mutation.body or mutation.streamed_response.body
    return out
