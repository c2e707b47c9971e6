"""How many bytes of requests are worked on at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from privacy_service.errors import SERVER_BUSY, PrivacyError
from privacy_service.rpc.room import Room
from privacy_service.rpc.server import Bounds
from tests.rpc.house import House, call, refusal, transfer

TRANSFER = "EnforcementService/Transfer"


def test_there_is_room_for_so_many_bytes_and_always_for_one_request() -> None:
    room = Room(most=100)
    with room.held(60), room.held(40):
        with pytest.raises(PrivacyError) as caught, room.held(1):
            pass
        assert caught.value.reason is SERVER_BUSY
        assert caught.value.details == {"limit": "bytes_at_work", "most": 100}
    # Alone, whatever its size: how large one may be, other limits say.
    with room.held(1000), pytest.raises(PrivacyError), room.held(1):
        pass
    with room.held(100):
        pass


def test_what_is_not_begun_takes_no_room() -> None:
    room = Room(most=100)
    with room.held(60):
        for _ in range(5):
            with pytest.raises(PrivacyError), room.held(60):
                pass
    with room.held(100):
        pass


def test_a_large_request_beside_another_is_refused_before_it_is_begun(tmp_path: Path) -> None:
    house = House(folder=tmp_path, bounds=Bounds(bytes_at_work=10_000, drain_seconds=0.5))
    let_go = threading.Event()
    house.desks.enforcement.script[b"wait"] = lambda: let_go.wait(10)
    large = transfer(payload=b"x" * 9_900)
    with house.open(), house.as_partner() as partner, ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(call, partner, TRANSFER, transfer(payload=b"wait"))
        while not house.desks.enforcement.asked:
            assert not waiting.done()
        with pytest.raises(grpc.RpcError) as caught:
            call(partner, TRANSFER, large)
        assert refusal(caught.value).reason == "SERVER_BUSY"
        assert len(house.desks.enforcement.asked) == 1
        let_go.set()
        waiting.exception()
        call(partner, TRANSFER, large)
