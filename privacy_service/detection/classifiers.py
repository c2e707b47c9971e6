"""Classifiers behind HTTP: a text is posted as JSON, scores by label come back.

    {"text": "…"}  →  {"scores": {"hate": 0.02, "threat": 0.9}}

Bounded in time and in what is read of the answer, so that one that hangs, drips or floods holds up
one check for so long and no longer. Nothing is asked unless the settings name it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Final

import httpx

from privacy_service.behavior.classifying import ClassifierFault

_MOST_BYTES: Final = 1 << 16


class HttpClassifiers:
    """Classifiers by name. Thread-safe. `seconds` is how long one may take."""

    def __init__(self, addresses: Mapping[str, str], *, seconds: float) -> None:
        self._addresses = dict(addresses)
        self._seconds = seconds
        self._client = httpx.Client(follow_redirects=False, trust_env=False)

    def __call__(self, name: str, text: str, seconds: float | None) -> Mapping[str, float]:
        """What `Classify` says."""
        address = self._addresses.get(name)
        if address is None:
            raise ClassifierFault(name)
        left = self._seconds if seconds is None else min(self._seconds, seconds)
        try:
            return _scores(self._asked(address, text, max(left, 0.001)))
        except (httpx.HTTPError, ValueError, RecursionError):
            raise ClassifierFault(name) from None  # its words may hold the text

    def _asked(self, address: str, text: str, seconds: float) -> bytes:
        until = time.monotonic() + seconds
        body, read = json.dumps({"text": text}).encode(), bytearray()
        headers = {"content-type": "application/json"}
        with self._client.stream(
            "POST", address, content=body, headers=headers, timeout=seconds
        ) as answer:
            answer.raise_for_status()
            for part in answer.iter_bytes():
                read += part
                if len(read) > _MOST_BYTES or time.monotonic() > until:
                    raise httpx.DecodingError("too long, or too late")
        return bytes(read)


def _scores(written: bytes) -> Mapping[str, float]:
    """Raises ValueError for what are no scores."""
    answer = json.loads(written)
    scores = answer.get("scores") if isinstance(answer, dict) else None
    if not isinstance(scores, dict):
        raise ValueError("no scores")
    for score in scores.values():
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
            raise ValueError("no score")
    return {label: float(score) for label, score in scores.items()}
