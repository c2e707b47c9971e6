"""A contract that is suspended: over gRPC and on the command line, on a real service."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from privacy_service import errors
from privacy_service.__main__ import app
from privacy_service.access import Caller, Role
from privacy_service.enforcement.enforce import Enforcement
from privacy_service.enforcement.request import TransferRequest
from privacy_service.errors import PrivacyError
from privacy_service.v1 import governance_pb2 as pb
from privacy_service.v1 import governance_pb2_grpc as pb_grpc
from tests.service.conftest import DELIVERY, Peer, Service
from tests.service.test_behavior import checked, shop  # noqa: F401
from tests.service.test_breaches import refusal
from tests.service.test_quarantines import ORDER, Interrupting

JUDGED = "helpdesk-answers"


def ask(peer: Peer, rpc: str, **fields: Any) -> Any:
    """What GovernanceService answers."""
    stub = pb_grpc.GovernanceServiceStub(peer.channel)
    request = getattr(pb, f"{rpc}Request")(**fields)
    return getattr(stub, rpc)(request, metadata=peer.metadata, timeout=30)


def suspend(peer: Peer, contract: str, **more: Any) -> Any:
    said = {"contract_id": contract, "reason": "wrong list", "request_id": str(uuid.uuid4())}
    return ask(peer, "SuspendContract", **(said | more))


def resume(peer: Peer, contract: str, **more: Any) -> Any:
    said = {"contract_id": contract, "reason": "mended", "request_id": str(uuid.uuid4())}
    return ask(peer, "ResumeContract", **(said | more))


@contextmanager
def suspended(service: Service, contract: str, by: Peer | None = None) -> Iterator[Any]:
    yield suspend(by or service.person("officer"), contract)
    resume(service.person("second-officer"), contract)


@pytest.fixture(scope="module")
def shared(service: Service, acme: Peer) -> str:
    """The id of the sender's contract that ORDER passes under."""
    return acme.transfer(ORDER).contracts[0].contract.contract_id


def test_nothing_passes_until_a_second_person_resumes_it(
    service: Service, acme: Peer, shared: str
) -> None:
    request_id = str(uuid.uuid4())
    before = acme.transfer(ORDER, request_id=request_id)
    officer = service.person("officer")
    with suspended(service, shared) as answer:
        assert answer.course.suspension.by == answer.course.steps[0].by
        assert refusal(lambda: acme.transfer(ORDER)) == "CONTRACT_SUSPENDED"
        assert acme.transfer(ORDER, request_id=request_id).payload == before.payload
        assert refusal(lambda: resume(officer, shared)) == "SECOND_PERSON_NEEDED"
        assert refusal(lambda: resume(acme, shared)) == "ROLE_MISSING"
    assert acme.transfer(ORDER).payload == before.payload
    assert refusal(lambda: resume(officer, shared)) == "CONTRACT_NOT_SUSPENDED"


@pytest.mark.parametrize("side", ["acme-shop", "swift-parcel"])
def test_either_side_may_stop_it(service: Service, acme: Peer, shared: str, side: str) -> None:
    with suspended(service, shared, service.partner(side)):
        assert refusal(lambda: acme.transfer(ORDER)) == "CONTRACT_SUSPENDED"
    stranger = service.partner("other-shop")
    assert refusal(lambda: suspend(stranger, shared)) == "CONTRACT_NOT_FOUND"
    unseen: Callable[[], object] = lambda: ask(stranger, "GetContractCourse", contract_id=shared)  # noqa: E731
    assert refusal(unseen) == "CONTRACT_NOT_FOUND"


def test_a_behavior_contract_judges_nothing_meanwhile(service: Service, shop: Peer) -> None:  # noqa: F811
    with suspended(service, JUDGED):
        assert refusal(lambda: checked(shop, "It is in Ulm.")) == "CONTRACT_SUSPENDED"
    assert checked(shop, "Your order was shipped on 3 May.").audit.position


def test_what_is_being_inspected_is_refused_at_its_release(service: Service, shared: str) -> None:
    officer, done = service.person("officer"), []

    def happens() -> None:
        if not done:
            done.append(suspend(officer, shared))

    enforcement = service.running.desks.enforcement
    assert isinstance(enforcement, Enforcement)
    slow = replace(enforcement, detector=Interrupting(enforcement.detector, happens))
    request = TransferRequest(
        sender="acme-shop", recipient="swift-parcel", purpose=DELIVERY,
        content_type="application/json", payload=ORDER.encode(), request_id=str(uuid.uuid4()),
    )  # fmt: skip
    caller = Caller(name="acme-shop", partner="acme-shop", roles=frozenset({Role.PARTNER}))
    try:
        with pytest.raises(PrivacyError) as caught:
            slow.transfer(caller, request, seconds=30)
        assert caught.value.reason is errors.CONTRACT_SUSPENDED
    finally:
        resume(service.person("second-officer"), shared)


def test_the_same_request_again_is_one_step(service: Service, shared: str) -> None:
    officer, request_id = service.person("officer"), str(uuid.uuid4())
    first = suspend(officer, shared, request_id=request_id)
    resume(service.person("second-officer"), shared)
    again = suspend(officer, shared, request_id=request_id)
    assert again.audit == first.audit
    assert not again.course.HasField("suspension")
    other: Callable[[], object] = lambda: suspend(  # noqa: E731
        officer, shared, request_id=request_id, reason="another"
    )
    assert refusal(other) == "REQUEST_ID_REUSED"
    named: Callable[[], object] = lambda: suspend(  # noqa: E731
        officer, shared, reason="ask maria@mail.example"
    )
    assert refusal(named) == "REQUEST_INVALID"


def run(service: Service, role: str, *words: str) -> Any:
    folder = service.trial.folder / "tls"
    ran = CliRunner().invoke(
        app,
        ["contract", *words, "--json", "--token", str(folder / f"{role}.jwt"),
         "--address", f"localhost:{service.running.token_port}", "--ca",
         str(service.trial.authority)],
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def test_an_officer_does_it_on_the_command_line(service: Service, shared: str) -> None:
    stopped = run(service, "officer", "suspend", shared, "--reason", "wrong list")
    assert stopped["suspension"]["reason"] == "wrong list"
    course = run(service, "auditor", "course", shared)
    assert course["kind"] == "CONTRACT_KIND_SHARING"
    assert course["steps"][-1]["kind"] == "put"
    again = run(service, "second-officer", "resume", shared, "--reason", "mended")
    assert "suspension" not in again
    assert [step["kind"] for step in again["steps"][:2]] == ["resumed", "suspended"]
