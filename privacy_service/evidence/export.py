"""The export of the audit log for auditors: JSON lines that `verify.py` checks offline.

The first line is the header: what log this is, its size and checkpoints. Each line after it is
one entry, in order, with its position, its exact bytes, and the leaf hash *that the tree holds
for that position*. An exporter reads that hash from the tree (`read(0, position)`) and never
computes it from the entry: their difference is what shows which entry was changed.
docs/evidence.md has the format field by field.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

FORMAT: Final = "privacy-service-audit-export"
VERSION: Final = 1


class ExportInvalid(ValueError):  # noqa: N818 - it says what is so, as our reasons do
    """A line is not one that this format has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportHeader:
    """What the export says of itself; nothing in it is trusted but by its signatures.

    `verifier_key` is the text of the key that the log says it signs with. `checkpoint` is the
    signed note that covers every entry of the export. `earlier_checkpoints` are notes of smaller
    sizes: they show where history holds if it does not hold to the end.
    """

    origin: str
    verifier_key: str
    checkpoint: str
    earlier_checkpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEntry:
    """One entry as it is stored: its bytes, and the tree's leaf hash at its position."""

    position: int
    leaf: bytes
    digest: bytes


def export_lines(header: ExportHeader, entries: Iterable[LoggedEntry]) -> Iterator[str]:
    """The lines of the export, each with its newline, made one by one."""
    yield _line(
        {
            "format": FORMAT,
            "version": VERSION,
            "origin": header.origin,
            "verifier_key": header.verifier_key,
            "checkpoint": header.checkpoint,
            "earlier_checkpoints": list(header.earlier_checkpoints),
        }
    )
    for entry in entries:
        yield _line(
            {
                "position": entry.position,
                "hash": base64.b64encode(entry.digest).decode(),
                **leaf_field(entry.leaf),
            }
        )


def read_header(line: bytes) -> ExportHeader:
    """The header line. Raises ExportInvalid, also for a version that this code does not know."""
    fields = _fields(line)
    if fields.get("format") != FORMAT or fields.get("version") != VERSION:
        raise ExportInvalid(f"the first line is not the header of {FORMAT} version {VERSION}")
    return ExportHeader(
        origin=_text(fields, "origin"),
        verifier_key=_text(fields, "verifier_key"),
        checkpoint=_text(fields, "checkpoint"),
        earlier_checkpoints=tuple(_texts(fields, "earlier_checkpoints")),
    )


def read_entry(line: bytes) -> LoggedEntry:
    """One entry line. Raises ExportInvalid."""
    fields = _fields(line)
    position = fields.get("position")
    if type(position) is not int or position < 0:
        raise ExportInvalid("the entry has no position")
    digest = _decoded(_text(fields, "hash"))
    if len(digest) != 32:
        raise ExportInvalid("the entry's hash has not 32 bytes")
    return LoggedEntry(position=position, leaf=leaf_of(fields), digest=digest)


def leaf_of(fields: dict[str, Any]) -> bytes:
    """What `leaf_field` wrote. Raises ExportInvalid."""
    if "entry_base64" in fields:
        return _decoded(_text(fields, "entry_base64"))
    return _encoded(_text(fields, "entry"))


def leaf_field(leaf: bytes) -> dict[str, str]:
    """The leaf's exact bytes as a field of a line: `entry`, or `entry_base64` for no text."""
    # Entries are UTF-8, unless the store was damaged: then the damage itself must be exported.
    try:
        return {"entry": leaf.decode()}
    except UnicodeDecodeError:
        return {"entry_base64": base64.b64encode(leaf).decode()}


def _line(fields: dict[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise ExportInvalid("the line is not JSON") from None
    if not isinstance(fields, dict):
        raise ExportInvalid("the line is not a JSON object")
    return fields


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise ExportInvalid(f"`{name}` is not text")
    return value


def _texts(fields: dict[str, Any], name: str) -> list[str]:
    value = fields.get(name, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ExportInvalid(f"`{name}` is not a list of texts")
    return value


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ExportInvalid("a field's base64 is malformed") from None


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ExportInvalid("`entry` is not text that UTF-8 can hold") from None
