"""Why something was not passed on, as an HTTP client reads it: a problem document (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from google.rpc import code_pb2, error_details_pb2
from google.rpc.status_pb2 import Status

from privacy_service import errors
from privacy_service.errors import Kind, PrivacyError
from privacy_service.gateway.route import Half

CONTENT_TYPE: Final = "application/problem+json"

_STATUS: Final[Mapping[Kind, tuple[HTTPStatus, int]]] = {
    Kind.INVALID: (HTTPStatus.BAD_REQUEST, code_pb2.INVALID_ARGUMENT),
    # Whoever sent the request can't help it: the Envoy is not known.
    Kind.UNAUTHENTICATED: (HTTPStatus.BAD_GATEWAY, code_pb2.UNAVAILABLE),
    Kind.DENIED: (HTTPStatus.FORBIDDEN, code_pb2.PERMISSION_DENIED),
    Kind.NOT_FOUND: (HTTPStatus.FORBIDDEN, code_pb2.PERMISSION_DENIED),
    Kind.CONFLICT: (HTTPStatus.CONFLICT, code_pb2.ALREADY_EXISTS),
    Kind.CHANGED: (HTTPStatus.CONFLICT, code_pb2.ABORTED),
    Kind.PRECONDITION: (HTTPStatus.FORBIDDEN, code_pb2.FAILED_PRECONDITION),
    Kind.EXHAUSTED: (HTTPStatus.TOO_MANY_REQUESTS, code_pb2.RESOURCE_EXHAUSTED),
    Kind.UNAVAILABLE: (HTTPStatus.SERVICE_UNAVAILABLE, code_pb2.UNAVAILABLE),
    Kind.DEADLINE: (HTTPStatus.GATEWAY_TIMEOUT, code_pb2.DEADLINE_EXCEEDED),
    Kind.INTERNAL: (HTTPStatus.INTERNAL_SERVER_ERROR, code_pb2.INTERNAL),
}
_OF_REASON: Final[Mapping[str, HTTPStatus]] = {
    errors.CONTENT_TYPE_UNKNOWN.code: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.PROTOBUF_TYPE_UNKNOWN.code: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.BODY_ENCODING_UNKNOWN.code: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.PAYLOAD_TOO_LARGE.code: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.PAYLOAD_TOO_DEEP.code: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.PAYLOAD_TOO_MANY_VALUES.code: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.PAYLOAD_TOO_MANY_FINDINGS.code: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.PAYLOAD_TOO_MANY_SUBJECTS.code: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.SERVER_BUSY.code: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.DETECTOR_BUSY.code: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.STORE_BUSY.code: HTTPStatus.SERVICE_UNAVAILABLE,
    # The operator of the Envoy has to mend these.
    errors.ROUTE_INVALID.code: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.BODY_NOT_SHOWN.code: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.NOT_YOUR_PARTNER.code: HTTPStatus.INTERNAL_SERVER_ERROR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`reason` is stable; `more` has what else is told, and no value of a payload's."""

    status: HTTPStatus
    grpc_code: int
    reason: str
    detail: str
    remedy: str | None = None
    retry_after: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return f"{self.reason}: {self.detail}"

    @property
    def grpc_details(self) -> bytes:
        """A google.rpc.Status as the API's own errors are (AIP-193), for gRPC clients."""
        metadata = {} if self.remedy is None else {"remedy": self.remedy}
        metadata |= {name: str(said) for name, said in self.more.items() if _is_plain(said)}
        info = error_details_pb2.ErrorInfo(
            reason=self.reason, domain="privacy-service", metadata=metadata
        )
        status = Status(code=self.grpc_code, message=self.sentence)
        status.details.add().Pack(info)
        return status.SerializeToString()

    @property
    def document(self) -> bytes:
        said: dict[str, Any] = {
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "reason": self.reason,
        }
        if self.remedy is not None:
            said["remedy"] = self.remedy
        return json.dumps(said | dict(self.more), ensure_ascii=False).encode()


def _is_plain(said: object) -> bool:
    return isinstance(said, str | int)


def status_for(status: HTTPStatus, half: Half) -> HTTPStatus:
    """What is wrong with a response is no fault of whoever sent the request."""
    if half is Half.RESPONSE and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return HTTPStatus.BAD_GATEWAY
    return status


def problem_of(error: PrivacyError, half: Half) -> Problem:
    """An error of the service's, of the request or of its response."""
    reason = error.reason
    status, code = _STATUS[reason.kind]
    retry = error.details.get("retry_seconds", 1 if reason.kind is Kind.UNAVAILABLE else None)
    details = {name: value for name, value in error.details.items() if name != "retry_seconds"}
    return Problem(
        status=status_for(_OF_REASON.get(reason.code, status), half),
        grpc_code=code,
        reason=reason.code,
        detail=reason.says,
        remedy=reason.remedy,
        retry_after=None if retry is None else int(retry),
        more={"of": half.value} | ({"details": details} if details else {}),
    )


def error_of(status: Status) -> PrivacyError:
    """The error that a status says."""
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info) and info.reason in errors.REASONS:
            said = {name: value for name, value in info.metadata.items() if name != "remedy"}
            return PrivacyError(errors.REASONS[info.reason], **said)
    return PrivacyError(errors.INTERNAL)
