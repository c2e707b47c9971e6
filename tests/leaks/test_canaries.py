"""No value leaves by a side door: unique words go in by every way, and are looked for everywhere.

Every word starts alike, so that one search finds all of them, also in base64 and hexadecimal. They
are put where personal data may be: payloads, names in payloads, subjects, tokens, reasons, records,
and the example payloads of contracts that do not hold up.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import sqlite3
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.v1 import (
    audit_pb2,
    contracts_pb2,
    enforcement_pb2,
    keys_pb2,
    keys_pb2_grpc,
    records_pb2,
    requests_pb2,
    requests_pb2_grpc,
)
from tests.faults.served import Served, free_port, served
from tests.rpc import exchanges
from tests.service.conftest import CONTRACTS, DELIVERY, Peer, transfer_request

ROOT = "kanarie"
SUPPORT = {"recipient": "helpdesk-ai", "purpose": "dpv:CustomerCare"}
_numbers = itertools.count(1)


def word() -> str:
    """A word that nobody takes for personal data."""
    return f"{ROOT}{next(_numbers):04}q"


def address() -> str:
    """One that everybody does."""
    return f"{word()}@leak.example"


def forms() -> list[bytes]:
    """The beginning of all words, as text and as what text is often turned into."""
    raw = ROOT.encode()
    shifted = (
        base64.b64encode(b"." * gap + raw)[2 if gap == 1 else 4 if gap else 0 :] for gap in range(3)
    )
    return [
        raw,
        raw.upper(),
        raw.hex().encode(),
        ROOT.encode("utf-16-le"),
        *(one[:8] for one in shifted),
    ]


def leaked(text: bytes | str) -> list[bytes]:
    written = text.encode() if isinstance(text, str) else text
    lower = written.lower()
    return [
        form for form in forms() if (form in written) or (form == ROOT.encode() and form in lower)
    ]


@dataclass
class Errors:
    """What callers were told when they were refused."""

    told: list[tuple[str, bytes]] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)

    def hear(self, name: str, call: Callable[[], Any]) -> None:
        """Makes the call; a refusal is kept with all that it says."""
        try:
            call()
        except grpc.RpcError as error:
            details = [
                value if isinstance(value, bytes) else value.encode()
                for _key, value in error.trailing_metadata() or ()
            ]
            said = b"\n".join([str(error.details()).encode(), *details])
            self.told.append((name, said))
            self.reasons.add(error.code().name)

    def hear_exchange(self, name: str, peer: Peer, messages: list[Any]) -> None:
        """Has the gateway look at an exchange; what is said in its place is kept."""

        def call() -> None:
            for answer in exchanges.said(peer.channel, messages, DELIVERED):
                if answer.HasField("immediate_response"):
                    self.told.append((name, answer.SerializeToString()))

        self.hear(name, call)


DELIVERED = exchanges.says("acme-shop", "swift-parcel")


def shown() -> Iterator[tuple[str, list[Any]]]:
    """Requests at the gateway: with words in their bodies, and where no contract looks."""
    order = json.dumps({"order_id": word(), "note": f"{word()} {address()}"}).encode()
    named = {
        ":method": "POST",
        ":path": f"/{word()}/{address()}",
        "content-type": f'application/json; note="{word()}"',
        "idempotency-key": word(),
        "x-request-id": word(),
        "cookie": word(),
    }
    yield "gateway", [exchanges.headers(named), exchanges.body(order)]
    card = json.dumps({"note": f"{word()} 4111 1111 1111 1111"}).encode()
    yield "gateway refuses", [exchanges.headers(named | {"x": "y"}), exchanges.body(card)]
    for key, said in {
        "content-type": f"{word()}/{word()}",
        "content-encoding": word(),
        ":path": f"/?{word()}={address()}",
        "privacy-consent": f"{word()} {address()}",
        "privacy-subject": word(),
        "upgrade": word(),
    }.items():
        changed = {name: one for name, one in named.items() if name != "idempotency-key"}
        yield f"gateway {key}", [exchanges.headers(changed | {key: said}), exchanges.body(order)]
    broken = f'{{"{word()}": "{word()}'.encode()
    yield "gateway unreadable", [exchanges.headers(changed), exchanges.body(broken)]


def send(peer: Peer, payload: bytes | str, seconds: float = 20, **more: Any) -> Callable[[], Any]:
    request = transfer_request("acme-shop", payload, **more)
    return lambda: peer.enforcement.Transfer(request, timeout=seconds)


def transfers(acme: Peer) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Payloads that pass, are treated, are refused, and cannot be read."""
    order = {
        "order_id": word(),
        "customer": {"customer_id": word(), "email": address(), "phone": "+49 30 901820"},
        "note": f"{word()} {address()}",
        word(): word(),
        address(): {word(): address()},
    }
    yield "treated", send(acme, json.dumps(order), subjects=[subject()])
    yield "allowed", send(acme, json.dumps({"order_id": word()}))
    yield "by entity", send(acme, json.dumps({"note": f"{word()} 4111 1111 1111 1111"}))
    for content_type, payload in {
        "application/json": json.dumps({"a": address(), word(): [word()]}),
        "application/x-ndjson": json.dumps({"a": address()}) + "\n" + json.dumps(word()),
        "text/csv": f"{word()},{address()}\n{word()},{address()}\n",
        "application/xml": f"<a b='{word()}'>{address()}<!-- {word()} --></a>",
        "application/x-www-form-urlencoded": f"{word()}={word()}",
        "text/plain": f"{word()} {address()}",
        "message/rfc822": f"Subject: {word()}\r\nFrom: {address()}\r\n\r\n{word()}\r\n",
        f'application/json; note="{address()}"': json.dumps({"a": word()}),
    }.items():
        yield content_type, send(acme, payload, content_type=content_type, **SUPPORT)
    for content_type, unreadable in {
        "application/json": f'{{"{word()}": "{word()}',
        "application/x-ndjson": f'{{"{word()}": 1}} {word()}',
        "text/csv": f'{word()},"{word()}',
        "application/xml": f"<{word()}>{word()}</x>",
        "application/x-www-form-urlencoded": f"{word()}=%{word()}",
        "image/png": word(),
        f"{word()}/{word()}": word(),
        "application/x-protobuf; messageType=shop.v1.Order": word(),
    }.items():
        yield f"unreadable {content_type}", send(acme, unreadable, content_type=content_type)
    twice = word()
    yield "twice", send(acme, f'{{"{twice}": 1, "{twice}": 2}}')
    yield "not UTF-8", send(acme, f'{{"{word()}": "'.encode() + b'\xff"}')
    yield "too deep", send(acme, f'{{"{word()}":' * 2000 + "1" + "}" * 2000)
    yield "oversize", send(acme, f'"{word() * 1_200_000}"', seconds=60)
    yield "huge message", send(acme, word() * 1_500_000, seconds=60)
    yield "no time", send(acme, json.dumps({"note": f"{word()} " * 2000}), seconds=0.001)
    yield "other purpose", send(acme, json.dumps({"a": word()}), purpose="dpv:Marketing")
    foreign = transfer_request("swift-parcel", json.dumps({"a": word()}), recipient="other-shop")
    yield "foreign", lambda: acme.enforcement.Transfer(foreign, timeout=20)
    shift = json.dumps([{word(): "1985-03-14"}])
    yield "treatment fails", send(acme, shift, recipient="other-shop", purpose="dpv:CustomerCare")


def subject() -> enforcement_pb2.SubjectRef:
    return enforcement_pb2.SubjectRef(type="email", value=address())


FAILING = """apiVersion: privacy-service/v1
kind: SharingContract
id: failing
title: Dates are shifted by a subject that nobody names
party: {partner: acme-shop, role: controller}
counterparty: {partner: other-shop, role: processor}
direction: outbound
purposes: ["dpv:CustomerCare"]
legal_basis: eu-gdpr:A6-1-b
effective: {from: 2026-01-01T00:00:00Z}
fields:
  - {path: "$[*].*", treatment: {shift_date: {days: 30}}}
"""


def bad_contracts() -> Iterator[str]:
    """Contracts that do not hold up, with a value in the payload of an example."""
    payload = json.dumps({"a": address()})
    example = (
        f"examples:\n  - {{name: one, content_type: application/json, payload: '{payload}'}}\n"
    )
    yield FAILING + example + "effective: 1\n"
    yield FAILING + example + "fields: [\n"
    yield FAILING + example.replace("name: one", "nome: one")
    yield FAILING + example.replace("application/json", "7")
    yield FAILING + example.replace("'{", "'{'").replace("}'", "'}'")
    yield FAILING + f"  - {{path: $.x, {word()}: {word()}\n"


def others(one: Served) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every other RPC."""
    acme, swift = one.partner("acme-shop"), one.partner("swift-parcel")
    officer, auditor = one.person("officer"), one.person("auditor")
    payload = json.dumps({"order_id": word(), "note": address()}).encode()
    shipped = {"sender": "acme-shop", "recipient": "swift-parcel", "purpose": DELIVERY}
    typed = {"content_type": "application/json", "payload": payload}
    for peer in (acme, swift, officer):
        yield (
            "Preview",
            lambda peer=peer: peer.enforcement.Preview(
                enforcement_pb2.PreviewRequest(**shipped, **typed), metadata=peer.metadata
            ),
        )
    for content_type in ("application/json", "application/xml", word()):
        yield (
            "Inspect",
            lambda kind=content_type: acme.enforcement.Inspect(
                enforcement_pb2.InspectRequest(content_type=kind, payload=payload)
            ),
        )
    items = [
        enforcement_pb2.TransferStreamRequest(
            item_id=str(at), request=transfer_request("acme-shop", one_payload)
        )
        for at, one_payload in enumerate([payload, b"{" + word().encode(), payload])
    ]
    yield "TransferStream", lambda: list(acme.enforcement.TransferStream(iter(items)))
    for token, reason in [(word(), "case 1"), ("tok_" + "a" * 26, f"for {address()}")]:
        yield (
            "Reveal",
            lambda token=token, reason=reason: swift.enforcement.Reveal(
                enforcement_pb2.RevealRequest(**shipped, token=token, reason=reason)
            ),
        )
    for content_type, reason in [
        ("text/plain", "case 1"),
        ("application/json", "case 1"),
        (word(), "case 1"),
        ("text/plain", f"for {address()}"),
    ]:
        yield (
            "Restore",
            lambda kind=content_type, reason=reason: acme.enforcement.Restore(
                enforcement_pb2.RestoreRequest(
                    **shipped,
                    content_type=kind,
                    content=f"{word()} {address()} tok_{'a' * 26}".encode(),
                    reason=reason,
                )
            ),
        )
    keys = keys_pb2_grpc.KeyServiceStub(officer.channel)
    for reason, dry_run in [("case 1", True), ("case 1", False), (f"for {address()}", False)]:
        yield (
            "ShredKey",
            lambda reason=reason, dry_run=dry_run: keys.ShredKey(
                keys_pb2.ShredKeyRequest(
                    partner="acme-shop",
                    subject=subject(),
                    reason=reason,
                    dry_run=dry_run,
                    request_id=str(uuid.uuid4()),
                ),
                metadata=officer.metadata,
            ),
        )
    rewrap = keys_pb2.RewrapKeysRequest(cursor=word(), request_id=str(uuid.uuid4()))
    yield "RewrapKeys", lambda: keys.RewrapKeys(rewrap, metadata=officer.metadata)
    for source in bad_contracts():
        yield "PutContract", lambda source=source: acme.put_contract(source)
    record = uuid.uuid4().hex
    for content_type in (f'text/plain; note="{word()}"', "text/plain", word()):
        yield (
            "PutRecord",
            lambda kind=content_type: acme.records.PutRecord(
                records_pb2.PutRecordRequest(
                    partner="acme-shop",
                    record_id=record,
                    content_type=kind,
                    content=address().encode(),
                    subjects=[subject()],
                    request_id=str(uuid.uuid4()),
                )
            ),
        )
    named = {"partner": "acme-shop", "record_id": record}
    yield "GetRecord", lambda: acme.records.GetRecord(records_pb2.GetRecordRequest(**named))
    yield (
        "ListRecords",
        lambda: acme.records.ListRecords(records_pb2.ListRecordsRequest(partner="acme-shop")),
    )
    yield (
        "DeleteRecord",
        lambda: acme.records.DeleteRecord(
            records_pb2.DeleteRecordRequest(**named, request_id=str(uuid.uuid4()))
        ),
    )
    yield from corrections(officer)
    yield (
        "ListDisclosures",
        lambda: auditor.audit.ListDisclosures(
            audit_pb2.ListDisclosuresRequest(subject=subject()), metadata=auditor.metadata
        ),
    )
    yield (
        "ListContracts",
        lambda: officer.contracts.ListContracts(
            contracts_pb2.ListContractsRequest(page_token=word()), metadata=officer.metadata
        ),
    )


def corrections(officer: Peer) -> Iterator[tuple[str, Callable[[], Any]]]:
    """A rectification, with values in it from its plan to the record that it waits in."""
    stub = requests_pb2_grpc.SubjectRequestServiceStub(officer.channel)
    how = {"metadata": officer.metadata, "timeout": 20}
    submitted = stub.SubmitRequest(
        requests_pb2.SubmitRequestRequest(
            kind=requests_pb2.SUBJECT_REQUEST_KIND_RECTIFICATION,
            identifiers=[requests_pb2.Identifier(subject=subject())],
            regime="eu-gdpr", place="DE", request_id=str(uuid.uuid4()),
        ),
        **how,
    )  # fmt: skip
    request = submitted.request.subject_request_id
    for path in ("$.note", word()):
        wrong = requests_pb2.Correction(
            partner="acme-shop", field=path, was=address(), value=address(), identifier="email"
        )
        statement = requests_pb2.SupplementaryStatement(partner="acme-shop", text=word())
        correct = requests_pb2.Correct(corrections=[wrong], statement=statement)
        plan = requests_pb2.PlanCorrectionRequest(subject_request_id=request, correct=correct)
        yield "PlanCorrection", lambda plan=plan: stub.PlanCorrection(plan, **how)
        for step in (
            {"correct": correct},
            {"check_identity": requests_pb2.CheckIdentity(level=1, evidence_sha256="ab" * 32)},
            {"correct": correct},
        ):
            taken = requests_pb2.TakeStepRequest(
                subject_request_id=request, request_id=str(uuid.uuid4()), **step
            )
            yield "TakeStep", lambda taken=taken: stub.TakeStep(taken, **how)


def evidence(one: Served) -> Iterator[tuple[str, bytes]]:
    """The audit log, the ledger, health and metrics, as whoever may see them does."""
    auditor = one.person("auditor")
    entries = auditor.audit.ListEntries(
        audit_pb2.ListEntriesRequest(page_size=1000), metadata=auditor.metadata
    )
    assert len(entries.entries) > 20
    yield "audit log", entries.SerializeToString()
    disclosed = auditor.audit.ListDisclosures(
        audit_pb2.ListDisclosuresRequest(page_size=1000), metadata=auditor.metadata
    )
    assert disclosed.disclosures
    yield "disclosures", disclosed.SerializeToString()
    yield "health", one.health().encode()
    with urllib.request.urlopen(f"http://{one.settings.server.metrics_address}/metrics") as page:
        metrics = page.read()
    assert b"privacy_calls_total" in metrics
    yield "metrics", metrics


def files(one: Served) -> Iterator[tuple[str, bytes]]:
    """All that is left on the disk when the service has ended."""
    with contextlib.closing(sqlite3.connect(one.database)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert database.execute("SELECT count(*) FROM records").fetchone()[0] > 0
    for file in sorted(one.trial.folder.rglob("*")):
        if file.is_file():
            yield file.name, file.read_bytes()
    yield "what it said", one.said.read_bytes()


@pytest.mark.parametrize("before", ["", "x", "xx"])
def test_the_search_finds_a_word_in_every_form(before: str) -> None:
    raw = (before + word()).encode()
    for form in (raw, raw.upper(), base64.b64encode(raw), raw.hex().encode()):
        assert leaked(b"\0" + form + b"\0")
    assert leaked((before + word()).encode("utf-16-le"))


def put_contracts(one: Served) -> None:
    for source in [*(file.read_text() for file in sorted(CONTRACTS.glob("*.yaml"))), FAILING]:
        one.partner("acme-shop").put_contract(source)


def test_no_value_leaves_a_service_by_a_side_door(tmp_path: Path) -> None:
    heard = Errors()
    server = {"metrics_address": f"127.0.0.1:{free_port()}"}
    with served(tmp_path, server=server) as one:
        put_contracts(one)
        for name, call in (*transfers(one.partner("acme-shop")), *others(one)):
            heard.hear(name, call)
        for name, messages in shown():
            heard.hear_exchange(name, one.partner("acme-shop"), messages)
        seen = list(evidence(one))
        assert one.stop() == 0
        seen += files(one)
    # Each kind of refusal was met, so that each had its chance to say too much.
    assert heard.reasons >= {
        "INVALID_ARGUMENT",
        "RESOURCE_EXHAUSTED",
        "DEADLINE_EXCEEDED",
        "FAILED_PRECONDITION",
        "PERMISSION_DENIED",
        "NOT_FOUND",
    }
    assert not [(name, told) for name, told in heard.told if leaked(told)]
    assert not [(name, leaked(said)) for name, said in seen if leaked(said)]


@pytest.mark.parametrize(
    ("kind", "reasons"),
    [("inline", {"INTERNAL"}), ("pooled", {"UNAVAILABLE", "DEADLINE_EXCEEDED"})],
)
def test_no_value_leaves_when_parts_of_the_service_fail(
    tmp_path: Path, kind: str, reasons: set[str]
) -> None:
    heard = Errors()
    server = {"metrics_address": f"127.0.0.1:{free_port()}"}
    with served(tmp_path, program=("-m", "tests.faults.odd_service", kind), server=server) as one:
        put_contracts(one)
        for name, call in faults(one, kind):
            heard.hear(name, call)
        seen = list(evidence(one))
        one.stop()
        seen += files(one)
    assert heard.reasons >= reasons
    assert not [(name, told) for name, told in heard.told if leaked(told)]
    assert not [(name, leaked(said)) for name, said in seen if leaked(said)]


def faults(one: Served, kind: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """A detector that crashes with the text in its message, dies and hangs; a locked store."""
    acme, swift = one.partner("acme-shop"), one.partner("swift-parcel")
    crash = json.dumps({"note": f"please-crash {address()}", f"please-crash {word()}": word()})
    yield "crash", send(acme, crash)
    yield "crash", send(acme, crash, **SUPPORT)
    inspected = enforcement_pb2.InspectRequest(
        content_type="application/json", payload=crash.encode()
    )
    yield "crash", lambda: acme.enforcement.Inspect(inspected, timeout=20)
    revealed = enforcement_pb2.RevealRequest(
        sender="acme-shop",
        recipient="swift-parcel",
        purpose=DELIVERY,
        token=word(),
        reason=f"please-crash {word()}",
    )
    yield "crash", lambda: swift.enforcement.Reveal(revealed, timeout=20)
    if kind == "pooled":
        yield "dead", send(acme, json.dumps({"note": f"please-die {address()}"}))
        yield "stuck", send(acme, json.dumps({"note": f"please-hang {word()}"}), seconds=1)
    with contextlib.closing(sqlite3.connect(one.database, isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        yield "locked", send(acme, json.dumps({"note": address()}), seconds=1)
        lock.execute("ROLLBACK")
    for _ in range(10):  # the log has something in it, then
        yield "fine", send(acme, json.dumps({"order_id": word(), "note": "fine"}))


# -- The command line ---------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {
        "broken.json": f'{{"{word()}": "{word()}',
        "fine.json": json.dumps({"note": address(), "card": "4111 1111 1111 1111"}),
        "lines.jsonl": json.dumps({"id": 1, "text": address()}) + f"\nno line {word()}\n",
        "bad.yaml": next(bad_contracts()),
        "export.jsonl": f'{{"origin": "{word()}"}}\n{word()}\n',
        "rules.yaml": f"rules: [{{name: {word()}\n",
        "labelled.jsonl": f'{{"id": "a", "text": "{word()}", "labels": 7}}\n',
    }.items():
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        "inspect {}/broken.json --model none",
        "inspect {}/fine.json --model none",
        "inspect {}/fine.json --model none --json",
        "inspect {}/fine.json --model none --type application/xml",
        "inspect --jsonl {}/lines.jsonl --model none",
        "contract lint {}/bad.yaml",
        "contract lint {}/bad.yaml --json",
        "contract test {}/bad.yaml",
        "contract show {}/bad.yaml",
        "contract diff {}/bad.yaml {}/bad.yaml",
        "contract put {}/bad.yaml",
        "detectors lint {}/rules.yaml",
        "evaluate {}/labelled.jsonl --model none",
        "audit verify {}/export.jsonl --key demo.example/audit+00000000+AQ==",
        "transfer {}/broken.json --from a --to b --purpose dpv:X --address 127.0.0.1:1",
        "keys open {}/fine.json",
        "keys init --provider file:{}/broken.json",
    ],
)
def test_no_command_prints_a_value_that_it_was_not_asked_for(folder: Path, command: str) -> None:
    done = CliRunner().invoke(app, command.replace("{}", str(folder)).split(" "))
    assert not leaked(done.output)
    assert not leaked(done.stderr)
    # What nobody caught would be printed by Python, with all that it says.
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
