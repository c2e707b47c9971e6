"""The examples of a partner engineer's start, run against the real service."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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


def send(
    service: Service, client: list[str], file: Path, purpose: str = DELIVERY
) -> subprocess.CompletedProcess[str]:
    files = service.trial.partners["acme-shop"]
    environment = os.environ | {
        "PRIVACY_ADDRESS": f"localhost:{service.running.port}",
        "PRIVACY_CA": str(files.authority),
        "PRIVACY_CERT": str(files.certificate),
        "PRIVACY_KEY": str(files.private_key),
    }
    return subprocess.run(
        [*client, str(file), "acme-shop", "swift-parcel", purpose],
        env=environment,
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
