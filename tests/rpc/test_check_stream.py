"""CheckOutputStream: one output over one stream, bounded whatever the caller does."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from privacy_service.rpc.server import Bounds
from privacy_service.v1 import behavior_pb2 as pb
from tests.rpc.house import House, refusal

PATH = "/privacy_service.v1.BehaviorService/CheckOutputStream"


def opening() -> bytes:
    asked = pb.CheckOutputRequest(
        party="acme", provider="parrot", content_type="text/plain", request_id=str(uuid.uuid4())
    )
    return pb.CheckOutputStreamRequest(opening=asked).SerializeToString()


def chunk(content: bytes) -> bytes:
    return pb.CheckOutputStreamRequest(chunk=content).SerializeToString()


END = pb.CheckOutputStreamRequest(end=pb.OutputEnd()).SerializeToString()


def stream(channel: grpc.Channel, parts: Iterator[bytes], timeout: float | None = 10.0) -> Any:
    opened = channel.stream_stream(
        PATH, response_deserializer=pb.CheckOutputStreamResponse.FromString
    )
    return opened(parts, timeout=timeout)


def test_one_output_is_one_line_in_the_log(house: House) -> None:
    with house.as_partner() as channel:
        answers = list(stream(channel, iter([opening(), chunk(b"one "), chunk(b"two"), END])))
    assert [one.WhichOneof("part") for one in answers] == ["released", "released", "ended"]
    assert answers[-1].ended.result.content == b"one two"
    assert house.lines()[-1]["code"] == "OK"


def next_reason(channel: grpc.Channel) -> str:
    """Why another stream is refused; nothing where it is not."""
    try:
        assert list(stream(channel, iter([opening(), END])))[-1].HasField("ended")
    except grpc.RpcError as refused:
        return refusal(refused).reason
    return ""


@pytest.mark.parametrize("reads", [True, False])
def test_a_caller_who_stands_still_frees_its_thread(tmp_path: Path, *, reads: bool) -> None:
    house = House(folder=tmp_path, bounds=Bounds(streams=1, stream_seconds=0.4, drain_seconds=0.2))
    still = threading.Event()

    def parts() -> Iterator[bytes]:
        yield opening()
        while not reads and not still.is_set():
            yield chunk(b"x" * 100_000)  # more than goes into any buffer, and never read
        still.wait(20)

    with house.open(), house.as_partner() as channel:
        begun = time.monotonic()
        standing = stream(channel, parts(), timeout=None)
        if reads:
            with pytest.raises(grpc.RpcError) as over:
                list(standing)
            assert over.value.code() is grpc.StatusCode.CANCELLED
        while (reason := next_reason(channel)) == "SERVER_BUSY":
            assert time.monotonic() - begun < 10
            time.sleep(0.05)
        assert reason == ""
        still.set()


def test_all_streams_together_hold_so_many_bytes(tmp_path: Path) -> None:
    house = House(folder=tmp_path, bounds=Bounds(bytes_at_work=10_000, drain_seconds=0.5))
    with house.open(), house.as_partner() as channel:
        one = stream(channel, iter([opening(), chunk(b"x" * 6_000), chunk(b"x" * 6_000), END]))
        with pytest.raises(grpc.RpcError) as busy:
            list(one)
    assert refusal(busy.value).reason == "SERVER_BUSY"
