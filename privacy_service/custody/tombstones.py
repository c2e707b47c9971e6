"""The tombstone journal and the database: each deletion is in both before it is acknowledged.

A deletion is committed first, and put down with it that the journal lacks it. Then it is written to
the journal, and only then its caller hears of it. Whatever happens between, the next `write` of any
replica finds what is lacking. A database that was restored from a backup is behind the journal: it
is not served until `replay` has deleted again what the journal has.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.examples import Digests, bury, example_names
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.evidence.note import NoteInvalid
from privacy_service.store.database import Database
from privacy_service.store.erasures import KeptReview
from privacy_service.store.rows import JournalHead, UnwrittenTombstone
from privacy_service.store.tokens import token_key
from privacy_service.store.views import View, Writing
from privacy_service.subjects.erasures import Tombstone as PersonTombstone
from privacy_service.subjects.journal import (
    MOST_TOMBSTONES,
    Buried,
    Decision,
    Erased,
    JournalInvalid,
    Segment,
    Tombstone,
    note_digest,
    segment_name,
)

REPLAY: Final = "tombstones replay"
_TRIES: Final = 100
_PAGE: Final = 1000
_NAMED: Final = frozenset(
    {Buried.RECORD, Buried.TOKEN, Buried.ANSWER, Buried.REVIEW, Buried.EXAMPLE}
)
"""What the journal has a digest of, and not the name itself."""


class Place(Protocol):
    """Where the journal is: files that are never replaced. Raises TOMBSTONES_UNAVAILABLE."""

    def names(self, *, after: str) -> list[str]:
        """The names that come after this one, in order."""
        ...

    def read(self, name: str) -> bytes | None: ...

    def create(self, name: str, content: bytes) -> bool:
        """Whether the file is new; one that is there stays as it is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LostDecision:
    """What was decided, about what, for which partner if for one: the database lacks it."""

    action: str
    about: str
    partner: str
    at: datetime


class DecisionsLost(PrivacyError):  # noqa: N818 - it says what is so, as our reasons do
    """DECISIONS_LOST, with those that are."""

    def __init__(self, lost: tuple[LostDecision, ...]) -> None:
        super().__init__(errors.DECISIONS_LOST, count=len(lost))
        self.lost = lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay did: notes read, tombstones in them, and how many of them were alive again.
    `lost` are the decisions that the database does not have: they are to be taken again.
    """

    notes: int
    tombstones: int
    buried: int
    lost: tuple[LostDecision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalStatus:
    """How the two stand: notes that the database has and lacks, deletions and decisions that the
    journal lacks, tombstones whose dead are alive in the database, and decisions that it lacks.
    """

    notes: int
    behind: int
    unwritten: int
    alive: int
    lost: tuple[LostDecision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TombstoneJournal:
    """The journal of one audit log. Thread-safe, and safe between replicas.

    `sign` makes a signed note of a text, `opened` gives its text back or raises NoteInvalid.
    `digests` gives the keyed digests of bytes under every key version, the current one first.
    """

    database: Database
    place: Place
    origin: str
    sign: Callable[[str], str]
    opened: Callable[[str], str]
    digests: Digests
    clock: Clock
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def write(self) -> int:
        """Writes every deletion that the journal lacks. How many.

        Raises TOMBSTONES_UNAVAILABLE, and DATABASE_RESTORED where the database is behind.
        """
        with self._turn:
            written = 0
            for _ in range(_TRIES):
                head, size, rows = self._lacking()
                if not rows:
                    return written
                note = self._note(head, size, rows)
                if self.place.create(segment_name(head.number + 1), note.encode()):
                    to = JournalHead(number=head.number + 1, digest=note_digest(note))
                    self._advance(head, to, rows)
                    written += len(rows)
                else:  # another replica was faster, or this one died before it could say so
                    self._catch_up()
            raise PrivacyError(errors.TOMBSTONES_UNAVAILABLE)

    def catch_up(self) -> None:
        """Makes sure that all that the journal has is deleted here.

        Raises DATABASE_RESTORED where it is not, TOMBSTONES_INVALID, TOMBSTONES_UNAVAILABLE.
        """
        with self._turn:
            self._require_whole()
            self._catch_up()

    def replay(self, actor: str, *, without_decisions: bool = False) -> Replayed:
        """Deletes again what the journal has, all of it or nothing; the log says so.

        Nobody may be served meanwhile. Raises DECISIONS_LOST where the database lacks decisions and
        nobody said that it may be without; TOMBSTONES_INVALID, TOMBSTONES_UNAVAILABLE.
        """
        with self._turn:
            self._require_whole()
            ahead = list(self._ahead())
            if not ahead:
                return Replayed(notes=0, tombstones=0, buried=0)
            every = [tombstone for segment, _ in ahead for tombstone in segment.tombstones]
            with self.database.reading() as view:
                alive = self._alive(view, every)
                lost = _lost(view, every)
            if lost and not without_decisions:
                raise DecisionsLost(lost)
            attempt = AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=REPLAY,
                at=self.clock.now(),
                actor=actor,
                resource=f"notes {ahead[0][0].number} to {ahead[-1][0].number}",
            )

            def work(tx: Writing, effect: Effect) -> None:
                for row in alive:
                    _bury(tx, row, self.digests)
                was = tx.tombstones.head(self.origin)
                tx.tombstones.advance(self.origin, was, ahead[-1][1])
                tx.tombstones.forget(self._as_rows(every, alive))
                effect("REPLAYED", reason=f"{len(lost)} decisions lost" if lost else None)

            Acts(self.database, self.clock).act(attempt, work, seconds=None)
            return Replayed(
                notes=len(ahead),
                tombstones=len(every) - _decisions(every),
                buried=len(alive),
                lost=lost,
            )

    def begin_again(self) -> int:
        """A new journal, where the old one is lost: with every key that was shredded and every
        person who was erased. How many.

        What else the old one had is known by nobody any more. Raises TOMBSTONES_INVALID where the
        place has notes.
        """
        with self._turn:
            if names := self.place.names(after=""):
                raise PrivacyError(errors.TOMBSTONES_INVALID, found=len(names))

            def work(tx: Writing) -> None:
                tx.tombstones.begin_again(self.origin)
                tx.tombstones.note_each([_stone_row(stone) for stone in _stones(tx)])

            self.database.commit(work)
        return self.write()

    def status(self) -> JournalStatus:
        """How the two stand. Raises TOMBSTONES_INVALID, TOMBSTONES_UNAVAILABLE."""
        with self._turn:
            self._require_whole()
            ahead = list(self._ahead())
            with self.database.reading() as view:
                head = view.tombstones.head(self.origin)
                unwritten = len(view.tombstones.unwritten(1_000_000))
                every = [tombstone for segment, _ in ahead for tombstone in segment.tombstones]
                alive = len(self._alive(view, every))
                lost = _lost(view, every)
        return JournalStatus(
            notes=head.number, behind=len(ahead), unwritten=unwritten, alive=alive, lost=lost
        )

    # -- One note -----------------------------------------------------------------------------

    def _lacking(self) -> tuple[JournalHead, int, tuple[UnwrittenTombstone, ...]]:
        with self.database.reading() as view:
            rows = view.tombstones.unwritten(MOST_TOMBSTONES)
            return view.tombstones.head(self.origin), view.audit.size(), rows

    def _note(self, head: JournalHead, size: int, rows: Sequence[UnwrittenTombstone]) -> str:
        segment = Segment(
            origin=self.origin,
            number=head.number + 1,
            previous=head.digest,
            log_size=size,
            tombstones=tuple(self._tombstone(row) for row in rows),
        )
        return self.sign(segment.text)

    def _tombstone(self, row: UnwrittenTombstone) -> Tombstone:
        kind = Buried(row.kind)
        word = row.word
        if kind in _NAMED:
            word = self.digests(_name(kind, row.partner, row.word))[0]
        return Tombstone(kind=kind, partner=row.partner, word=word, at=row.at)

    def _advance(
        self, was: JournalHead, to: JournalHead, written: Sequence[UnwrittenTombstone]
    ) -> None:
        def work(tx: Writing) -> None:
            tx.tombstones.advance(self.origin, was, to)
            tx.tombstones.forget(written)

        self.database.commit(work)

    # -- What the journal has and the database may not ----------------------------------------

    def _require_whole(self) -> None:
        """Raises TOMBSTONES_INVALID where the journal does not have what it had."""
        with self.database.reading() as view:
            head = view.tombstones.head(self.origin)
        if head.number:
            note = self.place.read(segment_name(head.number))
            if note is None or note_digest(note.decode(errors="replace")) != head.digest:
                raise PrivacyError(errors.TOMBSTONES_INVALID, note=head.number)

    def _catch_up(self) -> None:
        with self.database.reading() as view:
            was = view.tombstones.head(self.origin)
        for segment, head in self._ahead():
            with self.database.reading() as view:
                alive = self._alive(view, segment.tombstones)
                size = view.audit.size()
            if alive or size < segment.log_size:
                raise PrivacyError(
                    errors.DATABASE_RESTORED,
                    alive=len(alive),
                    log_size=size,
                    log_size_known=segment.log_size,
                )
            self._advance(was, head, self._as_rows(segment.tombstones, ()))
            was = head

    def _ahead(self) -> Iterator[tuple[Segment, JournalHead]]:
        """The notes after the database's head, each once it is shown to follow the one before."""
        with self.database.reading() as view:
            head = view.tombstones.head(self.origin)
        for name in self.place.names(after=segment_name(head.number)):
            note = (self.place.read(name) or b"").decode(errors="replace")
            segment = self._read(note, head.number + 1)
            if name != segment.name or segment.number != head.number + 1:
                raise PrivacyError(errors.TOMBSTONES_INVALID, note=head.number + 1)
            if segment.origin != self.origin or segment.previous != head.digest:
                raise PrivacyError(errors.TOMBSTONES_INVALID, note=segment.number)
            head = JournalHead(number=segment.number, digest=note_digest(note))
            yield segment, head

    def _read(self, note: str, number: int) -> Segment:
        try:
            return Segment.parse(self.opened(note))
        except (NoteInvalid, JournalInvalid):
            raise PrivacyError(errors.TOMBSTONES_INVALID, note=number) from None

    def _alive(self, view: View, tombstones: Sequence[Tombstone]) -> list[UnwrittenTombstone]:
        """Those whose dead are in the database, named as the database names them."""
        return [
            *(_row(t, t.word) for t in tombstones if self._walks(view, t)),
            *self._named_alive(view, [t for t in tombstones if t.kind in _NAMED]),
        ]

    def _walks(self, view: View, tombstone: Tombstone) -> bool:
        """Whether a key lives that was shredded, or a person is taken who was erased."""
        if tombstone.kind is Buried.KEY:
            return not view.data_keys.is_shredded(tombstone.partner, tombstone.word)
        if tombstone.kind is not Buried.PERSON:
            return False
        erased = Erased.parse(tombstone.word)
        barred = view.erasures.barred([erased.digest], [tombstone.partner])
        return not barred and erased.keep_until > self.clock.now()

    def _named_alive(
        self, view: View, tombstones: Sequence[Tombstone]
    ) -> Iterator[UnwrittenTombstone]:
        """What the journal knows by a digest of its name: every name is tried."""
        buried = {(t.kind, t.partner, t.word): t for t in tombstones}
        for kind, partner in sorted({(t.kind, t.partner) for t in tombstones}):
            for name, made_at in self._names(view, kind, partner):
                for digest in self.digests(_name(kind, partner, name)):
                    dead = buried.get((kind, partner, digest))
                    # Its name may have been given to another one since.
                    if dead is not None and (made_at is None or made_at <= dead.at):
                        yield _row(dead, name)

    def _names(
        self, view: View, kind: Buried, partner: str
    ) -> Iterator[tuple[str, datetime | None]]:
        if kind is Buried.EXAMPLE:
            return ((name, None) for name in example_names(view, partner, self.digests))
        return _names(view, kind, partner)

    def _as_rows(
        self, tombstones: Sequence[Tombstone], alive: Sequence[UnwrittenTombstone]
    ) -> list[UnwrittenTombstone]:
        """What the database may have put down of these: the journal has them by now."""
        return [*(_row(t, t.word) for t in tombstones if t.kind not in _NAMED), *alive]


def _lost(view: View, tombstones: Sequence[Tombstone]) -> tuple[LostDecision, ...]:
    """The decisions that the database's log does not reach to."""
    size = view.audit.size()
    return tuple(
        LostDecision(action=decision.action, about=decision.about, partner=one.partner, at=one.at)
        for one in tombstones
        if one.kind is Buried.DECISION and (decision := Decision.parse(one.word)).position >= size
    )


def _decisions(tombstones: Sequence[Tombstone]) -> int:
    return sum(one.kind is Buried.DECISION for one in tombstones)


def _row(tombstone: Tombstone, word: str) -> UnwrittenTombstone:
    return UnwrittenTombstone(
        kind=tombstone.kind, partner=tombstone.partner, word=word, at=tombstone.at
    )


def _bury(tx: Writing, row: UnwrittenTombstone, digests: Digests) -> None:
    match Buried(row.kind):
        case Buried.KEY:
            tx.data_keys.shred(row.partner, row.word, at=row.at)
        case Buried.RECORD:
            tx.records.delete(row.partner, row.word)
        case Buried.TOKEN:
            tx.tokens.delete([_token(row.word)])
        case Buried.ANSWER:
            tx.replays.delete(row.partner, row.word)
        case Buried.REVIEW:
            gone = KeptReview(
                id=row.word, sender=row.partner, recipient="", subjects=(), contracts=()
            )
            tx.erasures.delete_reviews([gone], row.at)
        case Buried.EXAMPLE:
            bury(tx, row.word, digests, at=row.at)
        case Buried.PERSON:
            erased = Erased.parse(row.word)
            tx.erasures.bar(
                PersonTombstone(
                    digest=erased.digest,
                    partner=row.partner,
                    request_id=erased.request_id,
                    erased_at=row.at,
                    keep_until=erased.keep_until,
                )
            )


def _stones(tx: Writing) -> Iterator[PersonTombstone]:
    after = ("", "")
    while page := tx.erasures.stones(after=after):
        yield from page
        after = (page[-1].digest, page[-1].partner)


def _stone_row(stone: PersonTombstone) -> UnwrittenTombstone:
    erased = Erased(digest=stone.digest, keep_until=stone.keep_until, request_id=stone.request_id)
    return UnwrittenTombstone(
        kind=Buried.PERSON, partner=stone.partner, word=str(erased), at=stone.erased_at
    )


def _token(word: str) -> tuple[str, str]:
    """The row that is called so: a token and the person that it stands for a value of."""
    token, _, person = word.partition("/")
    return token, person


def _names(view: View, kind: Buried, partner: str) -> Iterator[tuple[str, datetime | None]]:
    """What there is of a kind at a partner, with when it was made where that is known."""
    after = ""
    while page := _page(view, kind, partner, after):
        yield from page
        after = page[-1][0]


def _page(view: View, kind: Buried, partner: str, after: str) -> list[tuple[str, datetime | None]]:
    match kind:
        case Buried.RECORD:
            records = view.records.list(partner, after=after or None, limit=_PAGE)
            return [(record.id, record.created_at) for record in records]
        case Buried.TOKEN:
            tokens = view.tokens.of(partner, after=_token(after), limit=_PAGE)
            return [("/".join(token_key(one)), one.minted_at) for one in tokens]
        case Buried.REVIEW:
            return list(view.erasures.kept_reviews(partner, after=after, limit=_PAGE))
        case _:
            return [(one, None) for one in view.replays.of(partner, after=after, limit=_PAGE)]


def _name(kind: Buried, partner: str, name: str) -> bytes:
    """What the digest of a name is over: partners' names have no line break."""
    return f"tombstone {kind}\n{partner}\n{name}".encode()
