"""Every trap that a value was ever lost through (peers.md, part 5), against the whole service.

What must not come out is looked for in every form in which a reader could read what came out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import grpc
import pytest
from google.protobuf.message import Message

from privacy_service.payloads.canonical import views
from privacy_service.payloads.decode import decode
from privacy_service.payloads.document import Limits
from privacy_service.v1 import answer_pb2
from tests.service.conftest import Peer, reason_of
from tests.service.hiding_places import (
    JSON_PLACES,
    SOME,
    VALUES,
    as_keys,
    form,
    lines,
    mail,
    samples,
    table,
    xml,
)
from tests.unit.payloads.test_protobuf import message

SUPPORT = {"recipient": "helpdesk-ai", "purpose": "dpv:CustomerCare"}
TREATED = answer_pb2.EFFECT_TREATED


def support(acme: Peer, payload: bytes | str, content_type: str = "application/json") -> bytes:
    """What leaves of a payload of which everything may leave but what is personal."""
    result = acme.transfer(payload, content_type=content_type, **SUPPORT)
    assert result.decision.effect == TREATED, (result.decision, result.coverage.gaps)
    assert result.coverage.complete
    return result.payload


def texts_of(content_type: str, payload: bytes) -> list[str]:
    nodes = decode(content_type, payload, limits=Limits()).nodes
    return [payload.decode(), *(n.text for n in nodes), *(n.key.text for n in nodes if n.key)]


def still_shown(texts: Iterable[str], values: Iterable[str] = tuple(VALUES.values())) -> set[str]:
    """The values that some form of the texts shows, whatever separates their letters."""
    forms = {bare(view.text) for text in texts for view in views(text).views}
    return {value for value in values if any(bare(value) in form for form in forms)}


def bare(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.casefold())


# -- Encodings, entities, positions -------------------------------------------------------------


@pytest.mark.parametrize("place", JSON_PLACES)
def test_nothing_hides_in_json(acme: Peer, place: str) -> None:
    out = support(acme, json.dumps(JSON_PLACES[place](samples())))
    assert not still_shown(texts_of("application/json", out))


def test_nothing_hides_in_names(acme: Peer) -> None:
    out = support(acme, json.dumps(as_keys()))
    assert not still_shown(texts_of("application/json", out))


@pytest.mark.parametrize(
    ("content_type", "payload"),
    [
        ("application/xml", xml(samples(SOME))),
        ("text/csv", table(samples())),
        ("application/x-ndjson", lines(samples())),
        ("application/x-www-form-urlencoded", form(samples())),
        ("text/plain", "\n\n".join(samples(("plain", "zero-width", "full-width", "base64")))),
        ("message/rfc822", mail(samples(("plain", "zero-width", "base64")))),
    ],
    ids=lambda given: given if isinstance(given, str) and len(given) < 40 else "",
)
def test_nothing_hides_in_another_content_type(
    acme: Peer, content_type: str, payload: str | bytes
) -> None:
    out = support(acme, payload, content_type)
    assert not still_shown(texts_of(content_type, out))


ORDER = "application/x-protobuf; messageType=shop.v1.Order"


def test_nothing_hides_in_a_protobuf_message(acme: Peer) -> None:
    texts = samples(SOME)
    order, anybody = message(), message("Person")
    order.id, order.note, order.coupon.value = texts[0], "\n".join(texts).encode(), texts[1]
    order.customer.mails.extend(texts)
    anybody.mails.extend(texts)
    order.more.Pack(anybody)
    order.extra.update({"texts": texts, "card": 4111111111111111, VALUES["IBAN_CODE"]: True})
    for at, text in enumerate(texts):
        order.labels[f"l{at}"] = text
        order.people[at].name = text
    for entity, value in VALUES.items():
        if entity not in ("PERSON", "US_SSN"):
            order.labels[value] = "x"
    out = support(acme, order.SerializeToString(), ORDER)
    left = type(order).FromString(out)
    shown = [*_texts(left), *left.labels.keys(), left.note.decode()]
    assert not still_shown(shown)
    assert len(left.customer.mails) == len(texts)


def test_a_number_of_a_protobuf_message_is_treated_or_refused(acme: Peer) -> None:
    order = message()
    order.card = 4111111111111111
    with pytest.raises(grpc.RpcError) as caught:
        support(acme, order.SerializeToString(), ORDER)
    assert reason_of(caught.value) == "TREATMENT_FAILED"


def _texts(left: Message) -> list[str]:
    """All that the message says, whatever it is packed in."""
    packed = message("Person")
    left.more.Unpack(packed)  # type: ignore[attr-defined]
    return [str(left), str(packed)]


# -- What other engines miss (peers.md, 1.1) ----------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "left"),
    [
        # Numbers, in every way to write one, are treated; the JSON stays JSON.
        ('{"card":4111111111111111}', {"card": "<CREDIT_CARD>"}),
        ('{"n":4111111111111111.0}', {"n": "<CREDIT_CARD>"}),
        ('{"n":4.111111111111111e15}', {"n": "<CREDIT_CARD>"}),
        ('{"n":-4111111111111111}', {"n": "<CREDIT_CARD>"}),
        ('{"ssn":536904399}', {"ssn": "<US_SSN>"}),
        ('{"ssn":{"value":"536904399"}}', {"ssn": {"value": "<US_SSN>"}}),
        ('{"phone":4155552671}', {"phone": "<PHONE_NUMBER>"}),
        # Lists keep their length, and every element its own value.
        (
            '{"contact":{"emails":["aaaa@x.com","bbbb@y.com","none"]}}',
            {"contact": {"emails": ["<EMAIL_ADDRESS>", "<EMAIL_ADDRESS>", "none"]}},
        ),
        (
            '[[["a@x.com"]],[],{},0,"",false,null]',
            [[["<EMAIL_ADDRESS>"]], [], {}, 0, "", False, None],
        ),
        # Values are called what they are.
        ('{"a":"4111.1111.1111.1111"}', {"a": "<CREDIT_CARD>"}),
        ('{"a":"call 415-555-2671"}', {"a": "call <PHONE_NUMBER>"}),
        ('{"a":"jane_doe_4111111111111111_x"}', {"a": "jane_doe_<CREDIT_CARD>_x"}),
        ('{"a":"card 4111 1111\\r\\n1111 1111"}', {"a": "card <CREDIT_CARD>"}),
        # What no default recognizer of the peer knows.
        ('{"cpf":"529.982.247-25"}', {"cpf": "<BR_CPF>"}),
        ('{"aadhaar":"2345 6789 0124"}', {"aadhaar": "<IN_AADHAAR>"}),
        ('{"pan":"ABCPE1234F"}', {"pan": "<IN_PAN>"}),
    ],
)
def test_what_others_miss_is_treated_and_the_rest_stays(
    acme: Peer, payload: str, left: object
) -> None:
    assert json.loads(support(acme, payload)) == left


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYXJpYSJ9.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    ],
)
def test_secrets_are_not_released(acme: Peer, secret: str) -> None:
    out = support(acme, json.dumps({"a": f"use {secret} here"}))
    assert secret.encode() not in out


@pytest.mark.parametrize(
    "text",
    [
        "The public policy applies.",
        "Order SO-1042 shipped.",
        "Version 4.11.1111 is out.",
        "QPS 1000",
    ],
)
def test_ordinary_text_is_left_alone(acme: Peer, text: str) -> None:
    result = acme.transfer(json.dumps({"a": text}), **SUPPORT)
    assert json.loads(result.payload) == {"a": text}


def test_all_numbers_that_are_nobodys_keep_every_digit(acme: Peer) -> None:
    payload = '{"a":1E400,"b":-0.0,"c":12345678901234567890123456789.5,"d":[true,null,1e-7],"e":0}'
    result = acme.transfer(payload, **SUPPORT)
    assert result.payload.decode() == payload


# -- A contract that names its fields -----------------------------------------------------------

HIDDEN = "maria.gonzales@mail.example"


@pytest.mark.parametrize(
    ("content_type", "payload"),
    [
        ("application/json", f'"{HIDDEN}"'),
        ("application/json", f'["{HIDDEN}"]'),
        ("application/json", f'{{"order_id":"A1","unknown":"{HIDDEN}"}}'),
        ("application/json", f'{{"{HIDDEN}":{{}}}}'),
        ("application/json", f'{{"order_id":{{"{HIDDEN}":"{HIDDEN}"}}}}'),
        ("application/json", f'{{"items":[{{"sku":"A1","{HIDDEN}":1}},"{HIDDEN}"]}}'),
        ("application/json", f'{{"customer":"{HIDDEN}"}}'),
        ("application/json", f'{{"order_id":"{HIDDEN}"}}'),
        ("application/json", f'{{"total":"{HIDDEN}"}}'),
        ("application/json", f'{{"customer":{{"born":"1985-03-14 {HIDDEN}"}}}}'),
        ("application/json", f'{{"customer":{{"born":["{HIDDEN}"]}}}}'),
        ("text/plain", f"order_id: {HIDDEN}"),
        ("text/plain", json.dumps({"unknown": HIDDEN})),
        ("application/x-ndjson", f'"{HIDDEN}"\n{{"order_id":"{HIDDEN}"}}'),
        ("text/csv", f"order_id,unknown\nA1,{HIDDEN}\n"),
        ("text/csv", f"order_id,{HIDDEN}\nA1,x\n"),
        ("text/csv", HIDDEN),
        ("application/x-www-form-urlencoded", f"order_id=A1&unknown={HIDDEN}&{HIDDEN}"),
        ("application/xml", f"<order_id>A1<b>{HIDDEN}</b></order_id>"),
        ("application/xml", f"<order_id v='{HIDDEN}'>A1</order_id>"),
        ("application/xml", f"<x>{HIDDEN}</x>"),
        ("message/rfc822", f"Subject: {HIDDEN}\r\n\r\n{HIDDEN}\r\n"),
    ],
)
def test_a_strict_contract_lets_nothing_through_that_it_does_not_name(
    acme: Peer, content_type: str, payload: str
) -> None:
    result = acme.transfer(payload, content_type=content_type)
    assert not still_shown([result.payload.decode()], [HIDDEN])


# -- Payloads that two readers could read in two ways -------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "payload", "reason"),
    [
        ("application/json", b'{"a":1,"a":2}', "DUPLICATE_KEY"),
        ("application/json", b'{"a":1,"\\u0061":2}', "DUPLICATE_KEY"),
        ("application/json", rb'{"x":"{\"a\":1,\"a\":2}"}', "DUPLICATE_KEY"),
        ("application/json", b'{"a":1} {"b":2}', "PAYLOAD_MALFORMED"),
        ("application/json", b'{"a":1}x', "PAYLOAD_MALFORMED"),
        ("application/json", b'\xef\xbb\xbf{"a":1}', "PAYLOAD_MALFORMED"),
        ("application/json", b'{"a":NaN}', "PAYLOAD_MALFORMED"),
        ("application/json", rb'{"a":"\ud800"}', "PAYLOAD_MALFORMED"),
        ("application/json", '{"a":1}'.encode("utf-16"), "PAYLOAD_NOT_UTF8"),
        ("application/json", b"a=1", "PAYLOAD_MALFORMED"),
        ("application/json", b"", "PAYLOAD_MALFORMED"),
        ("application/x-ndjson", b'{"a":1}\n{"a":1} {"b":2}', "PAYLOAD_MALFORMED"),
        ("application/xml", b"<a>1</a><b/>", "PAYLOAD_MALFORMED"),
        ("application/xml", b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "PAYLOAD_MALFORMED"),
        ("application/xml", b"<?xml version='1.0' encoding='latin-1'?><a/>", "PAYLOAD_NOT_UTF8"),
        ("application/xml", b"<?xml version='1.0maria'?><a/>", "PAYLOAD_MALFORMED"),
        ("application/xml", b'{"a":1}', "PAYLOAD_MALFORMED"),
        ("text/csv", b"a,a\n1,2\n", "DUPLICATE_KEY"),
        ("text/csv", b"a,b\n1\n", "PAYLOAD_MALFORMED"),
        ("application/x-www-form-urlencoded", b"a=%zz", "PAYLOAD_MALFORMED"),
        ("text/plain; charset=utf-16", b"a", "CONTENT_TYPE_UNKNOWN"),
        ("application/json; charset=utf-8; charset=utf-8", b"{}", "CONTENT_TYPE_UNKNOWN"),
        ("text/html", b"<p>x</p>", "CONTENT_TYPE_UNKNOWN"),
        ("application/gzip", b"\x1f\x8b", "CONTENT_TYPE_UNKNOWN"),
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read(
    acme: Peer, content_type: str, payload: bytes, reason: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        acme.transfer(payload, content_type=content_type, **SUPPORT)
    assert reason_of(caught.value) == reason
