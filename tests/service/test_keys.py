"""Keys as an operator meets them: a service whose keys are with a real OpenBao."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.app.running import running
from privacy_service.commands.trial import set_up
from privacy_service.records.transit_provider import TransitProvider, TransitReference
from privacy_service.settings import DetectionSettings, KeySettings
from privacy_service.v1 import answer_pb2, records_pb2
from tests.ports import key_servers
from tests.ports.line import Line
from tests.service.conftest import CONTRACTS, PARTNERS, Service, reason_of


@dataclass
class Kept:
    """The service, the line to its provider, and the command line of its operator."""

    service: Service
    line: Line
    provider: str

    def command(self, *arguments: str, role: str = "operator") -> tuple[int, Any]:
        folder = self.service.trial.folder
        at = f"localhost:{self.service.running.token_port}"
        done = CliRunner().invoke(
            app,
            [
                *("keys", *arguments, "--json", "--address", at),
                *("--ca", str(self.service.trial.authority)),
                *("--token", str(folder / "tls" / f"{role}.jwt")),
            ],
        )
        return done.exit_code, json.loads(done.stdout)

    def put(self, record: str, email: str) -> None:
        self.service.partner("acme-shop").records.PutRecord(
            records_pb2.PutRecordRequest(
                partner="acme-shop",
                record_id=record,
                content_type="text/plain",
                content=b"what is kept",
                subjects=[{"type": "email", "value": email}],
                request_id=str(uuid.uuid4()),
            )
        )

    def opens(self, record: str) -> bytes:
        asked = records_pb2.GetRecordRequest(partner="acme-shop", record_id=record)
        answer = self.service.partner("acme-shop").records.GetRecord(asked, timeout=20)
        return answer.record.content


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    line = Line(key_servers.openbao())
    folder = tmp_path_factory.mktemp("keys")
    token = folder / "bao-token"
    token.write_text(key_servers.ROOT_TOKEN + "\n")
    token.chmod(0o400)
    provider = f"transit:http://127.0.0.1:{line.port}/transit/s{uuid.uuid4().hex[:8]}"
    trial = set_up(folder / "trial", PARTNERS, detection=DetectionSettings(model="none"))
    keys = KeySettings(provider=provider, credential=str(token), create=True, cache_seconds=1)
    with running(trial.settings.model_copy(update={"keys": keys})) as serving:
        service = Service(trial, serving)
        source = (CONTRACTS / "delivery.yaml").read_text()
        service.partner("acme-shop").put_contract(source)
        yield Kept(service, line, provider)
        service.close()
    line.cut()


def test_an_operator_looks_after_keys(kept: Kept) -> None:
    for number in range(5):
        kept.put(f"r{number}", f"{number}@mail.example")
    code, rotated = kept.command("rotate", "partner/acme-shop")  # as `status` prints it
    assert (code, rotated["name"], rotated["version"]) == (0, "partner/acme-shop", 2)
    code, told = kept.command("retire", "partner/acme-shop", "1")
    assert (code, told["error"]["reason"]) == (1, "KEY_SETTLING")
    code, done = kept.command("rewrap", "partner/acme-shop", "--batch", "2")
    assert code == 0
    assert done == {"rewrapped": 5, "unreadable": 0, "left": 0}
    code, told = kept.command("status")
    mine = {row["version"]: row for row in told if row["name"] == "partner/acme-shop"}
    assert code == 0
    assert (mine[1]["state"], mine[2]["state"]) == ("KEY_STATE_OLDER", "KEY_STATE_CURRENT")
    assert (mine[1]["data_keys"], mine[2]["data_keys"]) == ("0", "5")
    assert {"service", "signer", "secret/blind-index"} < {row["name"] for row in told}
    assert kept.opens("r0") == b"what is kept"
    code, checked = kept.command("verify", "acme-shop", role="officer")
    assert (code, checked["records"], checked["faults"]) == (0, 5, [])
    for shared in ("--tokens", "--secrets"):
        assert kept.command("rotate", shared)[0] == 0
    assert kept.opens("r0") == b"what is kept"


def test_a_person_is_shredded_after_a_look(kept: Kept) -> None:
    kept.put("gone", "gone@mail.example")
    person = (
        "shred",
        "partner/acme-shop",
        "--subject",
        "email=gone@mail.example",
        "--reason",
        "case 7",
    )
    code, told = kept.command(*person, "--dry-run")
    assert (code, told["live"], told["records"]) == (0, True, "1")
    assert kept.opens("gone") == b"what is kept"
    assert kept.command(*person)[0] == 0
    with pytest.raises(grpc.RpcError) as error:
        kept.opens("gone")
    assert reason_of(error.value) == "RECORD_UNREADABLE"
    with pytest.raises(grpc.RpcError) as error:
        kept.put("again", "gone@mail.example")
    assert reason_of(error.value) == "SUBJECT_SHREDDED"
    code, told = kept.command(*person[:-1], "for maria@mail.example")
    assert (code, told["error"]["reason"]) == (1, "REQUEST_INVALID")


def test_nobody_else_may(kept: Kept) -> None:
    for role in ("auditor",):
        code, told = kept.command("rotate", "acme-shop", role=role)
        assert (code, told["error"]["reason"]) == (1, "ROLE_MISSING")


def test_without_its_provider_it_refuses_and_by_itself_it_comes_back(kept: Kept) -> None:
    kept.put("before", "before@mail.example")
    kept.line.cut()
    time.sleep(1.1)  # what it holds, it holds for a second here
    for attempt in (lambda: kept.opens("before"), lambda: kept.put("new", "new@mail.example")):
        with pytest.raises(grpc.RpcError) as error:
            attempt()
        assert error.value.code() is grpc.StatusCode.UNAVAILABLE
        assert reason_of(error.value) == "KEYS_UNAVAILABLE"
    with pytest.raises(grpc.RpcError) as error:
        kept.service.partner("acme-shop").transfer('{"order_id": "SO-1"}')
    assert reason_of(error.value) == "KEYS_UNAVAILABLE"
    assert kept.command("verify")[0] == 3
    kept.line.mend()
    time.sleep(1.1)
    assert kept.opens("before") == b"what is kept"
    kept.put("new", "new@mail.example")
    sent = kept.service.partner("acme-shop").transfer('{"order_id": "SO-1"}')
    assert sent.decision.effect == answer_pb2.EFFECT_ALLOW


def test_a_key_that_its_provider_lost_is_told_record_by_record(kept: Kept) -> None:
    kept.put("lost", "lost@mail.example")
    kept.command("rotate", "acme-shop")
    kept.put("fine", "fine@mail.example")
    token = lambda: key_servers.ROOT_TOKEN  # noqa: E731
    behind = TransitProvider(TransitReference.parse(kept.provider), token=token)
    behind.retire("partner/acme-shop", 2)
    time.sleep(1.1)
    code, told = kept.command("verify", "acme-shop")
    assert code == 1
    faults = {fault["record_id"]: fault["problem"] for fault in told["faults"]}
    assert faults["lost"] == "KEY_PROBLEM_KEY_LOST"
    assert "fine" not in faults
    assert kept.opens("fine") == b"what is kept"
    with pytest.raises(grpc.RpcError) as error:
        kept.opens("lost")
    assert reason_of(error.value) == "RECORD_UNREADABLE"


def test_a_new_service_is_set_up_with_keys_init(tmp_path: Path) -> None:
    port = key_servers.openbao()
    token = tmp_path / "token"
    token.write_text(key_servers.ROOT_TOKEN)
    token.chmod(0o400)
    provider = f"transit:http://127.0.0.1:{port}/transit/i{uuid.uuid4().hex[:8]}"
    given = [
        *("keys", "init", "--json", "--provider", provider, "--credential", str(token)),
        *("--database", f"sqlite:///{tmp_path / 'privacy.sqlite'}"),
    ]
    first, second = (CliRunner().invoke(app, given) for _ in range(2))
    assert first.exit_code == second.exit_code == 0
    told, again = json.loads(first.stdout), json.loads(second.stdout)
    assert told == {**again, "made": True}
    assert not again["made"]
    assert json.loads(first.stdout)["verifier_key"].startswith("privacy.example/audit+")
