"""Two services on one PostgreSQL: what one did the other knows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack

import grpc
import pytest

from privacy_service.app.running import running
from privacy_service.commands.trial import set_up
from privacy_service.settings import DetectionSettings
from privacy_service.v1 import audit_pb2
from tests.service.conftest import (
    CONTRACTS,
    PARTNERS,
    Service,
    reason_of,
    transfer_request,
)
from tests.stores.databases import empty_url

ORDER = json.dumps(
    {"order_id": "SO-1", "customer": {"customer_id": "C-1", "phone": "+49 30 901820"}}
)


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Service]]:
    folder = tmp_path_factory.mktemp("replicas")
    trial = set_up(
        folder / "trial",
        PARTNERS,
        database=empty_url("postgresql", folder),
        # The orders have no free text: patterns are enough, and start at once.
        detection=DetectionSettings(processes=1, model="none"),
    )
    with ExitStack() as opened:
        services = [Service(trial, opened.enter_context(running(trial.settings))) for _ in range(2)]
        for service in services:
            opened.callback(service.close)
        yield services[0], services[1]


def test_a_contract_put_on_one_is_in_force_on_the_other_within_its_bound(
    replicas: tuple[Service, Service],
) -> None:
    one, other = replicas
    with pytest.raises(grpc.RpcError) as caught:
        other.partner("acme-shop").transfer(ORDER)
    assert reason_of(caught.value) == "NO_CONTRACT_IN_FORCE"
    one.partner("acme-shop").put_contract((CONTRACTS / "delivery.yaml").read_text())
    one.partner("acme-shop").transfer(ORDER)  # here at once
    bound = one.trial.settings.transfer.contract_staleness_seconds
    time.sleep(bound)
    assert other.partner("acme-shop").transfer(ORDER).payload


def test_a_request_id_has_one_effect_across_replicas(replicas: tuple[Service, Service]) -> None:
    request = transfer_request("acme-shop", ORDER)
    answers = [
        service.partner("acme-shop").enforcement.Transfer(request, timeout=30)
        for service in replicas
    ]
    assert answers[0] == answers[1]


def test_both_write_one_log(replicas: tuple[Service, Service]) -> None:
    positions = [
        service.partner("acme-shop").transfer(ORDER).audit.position
        for service in (*replicas, *replicas)
    ]
    assert positions == sorted(set(positions))
    notes = {
        service.partner("acme-shop")
        .audit.GetCheckpoint(audit_pb2.GetCheckpointRequest())
        .signed_note
        for service in replicas
    }
    assert len(notes) == 1
