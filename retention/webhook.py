"""Calls a recipient's address, as https://www.standardwebhooks.com say: signed, thin, bounded.

What is sent names a notice and nothing else: the recipient asks for the rest as itself.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
from standardwebhooks import Webhook

_SECONDS: Final = 10.0


def call(
    url: str, content: dict[str, str], *, id_: str, at: datetime, secrets: Sequence[str],
    authorities: Path | None,
) -> bool:  # fmt: skip
    """Whether the address took it (2xx). `id_` is the same for every attempt, so that a recipient
    can tell that it has it already. No redirect is followed, and nothing of the answer is read.
    """
    body = json.dumps(content, sort_keys=True, separators=(",", ":"))
    moment = at.astimezone(UTC)
    signatures = [Webhook(secret).sign(id_, moment, body) for secret in secrets]
    headers = {
        "content-type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    trust = ssl.create_default_context(cafile=str(authorities) if authorities else None)
    try:
        with (
            httpx.Client(timeout=_SECONDS, follow_redirects=False, verify=trust) as client,
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            return answer.is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
