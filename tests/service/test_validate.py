"""Scenarios, played against a whole service, from the command line."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.v1 import behavior_pb2 as pb
from privacy_service.v1 import behavior_pb2_grpc as pb_grpc
from tests.service.conftest import Service

CONTRACT = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: validated
title: Answers that are played
party: swift-parcel
provider: acme-shop
effective: {from: 2026-01-01}
scope: {use_cases: [tracking]}
expectations:
  - {id: law, wording: {forbid: [sue]}, otherwise: refuse}
playbooks:
  - id: slow-partner
    title: It is slow
    steps: [{notify: {to: [desk@carrier.example], says: It is slow.}}]
failure_modes:
  - {id: slow, category: latency, severity: low, when: latency_ms > 1000, playbook: slow-partner}
"""
SCENARIOS = """apiVersion: privacy-service/v1
kind: Scenarios
title: Tracking
scenarios:
  - name: a parcel
    kind: journey
    steps:
      - {say: Where is it?, output: On its way., expect: {outcome: ACCEPTED, playbooks: []}}
      - {say: And now?, output: You may sue., expect: {outcome: REFUSED, broken: [law]}}
      - say: And then?
        output: Nearly there.
        latency_ms: 5000
        expect: {outcome: ACCEPTED, failures: [slow], playbooks: [slow-partner]}
"""


def test_the_right_playbook_runs(service: Service, tmp_path: Path) -> None:
    contract, scenarios = tmp_path / "contract.yaml", tmp_path / "scenarios.yaml"
    contract.write_text(CONTRACT)
    scenarios.write_text(SCENARIOS)
    carrier = service.partner("swift-parcel")
    put = pb.PutBehaviorContractRequest(source=CONTRACT, request_id=str(uuid.uuid4()))
    pb_grpc.BehaviorServiceStub(carrier.channel).PutBehaviorContract(put, timeout=10)
    files = service.trial.partners["swift-parcel"]
    words = [
        "contract", "validate", str(contract), str(scenarios), "--service", "--json",
        "--junit", str(tmp_path / "junit.xml"), "--html", str(tmp_path / "report.html"),
        "--address", f"127.0.0.1:{service.running.port}", "--ca", str(files.authority),
        "--cert", str(files.certificate), "--key", str(files.private_key),
    ]  # fmt: skip
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert said["counts"] == {"steps": 3, "as_expected": 3, "faults": 0, "known_misses": 0}
    assert "validated" in (tmp_path / "report.html").read_text("utf-8")
    assert 'failures="0"' in (tmp_path / "junit.xml").read_text("utf-8")
    scenarios.write_text(SCENARIOS.replace("broken: [law]", "broken: []"))
    assert CliRunner().invoke(app, words).exit_code == 1
