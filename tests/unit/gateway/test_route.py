"""A route says what is done, or nothing is."""

from __future__ import annotations

import hashlib

import pytest

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.gateway.head import Head
from privacy_service.gateway.identifiers import request_id_of
from privacy_service.gateway.route import Half, Query, Route, Way, read_route

SAYS = {
    "privacy-partner": "acme",
    "privacy-counterparty": "globex",
    "privacy-request": "transfer",
    "privacy-response": "check",
    "privacy-purpose": "dpv:DeliveryOfGoods",
}


def test_a_route_is_read_from_metadata_and_others_keys_are_left_alone() -> None:
    metadata = [*SAYS.items(), ("user-agent", "envoy"), ("privacy-query", "pass")]
    assert read_route(metadata) == Route(
        partner="acme",
        counterparty="globex",
        request=Way.TRANSFER,
        response=Way.CHECK,
        purpose="dpv:DeliveryOfGoods",
        query=Query.PASS,
    )


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"privacy-partner": None}, "privacy-partner"),
        ({"privacy-partner": "ACME"}, "privacy-partner"),
        ({"privacy-counterparty": "acme"}, "privacy-counterparty"),
        ({"privacy-request": None}, "privacy-request"),
        ({"privacy-request": "Transfer"}, "privacy-request"),
        ({"privacy-response": ""}, "privacy-response"),
        ({"privacy-purpose": None}, "privacy-purpose"),
        ({"privacy-request": "check"}, "privacy-purpose"),
        ({"privacy-response": "transfer"}, "privacy-response"),
        ({"privacy-query": "passes"}, "privacy-query"),
        ({"privacy-purposes": "x"}, "privacy-purposes"),
        ({"privacy-Maria Gonzales": "x"}, "privacy-…"),
    ],
)
def test_a_slip_of_the_pen_is_no_route(change: dict[str, str | None], key: str) -> None:
    said = {name: value for name, value in (SAYS | change).items() if value is not None}
    with pytest.raises(PrivacyError) as caught:
        read_route(said.items())
    assert caught.value.reason is errors.ROUTE_INVALID
    assert caught.value.details == {"key": key}


def test_a_key_that_stands_twice_is_no_route() -> None:
    with pytest.raises(PrivacyError):
        read_route([*SAYS.items(), ("privacy-partner", "globex")])


def digest(framed: bytes) -> str:
    return hashlib.sha256(framed).hexdigest()


def test_a_request_is_known_again_by_its_key_and_else_by_its_id_and_body() -> None:
    route = read_route(SAYS.items())

    def known(body: bytes, half: Half = Half.REQUEST, **named: str) -> str:
        fields = {":method": "POST", ":path": "/a"}
        fields |= {name.replace("_", "-"): value for name, value in named.items()}
        head = Head(fields=tuple(fields.items()))
        return request_id_of(
            route, half, head, body, part="body", commit=digest, new_id=lambda: "new"
        )

    assert known(b"a") == "new"
    by_key = known(b"a", idempotency_key="k")
    assert by_key == known(b"b", idempotency_key="k") == known(b"a", idempotency_key="k")
    assert by_key != known(b"a", half=Half.RESPONSE, idempotency_key="k")
    assert known(b"a", x_request_id="r") == known(b"a", x_request_id="r")
    assert known(b"a", x_request_id="r") != known(b"b", x_request_id="r")
    assert known(b"a", x_request_id="k") != by_key
    assert by_key[14] == "8"
    assert by_key[19] in "89ab"
