"""The headers of a request or a response, as Envoy shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.gateway.v3 import ext_proc_pb2 as pb

_GRPC: Final = "application/grpc"
_PARTIAL: Final = "206"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Names in lower case, with their values in order. `bare`: no body follows."""

    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    bare: bool = False

    def get(self, name: str) -> str | None:
        """The field's value; several are one list (RFC 9110, section 5.3). None where it is not."""
        values = self.values(name)
        return ", ".join(values) if values else None

    def values(self, name: str) -> tuple[str, ...]:
        """The values of all fields of that name, each as it came."""
        return tuple(value for key, value in self.fields if key == name)

    @property
    def content_type(self) -> str:
        """Empty where there is none."""
        return (self.get("content-type") or "").strip()

    @property
    def is_grpc(self) -> bool:
        name = self.content_type.partition(";")[0].strip().lower()
        return name == _GRPC or name.startswith(f"{_GRPC}+")

    @property
    def target(self) -> str:
        """The path and the query."""
        return self.get(":path") or ""


def read_head(headers: pb.HttpHeaders) -> Head:
    fields = tuple((one.key.lower(), _value(one)) for one in headers.headers.headers)
    return Head(fields=fields, bare=headers.end_of_stream)


def require_request_can_be_seen(head: Head, *, query_refused: bool) -> None:
    """Raises EXCHANGE_NOT_COVERED for a request whose body would not be all that it says,
    QUERY_NOT_PERMITTED, and BODY_NOT_SHOWN where it can't be told.
    """
    if head.get(":method") is None or not head.target:
        raise PrivacyError(errors.BODY_NOT_SHOWN, mode="forward_rules")
    if head.get("upgrade") is not None or head.get(":method") == "CONNECT":
        raise PrivacyError(errors.EXCHANGE_NOT_COVERED, because="it changes the protocol")
    if query_refused and "?" in head.target:
        raise PrivacyError(errors.QUERY_NOT_PERMITTED)


def require_response_can_be_seen(head: Head) -> None:
    """Raises EXCHANGE_NOT_COVERED for a response whose body is not all of it, and BODY_NOT_SHOWN
    where it can't be told.
    """
    status = head.get(":status")
    if status is None:
        raise PrivacyError(errors.BODY_NOT_SHOWN, mode="forward_rules")
    if status == _PARTIAL:
        raise PrivacyError(errors.EXCHANGE_NOT_COVERED, because="it is a part of an answer (206)")
    if status == "101":
        raise PrivacyError(errors.EXCHANGE_NOT_COVERED, because="it changes the protocol")


def require_whole(head: Head, body: bytes) -> None:
    """Raises BODY_INCOMPLETE where the head has told of another length."""
    told = head.get("content-length")
    if told is not None and told != str(len(body)):
        raise PrivacyError(errors.BODY_INCOMPLETE)


def _value(one: pb.HeaderValue) -> str:
    """Bytes that are no text are kept as Latin-1, in which every byte is a letter."""
    return one.raw_value.decode("latin-1") if one.raw_value else one.value
