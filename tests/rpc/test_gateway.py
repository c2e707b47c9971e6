"""The gateway on a server: open exchanges when it stops, is full, or can not decide."""

from __future__ import annotations

import json
import queue
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import grpc
import pytest

from privacy_service import errors
from privacy_service.enforcement.answer import Answer
from privacy_service.errors import PrivacyError
from privacy_service.gateway.deciding import Deciding
from privacy_service.gateway.servicer import Gateway
from privacy_service.rpc.call import admitted
from privacy_service.rpc.credentials import tls
from privacy_service.rpc.server import Bounds, Listener, serving
from tests.rpc.exchanges import body, headers, heard, released, said, says
from tests.rpc.house import House, refusal

SAYS = says("acme", "globex")


@contextmanager
def gateway(folder: Path, **bounds: Any) -> Iterator[House]:
    """A house with nothing but the gateway's port; `most_of_one` is one partner's."""
    house = House(folder=folder)
    deciding = Deciding(
        enforcement=house.desks.enforcement,
        behavior=house.desks.behavior,
        reviews=house.desks.reviews,
        turns=BoundedSemaphore(2),
        commit=lambda framed: framed.hex().ljust(64, "0")[-64:],
        new_id=lambda: str(uuid.uuid4()),
        most=1000,
    )
    most = bounds.pop("most_of_one", 8)
    register = Gateway(deciding, admitted, most_of_one=most).register
    surroundings = house.surroundings()
    listener = Listener(
        address="localhost:0", credentials=tls(house.server_files(), log=surroundings.log)
    )
    limits = Bounds(drain_seconds=0.2, **bounds)
    with serving(house.desks, surroundings, [listener], limits, beside=[register]) as (port,):
        house.mtls_port = port
        yield house


class Open:
    """An exchange whose request's headers were shown, and that waits for more."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._shown: queue.Queue[Any] = queue.Queue()
        self._shown.put(headers())
        self.answers = said(channel, iter(self._shown.get, None), SAYS)
        assert next(iter(self.answers)).HasField("request_headers")

    def show(self, message: Any) -> None:
        self._shown.put(message)


def test_an_exchange_that_is_open_when_the_server_stops_fails(tmp_path: Path) -> None:
    """It is never closed cleanly, which would tell Envoy to go on alone."""
    with gateway(tmp_path) as house:
        channel = house.as_partner()
        waiting = Open(channel)
    with pytest.raises(grpc.RpcError) as caught:
        list(waiting.answers)
    assert caught.value.code() is not grpc.StatusCode.OK
    waiting.show(None)
    channel.close()


@pytest.mark.parametrize(
    ("bounds", "told"), [({"exchanges": 1}, 0), ({"exchanges": 4, "most_of_one": 1}, 1)]
)
def test_above_the_bounds_an_exchange_is_refused_and_others_go_on(
    tmp_path: Path, bounds: dict[str, int], told: int
) -> None:
    with gateway(tmp_path, **bounds) as house, house.as_partner() as channel:
        first = Open(channel)
        answers, error = heard(channel, [headers()], SAYS)
        assert refusal(error).reason == "SERVER_BUSY"
        assert [one.immediate_response.status.code for one in answers] == [503] * told
        first.show(body(b'{"a": 1}'))
        first.show(None)
        assert released(first.answers) == b'{"A": 1}'


def raising(reason: errors.Reason, **details: int) -> Callable[[], Answer]:
    def answer() -> Answer:
        raise PrivacyError(reason, **details)

    return answer


def broken() -> Answer:
    raise ValueError("maria@mail.example")


@pytest.mark.parametrize(
    ("answer", "status", "reason", "retry"),
    [
        (raising(errors.DETECTOR_UNAVAILABLE), 503, "DETECTOR_UNAVAILABLE", b"1"),
        (raising(errors.STORE_UNAVAILABLE), 503, "STORE_UNAVAILABLE", b"1"),
        (raising(errors.DEADLINE_PASSED), 504, "DEADLINE_PASSED", None),
        (raising(errors.QUOTA_EXCEEDED, retry_seconds=60), 429, "QUOTA_EXCEEDED", b"60"),
        (broken, 500, "INTERNAL", None),
    ],
)
def test_without_a_decision_nothing_passes(
    tmp_path: Path,
    answer: Callable[[], Answer],
    status: int,
    reason: str,
    retry: bytes | None,
) -> None:
    with gateway(tmp_path) as house, house.as_partner() as channel:
        house.desks.enforcement.script[b"{}"] = answer  # type: ignore[attr-defined]
        answers, _error = heard(channel, [headers(), body(b"{}")], SAYS)
        last = answers[-1].immediate_response
        told = {one.header.key: one.header.raw_value for one in last.headers.set_headers}
        assert (last.status.code, json.loads(last.body)["reason"]) == (status, reason)
        assert told.get("retry-after") == retry
        assert b"maria" not in last.body
        assert not any("maria" in str(line) for line in house.log.entries)
