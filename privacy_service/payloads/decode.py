"""A payload in, by its content type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Document, Limits
from privacy_service.payloads.json_text import JSON, NDJSON, read_json, read_ndjson
from privacy_service.payloads.media import MediaType, media_type
from privacy_service.payloads.plain_text import PlainWriter, read_text
from privacy_service.payloads.text_document import TextDocument, Writer
from privacy_service.payloads.tree import Fault, Tree

_Read = Callable[[str, Limits], Tree]

_TEXTS: Final[dict[str, tuple[_Read, Writer]]] = {
    "application/json": (read_json, JSON),
    "application/x-ndjson": (read_ndjson, NDJSON),
    "application/ndjson": (read_ndjson, NDJSON),
    "application/jsonl": (read_ndjson, NDJSON),
    "application/x-jsonlines": (read_ndjson, NDJSON),
    "text/plain": (read_text, PlainWriter()),
}


def decode(content_type: str, payload: bytes, *, limits: Limits) -> Document:
    """The payload as a document.

    Raises CONTENT_TYPE_UNKNOWN; PAYLOAD_MALFORMED and DUPLICATE_KEY with `line` and `column`
    (both from 1, in code points); PAYLOAD_NOT_UTF8 with `byte` (from 0); PAYLOAD_TOO_LARGE,
    PAYLOAD_TOO_DEEP and PAYLOAD_TOO_MANY_VALUES with `limit` and `maximum`.
    """
    media = media_type(content_type)
    if len(payload) > limits.payload_bytes:
        raise PrivacyError(
            errors.PAYLOAD_TOO_LARGE, limit="payload_bytes", maximum=limits.payload_bytes
        )
    return _text_document(media, payload, limits)


def _text_document(media: MediaType, payload: bytes, limits: Limits) -> Document:
    read, writer = _reader(media)
    text = _decoded(payload)
    try:
        tree = read(text, limits)
    except Fault as fault:
        raise fault.placed(text) from None
    return TextDocument(content_type=media.name, text=text, tree=tree, writer=writer)


def _reader(media: MediaType) -> tuple[_Read, Writer]:
    if media.name in _TEXTS:
        return _TEXTS[media.name]
    if media.name.endswith("+json"):
        return _TEXTS["application/json"]
    raise PrivacyError(errors.CONTENT_TYPE_UNKNOWN)


def _decoded(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError as error:
        raise PrivacyError(errors.PAYLOAD_NOT_UTF8, byte=error.start) from None
