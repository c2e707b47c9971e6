"""The consent desk: what people said, recorded and withdrawn."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.desks.ports.consents import (
    ConsentNow,
    GetConsent,
    ListConsents,
    OptOut,
    RecordConsent,
    WithdrawConsent,
)
from privacy_service.desks.ports.pages import Page
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.enforcement.request import SubjectRef
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing
from privacy_service.subjects.consent import (
    ConsentEvent,
    ConsentRecord,
    ConsentState,
    require_next,
)
from privacy_service.subjects.requests import Identifier, SubjectRequest

RECORD: Final = "ConsentService/RecordConsent"
WITHDRAW: Final = "ConsentService/WithdrawConsent"
_READS_ALL: Final = frozenset({Role.OFFICER, Role.AUDITOR})
_PAGE: Final = 500
_IN_FORCE: Final = frozenset({ConsentState.GIVEN, ConsentState.RENEWED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentsDesk:
    """Answers ConsentService. A partner keeps its own records, and knows of no others; an officer
    may record and withdraw for any.

    `digests` gives a subject's keyed digests under every version of the key, the current one first;
    `withdrawn` asks recipients, in the transaction of the withdrawal, where contracts have it so.
    """

    database: Database
    acts: Acts
    once: Once
    digests: Callable[[str, str], tuple[str, ...]]
    withdrawn: Callable[[Writing, Sequence[ConsentRecord], datetime], None]
    clock: Clock

    def record_consent(
        self, caller: Caller, request: RecordConsent, *, seconds: float | None
    ) -> tuple[ConsentNow, AuditStamp]:
        """Records what a person said: a new record, or the next event of one that is there.

        Raises NOT_YOUR_PARTNER, REQUEST_INVALID, CONSENT_STATE, CONSENT_RECORD_DIFFERS where the
        record is of another person or has other terms, and REQUEST_ID_REUSED.
        """
        _require_keeper(caller, request.partner)
        now = self.clock.now()
        named = frozenset(self.digests(ref.type, ref.value)[0] for ref in request.subjects)
        event = ConsentEvent(
            state=request.state,
            at=request.at or now,
            expression=request.expression,
            by=request.by,
            valid_for=request.valid_for,
        )

        def change(tx: Writing) -> Done[ConsentRecord]:
            known = tx.consents.find(request.partner, request.record_id)
            if known is None:
                record = _new(request, named, event)
                require_next(None, event, now=now)
                tx.consents.record(record)
            else:
                _require_same(known, request, named)
                record = known.then(event, now=now)
                tx.consents.say(record)
            return Done(
                value=record,
                outcome=event.state.name,
                subjects=tuple(sorted(record.subjects)),
            )

        act = self._act(
            caller,
            request.partner,
            request.record_id,
            _said(request, named),
            change,
            request_id=request.request_id,
        )
        record, stamp = act_once(self.acts, self.once, act, seconds=seconds)
        return ConsentNow(record=record, at=now), stamp

    def withdraw_consent(
        self, caller: Caller, request: WithdrawConsent, *, seconds: float | None
    ) -> tuple[tuple[str, ...], AuditStamp]:
        """Withdraws one record, or all of a person's that are in force.

        From the answer on no transfer is released that would rest on it, on any replica. Raises
        NOT_YOUR_PARTNER, CONSENT_NOT_FOUND, CONSENT_STATE, REQUEST_ID_REUSED. For a person of whom
        nothing is known it answers as for one who has nothing to withdraw.
        """
        _require_keeper(caller, request.partner)
        now = self.clock.now()
        asked = request.subject
        named = () if asked is None else self.digests(asked.type, asked.value)

        def change(tx: Writing) -> Done[tuple[str, ...]]:
            if request.record_id is not None:
                found = [tx.consents.get(request.partner, request.record_id)]
            else:
                found = [
                    record
                    for record in tx.consents.about(request.partner, named)
                    if record.state_at(now) in _IN_FORCE
                ]
            say_withdrawn(tx, found, now)
            self.withdrawn(tx, found, now)
            people = {digest for record in found for digest in record.subjects}
            return Done(
                value=tuple(record.id for record in found),
                outcome="WITHDRAWN" if found else "NOTHING_IN_FORCE",
                subjects=tuple(sorted(people)),
            )

        said = (request.record_id or "", *named)
        attempt = self._attempt(caller, WITHDRAW, request.partner, request.record_id, said)
        attempt = replace(attempt, at=now)  # by which a repeated request finds what it withdrew
        act = OnceAct(
            attempt=attempt,
            whose=by_person(caller.name),
            request_id=request.request_id,
            change=change,
            again=lambda tx, first: _withdrawn_by(tx, request, first),
        )
        return act_once(self.acts, self.once, act, seconds=seconds)

    def get_consent(
        self, caller: Caller, request: GetConsent, *, seconds: float | None
    ) -> ConsentNow:
        """One record. Raises CONSENT_NOT_FOUND, also for what is another partner's."""
        del seconds
        if not caller.roles & _READS_ALL and caller.partner != request.partner:
            raise PrivacyError(errors.CONSENT_NOT_FOUND, record=request.record_id)
        with self.database.reading() as view:
            record = view.consents.get(request.partner, request.record_id)
        return ConsentNow(record=record, at=self.clock.now())

    def list_consents(
        self, caller: Caller, request: ListConsents, *, seconds: float | None
    ) -> Page[ConsentNow]:
        """Records by partner and id: a partner's own. Raises NOT_YOUR_PARTNER."""
        del seconds
        partner, asked, limit = request.partner, request.subject, request.place.limit
        if not caller.roles & _READS_ALL:
            if partner not in (None, caller.partner):
                raise PrivacyError(errors.NOT_YOUR_PARTNER)
            partner = caller.partner
        after = None if request.place.after is None else _place(request.place.after)
        with self.database.reading() as view:
            rows = view.consents.list(
                partner=partner,
                subjects=None if asked is None else self.digests(asked.type, asked.value),
                after=after,
                limit=limit + 1,
            )
        now = self.clock.now()
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(
            items=tuple(ConsentNow(record=row, at=now) for row in rows[:limit]),
            next=None if last is None else json.dumps([last.partner, last.id]),
        )

    def list_opt_outs(
        self, caller: Caller, subject: SubjectRef, *, seconds: float | None
    ) -> tuple[OptOut, ...]:
        """Where the person is known to have opted out: a partner hears of itself alone."""
        del seconds
        with self.database.reading() as view:
            found = view.opt_outs.of_person(self.digests(subject.type, subject.value))
        return tuple(
            OptOut(partner=partner, at=at)
            for partner, at in found.items()
            if caller.roles & _READS_ALL or partner == caller.partner
        )

    def _act(
        self,
        caller: Caller,
        partner: str,
        record_id: str,
        said: tuple[str, ...],
        change: Callable[[Writing], Done[ConsentRecord]],
        *,
        request_id: str,
    ) -> OnceAct[ConsentRecord]:
        return OnceAct(
            attempt=self._attempt(caller, RECORD, partner, record_id, said),
            whose=by_person(caller.name),
            request_id=request_id,
            change=change,
            again=lambda tx, _first: tx.consents.get(partner, record_id),
        )

    def _attempt(
        self,
        caller: Caller,
        action: str,
        partner: str,
        record_id: str | None,
        said: tuple[str, ...],
    ) -> AuditEntry:
        return AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=action,
            at=self.clock.now(),
            actor=caller.name,
            partner=partner,
            request=self.once.request(action, partner, *said),
            resource=record_id,
        )


def in_force_about(
    tx: View | Writing, request: SubjectRequest, now: datetime
) -> tuple[ConsentRecord, ...]:
    """The consents in force of the person of a request: at a partner by its own word, everywhere
    by what names the person everywhere.
    """
    return tuple(one for one in _about(tx, request) if one.state_at(now) in _IN_FORCE)


def withdrawn_at(tx: View | Writing, request: SubjectRequest, at: datetime) -> int:
    """How many consents of that person were withdrawn at an instant."""
    return sum(
        any(event.state is ConsentState.WITHDRAWN and event.at == at for event in one.events)
        for one in _about(tx, request)
    )


def _about(tx: View | Writing, request: SubjectRequest) -> list[ConsentRecord]:
    found: dict[tuple[str, str], ConsentRecord] = {}
    for one in request.identifiers:
        records = tx.consents.about(one.partner, (one.digest,)) if one.partner else _all(tx, one)
        found |= {(record.partner, record.id): record for record in records}
    return [record for _, record in sorted(found.items(), key=lambda item: item[0])]


def say_withdrawn(tx: Writing, records: Iterable[ConsentRecord], now: datetime) -> None:
    """Withdraws each. Raises CONSENT_STATE."""
    for record in records:
        at = max(now, record.events[-1].at)
        event = ConsentEvent(state=ConsentState.WITHDRAWN, at=at)
        tx.consents.say(record.then(event, now=at))


def _all(tx: View | Writing, of: Identifier) -> Iterator[ConsentRecord]:
    after: tuple[str, str] | None = None
    while rows := tx.consents.list(subjects=(of.digest,), after=after, limit=_PAGE):
        yield from rows
        after = (rows[-1].partner, rows[-1].id)


def _require_keeper(caller: Caller, partner: str) -> None:
    if Role.OFFICER not in caller.roles:
        caller.require_partner(partner)


def _new(request: RecordConsent, named: frozenset[str], event: ConsentEvent) -> ConsentRecord:
    if request.terms is None:
        raise PrivacyError(
            errors.REQUEST_INVALID,
            field="terms",
            says="a new record needs what the person was told and asked",
        )
    return ConsentRecord(
        partner=request.partner,
        id=request.record_id,
        subjects=named,
        terms=request.terms,
        events=(event,),
    )


def _require_same(known: ConsentRecord, request: RecordConsent, named: frozenset[str]) -> None:
    if (named and not named & known.subjects) or request.terms not in (None, known.terms):
        raise PrivacyError(errors.CONSENT_RECORD_DIFFERS, record=known.id)


def _said(request: RecordConsent, named: frozenset[str]) -> tuple[str, ...]:
    """What makes a request that request."""
    at = "" if request.at is None else request.at.isoformat()
    terms = "" if request.terms is None else request.terms.digest
    return (
        request.record_id, terms, request.state.value, at, request.expression.value, request.by,
        request.valid_for or "", *sorted(named),
    )  # fmt: skip


def _withdrawn_by(tx: Writing, request: WithdrawConsent, first: AuditEntry) -> tuple[str, ...]:
    """What the first request of this id withdrew: what was withdrawn at its instant."""
    at = AuditEntry.from_bytes(tx.audit.leaf(first.attempt or 0)).at
    found = (
        (tx.consents.get(request.partner, request.record_id),)
        if request.record_id is not None
        else tx.consents.about(request.partner, first.subjects)
    )
    return tuple(
        record.id
        for record in found
        if any(event.state is ConsentState.WITHDRAWN and event.at == at for event in record.events)
    )


def _place(cursor: str) -> tuple[str, str]:
    partner, record_id = json.loads(cursor)
    return partner, record_id
