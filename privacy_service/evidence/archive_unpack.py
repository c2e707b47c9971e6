"""Takes an evidence archive apart, and says of its own bytes which were changed.

The signed manifest fixes the layout: where each file lies, and every byte between them. So no
header is believed, and a byte that is not as it must be is named with what it belongs to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Protocol

from privacy_service.evidence.archive import HEADING, MANIFEST, manifest_line
from privacy_service.evidence.note import NoteInvalid, VerifierKey, open_note
from privacy_service.evidence.stored_zip import (
    LOCAL_MARK,
    LayoutInvalid,
    PackedFile,
    content_start,
    regions,
    walked,
)

MOST_BYTES: Final = 256 << 20
"""Longest archive that is read."""

_SIZE: Final = slice(22, 26)
"""Where the first header says how long its file is (APPNOTE 4.3.7)."""


class TellFault(Protocol):
    """Takes what is wrong: in which file (empty: the archive itself), and on which line."""

    def __call__(self, file: str, says: str, line: int | None = None, /) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """The files by name, but the manifest, and what the archive says that it is about."""

    files: dict[str, bytes]
    asked: str = "unknown"


def unpack(content: bytes, keys: tuple[VerifierKey, ...], fault: TellFault) -> Unpacked:
    """The files, each held against the manifest. Raises LayoutInvalid for what is no archive.

    Where the manifest's own signature does not hold, the files come as the archive's headers give
    them: what can be proven without it still is.
    """
    if len(content) > MOST_BYTES:
        raise LayoutInvalid(f"it is longer than {MOST_BYTES} bytes")
    manifest = _manifest_of(content, keys)
    text = _signed(manifest, keys, fault)
    if text is None:
        files = list(walked(content))[1:]
        _fit(manifest, files, fault)
        return Unpacked(files={file.name: file.content for file in files})
    _, _, asked, *listed = text.split("\n")[:-1]
    lines = [_Line.parse(line) for line in listed]
    files = _laid_out(manifest, lines, content)
    damaged = frozenset(
        file.name
        for file, line in zip(files, lines, strict=True)
        if hashlib.sha256(file.content).hexdigest() != line.digest
    )
    for name in (file.name for file in files if file.name in damaged):
        fault(name, "it is not the file that was signed")
    _compare([manifest, *files], damaged, content, fault)
    asked = asked.removeprefix("asked ")
    return Unpacked(files={file.name: file.content for file in files}, asked=asked)


@dataclass(frozen=True, slots=True)
class _Line:
    """A file as a signed manifest names it."""

    digest: str
    size: int
    name: str

    @classmethod
    def parse(cls, line: str) -> _Line:
        _, digest, size, name = line.split(" ", 3)
        return cls(digest, int(size), name)


def _manifest_of(content: bytes, keys: tuple[VerifierKey, ...]) -> PackedFile:
    """The manifest: it comes first, and ends where the next file begins. Where it is not signed so
    far, because the mark of the next file is what was changed, it is as long as its header says.
    """
    start = content_start(MANIFEST, 0)
    end = content.find(LOCAL_MARK, start)
    if end < 0:
        raise LayoutInvalid("it is no evidence archive")
    stated = start + int.from_bytes(content[_SIZE], "little")
    signed = next((one for one in (end, stated) if _is_signed(content[start:one], keys)), end)
    return PackedFile(name=MANIFEST, content=content[start:signed])


def _is_signed(note: bytes, keys: tuple[VerifierKey, ...]) -> bool:
    try:
        open_note(note.decode(), *keys)
    except (UnicodeDecodeError, NoteInvalid):
        return False
    return True


def _signed(manifest: PackedFile, keys: tuple[VerifierKey, ...], fault: TellFault) -> str | None:
    """The text of a manifest that is signed; None, with a fault, of another one."""
    try:
        text = open_note(manifest.content.decode(), *keys)
    except UnicodeDecodeError:
        fault(MANIFEST, "it is not UTF-8")
        return None
    except NoteInvalid as invalid:
        fault(MANIFEST, str(invalid))
        return None
    if not text.startswith(f"{HEADING}\nlog {keys[0].name}\nasked "):
        fault(MANIFEST, "it is signed, but of another kind or another log")
        return None
    return text


def _fit(manifest: PackedFile, files: list[PackedFile], fault: TellFault) -> None:
    """Says which lines of a manifest that does not hold fit no file that is here."""
    fitting = {manifest_line(file) for file in files}
    lines = manifest.content.decode(errors="replace").split("\n")
    for number, line in enumerate(lines, start=1):
        if line.startswith("file ") and line not in fitting:
            fault(MANIFEST, "the line fits no file that is here", number)


def _laid_out(manifest: PackedFile, lines: list[_Line], content: bytes) -> list[PackedFile]:
    """The files where the manifest says that they are, whatever the headers say."""
    files = []
    at = content_start(manifest.name, 0) + len(manifest.content)
    for line in lines:
        start = content_start(line.name, at)
        files.append(PackedFile(name=line.name, content=content[start : start + line.size]))
        at = start + line.size
    return files


def _compare(
    files: list[PackedFile], damaged: frozenset[str], content: bytes, fault: TellFault
) -> None:
    """Holds every byte outside of the files against the layout."""
    end = 0
    for region in regions(files, damaged):
        at = region.difference(content)
        if at is not None:
            fault("", f"byte {at} was changed, in {region.says}")
        end = region.start + len(region.expected)
    if len(content) > end:
        fault("", f"{len(content) - end} bytes were added at byte {end}")
