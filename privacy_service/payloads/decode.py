"""A payload in, by its content type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.payloads.csv_text import DELIMITERS, read_csv
from privacy_service.payloads.descriptors import DescriptorSource
from privacy_service.payloads.document import Document, Limits
from privacy_service.payloads.form_text import FORM, read_form
from privacy_service.payloads.json_text import JSON, NDJSON, read_json, read_ndjson
from privacy_service.payloads.mail_scan import mail_text, read_mail
from privacy_service.payloads.mail_text import MailDocument
from privacy_service.payloads.media import MediaType, media_type
from privacy_service.payloads.message_document import MessageDocument
from privacy_service.payloads.message_scan import read_message
from privacy_service.payloads.plain_text import PLAIN, read_text
from privacy_service.payloads.text_document import TextDocument, Writer
from privacy_service.payloads.tree import Fault, Tree
from privacy_service.payloads.xml_scan import read_xml
from privacy_service.payloads.xml_text import XmlWriter

_Reader = Callable[[str, MediaType, Limits], tuple[Tree, Writer]]


def _without_parameters(read: Callable[[str, Limits], Tree], writer: Writer) -> _Reader:
    return lambda text, _media, limits: (read(text, limits), writer)


def _xml(text: str, media: MediaType, limits: Limits) -> tuple[Tree, Writer]:
    del media
    tree, dropped = read_xml(text, limits)
    return tree, XmlWriter(dropped)


def _csv(text: str, media: MediaType, limits: Limits) -> tuple[Tree, Writer]:
    delimiter = DELIMITERS[media.one_of("delimiter", DELIMITERS.keys(), ",")]
    header = media.one_of("header", _HEADER, "present") == "present"
    return read_csv(text, limits, delimiter=delimiter, header=header)


_JSON: Final = _without_parameters(read_json, JSON)
_NDJSON: Final = _without_parameters(read_ndjson, NDJSON)
_HEADER: Final = frozenset({"present", "absent"})
_READERS: Final[dict[str, _Reader]] = {
    "application/json": _JSON,
    "application/x-ndjson": _NDJSON,
    "application/ndjson": _NDJSON,
    "application/jsonl": _NDJSON,
    "application/x-jsonlines": _NDJSON,
    "application/x-www-form-urlencoded": _without_parameters(read_form, FORM),
    "application/xml": _xml,
    "text/csv": _csv,
    "text/plain": _without_parameters(read_text, PLAIN),
    "text/xml": _xml,
}
_PROTOBUF: Final = frozenset(
    {"application/protobuf", "application/x-protobuf", "application/vnd.google.protobuf"}
)
_SUFFIXES: Final[dict[str, _Reader]] = {"json": _JSON, "xml": _xml}


def decode(
    content_type: str,
    payload: bytes,
    *,
    limits: Limits,
    descriptors: DescriptorSource | None = None,
) -> Document:
    """The payload as a document. `descriptors` knows the types of protobuf messages.

    Raises CONTENT_TYPE_UNKNOWN and PROTOBUF_TYPE_UNKNOWN; PAYLOAD_MALFORMED and DUPLICATE_KEY with
    `line` and `column` (both from 1, in code points), in protobuf with `message_type` where fields
    or values do not fit it; PAYLOAD_NOT_UTF8 with `byte` (from 0), or with `line` and `column`
    where it is an encoding in the text that is not UTF-8; PAYLOAD_TOO_LARGE, PAYLOAD_TOO_DEEP and
    PAYLOAD_TOO_MANY_VALUES with `limit` and `maximum`.
    """
    media = media_type(content_type)
    if len(payload) > limits.payload_bytes:
        raise PrivacyError(
            errors.PAYLOAD_TOO_LARGE, limit="payload_bytes", maximum=limits.payload_bytes
        )
    if media.name in _PROTOBUF:
        return _message(media, payload, limits, descriptors)
    if media.name == "message/rfc822":
        return _mail(payload, limits)
    return _text_document(media, payload, limits)


def _message(
    media: MediaType, payload: bytes, limits: Limits, descriptors: DescriptorSource | None
) -> Document:
    name = media.parameters.get("messagetype", "")
    descriptor = descriptors.find(name) if descriptors is not None and name else None
    if descriptor is None:
        raise PrivacyError(errors.PROTOBUF_TYPE_UNKNOWN)
    try:
        tree, root, unread = read_message(payload, descriptor, limits)
    except Fault as fault:
        raise PrivacyError(fault.reason, **fault.details) from None
    return MessageDocument(
        content_type=media.name, tree=tree, root=root, descriptor=descriptor, unread=unread
    )


def _mail(payload: bytes, limits: Limits) -> Document:
    try:
        tree, root, unread = read_mail(payload, limits)
    except Fault as fault:
        raise fault.placed(mail_text(payload)) from None
    return MailDocument(tree=tree, root=root, unread=unread)


def _text_document(media: MediaType, payload: bytes, limits: Limits) -> Document:
    read = _reader(media.name)
    text = _decoded(payload)
    try:
        tree, writer = read(text, media, limits)
    except Fault as fault:
        raise fault.placed(text) from None
    return TextDocument(content_type=media.name, text=text, tree=tree, writer=writer)


def _reader(name: str) -> _Reader:
    reader = _READERS.get(name)
    if reader is None and "+" in name:
        reader = _SUFFIXES.get(name.rpartition("+")[2])
    if reader is None:
        raise PrivacyError(errors.CONTENT_TYPE_UNKNOWN)
    return reader


def _decoded(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError as error:
        raise PrivacyError(errors.PAYLOAD_NOT_UTF8, byte=error.start) from None
