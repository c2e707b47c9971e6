"""What must hold of a service's ledgers and log, asked as an auditor and a partner ask."""

from __future__ import annotations

import json
from collections.abc import Iterator

from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.app.keys import verifier_key
from privacy_service.clock import SystemClock
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.v1 import audit_pb2, enforcement_pb2, records_pb2
from tests.faults.served import Served
from tests.service.conftest import DELIVERY, Peer

ORDER = {"order_id": "SO-1", "customer": {"customer_id": "C-1", "phone": "+49 30 901820"}}


def check_ledgers(one: Served, answers: dict[str, enforcement_pb2.TransferResponse]) -> None:
    """Each answer has its one disclosure, its copy opens, and its tokens lead back."""
    acme, auditor = one.partner("acme-shop"), one.person("auditor")
    listed = list(disclosures(auditor))
    by_id = {found.disclosure_id: found for found in listed}
    assert len(listed) == len(by_id) == len(answers)
    for answer in answers.values():
        result = answer.result
        assert by_id[result.disclosure_id].position == result.audit.position
        wanted = records_pb2.GetRecordRequest(partner="acme-shop", record_id=result.record_id)
        assert acme.records.GetRecord(wanted).record.content == result.payload
    token = json.loads(result.payload)["customer"]["phone"]
    revealed = acme.enforcement.Reveal(
        enforcement_pb2.RevealRequest(
            sender="acme-shop",
            recipient="swift-parcel",
            purpose=DELIVERY,
            token=token,
            reason="case 4711",
        )
    )
    assert revealed.value == ORDER["customer"]["phone"]  # type: ignore[index]


def disclosures(auditor: Peer) -> Iterator[audit_pb2.Disclosure]:
    token = ""
    while True:
        page = auditor.audit.ListDisclosures(
            audit_pb2.ListDisclosuresRequest(page_size=1000, page_token=token),
            metadata=auditor.metadata,
        )
        yield from page.disclosures
        token = page.next_page_token
        if not token:
            return


def check_log(one: Served, released: set[int]) -> None:
    """An auditor exports the log and checks it offline; every release in it was answered for."""
    keyring = FileKeyring.open(
        one.trial.folder / "keyring.json", random=lambda size: b"", clock=SystemClock()
    )
    key = verifier_key(keyring, one.settings.evidence.origin)
    export = one.trial.folder / "audit.jsonl"
    called = [
        "audit", "export", str(export), "--verifier-key", key,
        "--address", one.settings.server.token_address or "",
        "--ca", str(one.trial.authority), "--token", str(one.trial.folder / "tls" / "auditor.jwt"),
    ]  # fmt: skip
    assert CliRunner().invoke(app, called).exit_code == 0
    checked = CliRunner().invoke(app, ["audit", "verify", str(export), "--key", key, "--json"])
    assert checked.exit_code == 0, checked.output
    assert json.loads(checked.output)["sound"]
    entries = [json.loads(line) for line in export.read_text().splitlines()[1:]]
    leaves = {entry["position"]: json.loads(entry["entry"]) for entry in entries}
    assert {at for at, leaf in leaves.items() if leaf.get("outcome") == "TREATED"} == released
