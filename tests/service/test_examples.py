"""The examples of a partner engineer's start, run against the real service."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from privacy_service.v1 import behavior_pb2, behavior_pb2_grpc
from tests.service.conftest import DELIVERY, Service

pytestmark = pytest.mark.alone

EXAMPLES = Path(__file__).parents[2] / "examples"
CLIENTS = [
    pytest.param([sys.executable, str(EXAMPLES / "python" / "send.py")], id="python"),
    pytest.param(
        ["node", str(EXAMPLES / "node" / "send.mjs")],
        id="node",
        marks=pytest.mark.skipif(shutil.which("node") is None, reason="no Node on this machine"),
    ),
]


def environment(service: Service) -> dict[str, str]:
    """Where the service is, and who the shop is."""
    files = service.trial.partners["acme-shop"]
    return os.environ | {
        "PRIVACY_ADDRESS": f"localhost:{service.running.port}",
        "PRIVACY_CA": str(files.authority),
        "PRIVACY_CERT": str(files.certificate),
        "PRIVACY_KEY": str(files.private_key),
    }


def send(
    service: Service, client: list[str], file: Path, purpose: str = DELIVERY
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*client, str(file), "acme-shop", "swift-parcel", purpose],
        env=environment(service),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_prints_what_may_be_passed_on(
    service: Service, client: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "order.json"
    file.write_text('{"order_id": "SO-1", "customer": {"email": "maria@mail.example"}}')
    done = send(service, client, file)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "order_id": "SO-1",
        "customer": {"email": "*****@****.***mple"},
    }
    assert "EFFECT_TREATED at audit position" in done.stderr


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_prints_nothing_of_a_refused_payload(
    service: Service, client: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "order.json"
    file.write_text('{"order_id": "SO-1", "note": "card 4111 1111 1111 1111"}')
    done = send(service, client, file)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ENTITY_REFUSED" in done.stderr


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_says_the_reason_of_an_error_and_what_to_do(
    service: Service, client: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "order.json"
    file.write_text("{}")
    done = send(service, client, file, purpose="dpv:Marketing")
    assert (done.returncode, done.stdout) == (1, "")
    assert "PURPOSE_NOT_COVERED" in done.stderr
    assert "agree the new purpose" in done.stderr


BEHAVIOR = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: piped
title: Answers that are piped through
party: acme-shop
provider: helpdesk-ai
effective: {from: 2026-01-01}
scope: {use_cases: [chat]}
expectations:
  - {id: promises, wording: {forbid: [guaranteed]}, otherwise: redact}
  - {id: law, wording: {forbid: [sue them]}, otherwise: refuse}
streaming: {may_break_off: true}
"""


@pytest.mark.parametrize(
    ("says", "shown", "code", "outcome"),
    [
        (b"It is guaranteed to come.", b"It is <REDACTED> to come.", 0, "OUTCOME_TREATED"),
        (b"You can sue them.", b"You can ", 1, "OUTCOME_REFUSED"),
    ],
)
def test_what_a_model_says_is_piped_through(
    service: Service, says: bytes, shown: bytes, code: int, outcome: str
) -> None:
    shop = service.partner("acme-shop")
    put = behavior_pb2.PutBehaviorContractRequest(source=BEHAVIOR, request_id=str(uuid.uuid4()))
    behavior_pb2_grpc.BehaviorServiceStub(shop.channel).PutBehaviorContract(put, timeout=10)
    client = [sys.executable, str(EXAMPLES / "python" / "answer.py")]
    done = subprocess.run(
        [*client, "acme-shop", "helpdesk-ai", "chat", "When does it come?"],
        env=environment(service),
        input=says,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.returncode) == (shown, code), done.stderr
    assert outcome.encode() in done.stderr
    if outcome == "OUTCOME_REFUSED":
        return
    whole = subprocess.run(
        [
            *(sys.executable, str(EXAMPLES / "python" / "check.py"), "acme-shop", "helpdesk-ai"),
            *("chat", "When does it come?", says.decode()),
        ],
        env=environment(service),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (whole.stdout, whole.returncode) == (shown + b"\n", 0), whole.stderr
    assert b"promises: " in whole.stderr
