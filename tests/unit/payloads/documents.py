"""Short ways to say what these tests say often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from privacy_service.errors import PrivacyError, Reason
from privacy_service.payloads.decode import decode
from privacy_service.payloads.document import Document, Limits, Node, NodeKind, Path

LIMITS = Limits()


def read(payload: str | bytes, content_type: str = "application/json", **limits: int) -> Document:
    raw = payload.encode() if isinstance(payload, str) else payload
    return decode(content_type, raw, limits=Limits(**limits))


def at(document: Document, *path: str | int) -> Node:
    """The one node at the path; for a text that holds a document, the document's root."""
    return [node for node in document.nodes if node.path == path][-1]


def shape(document: Document) -> list[tuple[NodeKind, Path, str]]:
    return [(node.kind, node.path, node.text) for node in document.nodes]


def scalars(document: Document) -> dict[Path, str]:
    return {node.path: node.text for node in document.nodes if node.kind.scalar}


def refusal(reason: Reason, call: Callable[[], Any]) -> dict[str, str | int]:
    """The details of the refusal that the call must raise."""
    with pytest.raises(PrivacyError) as caught:
        call()
    assert caught.value.reason is reason, str(caught.value)
    return caught.value.details
