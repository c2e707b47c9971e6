"""The request id (AIP-155) of a half of an exchange: the same for the same request, everywhere.

An HTTP client that repeats a request says so by its `idempotency-key`, or at least repeats its
`x-request-id`. Of the first, one key is one request: with another body it is refused. The second
is often that of a whole chain of calls, so that there the body takes part. The log keeps the id;
it is a keyed digest, so that nobody can guess at a body by it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from privacy_service.gateway.head import Head
from privacy_service.gateway.route import Half, Route


def request_id_of(
    route: Route,
    half: Half,
    request: Head,
    body: bytes,
    *,
    part: str,
    commit: Callable[[bytes], str],
    new_id: Callable[[], str],
) -> str:
    """A UUID of version 8 (RFC 9562), or a new one where the request has nothing to be known by.

    `part` is which part of the half it is for. `commit` gives a keyed digest, in at least 32 hex
    digits.
    """
    key = request.get("idempotency-key")
    known = key or request.get("x-request-id")
    if not known:
        return new_id()
    by_body = half is Half.RESPONSE or not key
    parts = (
        "gateway",
        route.partner,
        route.counterparty,
        route.purpose or "",
        route.use_case or "",
        half.value,
        part,
        "key" if key else "id",
        known,
        request.get(":method") or "",
        request.get(":authority") or "",
        request.target,
        hashlib.sha256(body).hexdigest() if by_body else "",
    )
    framed = (len(part).to_bytes(4, "big") + part for part in (text.encode() for text in parts))
    digest = commit(b"".join(framed))
    variant = "89ab"[int(digest[16], 16) % 4]
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
