"""Erasure, step by step: each one bounded, and true in one transaction with its entry in the log.

A job calls these in order (`retention/jobs/erase.py`), and may call any of them again: what was
done is not done twice, because how far the erasure is stands in its own row and moves with the
deletion. Before anything is deleted the person is barred, so that nothing new comes in behind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from privacy_service.clock import Clock
from privacy_service.contracts import dpv
from privacy_service.custody.acts import SERVICE, log_own_act
from privacy_service.custody.burials import note_deleted
from privacy_service.custody.examples import Digests, counted, cut_each, prepared
from privacy_service.custody.informing import add_notices
from privacy_service.custody.kept import kept_answer, kept_record, kept_token
from privacy_service.custody.protections import FREE, PASSING, Protections
from privacy_service.store.database import Database
from privacy_service.store.erasures import KeptAnswer, KeptReview, Received
from privacy_service.store.requests import HistoryLine
from privacy_service.store.rows import RecordSummary, StoredToken
from privacy_service.store.tokens import token_key
from privacy_service.store.views import View, Writing
from privacy_service.subjects.erasures import Count, Erasure, Phase, Thing, Tombstone, summed
from privacy_service.subjects.kept import KeptThing
from privacy_service.subjects.notices import (
    MOST_NAMED,
    Concerns,
    NoticeKind,
    NoticeState,
)
from privacy_service.subjects.requests import (
    UPHELD,
    Identifier,
    RequestKind,
    RequestState,
    SubjectRequest,
)

ACTION: Final = "SubjectRequestService/Erase"
_BATCH: Final = 200
"""Rows that one transaction looks at: others wait for it."""
_PAGE: Final = 1000
_NOTICES: Final = {
    RequestKind.ERASURE: NoticeKind.ERASURE,
    RequestKind.RESTRICTION: NoticeKind.RESTRICTION,
    RequestKind.OBJECTION: NoticeKind.OBJECTION,
}
_LIFTED: Final = {
    RequestKind.RESTRICTION: NoticeKind.RESTRICTION_LIFTED,
    RequestKind.OBJECTION: NoticeKind.OBJECTION_LIFTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an erasure would delete and keep, as of now, and who would be told."""

    deleted: tuple[Count, ...]
    kept: tuple[Count, ...]
    recipients: tuple[str, ...]


class Way(StrEnum):
    """A way to find what is kept about a person."""

    RECORDS = "records"
    TOKENS = "tokens"
    SHARED_TOKENS = "shared tokens"
    ANSWERS = "answers"
    REVIEWS = "reviews"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One thing that was found: what it is, whose, and where the next look begins."""

    kind: Thing
    partner: str
    thing: KeptThing
    place: str
    delete: RecordSummary | StoredToken | KeptAnswer | KeptReview


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """Deletes what is kept about the person of a request, and tells recipients: also of what
    deletes nothing, a restriction or an objection. Thread-safe.

    `tombstone_for` is how long the erasure is remembered, `confirm_within` how long recipients
    have to confirm that they were told, where the request's own deadline is not earlier.
    """

    database: Database
    protections: Protections
    digests: Digests
    clock: Clock
    tombstone_for: timedelta
    confirm_within: timedelta

    # -- Before -------------------------------------------------------------------------------

    def plan(self, request: SubjectRequest) -> Plan:
        """What would be done. It changes nothing, and holds no more than a page in memory."""
        if request.kind in UPHELD | {RequestKind.RECTIFICATION}:
            told = tuple(sorted(self._recipients(request)))
            return Plan(deleted=(), kept=(), recipients=told)
        counts = [*self._everything(request)]
        with self.database.reading() as view:
            keys = {key.id: key for one in request.identifiers for key in view.erasures.keys(one)}
        held = {one.partner for one in counts if one.reason and one.thing is not Thing.EXAMPLE}
        counts += [
            Count(
                partner=key.partner,
                thing=Thing.DATA_KEY,
                reason=next(iter(_reasons(counts, key.partner)), "") if key.partner in held else "",
                count=1,
            )
            for key in keys.values()
        ]
        return Plan(
            deleted=summed(one for one in counts if not one.reason),
            kept=summed(one for one in counts if one.reason),
            recipients=tuple(sorted(self._recipients(request))),
        )

    def bar(self, request_id: str) -> None:
        """Puts the tombstones: from now on nothing new about the person is taken. What they had
        opted out of, and corrections that wait, are not kept any more.
        """
        now = self.clock.now()

        def work(tx: Writing) -> None:
            request = tx.requests.get(request_id)
            tx.corrections.drop_about(request.digests)
            for one in request.identifiers:
                tx.opt_outs.forget(one.digest, one.partner)
                tx.erasures.bar(
                    Tombstone(
                        digest=one.digest,
                        partner=one.partner,
                        request_id=request_id,
                        erased_at=now,
                        keep_until=now + self.tombstone_for,
                    )
                )

        self.database.commit(work)

    def tell(self, request_id: str) -> int:
        """Makes a notice for every recipient of the disclosure ledger. How many there are."""
        with self.database.reading() as view:
            request = view.requests.get(request_id)
        if request.kind not in _NOTICES:
            return 0  # the call that started it has asked them
        return self._tell(request, _NOTICES[request.kind], self._recipients(request))

    def tell_lifted(self, request_id: str) -> int:
        """Makes a notice for everyone who was told of what is lifted. How many there are."""
        with self.database.reading() as view:
            request = view.requests.get(request_id)
            heard = {
                one.recipient
                for one in view.notices.of_request(request_id)
                if one.kind is _NOTICES[request.kind] and one.state is not NoticeState.EXCUSED
            }
        found = self._recipients(request)
        told = {recipient: found.get(recipient, Concerns()) for recipient in heard}
        return self._tell(request, _LIFTED[request.kind], told)

    def _tell(self, request: SubjectRequest, kind: NoticeKind, found: dict[str, Concerns]) -> int:
        now = self.clock.now()

        def work(tx: Writing) -> None:
            add_notices(tx, request, kind, found, now=now, within=self.confirm_within)

        self.database.commit(work)
        return len(found)

    def upheld(self, request_id: str) -> str:
        """Recipients are being told of what deletes nothing, or was lifted. The phase."""

        def work(tx: Writing) -> str:
            erasure = _existing(tx, request_id)
            if erasure.phase in (Phase.UPHOLDING, Phase.LIFTING):
                tx.erasures.keep(replace(erasure, phase=Phase.TELLING))
                return Phase.TELLING.value
            return erasure.phase.value

        return self.database.commit(work)

    # -- Deleting -----------------------------------------------------------------------------

    def delete_batch(self, request_id: str) -> int:
        """Looks at the next rows and deletes those that nothing protects, and then cuts the
        person's examples out of contracts. 0: there are no more.
        """

        def work(tx: Writing) -> int:
            erasure = _existing(tx, request_id)
            request = tx.requests.get(request_id)
            for way, of in _places(request):
                name = f"{way.value} {of.digest}@{of.partner}"
                rows = list(_found(tx, way, of, erasure.cursor.get(name, ""), _BATCH))
                if rows:
                    cursor = {**erasure.cursor, name: rows[-1].place}
                    self._delete(tx, request, replace(erasure, cursor=cursor), rows)
                    return len(rows)
            return 0

        return self.database.commit(work) or self._cut_examples(request_id)

    def _cut_examples(self, request_id: str) -> int:
        now = self.clock.now()
        with self.database.reading() as view:
            request = view.requests.get(request_id)
            cuts = prepared(view, request, self.digests, at=now)
        if not cuts:
            return 0

        def work(tx: Writing) -> int:
            counts = summed(cut_each(tx, request, cuts, self.protections, at=now))
            if counts:
                self._log(tx, request_id, counts, request.digests)
                tx.erasures.keep(_existing(tx, request_id).with_deleted(counts))
            return sum(one.count for one in counts)

        return self.database.commit(work)

    def shred(self, request_id: str) -> int:
        """Shreds the person's data keys that seal nothing any more. How many were live.

        A key that still seals what must be kept stays: the two open together or not at all. In the
        memory of processes that serve, a key in clear lives for minutes longer, and opens nothing.
        """
        now = self.clock.now()

        def work(tx: Writing) -> int:
            erasure, counts = _existing(tx, request_id), list[Count]()
            for one in tx.requests.get(request_id).identifiers:
                for key in tx.erasures.keys(one):
                    if tx.erasures.sealed_under(key.partner, key.subject):
                        continue
                    tx.data_keys.shred(key.partner, key.subject, at=now)
                    counts.append(Count(partner=key.partner, thing=Thing.DATA_KEY, count=1))
            if counts:
                self._log(tx, request_id, counts, ())
                tx.erasures.keep(erasure.with_deleted(counts))
            return len(counts)

        return self.database.commit(work)

    # -- After --------------------------------------------------------------------------------

    def look(self, request_id: str) -> int:
        """Searches again, and keeps what is left and why. How many could still be deleted: then
        the next round of deleting begins at the start.
        """
        with self.database.reading() as view:
            request = view.requests.get(request_id)
        left = self._everything(request)
        now = self.clock.now()

        def work(tx: Writing) -> int:
            # A key that is not shredded opens what it seals: it counts as left, too.
            open_keys = {
                key.id: key for one in request.identifiers for key in tx.erasures.keys(one)
            }
            keys = [
                Count(
                    partner=key.partner,
                    thing=Thing.DATA_KEY,
                    reason=next(iter(_reasons(left, key.partner)), ""),
                    count=1,
                )
                for key in open_keys.values()
            ]
            found = summed([*left, *keys])
            free = sum(one.count for one in found if not one.reason)
            erasure = _existing(tx, request_id)
            tx.erasures.keep(
                replace(
                    erasure,
                    cursor={} if free else erasure.cursor,
                    kept=tuple(one for one in found if one.reason),
                    erased_at=now,
                )
            )
            return free

        return self.database.commit(work)

    def settle(self, request_id: str) -> str:
        """Says how it goes on: blocked by what is kept, or telling recipients. The phase."""
        now = self.clock.now()

        def work(tx: Writing) -> str:
            erasure, request = _existing(tx, request_id), tx.requests.get(request_id)
            if erasure.phase is not Phase.DELETING:
                return erasure.phase.value
            blocked = any(one.reason in PASSING for one in erasure.kept)
            phase = Phase.BLOCKED if blocked else Phase.TELLING
            tx.erasures.keep(replace(erasure, phase=phase))
            if blocked and request.state is RequestState.IN_PROGRESS:
                changed = request.blocked()
                tx.requests.change(changed, _line(changed, "block", now))
            return phase.value

        return self.database.commit(work)

    def resume(self, request_id: str) -> None:
        """Begins the next round of one that was blocked."""
        now = self.clock.now()

        def work(tx: Writing) -> None:
            erasure, request = _existing(tx, request_id), tx.requests.get(request_id)
            if erasure.phase is not Phase.BLOCKED:
                return
            tx.erasures.keep(
                replace(erasure, phase=Phase.DELETING, round=erasure.round + 1, cursor={})
            )
            if request.state is RequestState.BLOCKED:
                changed = request.unblocked()
                tx.requests.change(changed, _line(changed, "unblock", now))

        self.database.commit(work)

    def unblocked(self, request_id: str) -> bool:
        """Whether something that blocked an erasure does so no more."""
        with self.database.reading() as view:
            request = view.requests.get(request_id)
        return any(not one.reason for one in self._everything(request))

    # -- How ----------------------------------------------------------------------------------

    def _delete(
        self, tx: Writing, request: SubjectRequest, erasure: Erasure, rows: Sequence[_Row]
    ) -> None:
        verdicts = self.protections(tx, [row.thing for row in rows], request_id=request.id)
        free = [row for row, verdict in zip(rows, verdicts, strict=True) if verdict == FREE]
        counts = summed(Count(partner=row.partner, thing=row.kind, count=1) for row in free)
        if free:
            _delete_rows(tx, free, self.clock.now())
            subjects = {one.digest for one in request.identifiers}
            self._log(tx, request.id, counts, subjects)
        tx.erasures.keep(erasure.with_deleted(counts))

    def _log(
        self, tx: Writing, request_id: str, counts: Iterable[Count], subjects: Iterable[str]
    ) -> None:
        log_own_act(
            tx,
            ACTION,
            at=self.clock.now(),
            resource=request_id,
            outcome="ERASED",
            subjects=tuple(sorted(subjects)),
            reason=", ".join(f"{one.count} {one.thing.value} of {one.partner}" for one in counts),
        )

    def _everything(self, request: SubjectRequest) -> tuple[Count, ...]:
        """What is there, page by page, with why it must be kept."""
        total: Counter[tuple[str, Thing, str]] = Counter()
        for way, of in _places(request):
            place = ""
            while True:
                with self.database.reading() as view:
                    rows = list(_found(view, way, of, place, _PAGE))
                    things = [row.thing for row in rows]
                    verdicts = self.protections(view, things, request_id=request.id)
                for row, verdict in zip(rows, verdicts, strict=True):
                    if _first_to_find(row, request.identifiers) == of:
                        total[row.partner, row.kind, verdict] += 1
                if len(rows) < _PAGE:
                    break
                place = rows[-1].place
        with self.database.reading() as view:
            examples = counted(view, request, self.digests, self.protections)
        return summed(
            (
                *examples,
                *(
                    Count(partner=partner, thing=thing, reason=reason, count=count)
                    for (partner, thing, reason), count in total.items()
                ),
            )
        )

    def _recipients(self, request: SubjectRequest) -> dict[str, Concerns]:
        """Every recipient, with the first of the disclosures and tokens that it was given."""
        named = _Named()
        for of in request.identifiers:
            for one in self._disclosed(of):
                if _concerned(request, one.purpose):
                    named.add(named.disclosures, one.recipient, one.disclosure)
            for token in self._minted(of):
                if _concerned(request, token.purpose):
                    named.add(named.tokens, token.recipient, token.token)
        return named.concerns()

    def _disclosed(self, of: Identifier) -> Iterator[Received]:
        after = -1
        while True:
            with self.database.reading() as view:
                rows = view.erasures.received(of, after=after, limit=_PAGE)
            yield from rows
            if len(rows) < _PAGE:
                return
            after = rows[-1].position

    def _minted(self, of: Identifier) -> Iterator[StoredToken]:
        for way in (Way.TOKENS, Way.SHARED_TOKENS):
            place = ""
            while True:
                with self.database.reading() as view:
                    rows = list(_found(view, way, of, place, _PAGE))
                yield from (row.delete for row in rows if isinstance(row.delete, StoredToken))
                if len(rows) < _PAGE:
                    break
                place = rows[-1].place


@dataclass(frozen=True, slots=True)
class _Named:
    """What each recipient was given, bounded."""

    disclosures: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    tokens: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    more: set[str] = field(default_factory=set)

    def add(self, known: dict[str, dict[str, None]], recipient: str, what: str) -> None:
        if len(known[recipient]) < MOST_NAMED:
            known[recipient][what] = None
        elif what not in known[recipient]:
            self.more.add(recipient)

    def concerns(self) -> dict[str, Concerns]:
        return {
            recipient: Concerns(
                disclosures=tuple(self.disclosures[recipient]),
                tokens=tuple(self.tokens[recipient]),
                more=recipient in self.more,
            )
            for recipient in {*self.disclosures, *self.tokens}
        }


def _concerned(request: SubjectRequest, purpose: str) -> bool:
    """Whether what was given for a purpose is what the request is about."""
    return request.purpose is None or dpv.covers(request.purpose, purpose)


def _first_to_find(row: _Row, identifiers: Sequence[Identifier]) -> Identifier | None:
    """By which of a request's identifiers a thing is counted that several of them find."""
    return next(
        (
            one
            for one in identifiers
            if one.digest in row.thing.subjects and one.partner in ("", row.partner)
        ),
        None,
    )


def _places(request: SubjectRequest) -> Iterator[tuple[Way, Identifier]]:
    for way in Way:
        for of in request.identifiers:
            yield way, of


def _found(
    view: View | Writing, way: Way, of: Identifier, place: str, limit: int
) -> Iterator[_Row]:
    """The next things about the person, with what a deletion needs to know."""
    first, _, second = place.partition("\n")
    match way:
        case Way.RECORDS:
            for record in view.erasures.records(of, after=(first, second), limit=limit):
                at = f"{record.partner}\n{record.id}"
                yield _row(Thing.RECORD, record.partner, kept_record(record), at, record)
        case Way.TOKENS:
            for token in view.erasures.tokens(of, after=first, limit=limit):
                yield _row(Thing.TOKEN, token.sender, kept_token(token), token.token, token)
        case Way.SHARED_TOKENS:
            after = (int(first or -1), second)
            for position, token in view.erasures.shared_tokens(of, after=after, limit=limit):
                # It may be the person's: what holds the person holds it, too.
                thing = replace(kept_token(token), subjects=(of.digest,))
                at = f"{position}\n{token.token}"
                yield _row(Thing.TOKEN, token.sender, thing, at, token)
        case Way.ANSWERS:
            for position, answer in view.erasures.answers(of, after=int(first or -1), limit=limit):
                yield _row(Thing.ANSWER, answer.sender, kept_answer(answer), str(position), answer)

        case Way.REVIEWS:
            for review in view.erasures.reviews(of, after=first, limit=limit):
                yield _row(Thing.REVIEW, review.sender, _kept_review(review), review.id, review)


def _row(
    kind: Thing,
    partner: str,
    thing: KeptThing,
    place: str,
    delete: RecordSummary | StoredToken | KeptAnswer | KeptReview,
) -> _Row:
    return _Row(kind=kind, partner=partner, thing=thing, place=place, delete=delete)


def _delete_rows(tx: Writing, rows: Sequence[_Row], now: datetime) -> None:
    found = [row.delete for row in rows]
    tx.erasures.delete_records([one for one in found if isinstance(one, RecordSummary)])
    tx.tokens.delete([token_key(one) for one in found if isinstance(one, StoredToken)])
    tx.erasures.delete_answers([one for one in found if isinstance(one, KeptAnswer)])
    tx.erasures.delete_reviews([one for one in found if isinstance(one, KeptReview)], now)
    note_deleted(tx, found, at=now)


def _kept_review(review: KeptReview) -> KeptThing:
    return KeptThing(
        partners=(review.sender, review.recipient),
        subjects=review.subjects,
        contracts=review.contracts,
    )


def _reasons(counts: Iterable[Count], partner: str) -> list[str]:
    return sorted({one.reason for one in counts if one.partner == partner and one.reason})


def _existing(tx: View | Writing, request_id: str) -> Erasure:
    erasure = tx.erasures.get(request_id)
    if erasure is None:
        raise ValueError("the request has no erasure")
    return erasure


def _line(request: SubjectRequest, step: str, at: datetime) -> HistoryLine:
    return HistoryLine(at=at, by=SERVICE, step=step, state=request.state.value)
