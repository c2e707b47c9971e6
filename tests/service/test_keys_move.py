"""A service that began with a file moves to an HSM, and nothing of what it knew is lost."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.app.running import Running, running
from privacy_service.commands.trial import Trial, set_up
from privacy_service.settings import DetectionSettings, KeySettings, Settings
from privacy_service.v1 import enforcement_pb2, records_pb2
from tests.ports import key_servers
from tests.service.conftest import CONTRACTS, DELIVERY, PARTNERS, Service, transfer_request

ORDER = '{"order_id": "SO-1", "customer": {"customer_id": "C-1", "phone": "+49 30 901820"}}'


def kept(trial: Trial, serving: Running) -> str:
    """Puts a record and mints a token."""
    acme = Service(trial, serving).partner("acme-shop")
    acme.put_contract((CONTRACTS / "delivery.yaml").read_text())
    acme.records.PutRecord(
        records_pb2.PutRecordRequest(
            partner="acme-shop",
            record_id="r",
            content_type="text/plain",
            content=b"what is kept",
            subjects=[{"type": "email", "value": "maria@mail.example"}],
            request_id=str(uuid.uuid4()),
        )
    )
    return minted(trial, serving)


def minted(trial: Trial, serving: Running) -> str:
    acme = Service(trial, serving).partner("acme-shop")
    answer = acme.enforcement.Transfer(transfer_request("acme-shop", ORDER), timeout=20)
    return json.loads(answer.result.payload)["customer"]["phone"]


def test_from_a_file_to_an_hsm(tmp_path: Path) -> None:
    trial = set_up(tmp_path / "trial", PARTNERS, detection=DetectionSettings(model="none"))
    with running(trial.settings) as serving:
        token, key = kept(trial, serving), serving.verifier_key
    label = f"m{uuid.uuid4().hex[:10]}"
    key_servers.new_token(label)
    pin = tmp_path / "pin"
    pin.write_text(key_servers.PIN)
    pin.chmod(0o400)
    provider = f"pkcs11:token={label}?module-path={key_servers.MODULE}"
    moving = [
        *("keys", "move", "--json", "--from", trial.settings.keys.provider),
        *("--provider", provider, "--credential", str(pin)),
        *("--database", trial.settings.database.url, "--origin", trial.settings.evidence.origin),
    ]
    first, again = (CliRunner().invoke(app, moving) for _ in range(2))
    assert first.exit_code == again.exit_code == 0, first.output
    assert json.loads(first.stdout)["data_keys"] > 1
    assert json.loads(again.stdout) == {**json.loads(first.stdout), "data_keys": 0}
    (trial.folder / "keyring.json").unlink()
    with running(on(trial.settings, provider, pin)) as serving:
        assert serving.verifier_key == key
        acme = Service(trial, serving).partner("acme-shop")
        asked = records_pb2.GetRecordRequest(partner="acme-shop", record_id="r")
        assert acme.records.GetRecord(asked).record.content == b"what is kept"
        assert minted(trial, serving) == token
        revealed = acme.enforcement.Reveal(
            enforcement_pb2.RevealRequest(
                sender="acme-shop",
                recipient="swift-parcel",
                purpose=DELIVERY,
                token=token,
                reason="case 4711",
            )
        )
        assert revealed.value == "+49 30 901820"


def test_another_services_secrets_are_not_taken_over(tmp_path: Path) -> None:
    label = f"m{uuid.uuid4().hex[:10]}"
    key_servers.new_token(label)
    pin = tmp_path / "pin"
    pin.write_text(key_servers.PIN)
    pin.chmod(0o400)
    tmp_path.chmod(0o700)
    target = [
        *("--provider", f"pkcs11:token={label}?module-path={key_servers.MODULE}"),
        *("--credential", str(pin), "--database", f"sqlite:///{tmp_path / 'p.sqlite'}"),
    ]
    old = f"file:{tmp_path / 'ring'}"
    assert CliRunner().invoke(app, ["keys", "init", "--provider", old]).exit_code == 0
    assert CliRunner().invoke(app, ["keys", "init", *target]).exit_code == 0
    refused = CliRunner().invoke(app, ["keys", "move", "--json", "--from", old, *target])
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["error"]["reason"] == "KEYRING_EXISTS"


def on(settings: Settings, provider: str, credential: Path) -> Settings:
    keys = KeySettings(provider=provider, credential=str(credential))
    return settings.model_copy(update={"keys": keys})
