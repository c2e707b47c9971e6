"""Partners that change no code: a real Envoy as their sidecar, before the whole service."""

from __future__ import annotations

import gzip
import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import grpc
import httpx
import pytest
from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.gateway.lint import faults_of
from privacy_service.v1 import behavior_pb2, behavior_pb2_grpc, reviews_pb2, reviews_pb2_grpc
from tests.faults.proofs import disclosures
from tests.service.conftest import Service, reason_of
from tests.service.sidecar import ENVOY, Extra, Sidecar, document, sidecar
from tests.unit.payloads.test_protobuf import shop

pytestmark = pytest.mark.skipif(
    not ENVOY.exists(), reason="no Envoy on this machine: tools/prepare-envoy"
)

SWIFT = "swift-parcel.example"
ORDER: dict[str, Any] = {
    "order_id": "SO-7",
    "customer": {"name": "Maria Gonzales", "email": "maria@mail.example", "customer_id": "C-1"},
    "total": 148.40,
    "items": [{"sku": "KB-104", "quantity": 1}],
    "note": "Please ring at Peter Weber, 2nd floor.",
}
BODY = json.dumps(ORDER).encode()
CARD = json.dumps(ORDER | {"note": "card 4111 1111 1111 1111"}).encode()
CANARIES = ("maria@mail", "Gonzales", "Weber", "4111")

SAYS = {
    "privacy-partner": "acme-shop",
    "privacy-counterparty": "swift-parcel",
    "privacy-purpose": "dpv:DeliveryOfGoods",
    "privacy-request": "transfer",
    "privacy-response": "pass",
}
BACK = SAYS | {"privacy-request": "pass", "privacy-response": "transfer"}
DUPLEX = {
    "request_body_mode": "FULL_DUPLEX_STREAMED",
    "response_body_mode": "FULL_DUPLEX_STREAMED",
    "request_trailer_mode": "SEND",
    "response_trailer_mode": "SEND",
}
WHOLE = {"request_body_mode": "BUFFERED", "response_body_mode": "BUFFERED"}
GRPC = SAYS | {
    "privacy-purpose": "dpv:ServiceProvision",
    "privacy-counterparty": "other-shop",
    "privacy-request-type": "shop.v1.Order",
    "privacy-response-type": "shop.v1.Order",
}
GRPC_BACK = GRPC | {"privacy-request": "pass", "privacy-response": "transfer"}
HELD = SAYS | {
    "privacy-purpose": "dpv:PersonnelManagement",
    "privacy-counterparty": "other-shop",
}
MODEL = {
    "privacy-partner": "acme-shop",
    "privacy-counterparty": "other-shop",
    "privacy-request": "check",
    "privacy-response": "check",
    "privacy-use-case": "gateway",
}
UNSEEN = {
    "no-body": {"request_body_mode": "NONE"},
    "each-piece": {"request_body_mode": "STREAMED"},
    "the-beginning": {"request_body_mode": "BUFFERED_PARTIAL"},
    "no-headers": {"request_header_mode": "SKIP", "request_body_mode": "BUFFERED"},
}
BROKEN = {
    "another-partner": SAYS | {"privacy-partner": "other-shop"},
    "a-slip": SAYS | {"privacy-purpos": "x"},
    "no-way": {key: said for key, said in SAYS.items() if key != "privacy-request"},
    "nothing": {},
}
EXTRAS = [
    Extra("duplex", SAYS, DUPLEX),
    Extra("back", BACK),
    Extra("back-duplex", BACK, DUPLEX),
    Extra("back-unseen", BACK, {"request_body_mode": "NONE", "response_body_mode": "NONE"}),
    Extra("query", SAYS | {"privacy-query": "refuse"}, of_route={"privacy-query": "pass"}),
    Extra("asked", SAYS | {"privacy-query": "transfer"}),
    Extra("asked-duplex", SAYS | {"privacy-query": "transfer"}, DUPLEX),
    Extra("no-contract", SAYS | {"privacy-counterparty": "helpdesk-ai"}),
    Extra("held", HELD),
    Extra("model", MODEL),
    Extra("grpc", GRPC, DUPLEX, "grpc_partner"),
    Extra("grpc-buffered", GRPC, WHOLE, "grpc_partner"),
    Extra("grpc-back", GRPC_BACK, DUPLEX, "grpc_partner"),
    Extra("grpc-back-buffered", GRPC_BACK, WHOLE, "grpc_partner"),
    *(Extra(name, SAYS, modes) for name, modes in UNSEEN.items()),
    *(Extra(name, says) for name, says in BROKEN.items()),
]
FILTERS = {
    "observing": {"observability_mode": True},
    "muted": {"disable_immediate_response": True},
    "hasty": {"message_timeout": "0.002s"},
    "lost": {"grpc_service": {"envoy_grpc": {"cluster_name": "nobody"}}},
}

LETTERS = """apiVersion: privacy-service/v1
kind: SharingContract
id: gateway-{id}
title: {id}
party: {{partner: acme-shop, role: controller, region: DE}}
counterparty: {{partner: other-shop, role: processor, region: DE}}
direction: both
purposes: ["{purpose}"]
legal_basis: eu-gdpr:A6-1-b
effective: {{from: 2026-01-01}}
fields: [{{path: $}}]
entities: {{EMAIL_ADDRESS: redact, US_SSN: keep, CREDIT_CARD: refuse, PERSON: redact}}
{more}
"""
BEHAVIOR = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: gateway-answers
title: What the model is asked and answers
party: acme-shop
provider: other-shop
effective: {from: 2026-01-01}
personal_data_purpose: dpv:PublicRelations
scope: {use_cases: [gateway]}
expectations:
  - id: not-about-law
    side: prompt
    wording: {forbid: [lawsuit]}
    otherwise: {abstain: "We can't talk about that."}
  - {id: no-secrets, side: prompt, wording: {forbid: [password]}, otherwise: refuse}
  - {id: no-promises, wording: {forbid: [guaranteed]}, otherwise: refuse}
  - {id: no-rivals, wording: {forbid: [rival]}, otherwise: {replace: "Ask us."}}
"""


@pytest.fixture(scope="module")
def envoy(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    acme = service.partner("acme-shop")
    for name, purpose, more in (
        ("messages", "dpv:ServiceProvision", ""),
        ("staff", "dpv:PersonnelManagement", "review: {entities: [US_SSN], within: P2D}"),
        ("questions", "dpv:PublicRelations", ""),
    ):
        acme.put_contract(LETTERS.format(id=name, purpose=purpose, more=more))
    put = behavior_pb2.PutBehaviorContractRequest(source=BEHAVIOR, request_id=str(uuid.uuid4()))
    behavior_pb2_grpc.BehaviorServiceStub(acme.channel).PutBehaviorContract(put, timeout=10)
    folder = tmp_path_factory.mktemp("sidecar")
    with sidecar(service, folder, EXTRAS, FILTERS) as one:
        yield one


@pytest.mark.parametrize("host", [SWIFT, "duplex"])
def test_a_request_goes_on_as_its_contract_says(
    envoy: Sidecar, service: Service, host: str
) -> None:
    sent = {"privacy-decision": "ALLOW", "accept-language": "de", "privacy-subject": "email=a@b.c"}
    answer = envoy.call(host, BODY, headers=sent)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert answer.headers["privacy-decision"] == "TREATED"
    got = envoy.upstream.last()
    assert json.loads(got.body) == {
        "order_id": "SO-7",
        "customer": {"email": "*****@****.***mple"},
        "total": 148.40,
        "items": [{"sku": "KB-104", "quantity": 1}],
        "note": "Please ring at <PERSON>, 2nd floor.",
    }
    assert got.headers["accept-language"] == "de"
    assert "privacy-subject" not in got.headers
    assert got.headers["privacy-disclosure"] == answer.headers["privacy-disclosure"]
    made = {one.disclosure_id for one in disclosures(service.person("auditor"))}
    assert answer.headers["privacy-disclosure"] in made


@pytest.mark.parametrize("host", ["back", "back-duplex"])
def test_a_response_goes_back_as_its_contract_says(envoy: Sidecar, host: str) -> None:
    with envoy.upstream.answering(BODY, etag='"1"', privacy_response_decision="ALLOW"):
        answer = envoy.call(host, b"{}", headers={"accept-encoding": "br", "range": "bytes=0-1"})
    assert answer.json()["note"] == "Please ring at <PERSON>, 2nd floor."
    assert answer.headers["privacy-response-decision"] == "TREATED"
    assert answer.headers["privacy-response-disclosure"]
    assert "etag" not in answer.headers
    assert {"accept-encoding", "range"}.isdisjoint(envoy.upstream.last().headers)


def test_a_program_needs_no_more_than_the_envoy_as_its_proxy(envoy: Sidecar) -> None:
    proxy = f"http://127.0.0.1:{envoy.ports['outbound']}"
    named = {"content-type": "application/json"}
    answer = httpx.post(f"http://{SWIFT}/orders", content=BODY, headers=named, proxy=proxy)
    assert answer.headers["privacy-decision"] == "TREATED"
    assert envoy.upstream.last().target == "/orders"


def test_a_generated_configuration_is_one_and_has_no_fault(
    service: Service, tmp_path: Path
) -> None:
    files = service.trial.partners["acme-shop"]
    made = CliRunner().invoke(
        app,
        [
            *("gateway", "config", "--from", "acme-shop", "--to", "swift-parcel"),
            *("--purpose", "dpv:DeliveryOfGoods", "--upstream", "swift-parcel.example:443"),
            *("--ca", str(files.authority), "--cert", str(files.certificate)),
            *("--key", str(files.private_key), "--response", "check"),
        ],
    )
    assert made.exit_code == 0, made.output
    file = tmp_path / "envoy.yaml"
    file.write_text(made.stdout)
    assert faults_of(made.stdout) == ()
    looked = subprocess.run(
        [str(ENVOY), "--mode", "validate", "-c", str(file)], capture_output=True, check=False
    )
    assert looked.returncode == 0, looked.stderr[-500:]


def test_what_has_no_body_has_nothing_to_treat(envoy: Sidecar) -> None:
    answer = envoy.call(SWIFT, method="GET")
    assert answer.status_code == 200
    assert "privacy-decision" not in answer.headers


@pytest.mark.parametrize("host", [SWIFT, "duplex"])
def test_what_is_refused_is_a_problem_document_and_goes_nowhere(envoy: Sidecar, host: str) -> None:
    before = len(envoy.upstream.got)
    answer = envoy.call(host, CARD)
    said = document(answer)
    assert (answer.status_code, said["status"], said["reason"]) == (403, 403, "ENTITY_REFUSED")
    assert said["reasons"][0]["path"] == "/note"
    assert said["contracts"] == [{"id": "acme-delivery", "version": 1, "party": "acme-shop"}]
    assert said["audit"]["position"] == int(answer.headers["privacy-audit-position"])
    assert len(envoy.upstream.got) == before
    assert not [word for word in CANARIES if word in answer.text]


def test_a_response_that_is_refused_is_the_answering_sides_fault(envoy: Sidecar) -> None:
    with envoy.upstream.answering(CARD):
        answer = envoy.call("back", b"{}")
    said = document(answer)
    assert (answer.status_code, said["of"], said["effect"]) == (502, "response", "REFUSE")
    assert not [word for word in CANARIES if word in answer.text]


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    (SWIFT, {"headers": {"content-type": "application/pdf"}}, 415, "CONTENT_TYPE_UNKNOWN"),
    (SWIFT, {"headers": {"content-encoding": "br"}}, 415, "BODY_ENCODING_UNKNOWN"),
    (SWIFT, {"headers": {"content-encoding": "gzip"}}, 400, "BODY_INCOMPLETE"),
    (SWIFT, {"headers": {"content-type": "text/csv"}}, 400, "PAYLOAD_MALFORMED"),
    (SWIFT, {"headers": {"privacy-consent": "no id"}}, 400, "REQUEST_INVALID"),
    (SWIFT, {"headers": {"privacy-subject": "maria"}}, 400, "REQUEST_INVALID"),
    (SWIFT, {"target": "/orders?mail=maria@mail.example"}, 400, "QUERY_NOT_PERMITTED"),
    ("no-contract", {}, 403, "PURPOSE_NOT_COVERED"),
    *((name, {}, 500, "BODY_NOT_SHOWN") for name in UNSEEN),
    *((name, {}, 500, "ROUTE_INVALID") for name in BROKEN if name != "another-partner"),
    ("another-partner", {}, 500, "NOT_YOUR_PARTNER"),
    ("back-unseen", {}, 500, "BODY_NOT_SHOWN"),
]


@pytest.mark.parametrize(("host", "how", "status", "reason"), REFUSED)
def test_where_anything_is_in_doubt_nothing_passes(
    envoy: Sidecar, host: str, how: dict[str, Any], status: int, reason: str
) -> None:
    before = len(envoy.upstream.got)
    answer = envoy.call(host, BODY, **how)
    assert (answer.status_code, document(answer)["reason"]) == (status, reason)
    assert len(envoy.upstream.got) == before
    assert not [word for word in CANARIES if word in answer.text]


@pytest.mark.parametrize(("listener", "status"), [("muted", 503), ("hasty", 504), ("lost", 503)])
def test_an_envoy_that_gets_no_answer_lets_nothing_pass(
    envoy: Sidecar, listener: str, status: int
) -> None:
    before = len(envoy.upstream.got)
    assert envoy.call(SWIFT, CARD, listener=listener).status_code == status
    assert len(envoy.upstream.got) == before


def test_an_envoy_that_only_observes_waits_for_nobody(envoy: Sidecar) -> None:
    """Nothing on this side can keep that back; `gateway check` and an alert are what there is.

    It breaks the exchange off where our refusal comes before the upstream's answer, as on a busy
    machine; what was sent is sent by then.
    """
    before = len(envoy.upstream.got)
    assert envoy.call(SWIFT, b"{}", listener="observing").status_code in (200, 503)
    for got in envoy.upstream.got[before:]:
        assert "privacy-decision" not in got.headers


def test_a_body_is_read_through_its_compression(envoy: Sidecar) -> None:
    answer = envoy.call(SWIFT, gzip.compress(BODY), headers={"content-encoding": "gzip"})
    assert answer.status_code == 200
    assert "content-encoding" not in envoy.upstream.last().headers
    assert json.loads(envoy.upstream.last().body)["order_id"] == "SO-7"


def test_a_body_that_unpacks_to_too_much_is_not_unpacked(envoy: Sidecar) -> None:
    bomb = gzip.compress(b" " * (64 << 20))
    answer = envoy.call(SWIFT, bomb, headers={"content-encoding": "gzip"})
    assert (answer.status_code, document(answer)["reason"]) == (413, "PAYLOAD_TOO_LARGE")


def test_a_body_above_the_buffer_is_refused_by_the_envoy(envoy: Sidecar) -> None:
    before = len(envoy.upstream.got)
    answer = envoy.call(SWIFT, b'{"note": "' + b"a" * (13 << 20) + b'"}')
    assert answer.status_code == 413
    assert len(envoy.upstream.got) == before
    assert envoy.call("duplex", b"a" * (13 << 20)).status_code == 413


def test_a_part_of_an_answer_is_no_answer(envoy: Sidecar) -> None:
    with envoy.upstream.answering(BODY, status=206):
        answer = envoy.call("back", b"{}")
    assert (answer.status_code, document(answer)["reason"]) == (502, "EXCHANGE_NOT_COVERED")


def test_a_query_passes_where_the_route_says_so(envoy: Sidecar) -> None:
    assert envoy.call("query", BODY, target="/orders?page=2").status_code == 200
    assert envoy.upstream.last().target == "/orders?page=2"


@pytest.mark.parametrize("host", ["asked", "asked-duplex"])
def test_a_query_is_transferred_as_a_form_where_the_route_says_so(
    envoy: Sidecar, service: Service, host: str
) -> None:
    target = "/orders?order_id=SO-7&name=Maria+Gonzales&note=maria%40mail.example"
    answer = envoy.call(host, target=target, method="GET")
    assert answer.headers["privacy-query-decision"] == "TREATED"
    left = parse_qs(urlsplit(envoy.upstream.last().target).query)
    assert left == {"order_id": ["SO-7"], "note": ["<EMAIL_ADDRESS>"]}
    both = envoy.call(host, BODY, target=target, headers={"idempotency-key": str(uuid.uuid4())})
    made = {one.disclosure_id for one in disclosures(service.person("auditor"))}
    named = {both.headers["privacy-query-disclosure"], both.headers["privacy-disclosure"]}
    assert len(named & made) == 2
    got = envoy.upstream.last()
    assert (got.headers["privacy-query-decision"], got.headers["privacy-decision"]) == (
        "TREATED",
        "TREATED",
    )
    assert "mail.example" not in got.target
    before = len(envoy.upstream.got)
    answer = envoy.call(host, BODY, target="/orders?note=4111+1111+1111+1111")
    assert (answer.status_code, document(answer)["reason"]) == (403, "ENTITY_REFUSED")
    assert len(envoy.upstream.got) == before


def test_a_repeated_request_has_one_effect(envoy: Sidecar) -> None:
    def sent(body: bytes, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = envoy.call(SWIFT, body, headers=named)
        return answer.headers.get("privacy-disclosure") or document(answer)["reason"]

    by_key = [sent(BODY, idempotency_key="k-1") for _ in range(2)]
    assert by_key[0] == by_key[1]
    assert sent(CARD, idempotency_key="k-1") == "REQUEST_ID_REUSED"
    by_id = [sent(BODY, x_request_id="r-1") for _ in range(2)]
    assert by_id[0] == by_id[1] != by_key[0]
    assert sent(json.dumps(ORDER | {"total": 1}).encode(), x_request_id="r-1") != by_id[0]


def test_what_waits_for_a_person_goes_on_when_it_is_sent_again(
    envoy: Sidecar, service: Service
) -> None:
    letter = json.dumps({"note": "SSN 536-90-4399, maria@mail.example"}).encode()
    again = {"idempotency-key": str(uuid.uuid4())}
    before = len(envoy.upstream.got)
    for _ in range(2):
        answer = envoy.call("held", letter, headers=again)
        said = document(answer)
        assert (answer.status_code, said["effect"]) == (403, "HOLD")
    assert len(envoy.upstream.got) == before
    officer = service.person("officer")
    stub = reviews_pb2_grpc.ReviewServiceStub(officer.channel)
    opened = stub.OpenReview(
        reviews_pb2.OpenReviewRequest(review_id=said["review"], reason="case 17"),
        timeout=20,
        metadata=officer.metadata,
    )
    approve = reviews_pb2.ApproveReviewRequest(
        review_id=said["review"],
        seen=opened.seen,
        note="case 17",
        request_id=str(uuid.uuid4()),
    )
    stub.ApproveReview(approve, timeout=20, metadata=officer.metadata)
    answer = envoy.call("held", letter, headers=again)
    assert answer.status_code == 200
    assert answer.headers["privacy-review"] == said["review"]
    assert json.loads(envoy.upstream.last().body)["note"] == "SSN 536-90-4399, <EMAIL_ADDRESS>"


def test_a_model_is_asked_and_answers_as_its_contract_says(envoy: Sidecar) -> None:
    prompt = {"messages": [{"content": "Where is the order of maria@mail.example?"}]}
    with envoy.upstream.answering(b'{"answer": "At Peter Weber\'s, 12 May 2026."}'):
        answer = envoy.call("model", json.dumps(prompt).encode())
    assert answer.status_code == 200, answer.text
    assert "maria@mail" not in envoy.upstream.last().body.decode()
    assert answer.headers["privacy-decision"] == "TREATED"
    assert answer.headers["privacy-response-decision"] == "TREATED"
    assert "Weber" not in answer.text

    with envoy.upstream.answering(b'{"answer": "It is guaranteed."}'):
        answer = envoy.call("model", b'{"q": "When?"}')
    said = document(answer)
    assert (answer.status_code, said["reason"]) == (502, "OUTPUT_REFUSED")
    assert said["broken"] == ["no-promises"]
    assert answer.headers["privacy-disclosure"], "the prompt went out all the same"

    with envoy.upstream.answering(b"Our rival does.", content_type="text/plain"):
        answer = envoy.call("model", b'{"q": "Who?"}')
    assert answer.text == "Ask us."


def test_a_prompt_that_is_not_to_be_asked_is_not(envoy: Sidecar) -> None:
    before = len(envoy.upstream.got)
    answer = envoy.call("model", b"my lawsuit", headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.text) == (200, "We can't talk about that.")
    assert answer.headers["privacy-decision"] == "ABSTAINED"
    answer = envoy.call("model", b'{"q": "my password"}')
    assert (answer.status_code, document(answer)["reason"]) == (403, "PROMPT_REFUSED")
    assert len(envoy.upstream.got) == before


# -- gRPC -------------------------------------------------------------------------------------


def message_of() -> Any:
    pool = DescriptorPool()
    for name in ("any", "duration", "struct", "timestamp", "wrappers"):
        module = __import__(f"google.protobuf.{name}_pb2", fromlist=["DESCRIPTOR"])
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    for file in descriptor_pb2.FileDescriptorSet.FromString(shop()).file:
        if not file.name.startswith("google/"):
            pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.v1.Order"))


def called(envoy: Sidecar, host: str, message: Any, **how: Any) -> tuple[Any, grpc.Call]:
    options = [("grpc.default_authority", host)]
    with grpc.insecure_channel(f"127.0.0.1:{envoy.ports['outbound']}", options) as channel:
        stub = channel.unary_unary(
            "/shop.v1.Shop/Send",
            request_serializer=lambda one: one.SerializeToString(),
            response_deserializer=type(message).FromString,
        )
        return stub.with_call(message, timeout=10, **how)


@pytest.mark.parametrize("host", ["grpc", "grpc-buffered"])
@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
def test_a_grpc_message_goes_both_ways_as_its_contract_says(
    envoy: Sidecar, host: str, compression: grpc.Compression | None
) -> None:
    order_type = message_of()
    order = order_type(id="SO-7", customer={"name": "Maria", "mails": ["maria@mail.example"]})
    envoy.upstream.grpc_answer = order_type(
        id="1", customer={"mails": ["a@b.example"]}
    ).SerializeToString()
    answer, call = called(envoy, host, order, compression=compression)
    got = order_type.FromString(envoy.upstream.grpc_got[-1])
    assert (got.id, list(got.customer.mails)) == ("SO-7", ["<EMAIL_ADDRESS>"])
    assert dict(call.initial_metadata())["privacy-decision"] == "TREATED"
    assert list(answer.customer.mails) == ["a@b.example"]
    back, call = called(envoy, host.replace("grpc", "grpc-back"), order, compression=compression)
    assert list(back.customer.mails) == ["<EMAIL_ADDRESS>"]
    assert dict(call.initial_metadata())["privacy-response-decision"] == "TREATED"


@pytest.mark.parametrize("host", ["grpc", "grpc-buffered"])
def test_a_grpc_message_that_is_refused_has_a_grpc_status(envoy: Sidecar, host: str) -> None:
    before = len(envoy.upstream.grpc_got)
    with pytest.raises(grpc.RpcError) as caught:
        called(envoy, host, message_of()(id="4111 1111 1111 1111"))
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert caught.value.details().startswith("ENTITY_REFUSED: ")
    assert reason_of(caught.value) == "ENTITY_REFUSED"
    assert len(envoy.upstream.grpc_got) == before
