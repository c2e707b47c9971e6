"""Values that users know: to let through (allow lists) and to find everywhere (deny lists).

A list is a text file of lines `ENTITY<tab>value`; `*` in an allow list means whatever was found.
Blank lines and lines that begin with `#` say nothing. A list that holds personal data can be kept
as digests: `salt<tab>HEX` once, then `ENTITY<tab>sha256:HEX`, the SHA-256 of the salt's bytes and
the value in its compared form (`listed_form`) in UTF-8. `privacy-service detectors hash` writes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from privacy_service import errors
from privacy_service.detection.candidates import Candidate
from privacy_service.detection.phrases import Lexicon
from privacy_service.detection.words import Words, folded, words
from privacy_service.errors import PrivacyError

_DIGEST: Final = "sha256:"
_ANY: Final = "*"
_MOST_WORDS: Final = 6
"""Words of the longest value that is looked for by its digest."""

_SCORE: Final = 1.0


def listed_form(value: str) -> str:
    """The form in which values are compared: words without accents, in lower case."""
    return " ".join(word for _start, _end, word in words(value)) or folded(value.strip())


def digest(salt: bytes, value: str) -> str:
    """A value as a line of a hashed list has it."""
    return _DIGEST + hashlib.sha256(salt + listed_form(value).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueList:
    """One list: plain values and digests, each with its entity."""

    plain: frozenset[tuple[str, str]] = frozenset()
    digests: frozenset[tuple[str, str]] = frozenset()
    salt: bytes = b""

    @property
    def by_digest(self) -> dict[str, str]:
        """The entity of each digest."""
        return {hashed: entity for entity, hashed in self.digests}

    def holds(self, entity: str, value: str) -> bool:
        """Whether the value is listed for the entity, or for any."""
        names = (entity, _ANY)
        if self.plain and any((name, listed_form(value)) in self.plain for name in names):
            return True
        if not self.digests:
            return False
        hashed = digest(self.salt, value)
        return any((name, hashed) in self.digests for name in names)


def read_list(path: Path) -> ValueList:
    """A list from its file. Raises DETECTOR_FILE_INVALID with the line."""
    plain: set[tuple[str, str]] = set()
    digests: set[tuple[str, str]] = set()
    salt = b""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as cause:
        says = cause.strerror if isinstance(cause, OSError) else "it is not UTF-8"
        raise _refused(path, 1, says or "it cannot be read") from cause
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        entity, tab, value = line.partition("\t")
        if not tab or not value.strip():
            raise _refused(path, number, "a line is an entity, a tab and a value")
        if entity == "salt":
            salt = _salt(value, path, number)
        elif value.startswith(_DIGEST):
            digests.add((entity, value.strip()))
        else:
            plain.add((entity, listed_form(value)))
    return ValueList(plain=frozenset(plain), digests=frozenset(digests), salt=salt)


def _salt(value: str, path: Path, number: int) -> bytes:
    try:
        return bytes.fromhex(value.strip())
    except ValueError:
        raise _refused(path, number, "the salt is written in hexadecimal digits") from None


def _refused(path: Path, line: int, fault: str) -> PrivacyError:
    return PrivacyError(errors.DETECTOR_FILE_INVALID, file=str(path), line=line, fault=fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """All lists of one detector."""

    allowed: tuple[ValueList, ...] = ()
    denied: tuple[ValueList, ...] = ()
    lexicon: Lexicon = field(default_factory=Lexicon)

    @classmethod
    def read(cls, allow: Iterable[Path], deny: Iterable[Path]) -> Lists:
        """Lists from files. Raises DETECTOR_FILE_INVALID."""
        denied = tuple(read_list(path) for path in deny)
        return cls(
            allowed=tuple(read_list(path) for path in allow),
            denied=denied,
            lexicon=Lexicon.of(
                (value, entity) for listed in denied for entity, value in listed.plain
            ),
        )

    @property
    def entities(self) -> frozenset[str]:
        """The entities of the deny lists."""
        return frozenset(
            entity for listed in self.denied for entity, _ in (*listed.plain, *listed.digests)
        )

    def allows(self, found: Candidate, text: str) -> bool:
        """Whether a list lets the finding through."""
        value = text[found.start : found.end]
        return bool(self.allowed) and any(
            listed.holds(found.entity, value) for listed in self.allowed
        )

    def find(self, text: str, found: Words) -> Iterator[Candidate]:
        """The denied values in `text`."""
        if not self.denied:
            return
        said = self.lexicon.read(text, found, ordinary=True)
        for entity in said.topics():
            for mention in said.of(entity):
                yield Candidate(entity, mention.start, mention.end, _SCORE, "list", "denied")
        yield from self._hashed(text, found)

    def _hashed(self, text: str, found: Words) -> Iterator[Candidate]:
        hashed = [listed for listed in self.denied if listed.digests]
        if not hashed:
            return
        for first in range(len(found)):
            for last in range(first, min(len(found), first + _MOST_WORDS)):
                start, end = found[first][0], found[last][1]
                for listed in hashed:
                    entity = listed.by_digest.get(digest(listed.salt, text[start:end]))
                    if entity is not None:
                        yield Candidate(entity, start, end, _SCORE, "list", "denied")
