"""Delivers by a call to a recipient's address, as https://www.standardwebhooks.com say: signed and
bounded.

The `webhook-id` is the parcel's and the same for every attempt: a recipient that remembers it takes
each parcel once, however often it is called.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Final

import httpx
from standardwebhooks import Webhook

from privacy_service.clock import Clock
from retention.delivery import Carrier, Outcome, Parcel, Word

_SECONDS: Final = 10.0
_GONE: Final = 410
"""By which a recipient says that it wants no more calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCall(Carrier):
    """Posts a parcel's facts as JSON. `secrets` sign it, each by itself."""

    secrets: Sequence[str] = field(repr=False)
    authorities: Path | None
    clock: Clock

    def deliver(self, parcel: Parcel) -> Outcome:
        """No redirect is followed, and nothing of the answer but its status is read."""
        body = json.dumps(dict(parcel.facts), sort_keys=True, separators=(",", ":"))
        moment = self.clock.now().astimezone(UTC)
        signatures = [Webhook(secret).sign(parcel.id, moment, body) for secret in self.secrets]
        headers = {
            "content-type": "application/json",
            "webhook-id": parcel.id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        authorities = str(self.authorities) if self.authorities else None
        try:
            trust = ssl.create_default_context(cafile=authorities)
        except OSError:
            return Outcome(Word.LATER, "not set up")
        try:
            with (
                httpx.Client(timeout=_SECONDS, follow_redirects=False, verify=trust) as client,
                client.stream("POST", parcel.to, content=body, headers=headers) as answer,
            ):
                return _of(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Outcome(Word.LATER, type(error).__name__)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return Outcome(Word.REFUSED, "no address")
        except httpx.HTTPError as error:
            return Outcome(Word.IN_DOUBT, type(error).__name__)


def _of(answer: httpx.Response) -> Outcome:
    if answer.is_success:
        return Outcome(Word.SENT, str(answer.status_code))
    word = Word.REFUSED if answer.status_code == _GONE else Word.LATER
    return Outcome(word, str(answer.status_code))
