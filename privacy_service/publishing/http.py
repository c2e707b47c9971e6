"""HTTP as this room needs it: one POST, bounded in time and in what is read of the answer."""

from __future__ import annotations

from typing import Final

import httpx

MOST_BYTES: Final = 1 << 16
_SECONDS: Final = 10.0


def client() -> httpx.Client:
    """Follows no redirect: who answers is who was named in the settings."""
    return httpx.Client(timeout=_SECONDS, follow_redirects=False)


def ask(client: httpx.Client, url: str, body: bytes, **headers: str) -> httpx.Response:
    """The whole answer, without its headers. Raises httpx.HTTPError, also where it is too long."""
    with client.stream("POST", url, content=body, headers=headers) as answer:
        read = bytearray()
        for part in answer.iter_bytes():
            read += part
            if len(read) > MOST_BYTES:
                raise httpx.DecodingError("the answer is too long")
        return httpx.Response(answer.status_code, content=bytes(read))
