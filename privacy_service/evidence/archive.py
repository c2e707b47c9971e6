"""Evidence archives: one signed file about one case, that whoever has the public key can check.

An archive holds what was asked for (a subject's request, a breach, a partner, a contract version, a
period): the log's entries with a proof each, the checkpoint, the disclosures, the contract
versions, and an index to read. `manifest.note` names every file with its hash and is signed as
checkpoints are. The same case of the same log is the same archive, byte for byte.

docs/evidence.md has the format; `archive_verify.py` checks it and needs nothing else of ours.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from privacy_service.evidence.archive_span import SPAN, Span
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.export import leaf_field
from privacy_service.evidence.note import Signer, sign_note
from privacy_service.evidence.queries import EntryQuery
from privacy_service.evidence.stored_zip import PackedFile, packed

HEADING: Final = "privacy-service evidence archive v1"
"""The manifest's first line. No checkpoint has a text of this form, so neither signature passes for
the other."""

MANIFEST: Final = "manifest.note"
CHECKPOINT: Final = "checkpoint.note"
ENTRIES: Final = "entries.jsonl"
DISCLOSURES: Final = "disclosures.jsonl"
ANCHOR_NOTE: Final = "anchor/published.note"
ANCHOR_STAMP: Final = "anchor/published.tsr"
ANCHOR_PROOF: Final = "anchor/consistency.txt"
ATTACHED: Final = "attached/"

_NAME: Final = re.compile(r"[a-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEntry:
    """An entry, and the sibling hashes that prove it under the archive's checkpoint."""

    position: int
    leaf: bytes
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractText:
    """A contract version as it was put. `canonical` is the form whose hash is `digest`, None where
    it can't be made again.
    """

    id: str
    number: int
    digest: str
    source: str = field(repr=False)
    canonical: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The newest published checkpoint that the archive's continues, and the proof that it does.

    `stamp` is its RFC 3161 time stamp, if there is one.
    """

    note: str
    hashes: tuple[bytes, ...]
    stamp: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What an archive holds. `entries` and `disclosures` are in the log's order.

    `span` is the part of the log that its period takes up, None where there is no period, or one
    too long. `attached` are further files by name, of whoever knows more about the case; names are
    lower-case ASCII words.
    """

    origin: str
    asked: EntryQuery
    checkpoint: str
    entries: tuple[ProvenEntry, ...]
    disclosures: tuple[Disclosure, ...] = ()
    contracts: tuple[ContractText, ...] = ()
    anchor: Anchor | None = None
    span: Span | None = None
    attached: Mapping[str, bytes] = field(default_factory=dict)


def sealed_archive(case: Case, index: Sequence[PackedFile], *signers: Signer) -> bytes:
    """The archive of the case. `index` are the files to read it by, which come first.

    Raises ValueError for an attachment with a name that an archive can't have.
    """
    files = [*index, *_files(case)]
    note = sign_note(manifest_text(case, files), name=case.origin, signers=signers)
    return packed([PackedFile(name=MANIFEST, content=note.encode()), *files])


def manifest_text(case: Case, files: Sequence[PackedFile]) -> str:
    """What is signed: what was asked, and each file with its hash and length, in order."""
    lines = [HEADING, f"log {case.origin}", f"asked {compact(asked(case.asked))}"]
    lines += (manifest_line(file) for file in files)
    return "".join(f"{line}\n" for line in lines)


def manifest_line(file: PackedFile) -> str:
    """The manifest's line of a file."""
    digest = hashlib.sha256(file.content).hexdigest()
    return f"file {digest} {len(file.content)} {file.name}"


def asked(query: EntryQuery) -> dict[str, Any]:
    """What was asked for, without what was not, as JSON has it."""
    said = {each.name: getattr(query, each.name) for each in fields(query)}
    return {name: plain(value) for name, value in said.items() if value is not None}


def entry_line(entry: ProvenEntry) -> str:
    """An entry's line: its position, its exact bytes, and its proof."""
    hashes = [base64.b64encode(digest).decode() for digest in entry.hashes]
    line = {"position": entry.position, **leaf_field(entry.leaf), "proof": hashes}
    return compact(line) + "\n"


def disclosure_line(disclosure: Disclosure) -> str:
    """A disclosure's line: every field that is set, by its name."""
    said = {name: plain(value) for name, value in asdict(disclosure).items()}
    return compact({name: value for name, value in said.items() if value is not None}) + "\n"


def contract_name(contract_id: str, number: int, suffix: str) -> str:
    """The file of a contract version."""
    return f"contracts/{contract_id}/{number}.{suffix}"


def compact(written: object) -> str:
    """JSON in its one spelling here: sorted keys, no blanks."""
    return json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def plain(value: object) -> Any:
    """The value as JSON can have it: instants as text, tuples as lists."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, tuple | list):
        return [plain(inner) for inner in value]
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return value


def _files(case: Case) -> Iterator[PackedFile]:
    yield _file(CHECKPOINT, case.checkpoint)
    if case.anchor is not None:
        yield from _anchor(case.anchor)
    if case.span is not None:
        yield _file(SPAN, case.span.text)
    for contract in case.contracts:
        yield _file(contract_name(contract.id, contract.number, "yaml"), contract.source)
        if contract.canonical is not None:
            name = contract_name(contract.id, contract.number, "json")
            yield PackedFile(name=name, content=contract.canonical)
    for name, content in sorted(case.attached.items()):
        if not _NAME.fullmatch(name):
            raise ValueError("an attachment's name is a lower-case ASCII word")
        yield PackedFile(name=ATTACHED + name, content=content)
    yield _file(DISCLOSURES, "".join(map(disclosure_line, case.disclosures)))
    yield _file(ENTRIES, "".join(map(entry_line, case.entries)))


def _anchor(anchor: Anchor) -> Iterator[PackedFile]:
    yield _file(ANCHOR_NOTE, anchor.note)
    if anchor.stamp is not None:
        yield PackedFile(name=ANCHOR_STAMP, content=anchor.stamp)
    hashes = (base64.b64encode(digest).decode() + "\n" for digest in anchor.hashes)
    yield _file(ANCHOR_PROOF, "".join(hashes))


def _file(name: str, text: str) -> PackedFile:
    return PackedFile(name=name, content=text.encode())
