"""Errors as callers see them: google.rpc.Status with details (AIP-193).

Every error carries ErrorInfo (the stable reason, what identifies the case, what to do next) and
RequestInfo (the call id). BadRequest names the field where one is at fault; RetryInfo says when a
repetition may succeed, and is absent where none will. Details are bounded, because they travel in
HTTP/2 trailers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from privacy_service import errors
from privacy_service.errors import Kind, PrivacyError
from privacy_service.rpc.rules import BrokenRules

DOMAIN: Final = "privacy-service"

STATUS: Final[Mapping[Kind, grpc.StatusCode]] = {
    Kind.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Kind.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Kind.DENIED: grpc.StatusCode.PERMISSION_DENIED,
    Kind.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Kind.CONFLICT: grpc.StatusCode.ALREADY_EXISTS,
    Kind.CHANGED: grpc.StatusCode.ABORTED,
    Kind.PRECONDITION: grpc.StatusCode.FAILED_PRECONDITION,
    Kind.EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Kind.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Kind.DEADLINE: grpc.StatusCode.DEADLINE_EXCEEDED,
    Kind.INTERNAL: grpc.StatusCode.INTERNAL,
}

_PASSES_SOON: Final = frozenset(
    reason.code for reason in (errors.SERVER_BUSY, errors.DETECTOR_BUSY, errors.STORE_BUSY)
)
_PAUSE_SECONDS: Final = 1
_FIELDS: Final[Mapping[str, str]] = {
    errors.CONTENT_TYPE_UNKNOWN.code: "content_type",
    errors.PROTOBUF_TYPE_UNKNOWN.code: "content_type",
    errors.PAYLOAD_MALFORMED.code: "payload",
    errors.PAYLOAD_NOT_UTF8.code: "payload",
    errors.DUPLICATE_KEY.code: "payload",
    errors.CONTRACT_INVALID.code: "source",
    errors.PAGE_TOKEN_INVALID.code: "page_token",
}
_LONGEST_DETAIL: Final = 512
_MOST_VIOLATIONS: Final = 16


def render_error(error: PrivacyError, call_id: str) -> status_pb2.Status:
    """The status that says this error."""
    status = status_pb2.Status(
        code=getattr(code_pb2, STATUS[error.reason.kind].name), message=_bounded(str(error))
    )
    for detail in _details(error, call_id):
        packed = Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status


def _details(error: PrivacyError, call_id: str) -> Iterator[Message]:
    metadata = {name: _bounded(str(value)) for name, value in error.details.items()}
    metadata["remedy"] = error.reason.remedy
    yield error_details_pb2.ErrorInfo(reason=error.reason.code, domain=DOMAIN, metadata=metadata)
    yield error_details_pb2.RequestInfo(request_id=call_id)
    violations = [
        error_details_pb2.BadRequest.FieldViolation(field=path, description=_bounded(says))
        for path, says in _violations(error)
    ]
    if violations:
        yield error_details_pb2.BadRequest(field_violations=violations[:_MOST_VIOLATIONS])
    pause = _pause(error)
    if pause is not None:
        yield error_details_pb2.RetryInfo(retry_delay=Duration(seconds=pause))


def _violations(error: PrivacyError) -> Iterator[tuple[str, str]]:
    """Which fields of the request are at fault, and what each breaks."""
    if isinstance(error, BrokenRules):
        yield from error.violations
    elif error.reason is errors.REQUEST_INVALID:
        says = str(error.details.get("says", error.reason.says))
        yield str(error.details.get("field", "")), says
    elif error.reason.code in _FIELDS:
        yield _FIELDS[error.reason.code], error.reason.says


def _pause(error: PrivacyError) -> int | None:
    """Seconds after which a repetition may succeed, None where it would not."""
    if "retry_seconds" in error.details:
        return int(error.details["retry_seconds"])
    soon = error.reason.kind is Kind.UNAVAILABLE or error.reason.code in _PASSES_SOON
    return _PAUSE_SECONDS if soon else None


def _bounded(text: str) -> str:
    return text if len(text) <= _LONGEST_DETAIL else text[: _LONGEST_DETAIL - 1] + "…"
