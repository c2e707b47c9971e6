"""The ledger of checks: attempts, and what became of prompts and outputs, on the database.

A check whose content went through a sharing contract keeps its content in that transfer alone,
under the keys of the people it is about: what is erased there is gone here. Everything else is
sealed under the key of the two partners.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from privacy_service import errors
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.in_force import BehaviorVersion, dated, judging
from privacy_service.behavior.model import Side
from privacy_service.behavior.ports import CheckBegun, Sample, Settlement
from privacy_service.behavior.request import CheckRequest
from privacy_service.contracts.dates import DateWarning, warnings_of
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.custody.check_answers import from_bytes, to_bytes
from privacy_service.custody.containing import (
    admit,
    require_open,
    require_uncurbed,
    standing_versions,
)
from privacy_service.custody.held_checks import (
    held_keys,
    review_of,
    sample_of,
    sealed_check,
)
from privacy_service.custody.keys import SubjectKeys, scopes
from privacy_service.custody.last_seen import LastSeen
from privacy_service.custody.ledger import SealedLedger, require_not_erased
from privacy_service.custody.playing import begin_for_check, started_by, went_well
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.enforcement.ports import Passing
from privacy_service.errors import PrivacyError, Reason
from privacy_service.evidence.entries import AuditEntry, ContractRef
from privacy_service.records.seal import Sealer, Slot, key_ids
from privacy_service.reviews.review import Review
from privacy_service.store.database import Database
from privacy_service.store.reviews import HeldContent
from privacy_service.store.rows import Replay, ReplayConflict, StoredDataKey
from privacy_service.store.views import View, Writing

_FIELD: Final = "check"
_REFUSAL_SECONDS: Final = 2.0
"""How long a refusal may take to be recorded, once the caller's own deadline has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedChecks:
    """The `CheckLedger` on a database and a keyring. Thread-safe.

    `transfers` has those by which contents are passed on. `replay_for` is how long a request id
    gives the same answer, at least.
    """

    database: Database
    keys: SubjectKeys
    sealer: Sealer
    origin: str
    replay_for: timedelta
    transfers: SealedLedger
    seen: LastSeen = field(default_factory=LastSeen)

    def begin(
        self,
        attempt: AuditEntry,
        *,
        provider: str,
        side: Side,
        use_case: str | None,
        request_id: str,
        request: str | None,
        draw: str | None,
        seconds: float | None,
    ) -> CheckBegun:
        """What `CheckLedger.begin` says."""
        party = attempt.partner or ""

        def work(tx: Writing) -> Replay | tuple[CheckBegun, bool]:
            found = tx.replays.find(party, request_id)
            if found is not None:
                tx.quarantines.active().require_free(party, provider)
                return found
            versions, courses = standing_versions(tx, party, provider, attempt.at)
            begun = CheckBegun(
                position=tx.audit.append(attempt), versions=versions, courses=courses
            )
            try:
                version = judging(
                    begun.versions,
                    party=party,
                    provider=provider,
                    use_case=use_case,
                    at=attempt.at,
                    courses=courses,
                    draw=draw,
                )
            except PrivacyError:  # whoever judges says it, once more and for the log
                return begun, False
            curbed = bool(tx.curbs.on(version.contract.id))
            return replace(begun, admission=admit(tx, version, side, attempt.at)), curbed

        began = self.database.commit(work, seconds=seconds)
        if isinstance(began, Replay):
            answer = None if request is None else self._answer(began, request)
            return CheckBegun(position=began.position, answer=answer, answered=True)
        begun, curbed = began
        if curbed:  # whatever meets a curb has to begin, so that nothing is to be foreseen
            self.seen.forget(party, provider)
        else:
            self.seen.keep(party, provider, begun.versions, begun.courses)
        return begun

    # -- At once ------------------------------------------------------------------------------

    def foreseen(self, request: CheckRequest, *, at: datetime) -> BehaviorVersion | None:
        """What `CheckLedger.foreseen` says."""
        versions, courses = self.seen.of(request.party, request.provider)
        try:
            return judging(
                versions,
                party=request.party,
                provider=request.provider,
                use_case=request.company.use_case,
                at=at,
                courses=courses,
                draw=request.draw,
            )
        except PrivacyError:
            return None

    def warnings(self, version: BehaviorVersion, *, at: datetime) -> tuple[DateWarning, ...]:
        """What `CheckLedger.warnings` says."""
        contract = version.contract
        _versions, courses = self.seen.of(contract.party, contract.provider)
        warnings = warnings_of(dated(version), courses.get(contract.id), now=at)
        if not warnings:
            return ()
        with self.database.reading() as view:  # it may have been recertified since
            _rows, courses = view.behavior.for_pair(contract.party, contract.provider)
        return warnings_of(dated(version), courses.get(contract.id), now=at)

    def settle_at_once(
        self, attempt: AuditEntry, settlement: Settlement, *, seconds: float | None
    ) -> CheckAnswer | None:
        """What `CheckLedger.settle_at_once` says."""
        prepared = self._prepared(settlement, seconds)

        def work(tx: Writing) -> tuple[int, int]:
            with _foreseen_rightly():
                version = self._confirmed(tx, prepared)
                _require_uncurbed(tx, version)
            began = tx.audit.append(attempt)
            entry = replace(settlement.entry, attempt=began)
            return began, self._make_true(tx, prepared, version, entry)

        try:
            began, position = self.database.commit(work, seconds=seconds)
        except _Otherwise:
            return None
        except ReplayConflict:
            return self._winner(settlement)
        return self._stamped(settlement.answer, position, began)

    def refuse_at_once(
        self,
        attempt: AuditEntry,
        effect: AuditEntry,
        version: BehaviorVersion,
        request: CheckRequest,
    ) -> bool:
        """What `CheckLedger.refuse_at_once` says."""

        def work(tx: Writing) -> None:
            with _foreseen_rightly():
                _require_unanswered(tx, request)
                tx.quarantines.active().require_free(request.party, request.provider)
                _require_uncurbed(tx, _still(tx, version, request, at=attempt.at))
            began = tx.audit.append(attempt)
            tx.audit.append(replace(effect, attempt=began))

        try:
            self.database.commit(work, seconds=_REFUSAL_SECONDS)
        except _Otherwise:
            return False
        return True

    def require_standing(
        self,
        version: BehaviorVersion,
        begun: CheckBegun,
        *,
        use_case: str | None,
        at: datetime,
        draw: str | None,
    ) -> None:
        """What `CheckLedger.require_standing` says."""
        contract = version.contract
        party, provider = contract.party, contract.provider
        with self.database.reading() as view:
            view.quarantines.active().require_free(party, provider)
            now = _in_force(view, party, provider, use_case, at=at, draw=draw)
            require_uncurbed(view, now, Side.OUTPUT, begun.admission.probes, at=at)
        if (now.contract.id, now.number) != (contract.id, version.number):
            raise PrivacyError(errors.CONTRACT_SUPERSEDED)

    def record(self, entry: AuditEntry, *, seconds: float | None) -> int:
        """What `CheckLedger.record` says."""
        return self.database.commit(lambda tx: tx.audit.append(entry), seconds=seconds)

    def in_force(self, request: CheckRequest, *, at: datetime) -> BehaviorVersion:
        """What `CheckLedger.in_force` says."""
        with self.database.reading() as view:
            return _in_force(
                view,
                request.party,
                request.provider,
                request.company.use_case,
                at=at,
                draw=request.draw,
            )

    def version(self, contract_id: str, number: int) -> BehaviorVersion:
        """A version of a contract. Raises CONTRACT_NOT_FOUND."""
        with self.database.reading() as view:
            return as_behavior(view.behavior.version(contract_id, number))

    def settle(self, settlement: Settlement, *, seconds: float | None) -> CheckAnswer:
        """What `CheckLedger.settle` says."""
        prepared = self._prepared(settlement, seconds)

        def work(tx: Writing) -> int:
            version = self._confirmed(tx, prepared)
            return self._make_true(tx, prepared, version, settlement.entry)

        try:
            position = self.database.commit(work, seconds=seconds)
        except ReplayConflict:
            return self._winner(settlement)
        return self._stamped(settlement.answer, position, settlement.entry.attempt)

    def settle_together(
        self, settlement: Settlement, passing: Passing, *, seconds: float | None
    ) -> CheckAnswer | None:
        """What `CheckLedger.settle_together` says."""
        release = passing.release

        def work(tx: Writing) -> tuple[tuple[int, int], int]:
            version = self._confirmed(tx, prepared)
            if tx.replays.find(release.pair.sender, release.request_id) is not None:
                _require_not_won(tx, settlement)
                raise _Otherwise
            with _otherwise_for(*_WEIGHED_OTHERWISE):
                shared = self.transfers.make_true_with(tx, passing.attempt, transfer)
            return shared, self._make_true(tx, prepared, version, settlement.entry)

        try:
            with _otherwise_for(*_WEIGHED_OTHERWISE):
                transfer = self.transfers.prepared(release, seconds=seconds)
            prepared = self._prepared(settlement, seconds, about=release.subjects)
            (began, shared), position = self.database.commit(work, seconds=seconds)
        except _Otherwise:
            return None
        except ReplayConflict:
            return self._winner(settlement)
        answer = replace(
            settlement.answer, personal_data=self.transfers.stamped(transfer.answer, shared, began)
        )
        return self._stamped(answer, position, settlement.entry.attempt)

    # -- One settlement -----------------------------------------------------------------------

    def _prepared(
        self, settlement: Settlement, seconds: float | None, *, about: tuple[str, ...] | None = None
    ) -> _Prepared:
        """`about`: the people whom a transfer is about that becomes true with it."""
        record = settlement.record
        keys = self.keys.of(record.party, scopes((), record.provider), seconds=seconds)
        slot = Slot(partner=record.party, record=settlement.request_id, field=_FIELD)
        written = to_bytes(settlement.answer, inner=_inner(settlement))
        sealed = self.sealer.seal(written, slot=slot, keys=keys)
        held, held_under = self._held(settlement, seconds, about)
        return _Prepared(settlement=settlement, sealed=sealed, held=held, keys=(*keys, *held_under))

    def _confirmed(self, tx: Writing, prepared: _Prepared) -> BehaviorVersion:
        """The version that judged. Counts how the check came out; raises what stands against it in
        this transaction: see `CheckLedger.settle`.
        """
        settlement = prepared.settlement
        record = settlement.record
        tx.quarantines.active().require_free(record.party, record.provider)
        version = _standing(tx, settlement)
        require_open(
            tx,
            version,
            record.side,
            settlement.probes,
            well=went_well(version, settlement.answer),
            at=settlement.entry.at,
        )
        self.keys.require_live(tx, prepared.keys)
        return version

    def _make_true(
        self, tx: Writing, prepared: _Prepared, version: BehaviorVersion, entry: AuditEntry
    ) -> int:
        """All that becomes true with a check; the position of its effect."""
        settlement, held = prepared.settlement, prepared.held
        record = settlement.record
        position = tx.audit.append(entry)
        tx.behavior.check(record, position=position)
        begin_for_check(
            tx,
            version,
            record,
            started_by(version, settlement.answer),
            attempt=entry.attempt or 0,
            at=entry.at,
        )
        if held is not None:
            require_not_erased(tx, held[1].subjects, held[0].sender)
            tx.reviews.add(*held)
        tx.replays.put(
            Replay(
                partner=record.party,
                request_id=settlement.request_id,
                request_digest=settlement.request,
                sealed_answer=prepared.sealed,
                position=position,
                expires_at=entry.at + self.replay_for,
            )
        )
        return position

    def _held(
        self, settlement: Settlement, seconds: float | None, about: tuple[str, ...] | None
    ) -> tuple[tuple[Review, HeldContent] | None, tuple[StoredDataKey, ...]]:
        """What waits for a person, sealed under the keys of the people it is about."""
        hold = settlement.hold
        if settlement.sample is not None:
            people = self._named(settlement.sample) if about is None else about
            return self._sampled(settlement.sample, people, seconds)
        if hold is None:
            return None, ()
        review = review_of(hold)
        keys = held_keys(self.keys, hold.held, review, seconds=seconds)
        return (review, sealed_check(hold.held, review, self.sealer, keys)), keys

    def _named(self, sample: Sample) -> tuple[str, ...]:
        """Whom the transfer is about by which it was passed on."""
        shared = sample.held.answer.personal_data
        if shared is None or shared.disclosure_id is None:
            return ()
        with self.database.reading() as view:
            disclosed = view.disclosures.get(shared.disclosure_id)
        return () if disclosed is None else disclosed.subjects

    def _sampled(
        self, sample: Sample, about: tuple[str, ...], seconds: float | None
    ) -> tuple[tuple[Review, HeldContent] | None, tuple[StoredDataKey, ...]]:
        """A sample, sealed. None where somebody it is about was erased meanwhile: what the caller
        gets does not depend on it.
        """
        review = sample_of(sample)
        try:
            keys = self.keys.of(review.sender, scopes(about, review.recipient), seconds=seconds)
        except PrivacyError as error:
            if error.reason is not errors.SUBJECT_SHREDDED:
                raise
            return None, ()
        return (review, sealed_check(sample.held, review, self.sealer, keys, about)), keys

    # -- An answer that was given -------------------------------------------------------------

    def _winner(self, settlement: Settlement) -> CheckAnswer:
        with self.database.reading() as view:
            found = view.replays.find(settlement.record.party, settlement.request_id)
        if found is None:
            raise PrivacyError(errors.STORE_UNAVAILABLE)
        return self._answer(found, settlement.request)

    def _answer(self, replay: Replay, request: str) -> CheckAnswer:
        if replay.request_digest != request:
            raise PrivacyError(errors.REQUEST_ID_REUSED)
        with self.database.reading() as view:
            keys = view.data_keys.by_id(key_ids(replay.sealed_answer))
            attempt = AuditEntry.from_bytes(view.audit.leaf(replay.position)).attempt
        slot = Slot(partner=replay.partner, record=replay.request_id, field=_FIELD)
        opened = self.sealer.open(replay.sealed_answer, slot=slot, keys=tuple(keys.values()))
        answer = from_bytes(opened, self.transfers.answered)
        return self._stamped(answer, replay.position, attempt)

    def _stamped(self, answer: CheckAnswer, position: int, attempt: int | None) -> CheckAnswer:
        stamp = AuditStamp(position=position, attempt=attempt or 0, origin=self.origin)
        return replace(answer, audit=stamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A settlement with everything sealed, under `keys`, ready to be written."""

    settlement: Settlement
    sealed: bytes = field(repr=False)
    held: tuple[Review, HeldContent] | None
    keys: tuple[StoredDataKey, ...]


class _Otherwise(Exception):  # noqa: N818 -- it says what is so, as our reasons do
    """What was foreseen is not so: the check has to begin, and is told there what stands in its
    way.
    """


@contextmanager
def _foreseen_rightly() -> Iterator[None]:
    try:
        yield
    except PrivacyError:
        raise _Otherwise from None


_WEIGHED_OTHERWISE: Final = (
    errors.CONTRACT_SUPERSEDED,
    errors.SUBJECT_ERASED,
    errors.SUBJECT_SHREDDED,
)
"""For what a transfer is weighed anew, which it does by itself."""


def _require_not_won(tx: Writing, settlement: Settlement) -> None:
    """Raises ReplayConflict where the request id was answered meanwhile."""
    party, request_id = settlement.record.party, settlement.request_id
    if tx.replays.find(party, request_id) is not None:
        raise ReplayConflict(party, request_id)


@contextmanager
def _otherwise_for(*reasons: Reason) -> Iterator[None]:
    try:
        yield
    except PrivacyError as error:
        if error.reason not in reasons:
            raise
        raise _Otherwise from None


def _require_uncurbed(tx: Writing, version: BehaviorVersion) -> None:
    """Curbs count what begins, so that whatever meets one has to."""
    if tx.curbs.on(version.contract.id):
        raise _Otherwise


def _require_unanswered(tx: Writing, request: CheckRequest) -> None:
    if tx.replays.find(request.party, request.request_id) is not None:
        raise _Otherwise


def _still(
    tx: Writing, version: BehaviorVersion, request: CheckRequest, *, at: datetime
) -> BehaviorVersion:
    """Raises what `require_judging` does."""
    contract = version.contract
    return require_judging(
        tx,
        ContractRef(id=contract.id, number=version.number, digest=version.digest),
        party=request.party,
        provider=request.provider,
        use_case=request.company.use_case,
        at=at,
        draw=request.draw,
    )


def _inner(settlement: Settlement) -> tuple[str, str] | None:
    record = settlement.record
    if settlement.inner is None:
        return None
    return record.party if record.side is Side.PROMPT else record.provider, settlement.inner


def _standing(tx: Writing, settlement: Settlement) -> BehaviorVersion:
    record = settlement.record
    return require_judging(
        tx,
        settlement.answer.contract,
        party=record.party,
        provider=record.provider,
        use_case=record.use_case,
        at=settlement.entry.at,
        draw=settlement.draw,
    )


def require_judging(
    tx: Writing,
    contract: ContractRef,
    *,
    party: str,
    provider: str,
    use_case: str | None,
    at: datetime,
    draw: str | None,
) -> BehaviorVersion:
    """The version that judged. Raises CONTRACT_SUPERSEDED where another one is in force by now, and
    what `judging` does where none is.
    """
    now = _in_force(tx, party, provider, use_case, at=at, draw=draw)
    if (now.contract.id, now.number) != (contract.id, contract.number):
        raise PrivacyError(errors.CONTRACT_SUPERSEDED)
    return now


def _in_force(
    view: View | Writing,
    party: str,
    provider: str,
    use_case: str | None,
    *,
    at: datetime,
    draw: str | None,
) -> BehaviorVersion:
    versions, courses = standing_versions(view, party, provider, at)
    return judging(
        versions,
        party=party,
        provider=provider,
        use_case=use_case,
        at=at,
        courses=courses,
        draw=draw,
    )
