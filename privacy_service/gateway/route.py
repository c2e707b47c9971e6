"""What a route of Envoy's asks for: the metadata with which it opens its streams."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.access import is_partner_name
from privacy_service.errors import PrivacyError

PREFIX: Final = "privacy-"
"""With which all keys of ours begin, in a route's metadata as in headers."""

_NAME: Final = re.compile(r"[a-z0-9-]{1,40}")


class Half(StrEnum):
    """The request, or its response."""

    REQUEST = "request"
    RESPONSE = "response"


class Way(StrEnum):
    """What becomes of a half."""

    TRANSFER = "transfer"
    """It goes from the partner to the counterparty, under their sharing contract."""
    CHECK = "check"
    """The counterparty's model is asked, or answers, under the behavior contract."""
    PASS = "pass"  # noqa: S105 -- what passes
    """It is not looked at."""


class Query(StrEnum):
    """What becomes of the query in the target of a request that is treated."""

    REFUSE = "refuse"
    """There may be none."""
    TRANSFER = "transfer"
    """It is transferred, as a form is, by itself."""
    PASS = "pass"  # noqa: S105 -- what passes
    """It is not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Whom the Envoy speaks for, with whom it speaks, and what becomes of each half.

    One half at most is transferred: an Envoy before a client sees the partner's data leave in
    requests, one before a server in responses. `purpose` is there where one is. The types are
    those of gRPC messages (`shop.v1.Order`).
    """

    partner: str
    counterparty: str
    request: Way
    response: Way
    purpose: str | None = None
    use_case: str | None = None
    region: str | None = None
    query: Query = Query.REFUSE
    request_type: str | None = None
    response_type: str | None = None

    def __post_init__(self) -> None:
        _require("partner", is_partner_name(self.partner))
        other = is_partner_name(self.counterparty) and self.counterparty != self.partner
        _require("counterparty", other)
        transfers = [self.request, self.response].count(Way.TRANSFER)
        _require("response", transfers < 2)
        _require("purpose", bool(self.purpose) == bool(transfers))
        _require("query", self.query is not Query.TRANSFER or self.request is Way.TRANSFER)

    def way(self, half: Half) -> Way:
        return self.request if half is Half.REQUEST else self.response

    def message_type(self, half: Half) -> str | None:
        return self.request_type if half is Half.REQUEST else self.response_type


KEYS: Final = (
    "partner", "counterparty", "request", "response", "purpose", "use-case", "region", "query",
    "request-type", "response-type",
)  # fmt: skip
"""What a route may say, each with `privacy-` before it. The first four have to be there."""


def read_route(metadata: Iterable[tuple[str, str | bytes]]) -> Route:
    """The route that the metadata describes; keys that do not begin with `privacy-` are others'.

    Raises ROUTE_INVALID for a key that is missing, unknown or there twice, and for a value that is
    none, so that a slip of the pen lets nothing pass.
    """
    said: dict[str, str] = {}
    for name, value in metadata:
        if not name.startswith(PREFIX):
            continue
        key = name.removeprefix(PREFIX)
        _require(key if _NAME.fullmatch(key) else "…", key in KEYS and key not in said)
        said[key] = value if isinstance(value, str) else value.decode("latin-1")
    for key in KEYS[:4]:
        _require(key, said.get(key))
    return Route(
        partner=said["partner"],
        counterparty=said["counterparty"],
        request=_way("request", said["request"]),
        response=_way("response", said["response"]),
        purpose=said.get("purpose"),
        use_case=said.get("use-case"),
        region=said.get("region"),
        query=Query(_one_of("query", said.get("query", Query.REFUSE), tuple(Query))),
        request_type=said.get("request-type"),
        response_type=said.get("response-type"),
    )


def _way(key: str, value: str) -> Way:
    return Way(_one_of(key, value, tuple(Way)))


def _one_of(key: str, value: str, values: tuple[str, ...]) -> str:
    _require(key, value in values)
    return value


def _require(key: str, holds: object, /) -> None:
    if not holds:
        raise PrivacyError(errors.ROUTE_INVALID, key=f"{PREFIX}{key}")
