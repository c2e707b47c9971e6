"""What is round a payload on its way: content codings (RFC 9110, section 8.4) and gRPC's frames."""

from __future__ import annotations

import zlib
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError

_GZIP: Final = 16 + zlib.MAX_WBITS
_WINDOWS: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}
_MOST_CODINGS: Final = 2
_FRAME: Final = 5
"""One byte that says whether the message is compressed, and four with its length."""


def decoded(body: bytes, codings: str | None, *, most: int) -> bytes:
    """The body without the codings that its header names.

    Raises BODY_ENCODING_UNKNOWN; PAYLOAD_TOO_LARGE before more than `most` bytes are made of it;
    BODY_INCOMPLETE where it ends before its end or goes on behind it.
    """
    named = [one.strip().lower() for one in (codings or "").split(",")]
    named = [one for one in named if one not in ("", "identity")]
    if len(named) > _MOST_CODINGS or not all(one in _WINDOWS for one in named):
        raise PrivacyError(errors.BODY_ENCODING_UNKNOWN)
    for coding in reversed(named):
        body = _inflated(body, _WINDOWS[coding], most)
    if len(body) > most:
        raise _too_large(most)
    return body


def unframed(body: bytes, coding: str | None, *, most: int) -> bytes:
    """The one gRPC message that the body holds.

    Raises EXCHANGE_NOT_COVERED for several, BODY_INCOMPLETE, and what `decoded` raises.
    """
    if len(body) < _FRAME:
        raise PrivacyError(errors.BODY_INCOMPLETE)
    compressed, end = body[0], _FRAME + int.from_bytes(body[1:_FRAME], "big")
    if len(body) < end or compressed > 1:
        raise PrivacyError(errors.BODY_INCOMPLETE)
    if len(body) > end:
        raise PrivacyError(errors.EXCHANGE_NOT_COVERED, because="it has several gRPC messages")
    message = body[_FRAME:]
    return decoded(message, coding if compressed else None, most=most)


def framed(message: bytes) -> bytes:
    """The message as the body of a gRPC request or response, not compressed."""
    return b"\0" + len(message).to_bytes(4, "big") + message


def _inflated(body: bytes, window: int, most: int) -> bytes:
    """A gzip body may have several members, one behind the other (RFC 1952, section 2.2)."""
    made = bytearray()
    while True:
        member = zlib.decompressobj(window)
        try:
            made += member.decompress(body, most + 1 - len(made))
        except zlib.error:
            raise PrivacyError(errors.BODY_INCOMPLETE) from None
        if len(made) > most:
            raise _too_large(most)
        if not member.eof:
            raise PrivacyError(errors.BODY_INCOMPLETE)
        body = member.unused_data
        if not body:
            return bytes(made)
        if window != _GZIP:
            raise PrivacyError(errors.BODY_INCOMPLETE)


def _too_large(most: int) -> PrivacyError:
    return PrivacyError(errors.PAYLOAD_TOO_LARGE, limit="payload_bytes", maximum=most)
