"""The ledger: attempts, and effects with everything that becomes true with them.

A transfer's disclosure, tokens, sealed copy, quota uses, sealed answer and audit entry are one
unit of work: all of them are committed, or none is. Sealing is done before, so that the one thread
that commits only writes.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from privacy_service import errors
from privacy_service.contracts import dpv
from privacy_service.custody import answers
from privacy_service.custody.held import sealed_review
from privacy_service.custody.keys import SubjectKeys, scopes
from privacy_service.custody.opt_outs import remember, require_not_opted_out
from privacy_service.custody.revealing import Behind, behind
from privacy_service.custody.standing import Standing
from privacy_service.enforcement.answer import Answer, AuditStamp
from privacy_service.enforcement.ports import Begun, Minted, Pair, Release, Revealed
from privacy_service.enforcement.rates import Rate
from privacy_service.errors import PrivacyError, Reason
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry
from privacy_service.payloads.media import parsed
from privacy_service.records.data_keys import pair_scope
from privacy_service.records.seal import Sealer, Slot, key_ids
from privacy_service.records.tokens import Mint
from privacy_service.reviews.review import Review
from privacy_service.store.database import Database
from privacy_service.store.reviews import HeldContent
from privacy_service.store.rows import (
    Replay,
    ReplayConflict,
    StoredDataKey,
    StoredRecord,
    StoredToken,
)
from privacy_service.store.views import View, Writing
from privacy_service.subjects.consent import permitting
from privacy_service.subjects.holds import ActiveHolds, claim_of
from privacy_service.subjects.kept import KeptThing

_ANSWER: Final = "answer"
PAYLOAD: Final = "payload"
"""The field that a record's content is sealed as."""
_PURGE_EVERY: Final = 64
_PURGED_AT_A_TIME: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLedger:
    """The `Ledger` on a database and a keyring. Thread-safe.

    `replay_for` is how long a request id gives the same answer, at least.
    """

    database: Database
    keys: SubjectKeys
    standing: Standing
    sealer: Sealer
    origin: str
    replay_for: timedelta
    _releases: Iterator[int] = field(default_factory=itertools.count)

    def begin(
        self, attempt: AuditEntry, *, request_id: str, request: str, seconds: float | None
    ) -> Begun:
        """What `Ledger.begin` says."""
        partner = attempt.partner or ""

        def work(tx: Writing) -> int | Replay:
            # One that has expired counts until it is purged: its effect would find it there.
            found = tx.replays.find(partner, request_id)
            if found is None:
                return tx.audit.append(attempt)
            tx.quarantines.active().require_free(partner, attempt.counterparty or "")
            require_given_again(tx, found.position, claim=claim_of(attempt.reason), at=attempt.at)
            return found

        began = self.database.commit(work, seconds=seconds)
        if isinstance(began, Replay):
            return Begun(position=began.position, answer=self._answered(began, request))
        return Begun(position=began)

    def record(self, entry: AuditEntry, *, seconds: float | None) -> int:
        """What `Ledger.record` says."""
        return self.database.commit(lambda tx: tx.audit.append(entry), seconds=seconds)

    def record_revealed(self, entry: AuditEntry, pair: Pair, *, seconds: float | None) -> int:
        """What `Ledger.record_revealed` says."""

        def work(tx: Writing) -> int:
            tx.quarantines.active().require_free(pair.sender, pair.recipient, reveals=True)
            return tx.audit.append(entry)

        return self.database.commit(work, seconds=seconds)

    def release(self, release: Release, *, seconds: float | None) -> Answer:
        """What `Ledger.release` says."""
        wanted = scopes(release.subjects, release.pair.recipient)
        try:
            keys = self.keys.of(release.pair.sender, wanted, seconds=seconds)
        except PrivacyError as error:
            if error.reason is errors.SUBJECT_SHREDDED:
                with self.database.reading() as view:
                    require_not_erased(view, release.subjects, release.pair.sender)
            raise
        prepared = self._prepared(release, keys)
        try:
            position = self.database.commit(lambda tx: self._write(tx, prepared), seconds=seconds)
        except ReplayConflict:
            return self._winner(release)
        return self.stamped(prepared.answer, position, release.entry.attempt)

    def remember_opt_out(
        self, pair: Pair, subjects: Sequence[str], *, at: datetime, seconds: float | None
    ) -> None:
        """What `Ledger.remember_opt_out` says."""
        self.database.commit(lambda tx: remember(tx, pair, subjects, at=at), seconds=seconds)

    def minted(self, tokens: Collection[str], pair: Pair) -> dict[str, str]:
        """What `Ledger.minted` says."""
        with self.database.reading() as view:
            shares = view.tokens.shares(tokens, **asdict(pair), most=1)
            return {share.row.token: share.row.entity for share in shares}

    def values(
        self, tokens: Collection[str], pair: Pair, *, whose: Collection[str], now: datetime
    ) -> dict[str, Revealed]:
        """What `Ledger.values` says."""
        with self.database.reading() as view:
            known = behind(view, tokens, pair, whose=whose)
            held = _holds(view, known.values())
            usable = {token: one for token, one in known.items() if _is_usable(held, one, now)}
            keys = view.data_keys.by_id({one.row.data_key for one in usable.values() if one.row})
        found = dict[str, Revealed]()
        for token, one in usable.items():
            with _passing_over(errors.RECORD_UNREADABLE):
                found[token] = self._opened(one, keys)
        return found

    def take(
        self, name: str, rate: Rate, many: int, *, at: datetime, seconds: float | None
    ) -> None:
        """What `Ledger.take` says."""

        def work(tx: Writing) -> None:
            owed = rate.taken(tx.allowances.paid_at(name), many, now=at)
            tx.allowances.put(name, owed, now=at)

        self.database.commit(work, seconds=seconds)

    def revealed(
        self, token: str, pair: Pair, *, whose: Collection[str], claim: str | None, now: datetime
    ) -> Revealed:
        """What `Ledger.revealed` says."""
        with self.database.reading() as view:
            one = behind(view, (token,), pair, whose=whose).get(token)
            if one is None:
                raise PrivacyError(errors.TOKEN_UNKNOWN)
            _holds(view, (one,)).require_usable(one.things, claim=claim, now=now)
            keys = view.data_keys.by_id([one.row.data_key] if one.row else ())
        return self._opened(one, keys)

    def _opened(self, one: Behind, keys: Mapping[str, StoredDataKey]) -> Revealed:
        """Raises RECORD_UNREADABLE where nobody behind the token is alive."""
        if one.row is None or one.row.data_key not in keys:
            raise PrivacyError(errors.RECORD_UNREADABLE)
        value = Mint(self.sealer).revealed(one.row, keys[one.row.data_key])
        return Revealed(value=value, subjects=one.alive or ())

    # -- One release --------------------------------------------------------------------------

    def _prepared(self, release: Release, keys: Sequence[StoredDataKey]) -> Prepared:
        record_id = release.disclosure.id if release.disclosure and release.keep_copy else None
        answer = replace(
            release.answer,
            disclosure_id=release.disclosure.id if release.disclosure else None,
            record_id=record_id,
        )
        slot = Slot(partner=release.pair.sender, record=release.request_id, field=_ANSWER)
        return Prepared(
            release=release,
            answer=answer,
            sealed_answer=self.sealer.seal(answers.to_bytes(answer), slot=slot, keys=keys),
            keys=tuple(keys),
            record=self._copy(release, record_id, keys) if record_id else None,
            tokens=self._tokens(release, keys),
            held=sealed_review(release, self.sealer, keys) if release.held else None,
            purges=next(self._releases) % _PURGE_EVERY == 0,
        )

    def _copy(
        self, release: Release, record_id: str, keys: Sequence[StoredDataKey]
    ) -> StoredRecord:
        content = release.answer.payload or b""
        slot = Slot(partner=release.pair.sender, record=record_id, field=PAYLOAD)
        return StoredRecord(
            id=record_id,
            partner=release.pair.sender,
            content_type=parsed(release.answer.content_type).kept,
            size=len(content),
            data_keys=tuple(key.id for key in keys),
            subjects=release.subjects,
            contracts=release.entry.contracts,
            created_at=release.entry.at,
            keep_until=release.copy_until,
            sealed=self.sealer.seal(content, slot=slot, keys=keys),
        )

    def _tokens(self, release: Release, keys: Sequence[StoredDataKey]) -> tuple[StoredToken, ...]:
        by_scope = {key.subject: key for key in keys}
        mint = Mint(self.sealer)
        return tuple(
            StoredToken(
                **asdict(
                    mint.minted(
                        minted.token,
                        minted.value,
                        pair=release.pair,
                        entity=minted.entity,
                        subject=minted.subject,
                        key=by_scope[_scope(minted, release.pair)],
                        at=release.entry.at,
                    )
                )
            )
            for minted in release.minted
        )

    def _write(self, tx: Writing, prepared: Prepared) -> int:
        release = prepared.release
        if release.opted_out:
            remember(tx, release.pair, release.subjects, at=release.entry.at)
        self.require(tx, prepared)
        position = tx.audit.append(release.entry)
        self._make_whole(tx, prepared, position)
        return position

    def _make_whole(self, tx: Writing, prepared: Prepared, position: int) -> None:
        """What `make_true` does, and what the answer to the request id will be."""
        self.make_true(tx, prepared, position=position)
        if prepared.purges:
            tx.replays.purge(prepared.release.entry.at, _PURGED_AT_A_TIME)
        tx.replays.put(self._replay(prepared, position))

    def prepared(self, release: Release, *, seconds: float | None) -> Prepared:
        """The release with everything sealed. Raises KEYS_UNAVAILABLE, SUBJECT_SHREDDED."""
        wanted = scopes(release.subjects, release.pair.recipient)
        return self._prepared(release, self.keys.of(release.pair.sender, wanted, seconds=seconds))

    def require(self, tx: Writing, prepared: Prepared) -> None:
        """Takes the quotas of a release. Raises what stands against it in this transaction: see
        `Ledger.release`.
        """
        release = prepared.release
        tx.quarantines.active().require_free(release.pair.sender, release.pair.recipient)
        self.standing.require(tx, release)
        require_not_erased(tx, release.subjects, release.pair.sender)
        self.keys.require_live(tx, prepared.keys)
        _require_willing(tx, _disclosed(release), claim=release.claim, at=release.entry.at)
        for use in release.quotas:
            if not tx.quotas.take(use.contract, use.period_start, use.limit):
                raise PrivacyError(
                    errors.QUOTA_EXCEEDED,
                    contract=use.contract,
                    until=use.period_end.isoformat(timespec="seconds"),
                )

    def make_true_with(
        self, tx: Writing, attempt: AuditEntry, prepared: Prepared
    ) -> tuple[int, int]:
        """A whole transfer as a part of something else: where its attempt and its effect stand.
        Raises what `require` does, and ReplayConflict.
        """
        self.require(tx, prepared)
        began = tx.audit.append(attempt)
        position = tx.audit.append(replace(prepared.release.entry, attempt=began))
        self._make_whole(tx, prepared, position)
        return began, position

    def make_true(self, tx: Writing, prepared: Prepared, *, position: int) -> None:
        """Everything that a release promises; its effect stands at `position` in the log."""
        release = prepared.release
        if release.disclosure is not None:
            asked = release.ask_consent_ledger
            about = _disclosed(release) or release.disclosure
            consents = _consents(tx, about, at=release.entry.at) if asked else ()
            tx.disclosures.add(
                replace(
                    release.disclosure,
                    position=position,
                    record=prepared.answer.record_id,
                    ledger_consents=consents,
                )
            )
        if prepared.record is not None:
            tx.records.put(prepared.record)
        tx.tokens.put_many(prepared.tokens)
        if prepared.held is not None:
            tx.reviews.add(*prepared.held)

    def _replay(self, prepared: Prepared, position: int) -> Replay:
        release = prepared.release
        return Replay(
            partner=release.pair.sender,
            request_id=release.request_id,
            request_digest=release.request,
            sealed_answer=prepared.sealed_answer,
            position=position,
            expires_at=release.entry.at + self.replay_for,
        )

    def answered(self, sender: str, request_id: str) -> Answer:
        """The answer that a sender's request id was given. Raises RECORD_UNREADABLE where it is no
        more: its time is over, or the people it is about were erased.
        """
        with self.database.reading() as view:
            found = view.replays.find(sender, request_id)
        if found is None:
            raise PrivacyError(errors.RECORD_UNREADABLE)
        return self._answered(found, found.request_digest)

    # -- An answer that was given -------------------------------------------------------------

    def _winner(self, release: Release) -> Answer:
        with self.database.reading() as view:
            found = view.replays.find(release.pair.sender, release.request_id)
        if found is None:
            raise PrivacyError(errors.STORE_UNAVAILABLE)
        return self._answered(found, release.request)

    def _answered(self, replay: Replay, request: str) -> Answer:
        if replay.request_digest != request:
            raise PrivacyError(errors.REQUEST_ID_REUSED)
        with self.database.reading() as view:
            keys = view.data_keys.by_id(key_ids(replay.sealed_answer))
            attempt = AuditEntry.from_bytes(view.audit.leaf(replay.position)).attempt
        slot = Slot(partner=replay.partner, record=replay.request_id, field=_ANSWER)
        opened = self.sealer.open(replay.sealed_answer, slot=slot, keys=tuple(keys.values()))
        return self.stamped(answers.from_bytes(opened), replay.position, attempt)

    def stamped(self, answer: Answer, position: int, attempt: int | None) -> Answer:
        """The answer with where its effect and its attempt stand."""
        stamp = AuditStamp(position=position, attempt=attempt or 0, origin=self.origin)
        return replace(answer, audit=stamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A release with everything sealed, ready to be written."""

    release: Release
    answer: Answer
    sealed_answer: bytes = field(repr=False)
    keys: tuple[StoredDataKey, ...]
    record: StoredRecord | None
    tokens: tuple[StoredToken, ...]
    held: tuple[Review, HeldContent] | None
    purges: bool
    """Whether answers whose time is over go with it."""


def _scope(minted: Minted, pair: Pair) -> str:
    return minted.subject or pair_scope(pair.recipient)


def require_not_erased(tx: View | Writing, subjects: Sequence[str], partner: str) -> None:
    """Raises SUBJECT_ERASED where one of the people was erased, everywhere or at the partner."""
    if subjects and tx.erasures.barred(subjects, (partner,)):
        raise PrivacyError(errors.SUBJECT_ERASED, partner=partner)


def _disclosed(release: Release) -> Disclosure | None:
    """What a release discloses, about everybody whom it is about."""
    if release.disclosure is None:
        return None
    people = {*release.disclosure.subjects, *release.subjects}
    return replace(release.disclosure, subjects=tuple(sorted(people)))


def _require_willing(
    tx: View | Writing, disclosure: Disclosure | None, *, claim: str | None, at: datetime
) -> None:
    """Raises what a person whom a disclosure is about has against it: USE_RESTRICTED where they
    are held, SUBJECT_OBJECTS or PURPOSE_OBJECTED for what they object to, or have opted out of.
    """
    if disclosure is None or not disclosure.subjects:
        return
    pair = Pair(
        sender=disclosure.sender, recipient=disclosure.recipient, purpose=disclosure.purpose
    )
    contracts = tuple(ref.id for ref in disclosure.contracts)
    about = (
        KeptThing(partners=(pair.sender, pair.recipient), subjects=(subject,), contracts=contracts)
        for subject in disclosure.subjects
    )
    active = tx.holds.active(disclosure.subjects).by_subject()
    active.require_usable(about, claim=claim, now=at)
    objected = tx.requests.objected(disclosure.subjects, pair.sender)
    if any(dpv.covers(one, pair.purpose) for one in objected):
        raise PrivacyError(errors.SUBJECT_OBJECTS, purpose=pair.purpose)
    require_not_opted_out(tx, pair, disclosure.subjects, at=at)


def require_given_again(
    tx: View | Writing, position: int, *, claim: str | None, at: datetime
) -> None:
    """Raises what people have against what was released there being given out again, as it would
    be raised at its release: to ask again is no way round what somebody has said since.
    """
    found = next(iter(tx.disclosures.at((position,))), None)
    _require_willing(tx, found, claim=claim, at=at)
    if found is not None and found.ledger_consents:
        _consents(tx, found, at=at)


def _consents(tx: View | Writing, disclosure: Disclosure, *, at: datetime) -> tuple[str, ...]:
    """The consents that a disclosure rests on, by our ledger. Raises CONSENT_NOT_IN_FORCE.

    Asked here, alone with the database: whatever was withdrawn before is seen, on any replica.
    """
    return permitting(
        tx.consents.about(disclosure.sender, disclosure.subjects),
        disclosure.subjects,
        purpose=disclosure.purpose,
        recipient=disclosure.recipient,
        at=at,
    )


def _holds(view: View, known: Iterable[Behind]) -> ActiveHolds:
    people = {subject for one in known for thing in one.things for subject in thing.subjects}
    return view.holds.active(people)


def _is_usable(held: ActiveHolds, one: Behind, now: datetime) -> bool:
    with _passing_over(errors.USE_RESTRICTED):
        held.require_usable(one.things, claim=None, now=now)
        return True
    return False


@contextmanager
def _passing_over(reason: Reason) -> Iterator[None]:
    """Goes on after an error of this reason."""
    try:
        yield
    except PrivacyError as error:
        if error.reason is not reason:
            raise
