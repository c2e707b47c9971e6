"""Three real services on one PostgreSQL, under load, while one is killed and much is changed."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.clock import SystemClock
from privacy_service.commands.trial import ORIGIN
from privacy_service.enforcement.enforce import TRANSFER
from privacy_service.evidence.queries import DisclosureQuery
from privacy_service.store.database import Database
from privacy_service.v1 import answer_pb2, enforcement_pb2
from tests.faults.proofs import check_log, disclosures
from tests.faults.served import Served, fleet
from tests.service.conftest import CONTRACTS, reason_of, transfer_request
from tests.stores.databases import empty_url, own_server

pytestmark = pytest.mark.alone

EVERYTHING = DisclosureQuery()
DELIVERY = (CONTRACTS / "delivery.yaml").read_text()
SMALL_QUOTA = (
    DELIVERY.replace("id: acme-delivery", "id: other-delivery")
    .replace("partner: acme-shop", "partner: other-shop")
    .replace("storage:", "quota: {transfers: 25, per: P1D}\nstorage:")
)
WITHOUT_TOTAL = DELIVERY.replace("  - {path: $.total, type: number}\n", "")
_AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
_PATIENCE = 60.0


def order(number: int) -> str:
    """Every fifth one holds a card number, which the contract refuses."""
    card = "4111 1111 1111 1111" if number % 5 == 4 else f"KB-{number}"
    return json.dumps(
        {
            "order_id": f"SO-{number}",
            "total": 12.5,
            "customer": {"customer_id": f"C-{number // 3}", "phone": "+49 30 901820"},
            "items": [{"sku": card, "quantity": 1}],
        }
    )


class Clients:
    """Senders that take turns at the replicas, and repeat what was not answered, as they should."""

    def __init__(
        self, replicas: Sequence[Served], sender: str, senders: int, most: int = 10**6
    ) -> None:
        self.sent: dict[str, enforcement_pb2.TransferRequest] = {}
        self.answered: dict[str, enforcement_pb2.TransferResponse] = {}
        self.refused: dict[str, str] = {}
        self._sender = sender
        self._peers = [replica.partner(sender) for replica in replicas]
        self._numbers = iter(range(most))
        self._stop = threading.Event()
        self._crowd = ThreadPoolExecutor(senders)
        self._running: list[Future[None]] = [
            self._crowd.submit(self._send, first) for first in range(senders)
        ]

    def _send(self, first: int) -> None:
        turns = itertools.cycle(self._peers[first % 3 :] + self._peers[: first % 3])
        for number in self._numbers:
            if self._stop.is_set():
                return
            request = transfer_request(self._sender, order(number))
            self.sent[request.request_id] = request
            until = time.monotonic() + _PATIENCE
            while time.monotonic() < until:
                try:
                    stub = next(turns).enforcement
                    self.answered[request.request_id] = stub.Transfer(request, timeout=10)
                except grpc.RpcError as error:
                    if error.code() not in _AGAIN or reason_or_none(error) == "QUOTA_EXCEEDED":
                        self.refused[request.request_id] = reason_of(error)
                        break
                    time.sleep(0.1)
                else:
                    break

    def wait_for(self, more: int) -> None:
        """Until so many more were answered or refused."""
        wanted, until = self._done() + more, time.monotonic() + 60
        while self._done() < wanted:
            assert time.monotonic() < until, f"{self._done()} of {wanted}"
            time.sleep(0.01)

    def end(self) -> None:
        self._stop.set()
        for one in self._running:
            one.result(timeout=60)
        self._crowd.shutdown()
        assert self.sent.keys() == self.answered.keys() | self.refused.keys()

    def _done(self) -> int:
        return len(self.answered) + len(self.refused)


def reason_or_none(error: grpc.RpcError) -> str | None:
    try:
        return reason_of(error)
    except (AssertionError, AttributeError):  # the connection broke: nobody gave a reason
        return None


def test_three_replicas_under_load_while_one_dies_and_contracts_and_keys_change(
    tmp_path: Path,
) -> None:
    url = empty_url("postgresql", tmp_path)
    with fleet(tmp_path, url, 3) as replicas:
        first, second, third = replicas
        second.partner("acme-shop").put_contract(DELIVERY)
        second.partner("other-shop").put_contract(SMALL_QUOTA)
        acme = Clients(replicas, "acme-shop", 6)
        other = Clients(replicas, "other-shop", 3, most=60)

        acme.wait_for(30)
        first.kill()
        acme.wait_for(30)
        rotate(second, "acme-shop")
        second.partner("acme-shop").put_contract(WITHOUT_TOTAL)
        acme.wait_for(30)
        first.start()
        acme.wait_for(30)
        acme.end()
        other.end()

        check_one_answer_each(replicas, acme)
        check_released(third, acme, other)
        check_log(third, positions(acme) | positions(other))
        with Database.open(url, clock=SystemClock(), origin=ORIGIN) as database:
            check_no_old_version(database)
            check_rotated(database)


def rotate(one: Served, partner: str) -> None:
    """As an operator does it, at one replica for all."""
    called = CliRunner().invoke(
        app,
        [
            *("keys", "rotate", partner, "--json"),
            *("--address", one.settings.server.token_address or ""),
            *("--ca", str(one.trial.authority), "--token", str(one.trial.operator_token)),
        ],
    )
    assert called.exit_code == 0, called.output


def check_one_answer_each(replicas: Sequence[Served], clients: Clients) -> None:
    """Whichever replica is asked again gives the same answer."""
    for (request_id, answer), replica in zip(
        clients.answered.items(), itertools.cycle(replicas), strict=False
    ):
        stub = replica.partner("acme-shop").enforcement
        assert stub.Transfer(clients.sent[request_id], timeout=10) == answer


def check_released(one: Served, acme: Clients, other: Clients) -> None:
    """Everything that was acknowledged is disclosed once; nothing that was refused is."""
    assert set(acme.refused.values()) == set()
    assert set(other.refused.values()) == {"QUOTA_EXCEEDED"}
    assert len(released(other)) == 25
    listed = list(disclosures(one.person("auditor")))
    wanted = {
        answer.result.disclosure_id: answer.result.audit.position
        for answer in (*released(acme), *released(other))
    }
    assert {found.disclosure_id: found.position for found in listed} == wanted
    assert len(listed) == len(wanted)
    refused = [a for a in acme.answered.values() if a not in released(acme)]
    assert refused
    assert all(not answer.result.HasField("payload") for answer in refused)


def released(clients: Clients) -> list[enforcement_pb2.TransferResponse]:
    return [
        answer
        for answer in clients.answered.values()
        if answer.result.decision.effect == answer_pb2.EFFECT_TREATED
    ]


def positions(clients: Clients) -> set[int]:
    return {answer.result.audit.position for answer in released(clients)}


def check_no_old_version(database: Database) -> None:
    """From the put on, every effect in the log is under the new version."""
    with database.reading() as view:
        entries = [each.entry for each in view.audit.entries(0, 10**6)]
    puts = [
        at for at, entry in enumerate(entries)
        if entry.outcome == "PUT" and entry.contracts[0].id == "acme-delivery"
    ]  # fmt: skip
    numbers = {
        at: entry.contracts[0].number
        for at, entry in enumerate(entries)
        if entry.action == TRANSFER and entry.contracts and entry.partner == "acme-shop"
    }
    assert {number for at, number in numbers.items() if at < puts[1]} == {1}
    assert {number for at, number in numbers.items() if at > puts[1]} == {2}


def check_rotated(database: Database) -> None:
    """Replicas that ran on sealed under the new key version, and all still open the old one."""
    with database.reading() as view:
        used = {
            key.wrapping_key.rpartition("#")[2]
            for key in view.data_keys.get_many(
                "acme-shop",
                {s for d in view.disclosures.list(EVERYTHING, limit=10**6) for s in d.subjects},
            ).values()
        }
    assert used == {"1", "2"}


def test_a_database_that_crashes_refuses_and_is_there_again_by_itself(tmp_path: Path) -> None:
    server = own_server()
    with fleet(tmp_path, server.url(), 2, log={"level": "info"}) as (one, other):
        one.partner("acme-shop").put_contract(DELIVERY)
        clients = Clients((one, other), "acme-shop", 4)
        clients.wait_for(20)
        for replica in (one, other):  # a start that is cut short ends, for its supervisor to repeat
            wait_until(lambda one=replica: b"jobs_running" in one.said.read_bytes(), 60)
        server.crash()
        for replica in (one, other):
            assert refusal(replica) == ("UNAVAILABLE", "STORE_UNAVAILABLE")
            wait_until(lambda one=replica: one.health() == "NOT_SERVING")
        server.start()
        for replica in (one, other):
            wait_until(lambda one=replica: one.health() == "SERVING")
        clients.wait_for(40)
        clients.end()
        check_one_answer_each((one, other), clients)
        assert set(clients.refused.values()) == set()
        listed = {found.position for found in disclosures(one.person("auditor"))}
        assert listed == positions(clients)
        check_log(one, listed)


def refusal(replica: Served) -> tuple[str, str]:
    with pytest.raises(grpc.RpcError) as caught:
        replica.partner("acme-shop").transfer(order(0))
    return caught.value.code().name, reason_of(caught.value)


def wait_until(so: Callable[[], bool], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < until
        time.sleep(0.05)
