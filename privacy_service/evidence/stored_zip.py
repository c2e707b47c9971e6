"""ZIP archives in one exact layout: the same files are the same bytes, on every machine.

Nothing is compressed, every name is ASCII, every date is the format's first day. So the whole
layout follows from the names and lengths of the files; a reader that knows these needs to believe
none of the archive's own headers, and can say of every byte what it belongs to. Any ZIP tool opens
it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

_DATE: Final = 0x21  # 1980-01-01
_VERSION: Final = 20
_UNIX: Final = 3 << 8
_READ_ONLY: Final = 0o100444 << 16
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
LOCAL_MARK: Final = b"PK\x03\x04"
_CRC_AT: Final = (14, 18)
_CENTRAL_CRC_AT: Final = (16, 20)


class LayoutInvalid(ValueError):  # noqa: N818 - it says what is so, as our reasons do
    """The bytes do not begin with files in this layout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """One file of an archive."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A run of bytes that the layout fixes, and what it belongs to.

    From `unknown[0]` to `unknown[1]` they may be anything: the checksum of a file that is itself
    not what it should be.
    """

    start: int
    expected: bytes = field(repr=False)
    says: str
    unknown: tuple[int, int] = (0, 0)

    def difference(self, archive: bytes) -> int | None:
        """The first byte of the archive that is not what this region says, if there is one."""
        found = archive[self.start : self.start + len(self.expected)]
        for at, expected in enumerate(self.expected):
            if self.unknown[0] <= at < self.unknown[1]:
                continue
            if at >= len(found) or found[at] != expected:
                return self.start + at
        return None


def packed(files: Sequence[PackedFile]) -> bytes:
    """The archive with these files, in this order."""
    parts, at = [], 0
    places = []
    for file in files:
        header = _local(file)
        places.append(at)
        parts += [header, file.content]
        at += len(header) + len(file.content)
    directory = b"".join(_central(f, place) for f, place in zip(files, places, strict=True))
    return b"".join([*parts, directory, _end(len(files), len(directory), at)])


def content_start(name: str, at: int) -> int:
    """Where a file's content begins whose header begins at `at`."""
    return at + _LOCAL.size + len(name)


def regions(files: Sequence[PackedFile], damaged: frozenset[str]) -> Iterator[Region]:
    """Everything of the archive but the files' contents. `damaged` names files whose content is not
    what it should be, so that no checksum of theirs is known.
    """
    at, places = 0, []
    for file in files:
        header = _local(file)
        unknown = _CRC_AT if file.name in damaged else (0, 0)
        yield Region(start=at, expected=header, says=f"the header of {file.name}", unknown=unknown)
        places.append(at)
        at += len(header) + len(file.content)
    start = at
    for file, place in zip(files, places, strict=True):
        line = _central(file, place)
        unknown = _CENTRAL_CRC_AT if file.name in damaged else (0, 0)
        says = f"the directory's line of {file.name}"
        yield Region(start=at, expected=line, says=says, unknown=unknown)
        at += len(line)
    end = _end(len(files), at - start, start)
    yield Region(start=at, expected=end, says="the end of the directory")


def walked(archive: bytes) -> Iterator[PackedFile]:
    """The files as their headers give them, as far as these can be followed.

    Raises LayoutInvalid where not even the first can be read.
    """
    at = 0
    while archive[at : at + 4] == LOCAL_MARK and at + _LOCAL.size <= len(archive):
        fields = _LOCAL.unpack_from(archive, at)
        size, named = fields[8], fields[9]
        name = archive[at + _LOCAL.size : at + _LOCAL.size + named].decode("ascii", "replace")
        start = content_start(name, at)
        if start + size > len(archive):
            break
        yield PackedFile(name=name, content=archive[start : start + size])
        at = start + size
    if at == 0:
        raise LayoutInvalid("it is no archive of this layout")


def _local(file: PackedFile) -> bytes:
    crc, size = zlib.crc32(file.content), len(file.content)
    name = file.name.encode("ascii")
    return _LOCAL.pack(LOCAL_MARK, _VERSION, 0, 0, 0, _DATE, crc, size, size, len(name), 0) + name


def _central(file: PackedFile, at: int) -> bytes:
    crc, size, name = zlib.crc32(file.content), len(file.content), file.name.encode("ascii")
    return (
        _CENTRAL.pack(
            b"PK\x01\x02", _UNIX | _VERSION, _VERSION, 0, 0, 0, _DATE, crc, size, size, len(name),
            0, 0, 0, 0, _READ_ONLY, at,
        )
        + name
    )  # fmt: skip


def _end(count: int, size: int, at: int) -> bytes:
    return _END.pack(b"PK\x05\x06", 0, 0, count, count, size, at, 0)
