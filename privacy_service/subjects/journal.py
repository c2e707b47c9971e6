"""The tombstone journal: what was deleted, remembered apart from the database.

A backup that is restored brings back what was deleted since it was made. The journal says what that
is, so that it can be deleted again before anyone is served. It is a chain of signed notes
(https://c2sp.org/signed-note), each with some tombstones:

    tombstones of privacy.example/audit
    7
    9f1d…                       SHA-256 of the note before it, in hex; a dash in the first
    log 5120                    how many entries the audit log had, at least
    key acme-shop 5ab1… 2026-11-23T12:00:00.000000+00:00
    record acme-shop 77c0… 2026-11-23T12:00:01.000000+00:00

A decision that more would pass without, or a deadline be missed, stands there by what it was and
its place in the audit log. It cannot be made again from that; but nobody is served in silence
without.

It holds names of partners and keyed digests, and nothing of a person.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import quote, unquote

SUFFIX: Final = ".tombstones"
MOST_TOMBSTONES: Final = 2000
"""In one note: a note has at most a million characters."""

_EVERYWHERE: Final = "-"
_WORD = re.compile(r"[^\s]{1,512}")
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_DIGEST = re.compile(r"-|[0-9a-f]{64}")


class JournalInvalid(ValueError):  # noqa: N818 - it says what is so, as our reasons do
    """The note is none of a tombstone journal, or not the next one."""


class Buried(StrEnum):
    """What a tombstone stands on."""

    KEY = "key"
    """The data key of a subject at a partner: it was shredded."""
    RECORD = "record"
    """A sealed record of a partner."""
    TOKEN = "token"  # noqa: S105 - a name
    """A token that the partner's transfers minted, with the value that it stood for."""
    ANSWER = "answer"
    """The sealed answer to a request of the partner."""
    REVIEW = "review"
    """A payload of the partner that waited, or waits, for a person's decision."""
    EXAMPLE = "example"
    """An example that stood in the partner's contracts."""
    PERSON = "person"
    """A person: nothing new about them is taken, at one partner or anywhere."""
    DECISION = "decision"
    """Nothing dead: something that was decided, and must not be forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """One deletion. `word` is the subject as the store knows it; for a person with the erasure that
    it is of, as `Erased` has it; for others a keyed digest of what it was called. `partner` is
    empty for a person who was erased everywhere, and for a decision that is about no partner.
    """

    kind: Buried
    partner: str
    word: str
    at: datetime

    def __post_init__(self) -> None:
        everywhere = self.kind in (Buried.PERSON, Buried.DECISION) and not self.partner
        if not (everywhere or _WORD.fullmatch(self.partner)) or not _WORD.fullmatch(self.word):
            raise JournalInvalid("a tombstone's words are not empty and have no blank")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What the word of a person's tombstone says."""

    digest: str
    keep_until: datetime
    request_id: str

    def __str__(self) -> str:
        return f"{self.digest}/{self.keep_until.isoformat()}/{self.request_id}"

    @classmethod
    def parse(cls, word: str) -> Erased:
        """Raises JournalInvalid."""
        try:
            digest, until, request_id = word.split("/", 2)
            return cls(
                digest=digest, keep_until=datetime.fromisoformat(until), request_id=request_id
            )
        except ValueError:
            raise JournalInvalid("the word is no person's") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the word of a decision says: what was done (`LegalHoldService/PlaceHold`), to what (a
    hold, a request, a contract version), and where in the audit log it stands.
    """

    action: str
    about: str
    position: int

    def __str__(self) -> str:
        return f"{self.action}:{quote(self.about, safe='@,')}:{self.position}"

    @classmethod
    def parse(cls, word: str) -> Decision:
        """Raises JournalInvalid."""
        try:
            action, about, position = word.split(":")
            return cls(action=action, about=unquote(about), position=int(position))
        except ValueError:
            raise JournalInvalid("the word is no decision's") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One note of the journal. `previous` is the digest of the one before it, "-" in the first."""

    origin: str
    number: int
    previous: str
    log_size: int
    tombstones: tuple[Tombstone, ...]

    @property
    def name(self) -> str:
        """The name of its file."""
        return segment_name(self.number)

    @property
    def text(self) -> str:
        """The note's text."""
        lines = [f"tombstones of {self.origin}", str(self.number), self.previous]
        lines.append(f"log {self.log_size}")
        lines += (
            f"{t.kind} {t.partner or _EVERYWHERE} {t.word} {t.at.isoformat()}"
            for t in self.tombstones
        )
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Segment:
        """Reads a note's text. Raises JournalInvalid."""
        every = text.removesuffix("\n").split("\n")
        if len(every) < 4:
            raise JournalInvalid("the note is too short")
        title, number, previous, log, *lines = every
        of, mark, origin = title.partition("tombstones of ")
        size = log.removeprefix("log ")
        if of or not mark or not _NUMBER.fullmatch(number) or not _DIGEST.fullmatch(previous):
            raise JournalInvalid("the note is none of a tombstone journal")
        if log == size or not size.isdecimal():
            raise JournalInvalid("the note does not say how long the log was")
        return cls(
            origin=origin,
            number=int(number),
            previous=previous,
            log_size=int(size),
            tombstones=tuple(_tombstone(line) for line in lines),
        )


def segment_name(number: int) -> str:
    """The name of the file with this note: names sort as numbers do."""
    return f"{number:020d}{SUFFIX}"


def note_digest(note: str) -> str:
    """What the next note says of this one."""
    return hashlib.sha256(note.encode()).hexdigest()


def _tombstone(line: str) -> Tombstone:
    try:
        kind, partner, word, at = line.split(" ")
        return Tombstone(
            kind=Buried(kind),
            partner="" if partner == _EVERYWHERE else partner,
            word=word,
            at=datetime.fromisoformat(at),
        )
    except ValueError:
        raise JournalInvalid("a line is no tombstone") from None
