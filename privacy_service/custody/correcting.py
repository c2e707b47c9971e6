"""Rectification, step by step: each one bounded, and true in one transaction with its log entry.

A job calls these in order (`retention/jobs/rectify.py`), and may call any of them again: what is
right already is not changed, and how far the work is stands in its own row and moves with what it
does. Records are opened and sealed outside of the transaction, which then only writes, and only
what is still as it was.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Final

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.custody.acts import SERVICE, log_own_act
from privacy_service.custody.informing import Informing
from privacy_service.custody.kept import kept_record, kept_token
from privacy_service.custody.keys import SubjectKeys, scopes
from privacy_service.custody.ledger import PAYLOAD, require_not_erased
from privacy_service.custody.outdating import forget_answers, outdate_reviews
from privacy_service.custody.protections import FREE, PASSING, RESTRICTED, Protections
from privacy_service.enforcement.examine import Decode
from privacy_service.enforcement.ports import Pair
from privacy_service.errors import Kind, PrivacyError
from privacy_service.records.data_keys import pair_scope
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.records.seal import Sealer, Slot
from privacy_service.records.tokens import Mint
from privacy_service.store.corrections import KeptCorrections
from privacy_service.store.database import Database
from privacy_service.store.requests import HistoryLine
from privacy_service.store.rows import RecordSummary, StoredDataKey, StoredRecord, StoredToken
from privacy_service.store.tokens import token_key
from privacy_service.store.views import View, Writing
from privacy_service.subjects.corrections import (
    NO_FIT,
    Correction,
    Corrections,
    Statement,
    applied,
)
from privacy_service.subjects.erasures import Count, Erasure, Phase, Thing, summed
from privacy_service.subjects.requests import Identifier, RequestState, SubjectRequest

ACTION: Final = "SubjectRequestService/Rectify"
_FIELD: Final = "corrections"
_BATCH: Final = 50
"""Records that are opened and sealed for one transaction."""
_TOKENS: Final = 100
_MOST_PLANNED: Final = 2_000
"""Records that a dry run opens."""
_RECORDS, _WORDS, _STATEMENT, _ANSWERS = "records", "words", "statement", "answers"
_END: Final = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """So many records of a partner: their `field` would change, or they are left for a reason."""

    partner: str
    field: str = ""
    reason: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionPlan:
    """What corrections would change, and who would be told. `more`: not every record was opened."""

    lines: tuple[Planned, ...]
    recipients: tuple[str, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCorrections:
    """Corrections as they are kept until they are applied."""

    partner: str
    keys: tuple[StoredDataKey, ...]
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One record that was looked at, as it was `sealed`: what it becomes, and why it, or a part of
    it, is left.
    """

    was: RecordSummary
    sealed: bytes = field(default=b"", repr=False)
    becomes: StoredRecord | None = None
    keys: tuple[StoredDataKey, ...] = ()
    fields: tuple[str, ...] = ()
    left: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """The next records of a person, and where the page after them begins; at the end: `_END`."""

    rows: tuple[RecordSummary, ...]
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correcting:
    """Corrects what is kept about the person of a request, and tells recipients. Thread-safe."""

    database: Database
    sealer: Sealer
    keys: SubjectKeys
    pseudonyms: Pseudonyms
    decode: Decode
    protections: Protections
    informing: Informing
    clock: Clock

    # -- Before -------------------------------------------------------------------------------

    def sealed(
        self, request: SubjectRequest, corrections: Corrections, *, seconds: float | None
    ) -> SealedCorrections:
        """The corrections, sealed under a key of the person. Raises SUBJECT_SHREDDED."""
        partner = corrections.partners[0]
        keys = self.keys.of(partner, request.digests[:1], seconds=seconds)
        sealed = self.sealer.seal(
            corrections.to_bytes(), slot=_slot(request.id, partner), keys=keys
        )
        return SealedCorrections(partner=partner, keys=keys, sealed=sealed)

    def plan(self, request: SubjectRequest, corrections: Corrections) -> CorrectionPlan:
        """What would be done: counts alone. It changes nothing."""
        counts: Counter[tuple[str, str, str]] = Counter()
        place = ""
        for _ in range(_MOST_PLANNED // _BATCH):
            with self.database.reading() as view:
                page = _next_rows(view, request, place)
                for look in self._looked(view, request, corrections, page.rows):
                    if look.left:
                        counts[look.was.partner, "", look.left] += 1
                    for name in look.fields:
                        counts[look.was.partner, name, ""] += 1
            place = page.after
            if place == _END:
                break
        lines = tuple(
            Planned(partner=partner, field=name, reason=reason, count=count)
            for (partner, name, reason), count in sorted(counts.items())
        )
        told = self.informing.concerned(request, corrections)
        return CorrectionPlan(lines=lines, recipients=tuple(sorted(told)), more=place != _END)

    def begin(
        self,
        tx: Writing,
        request: SubjectRequest,
        corrections: Corrections,
        sealed: SealedCorrections,
    ) -> None:
        """Keeps what is to be corrected, for a job to do it. What waits for a reviewer is not
        released from now on before somebody has looked at it again.

        Raises SUBJECT_ERASED where the person, or who would be known by a right identifier, was
        erased.
        """
        now = self.clock.now()
        known = {
            self.pseudonyms.subject_digest(one.identifier or "", one.value)
            for one in corrections.renamed
        }
        for partner in corrections.partners:
            require_not_erased(tx, (*request.digests, *known), partner)
        self.keys.require_live(tx, sealed.keys)
        tx.corrections.begin(
            KeptCorrections(
                request_id=request.id,
                partner=sealed.partner,
                data_keys=tuple(key.id for key in sealed.keys),
                fields=corrections.fields,
                begun_at=now,
                sealed=sealed.sealed,
            )
        )
        tx.erasures.begin(
            Erasure(
                request_id=request.id, phase=Phase.CORRECTING, round=1, started_at=now, cursor={}
            )
        )
        outdate_reviews(tx, request, corrections.partners, at=now)

    # -- Correcting ---------------------------------------------------------------------------

    def correct_batch(self, request_id: str) -> int:
        """Looks at the next records, and corrects those that nothing protects. 0: no more."""
        with self.database.reading() as view:
            work, corrections = self._begun(view, request_id)
            place = work.cursor.get(_RECORDS, "")
            if corrections is None or place == _END:
                return 0
            request = view.requests.get(request_id)
            page = _next_rows(view, request, place)
            looks = self._looked(view, request, corrections, page.rows)
        looks = [self._sealed(look) for look in looks]

        def write(tx: Writing) -> int:
            now = _existing(tx, request_id)
            if (now.phase, now.cursor) == (Phase.CORRECTING, work.cursor):
                self._write(tx, request, now, looks, page.after)
            return 1  # else another worker was quicker: look again

        return self.database.commit(write)

    def attach_statement(self, request_id: str) -> None:
        """Keeps the statement, as a record of its own about the person."""
        with self.database.reading() as view:
            _, corrections = self._begun(view, request_id)
            request = view.requests.get(request_id)
        if corrections is None or corrections.statement is None:
            return
        record, keys = self._statement(request, corrections.statement)

        def write(tx: Writing) -> None:
            now = _existing(tx, request_id)
            if now.phase is not Phase.CORRECTING or _STATEMENT in now.cursor:
                return
            self.keys.require_live(tx, keys)
            tx.records.put(record)
            moved = replace(now, cursor={**now.cursor, _STATEMENT: record.id})
            self._keep(tx, request, moved, [_count(record.partner, Thing.STATEMENT)])

        self.database.commit(write)

    def tell(self, request_id: str) -> int:
        """Makes a notice for every recipient that was given what is corrected. How many."""
        with self.database.reading() as view:
            _, corrections = self._begun(view, request_id)
            request = view.requests.get(request_id)
        return 0 if corrections is None else self.informing.tell(request, corrections)

    def words_batch(self, request_id: str) -> int:
        """Looks at the next tokens of the person: those of a wrong value stand for the right one
        from now on, by another word. 0: no more.
        """
        with self.database.reading() as view:
            work, corrections = self._begun(view, request_id)
            place = work.cursor.get(_WORDS, "")
            if corrections is None or place == _END:
                return 0
            request = view.requests.get(request_id)
            rows, after = _next_tokens(view, request, place)
            keys = view.data_keys.by_id({row.data_key for row in rows})
        minted = [
            (row, new)
            for row in rows
            if (new := self._minted(row, keys.get(row.data_key), corrections)) is not None
        ]

        def write(tx: Writing) -> int:
            now = _existing(tx, request_id)
            if (now.phase, now.cursor) == (Phase.CORRECTING, work.cursor):
                self._write_tokens(tx, request, now, minted, after)
            return 1

        return self.database.commit(write)

    def know_anew(self, request_id: str) -> None:
        """The person is known by the right identifier from now on: consents go over to it;
        requests, holds and opt-outs that name the wrong one name both. It comes before any record
        goes over, so that what holds the record holds it all the time.
        """
        with self.database.reading() as view:
            _, corrections = self._begun(view, request_id)
        for one in () if corrections is None else corrections.renamed:
            old = self.pseudonyms.subject_digests(one.identifier or "", one.was or "")
            new = self.pseudonyms.subject_digest(one.identifier or "", one.value)

            def write(
                tx: Writing, old: tuple[str, ...] = old, new: str = new, at: str = one.partner
            ) -> None:
                tx.requests.know_as(old, new, partner=at)
                tx.holds.know_as(old, new)
                tx.consents.know_as(old, new, partner=at)
                tx.opt_outs.know_as(old, new, partner=at)

            self.database.commit(write)

    def answers_batch(self, request_id: str) -> int:
        """Deletes the next answers about the person that are kept for retries, of before the
        correction. 0: no more.
        """
        with self.database.reading() as view:
            work, corrections = self._begun(view, request_id)
            begun = view.corrections.get(request_id)
        place = work.cursor.get(_ANSWERS, "")
        if corrections is None or begun is None or place == _END:
            return 0
        index, after = json.loads(place) if place else (0, -1)
        partners = corrections.partners

        def write(tx: Writing) -> int:
            now, request = _existing(tx, request_id), tx.requests.get(request_id)
            if (now.phase, now.cursor) != (Phase.CORRECTING, work.cursor):
                return 1
            gone = forget_answers(
                tx,
                request,
                request.identifiers[index],
                partners,
                self.protections,
                given_before=begun.begun_at,
                after=after,
                at=self.clock.now(),
            )
            last = gone.after is None and index + 1 == len(request.identifiers)
            following = [index + 1, -1] if gone.after is None else [index, gone.after]
            cursor = {**now.cursor, _ANSWERS: _END if last else json.dumps(following)}
            kept = summed((*now.kept, *gone.kept))
            self._keep(tx, request, replace(now, kept=kept, cursor=cursor), gone.deleted)
            return 1

        return self.database.commit(write)

    # -- After --------------------------------------------------------------------------------

    def settle(self, request_id: str) -> str:
        """Says how it goes on: it waits for what protects a record, or recipients are being told,
        and the corrections are dropped. The phase.
        """
        now = self.clock.now()

        def work(tx: Writing) -> str:
            done, request = _existing(tx, request_id), tx.requests.get(request_id)
            if done.phase is not Phase.CORRECTING:
                return done.phase.value
            waits = any(one.reason in PASSING for one in done.kept)
            phase = Phase.WAITING if waits else Phase.TELLING
            tx.erasures.keep(replace(done, phase=phase, erased_at=now))
            if not waits:
                tx.corrections.drop(request_id)
            elif request.state is RequestState.IN_PROGRESS:
                changed = request.blocked()
                tx.requests.change(changed, _line(changed, "block", now))
            return phase.value

        return self.database.commit(work)

    def resume(self, request_id: str) -> None:
        """Looks once more at everything, after something that it waited for has ended."""
        now = self.clock.now()

        def work(tx: Writing) -> None:
            waiting, request = _existing(tx, request_id), tx.requests.get(request_id)
            if waiting.phase is not Phase.WAITING:
                return
            cursor = {name: at for name, at in waiting.cursor.items() if name == _STATEMENT}
            again = replace(
                waiting, phase=Phase.CORRECTING, round=waiting.round + 1, cursor=cursor, kept=()
            )
            tx.erasures.keep(again)
            if request.state is RequestState.BLOCKED:
                changed = request.unblocked()
                tx.requests.change(changed, _line(changed, "unblock", now))

        self.database.commit(work)

    # -- How ----------------------------------------------------------------------------------

    def _begun(self, view: View, request_id: str) -> tuple[Erasure, Corrections | None]:
        """The work, and what is to be corrected; None where that was dropped."""
        work, kept = _existing(view, request_id), view.corrections.get(request_id)
        if work.phase is not Phase.CORRECTING or kept is None or kept.sealed is None:
            return work, None
        keys = tuple(view.data_keys.by_id(kept.data_keys).values())
        slot = _slot(request_id, kept.partner)
        try:
            return work, Corrections.from_bytes(self.sealer.open(kept.sealed, slot=slot, keys=keys))
        except PrivacyError as error:
            if error.reason is not errors.RECORD_UNREADABLE:
                raise
            return work, None  # the person's key was shredded meanwhile: nothing is left to correct

    def _looked(
        self,
        view: View,
        request: SubjectRequest,
        corrections: Corrections,
        rows: Sequence[RecordSummary],
    ) -> list[_Look]:
        meant = [
            (row, some)
            for row in rows
            if (some := [c for c in corrections.of(row.partner) if c.is_about(kept_record(row))])
        ]
        things = [kept_record(row) for row, _ in meant]
        verdicts = self.protections(view, things, request_id=request.id)
        return [
            self._read(view, request, row, some) if _may(why) else _Look(was=row, left=why)
            for (row, some), why in zip(meant, verdicts, strict=True)
        ]

    def _read(
        self, view: View, request: SubjectRequest, row: RecordSummary, some: Sequence[Correction]
    ) -> _Look:
        """What one record becomes, not sealed yet."""
        alone = set(row.subjects) <= set(request.digests)
        subjects = self._known_anew(row.subjects, some)
        try:
            record = view.records.get(row.partner, row.id)
            keys = tuple(view.data_keys.by_id(record.data_keys).values())
            content = self.sealer.open(record.sealed, slot=_of(row), keys=keys)
            document = self.decode(row.content_type, content)
            found = applied(document, some, alone=alone)
            new = document.render(found.changes) if found.changes.values else content
        except PrivacyError as error:
            if error.reason.kind is Kind.UNAVAILABLE:
                raise
            return _Look(was=row, left="" if error.reason is errors.RECORD_NOT_FOUND else NO_FIT)
        if not found.changes.values and subjects == row.subjects:
            return _Look(was=row, left=found.left)
        becomes = replace(record, size=len(new), subjects=subjects, sealed=new)
        return _Look(
            was=row,
            becomes=becomes,
            sealed=record.sealed,
            fields=tuple(found.fields),
            left=found.left,
        )

    def _known_anew(self, subjects: Sequence[str], some: Iterable[Correction]) -> tuple[str, ...]:
        known = set(subjects)
        for one in some:
            if one.identifier is None:
                continue
            old = set(self.pseudonyms.subject_digests(one.identifier, one.was or ""))
            if known & old:
                known -= old
                known.add(self.pseudonyms.subject_digest(one.identifier, one.value))
        return tuple(sorted(known))

    def _sealed(self, look: _Look) -> _Look:
        """With the record sealed, under the keys of whom it is about from now on."""
        if look.becomes is None:
            return look
        record = look.becomes
        keys = self.keys.of(record.partner, scopes(record.subjects, record.partner), seconds=None)
        sealed = self.sealer.seal(record.sealed, slot=_of(record), keys=keys)
        ids = tuple(key.id for key in keys)
        return replace(look, becomes=replace(record, sealed=sealed, data_keys=ids), keys=keys)

    def _write(
        self,
        tx: Writing,
        request: SubjectRequest,
        work: Erasure,
        looks: Sequence[_Look],
        after: str,
    ) -> None:
        """Puts what records become in the place of what they were, where nothing protects them."""
        verdicts = self.protections(
            tx, [kept_record(one.was) for one in looks], request_id=request.id
        )
        done, left = list[Count](), list[Count]()
        for look, why in zip(looks, verdicts, strict=True):
            reason = look.left if _may(why) else why
            if reason:
                left.append(_count(look.was.partner, Thing.RECORD, reason))
            if look.becomes is not None and _may(why):
                self.keys.require_live(tx, look.keys)
                if tx.records.replace(look.becomes, was=look.sealed):
                    done.append(_count(look.was.partner, Thing.RECORD))
        kept = summed((*work.kept, *left))
        cursor = {**work.cursor, _RECORDS: after}
        self._keep(tx, request, replace(work, kept=kept, cursor=cursor), done)

    def _write_tokens(
        self,
        tx: Writing,
        request: SubjectRequest,
        work: Erasure,
        minted: Sequence[tuple[StoredToken, _Reminted]],
        after: str,
    ) -> None:
        things = [kept_token(row) for row, _ in minted]
        verdicts = self.protections(tx, things, request_id=request.id)
        done, left = list[Count](), list[Count]()
        for (row, new), why in zip(minted, verdicts, strict=True):
            if not _may(why):
                left.append(_count(row.sender, Thing.TOKEN, why))
                continue
            self.keys.require_live(tx, (new.key,))
            tx.tokens.delete([token_key(row)])
            tx.tokens.put_many([new.token])
            done.append(_count(row.sender, Thing.TOKEN))
        kept = summed((*work.kept, *left))
        cursor = {**work.cursor, _WORDS: after}
        self._keep(tx, request, replace(work, kept=kept, cursor=cursor), done)

    def _keep(
        self, tx: Writing, request: SubjectRequest, work: Erasure, done: Iterable[Count]
    ) -> None:
        """How far the work is, with its entry in the log where something was corrected."""
        counts = summed(done)
        if counts:
            log_own_act(
                tx,
                ACTION,
                at=self.clock.now(),
                resource=request.id,
                outcome="RECTIFIED",
                subjects=request.digests,
                reason=", ".join(
                    f"{one.count} {one.thing.value} of {one.partner}" for one in counts
                ),
            )
        tx.erasures.keep(work.with_deleted(counts))

    def _statement(
        self, request: SubjectRequest, statement: Statement
    ) -> tuple[StoredRecord, tuple[StoredDataKey, ...]]:
        about = {
            one.digest for one in request.identifiers if one.partner in ("", statement.partner)
        }
        subjects, content = tuple(sorted(about)), statement.text.encode()
        keys = self.keys.of(statement.partner, scopes(subjects, statement.partner), seconds=None)
        record = StoredRecord(
            id=f"statement-{request.id}",
            partner=statement.partner,
            content_type="text/plain",
            size=len(content),
            data_keys=tuple(key.id for key in keys),
            subjects=subjects,
            created_at=self.clock.now(),
            sealed=b"",
        )
        return replace(record, sealed=self.sealer.seal(content, slot=_of(record), keys=keys)), keys

    def _minted(
        self, row: StoredToken, key: StoredDataKey | None, corrections: Corrections
    ) -> _Reminted | None:
        """The token that takes the place of one that stands for a wrong value; None where it stands
        for another, or cannot be opened.
        """
        wrong = {one.was: one for one in corrections.of(row.sender) if one.was is not None}
        if key is None or not wrong:
            return None
        mint = Mint(self.sealer)
        right = wrong.get(mint.revealed(row, key))
        subject = row.subject and self._known_anew((row.subject,), corrections.of(row.sender))[0]
        if right is None and subject == row.subject:
            return None
        value = mint.revealed(row, key) if right is None else right.value
        pair = Pair(sender=row.sender, recipient=row.recipient, purpose=row.purpose)
        (new_key,) = self.keys.of(row.sender, (subject or pair_scope(row.recipient),), seconds=None)
        minted = mint.minted(
            self.pseudonyms.token(pair, row.entity, value) if right is not None else row.token,
            value,
            pair=pair,
            entity=row.entity,
            subject=subject,
            key=new_key,
            at=row.minted_at,
        )
        return _Reminted(token=StoredToken(**asdict(minted)), key=new_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reminted:
    """A token in the place of another, and the key that it is sealed under."""

    token: StoredToken
    key: StoredDataKey


def _next_rows(view: View, request: SubjectRequest, place: str) -> _Page:
    """The next records of the person, each by the first identifier that finds it."""
    index, after = _read_place(place)
    if index >= len(request.identifiers):
        return _Page(rows=(), after=_END)
    of = request.identifiers[index]
    rows = view.erasures.records(of, after=after, limit=_BATCH)
    earlier = request.identifiers[:index]
    own = tuple(row for row in rows if not any(_finds(one, row) for one in earlier))
    if len(rows) == _BATCH:
        return _Page(rows=own, after=json.dumps([index, rows[-1].partner, rows[-1].id]))
    last = index + 1 == len(request.identifiers)
    return _Page(rows=own, after=_END if last else json.dumps([index + 1, "", ""]))


def _read_place(place: str) -> tuple[int, tuple[str, str]]:
    index, partner, name = json.loads(place) if place else (0, "", "")
    return index, (partner, name)


def _finds(of: Identifier, row: RecordSummary) -> bool:
    return of.digest in row.subjects and of.partner in ("", row.partner)


def _next_tokens(
    view: View, request: SubjectRequest, place: str
) -> tuple[tuple[StoredToken, ...], str]:
    """The next tokens of the person, by identifier."""
    index, name = json.loads(place) if place else (0, "")
    if index >= len(request.identifiers):
        return (), _END
    rows = view.erasures.tokens(request.identifiers[index], after=name, limit=_TOKENS)
    if len(rows) == _TOKENS:
        return rows, json.dumps([index, rows[-1].token])
    last = index + 1 == len(request.identifiers)
    return rows, _END if last else json.dumps([index + 1, ""])


def _may(why: str) -> bool:
    """Whether a record may be corrected: a restriction does not stop what serves the person."""
    return why in (FREE, RESTRICTED)


def _count(partner: str, thing: Thing, reason: str = "") -> Count:
    return Count(partner=partner, thing=thing, reason=reason, count=1)


def _slot(request_id: str, partner: str) -> Slot:
    return Slot(partner=partner, record=request_id, field=_FIELD)


def _of(record: RecordSummary) -> Slot:
    return Slot(partner=record.partner, record=record.id, field=PAYLOAD)


def _existing(tx: View | Writing, request_id: str) -> Erasure:
    work = tx.erasures.get(request_id)
    if work is None:
        raise ValueError("the request was not begun")
    return work


def _line(request: SubjectRequest, step: str, at: datetime) -> HistoryLine:
    return HistoryLine(at=at, by=SERVICE, step=step, state=request.state.value)
