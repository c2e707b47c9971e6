"""Tokens go out to a partner, come back in a text, and what of them is ours is turned back."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.app.running import running
from privacy_service.commands.trial import set_up
from privacy_service.settings import DetectionSettings, RevealSettings
from privacy_service.v1 import audit_pb2, enforcement_pb2, keys_pb2, keys_pb2_grpc
from tests.service.conftest import PARTNERS, Peer, Service, reason_of

CONTRACT = """apiVersion: privacy-service/v1
kind: SharingContract
id: acme-to-{recipient}
title: Questions, with people as tokens
party: {{partner: acme-shop, role: controller}}
counterparty: {{partner: {recipient}, role: processor}}
direction: outbound
purposes: ["dpv:CustomerCare"]
legal_basis: eu-gdpr:A6-1-b
effective: {{from: 2026-01-01T00:00:00Z}}
fields:
  - {{path: $}}
entities:
  EMAIL_ADDRESS: {{treatment: tokenize, reveal: true}}
  PHONE_NUMBER: tokenize
"""
TOKEN = re.compile(r"tok_[a-z2-7]{26}")
PAIR = {"sender": "acme-shop", "recipient": "helpdesk-ai", "purpose": "dpv:CustomerCare"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two replicas would share what is limited: it is in the database."""
    trial = set_up(
        tmp_path_factory.mktemp("revealing") / "trial",
        PARTNERS,
        detection=DetectionSettings(model="none"),
    )
    limits = RevealSettings(reveals_per_hour=3, restored_per_hour=40)
    with running(trial.settings.model_copy(update={"reveal": limits})) as serving:
        service = Service(trial, serving)
        for recipient in ("helpdesk-ai", "swift-parcel"):
            service.partner("acme-shop").put_contract(CONTRACT.format(recipient=recipient))
        yield service
        service.close()


def sent(peer: Peer, text: str, **more: object) -> str:
    given = {"recipient": "helpdesk-ai", "purpose": "dpv:CustomerCare", **more}
    return peer.transfer(text, content_type="text/plain", **given).payload.decode()


def restored(
    peer: Peer, content: bytes | str, content_type: str = "text/plain", **more: str
) -> enforcement_pb2.RestoreResponse:
    request = enforcement_pb2.RestoreRequest(
        **(PAIR | more),
        content_type=content_type,
        content=content.encode() if isinstance(content, str) else content,
        reason="ticket 4711",
    )
    return peer.enforcement.Restore(request, timeout=20, metadata=peer.metadata)


def test_an_answer_with_tokens_comes_back_with_their_values(shop: Service) -> None:
    acme = shop.partner("acme-shop")
    out = sent(acme, "Write to maria@mail.example or call +49 30 901820.")
    mail, phone = TOKEN.findall(out)
    model_says = json.dumps(
        {
            "draft": f"Dear {mail}, ({mail}) we call {phone}.",
            mail: [1, None, f"<b>{mail}</b>"],
            "invented": "tok_" + "a" * 26,
        }
    )
    back = restored(acme, model_says, "application/json")
    assert json.loads(back.content) == {
        "draft": f"Dear maria@mail.example, (maria@mail.example) we call {phone}.",
        "maria@mail.example": [1, None, "<b>maria@mail.example</b>"],
        "invented": "tok_" + "a" * 26,
    }
    assert [(one.entity, one.count) for one in back.restored] == [("EMAIL_ADDRESS", 4)]
    assert back.left == 2, "the contract lets no phone number be revealed, and one is invented"
    log = shop.person("auditor").audit.ListEntries(
        audit_pb2.ListEntriesRequest(start_position=back.audit.position),
        metadata=shop.person("auditor").metadata,
    )
    entry = json.loads(log.entries[0].leaf)
    assert (entry["action"], entry["outcome"]) == ("EnforcementService/Restore", "RESTORED")
    assert entry["categories"] == [["EMAIL_ADDRESS", "restore", 4]]


def test_tokens_of_another_pair_stay_and_nothing_links_them(shop: Service) -> None:
    acme = shop.partner("acme-shop")
    people = [f"person{number}@mail.example" for number in range(8)]
    theirs, others = (
        {person: TOKEN.findall(sent(acme, person, recipient=to))[0] for person in people}
        for to in ("helpdesk-ai", "swift-parcel")
    )
    assert theirs == {person: TOKEN.findall(sent(acme, person))[0] for person in people}
    assert set(theirs.values()).isdisjoint(others.values())
    # Neither the order of the words nor any letter of them goes with the person.
    assert sorted(people, key=theirs.__getitem__) != sorted(people, key=others.__getitem__)
    assert not any(a[4:12] == b[4:12] for a in theirs.values() for b in others.values())
    foreign = " ".join(others.values())
    back = restored(acme, foreign)
    assert back.content.decode() == foreign
    assert (len(back.restored), back.left) == (0, len(people))


def test_only_who_sent_them_restores(shop: Service) -> None:
    out = sent(shop.partner("acme-shop"), "maria@mail.example")
    for peer, reason in (("helpdesk-ai", "NOT_YOUR_PARTNER"), ("other-shop", "NOT_YOUR_PARTNER")):
        with pytest.raises(grpc.RpcError) as caught:
            restored(shop.partner(peer), out)
        assert reason_of(caught.value) == reason
    with pytest.raises(grpc.RpcError) as caught:
        restored(shop.person("officer"), out)
    assert reason_of(caught.value) == "ROLE_MISSING"


def test_a_token_is_dead_once_its_person_is_shredded(shop: Service) -> None:
    acme, officer = shop.partner("acme-shop"), shop.person("officer")
    subject = {"type": "email", "value": "gone@mail.example"}
    out = acme.transfer(
        "gone@mail.example",
        content_type="text/plain",
        recipient="helpdesk-ai",
        purpose="dpv:CustomerCare",
        subjects=[subject],
    ).payload.decode()
    assert restored(acme, out).content == b"gone@mail.example"
    request = keys_pb2.ShredKeyRequest(
        partner="acme-shop", subject=subject, reason="case 7", request_id=str(uuid.uuid4())
    )
    keys = keys_pb2_grpc.KeyServiceStub(officer.channel)
    assert keys.ShredKey(request, metadata=officer.metadata).tokens == 1
    back = restored(acme, out)
    assert (back.content.decode(), back.left) == (out, 1)
    with pytest.raises(grpc.RpcError) as caught:
        acme.enforcement.Reveal(
            enforcement_pb2.RevealRequest(**PAIR, token=out, reason="case 7"), timeout=10
        )
    assert reason_of(caught.value) == "RECORD_UNREADABLE"


def test_what_two_people_share_outlives_either_of_them(shop: Service) -> None:
    acme, officer = shop.partner("acme-shop"), shop.person("officer")
    keys = keys_pb2_grpc.KeyServiceStub(officer.channel)
    family = "family@mail.example"
    people = [{"type": "customer_id", "value": name} for name in ("anna", "bert", "carl")]
    tokens = {sent(acme, family, subjects=[person]) for person in people}
    assert len(tokens) == 1
    (out,) = tokens
    for number, person in enumerate(people):
        assert restored(acme, out).content.decode() == family, number
        request = keys_pb2.ShredKeyRequest(
            partner="acme-shop", subject=person, reason="case 7", request_id=str(uuid.uuid4())
        )
        assert keys.ShredKey(request, metadata=officer.metadata).tokens == 1
    assert restored(acme, out).content.decode() == out


def test_reveals_are_limited_and_the_answer_says_when_to_try_again(shop: Service) -> None:
    helpdesk = shop.partner("helpdesk-ai")
    out = sent(shop.partner("acme-shop"), "maria@mail.example")
    request = enforcement_pb2.RevealRequest(**PAIR, token=out, reason="case 7")
    for _ in range(3):
        assert helpdesk.enforcement.Reveal(request, timeout=10).value == "maria@mail.example"
    # Whoever guesses tokens uses up the same allowance.
    guess = enforcement_pb2.RevealRequest(**PAIR, token="tok_" + "b" * 26, reason="case 7")
    for limited in (request, guess):
        with pytest.raises(grpc.RpcError) as caught:
            helpdesk.enforcement.Reveal(limited, timeout=10)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert reason_of(caught.value) == "REVEAL_LIMITED"
        assert 1100 < retry_seconds(caught.value) <= 1200


def retry_seconds(error: grpc.RpcError) -> int:
    for detail in rpc_status.from_call(error).details:
        info = error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            return info.retry_delay.seconds
    raise AssertionError("an error without RetryInfo")


def test_restoring_is_limited_by_tokens(shop: Service) -> None:
    acme = shop.partner("acme-shop")
    many = " ".join(f"tok_{'a' * 24}{one}{other}" for one in "abcdefg" for other in "abcdefg")
    with pytest.raises(grpc.RpcError) as caught:
        restored(acme, many)
    assert reason_of(caught.value) == "REVEAL_LIMITED"
    assert restored(acme, "nothing to restore").content == b"nothing to restore"


def test_a_reason_that_names_a_person_is_refused(shop: Service) -> None:
    acme = shop.partner("acme-shop")
    with pytest.raises(grpc.RpcError) as caught:
        acme.enforcement.Restore(
            enforcement_pb2.RestoreRequest(
                **PAIR, content_type="text/plain", content=b"x", reason="for a@mail.example"
            ),
            timeout=10,
        )
    assert reason_of(caught.value) == "REQUEST_INVALID"


def test_on_the_command_line(shop: Service, tmp_path: Path) -> None:
    files = shop.trial.partners["acme-shop"]
    out = sent(shop.partner("acme-shop"), "maria@mail.example")
    (tmp_path / "answer.txt").write_text(f"Dear {out},")
    how = [
        *("--from", "acme-shop", "--to", "helpdesk-ai", "--purpose", "dpv:CustomerCare"),
        *("--reason", "ticket 4711", "--address", f"localhost:{shop.running.port}"),
        *("--ca", str(files.authority), "--cert", str(files.certificate)),
        *("--key", str(files.private_key)),
    ]
    done = CliRunner().invoke(app, ["tokens", "restore", str(tmp_path / "answer.txt"), *how])
    assert (done.exit_code, done.stdout) == (0, "Dear maria@mail.example,")
    done = CliRunner().invoke(
        app, ["tokens", "restore", str(tmp_path / "answer.txt"), "--json", *how]
    )
    assert json.loads(done.stdout)["restored"] == {"EMAIL_ADDRESS": 1}
    done = CliRunner().invoke(app, ["tokens", "reveal", out, "--json", *how])
    assert json.loads(done.stdout)["value"] == "maria@mail.example"
