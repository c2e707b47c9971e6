"""A whole service under faults: it refuses, or it repeats safely; nothing is half done."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from privacy_service.v1 import answer_pb2, enforcement_pb2
from tests.faults.proofs import check_ledgers, check_log
from tests.faults.served import Served, served
from tests.service.conftest import CONTRACTS, Peer, reason_of, transfer_request

pytestmark = pytest.mark.alone

ODD = ("-m", "tests.faults.odd_service")
ORDER = {"order_id": "SO-1", "customer": {"customer_id": "C-1", "phone": "+49 30 901820"}}


def put_contracts(one: Served) -> None:
    for file in sorted(CONTRACTS.glob("*.yaml")):
        one.partner("acme-shop").put_contract(file.read_text())


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service whose one worker does what the payload says."""
    with served(tmp_path_factory.mktemp("odd"), program=(*ODD, "pooled")) as one:
        put_contracts(one)
        yield one


def note(text: str) -> str:
    return json.dumps({"order_id": "SO-1", "note": text})


def refusal(peer: Peer, payload: str, seconds: float = 20) -> tuple[str, str]:
    """Code and reason of a refusal. Where the caller's own deadline ended the call, no reason."""
    with pytest.raises(grpc.RpcError) as caught:
        peer.enforcement.Transfer(transfer_request("acme-shop", payload), timeout=seconds)
    code = caught.value.code()
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return code.name, ""
    return code.name, reason_of(caught.value)


# -- kill -9 ------------------------------------------------------------------------------------


class Load:
    """Partners that send orders until the service is gone."""

    def __init__(self, one: Served, senders: int = 4) -> None:
        self.acknowledged: dict[str, enforcement_pb2.TransferResponse] = {}
        self.sent: dict[str, enforcement_pb2.TransferRequest] = {}
        self.ended: list[grpc.StatusCode] = []
        self._stop = threading.Event()
        self._one = one
        self._crowd = ThreadPoolExecutor(senders)
        self._done = [self._crowd.submit(self._send) for _ in range(senders)]

    def _send(self) -> None:
        acme = self._one.partner("acme-shop")
        while not self._stop.is_set():
            order = ORDER | {"order_id": f"SO-{len(self.sent)}"}
            request = transfer_request("acme-shop", json.dumps(order))
            self.sent[request.request_id] = request
            try:
                answer = acme.enforcement.Transfer(request, timeout=10)
            except grpc.RpcError as error:
                self.ended.append(error.code())
                return
            self.acknowledged[request.request_id] = answer

    def wait_for(self, answers: int) -> None:
        """Until so many were acknowledged: then the service is in the middle of it."""
        until = time.monotonic() + 30
        while len(self.acknowledged) < answers and time.monotonic() < until:
            time.sleep(0.01)

    def end(self) -> None:
        self._stop.set()
        for one in self._done:
            one.result(timeout=30)
        self._crowd.shutdown()


def test_a_killed_service_has_done_each_transfer_wholly_or_not_at_all(tmp_path: Path) -> None:
    chance = random.Random(4471)
    with served(tmp_path) as one:
        put_contracts(one)
        loads = []
        for _ in range(3):
            loads.append(Load(one))
            loads[-1].wait_for(5)
            time.sleep(chance.uniform(0.0, 0.5))
            one.kill()
            loads[-1].end()
            one.start()
        acme = one.partner("acme-shop")
        answers = {}
        for load in loads:
            assert load.acknowledged, load.ended
            for request_id, request in load.sent.items():
                answers[request_id] = acme.enforcement.Transfer(request, timeout=10)
            for request_id, answer in load.acknowledged.items():
                assert answers[request_id] == answer, "an acknowledged answer was another"
        check_ledgers(one, answers)
        check_log(one, {answer.result.audit.position for answer in answers.values()})


# -- The detector -------------------------------------------------------------------------------


def test_a_detector_that_crashes_refuses_and_is_there_again(odd: Served) -> None:
    acme = odd.partner("acme-shop")
    assert refusal(acme, note("please-crash"))[0] in ("UNAVAILABLE", "INTERNAL")
    assert refusal(acme, note("please-die"))[0] == "UNAVAILABLE"
    assert acme.transfer(note("fine")).decision.effect == answer_pb2.EFFECT_ALLOW


def test_a_stuck_detector_ends_with_the_deadline_and_is_replaced(odd: Served) -> None:
    acme = odd.partner("acme-shop")
    started = time.monotonic()
    assert refusal(acme, note("please-hang"), seconds=1.5)[0] == "DEADLINE_EXCEEDED"
    assert time.monotonic() - started < 4
    assert acme.transfer(note("fine again")).decision.effect == answer_pb2.EFFECT_ALLOW


def test_a_full_queue_says_so_and_health_still_answers(odd: Served) -> None:
    """Whoever comes second is refused, at either of its looks; some get through."""
    acme = odd.partner("acme-shop")

    def outcome(text: str) -> object:
        try:
            return acme.transfer(note(text)).decision.effect
        except grpc.RpcError as error:
            return (error.code().name, reason_of(error))

    outcomes = set()
    with ThreadPoolExecutor(1) as beside:
        first = beside.submit(outcome, "please-wait, number one")
        while not first.done():
            outcomes.add(outcome("number two"))
            assert odd.health() == "SERVING"
    outcomes.add(first.result())
    assert outcomes == {answer_pb2.EFFECT_ALLOW, ("RESOURCE_EXHAUSTED", "DETECTOR_BUSY")}


def test_a_request_that_was_refused_may_be_repeated_under_its_id(odd: Served) -> None:
    acme = odd.partner("acme-shop")
    request = transfer_request("acme-shop", note("please-wait"))
    with pytest.raises(grpc.RpcError):
        acme.enforcement.Transfer(request, timeout=0.5)
    time.sleep(1.5)
    answer = acme.enforcement.Transfer(request, timeout=20)
    assert answer == acme.enforcement.Transfer(request, timeout=20)


# -- Store and keys -----------------------------------------------------------------------------


def test_a_locked_database_refuses_in_time_and_serves_again(odd: Served) -> None:
    acme = odd.partner("acme-shop")
    lock = sqlite3.connect(odd.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        assert refusal(acme, note("locked"), seconds=1)[0] in ("DEADLINE_EXCEEDED", "UNAVAILABLE")
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    assert acme.transfer(note("open")).decision.effect == answer_pb2.EFFECT_ALLOW


def test_a_keyring_that_is_gone_releases_nothing(odd: Served) -> None:
    acme = odd.partner("acme-shop")
    keyring = odd.trial.folder / "keyring.json"
    away = keyring.with_suffix(".away")
    keyring.rename(away)
    try:
        assert refusal(acme, note("keyless"))[0] in ("UNAVAILABLE", "FAILED_PRECONDITION")
    finally:
        away.rename(keyring)
    assert acme.transfer(note("keys")).decision.effect == answer_pb2.EFFECT_ALLOW


def test_a_database_that_is_removed_releases_nothing(tmp_path: Path) -> None:
    with served(tmp_path, program=(*ODD, "inline")) as one:
        put_contracts(one)
        acme = one.partner("acme-shop")
        for file in one.database.parent.glob(one.database.name + "*"):
            file.unlink()
        one.database.mkdir()
        time.sleep(1.1)
        code, reason = refusal(acme, note("nowhere"))
        assert (code, reason) == ("UNAVAILABLE", "STORE_UNAVAILABLE")
        assert one.health() == "NOT_SERVING"


def test_a_service_that_is_told_to_stop_finishes_what_it_does(tmp_path: Path) -> None:
    settings = {"drain_seconds": 10.0}
    with served(tmp_path, program=(*ODD, "inline"), server=settings) as one:
        put_contracts(one)
        acme = one.partner("acme-shop")
        with ThreadPoolExecutor(1) as beside:
            running = beside.submit(acme.transfer, note("please-wait for me"))
            time.sleep(0.5)
            assert one.stop() == 0
            assert running.result().decision.effect == answer_pb2.EFFECT_ALLOW
