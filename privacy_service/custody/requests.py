"""The subject request desk: what people ask for, received, decided and followed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.clock import Clock
from privacy_service.contracts import dpv
from privacy_service.custody.acts import SERVICE, Acts, Effect
from privacy_service.custody.asking import Asking
from privacy_service.custody.consents import in_force_about, say_withdrawn
from privacy_service.custody.correcting import Correcting, CorrectionPlan, SealedCorrections
from privacy_service.custody.erasing import Erasing, Plan
from privacy_service.custody.examples import Digests, named_in
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.once import Once, by_person
from privacy_service.custody.receipts import Receipts
from privacy_service.desks.ports.pages import Page
from privacy_service.desks.ports.subject_requests import (
    BundlePart,
    ListRequests,
    RequestDetails,
    StepKind,
    SubmitRequest,
    TakeStep,
)
from privacy_service.desks.versions import as_version
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.law.book import Law
from privacy_service.records import hpke
from privacy_service.records.identity import canonical_kind
from privacy_service.store.database import Database
from privacy_service.store.requests import HistoryLine
from privacy_service.store.views import View, Writing
from privacy_service.subjects.bundles import Bundle, BundlePhase
from privacy_service.subjects.corrections import Corrections
from privacy_service.subjects.deadlines import acknowledge_by, can_be_extended, deadline_of
from privacy_service.subjects.erasures import Erasure, Phase
from privacy_service.subjects.holds import restrictions
from privacy_service.subjects.requests import (
    DELETING_NOTHING,
    EVERYWHERE,
    Deadline,
    Identifier,
    IdentityLevel,
    RequestKind,
    RequestState,
    SubjectRequest,
    identifier_partner,
)

PLAN_CORRECTION: Final = "SubjectRequestService/PlanCorrection"
SUBMIT: Final = "SubjectRequestService/SubmitRequest"
STEP: Final = "SubjectRequestService/TakeStep"
_UNKNOWN: Final = Deadline(legal=None, conservative=None, rule="", standing="")
_NO_EXAMPLES: Final = DELETING_NOTHING | {RequestKind.RECTIFICATION}
_MOST_EXAMPLES: Final = 200
_PAGE: Final = 500
_SHORTEST_LOOKED_FOR: Final = 4
"""Characters: a shorter identifier would be found in any text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsDesk:
    """Answers SubjectRequestService. Identifiers are heard and not kept: keyed digests are.

    Whether anything is known about the person plays no part in any answer but a plan's and a
    receipt's, which are for officers.
    """

    database: Database
    acts: Acts
    once: Once
    digests: Callable[[str, str], tuple[str, ...]]
    keyed: Digests
    require_unnamed: RequireUnnamed
    law: Law
    erasing: Erasing
    correcting: Correcting
    asking: Asking
    receipts: Receipts
    clock: Clock

    def submit_request(
        self, caller: Caller, request: SubmitRequest, *, seconds: float | None
    ) -> tuple[RequestDetails, AuditStamp]:
        """Receives a request, or merges it into an open one of its kind about the same person.

        Raises RULE_NOT_FOUND, PLACE_UNKNOWN, SUBJECT_REQUIRED, REQUEST_INVALID, REQUEST_ID_REUSED.
        """
        now = self.clock.now()
        received = request.received_at or now
        if received > now:
            raise PrivacyError(
                errors.REQUEST_INVALID, field="receive_time", says="it has not come yet"
            )
        identifiers = self._identifiers(request)
        made = SubjectRequest(
            # The same for a repeated request, so that its entries name the one that is there.
            id=f"req-{self.once.request(SUBMIT, caller.name, request.request_id)[:16]}",
            kind=request.kind,
            state=RequestState.RECEIVED,
            identifiers=identifiers,
            regime=request.regime,
            place=request.place,
            received_at=received,
            opened_by=caller.name,
            deadline=_UNKNOWN,
            first_deadline=None,
            contracts=() if request.kind in _NO_EXAMPLES else self._examples(request),
            purpose=None if request.purpose is None else dpv.normalise(request.purpose),
        )
        deadline = deadline_of(made, self.law)
        made = replace(
            made,
            deadline=deadline,
            first_deadline=deadline.legal,
            acknowledge_by=acknowledge_by(made, self.law),
        )
        doubts = self._doubts(request)

        def work(tx: Writing) -> SubjectRequest:
            found = _same_wish(tx, made)
            if found is None:
                tx.requests.add(made, self._line(caller, made, "submit"))
                self._doubt(tx, made, doubts)
                return made
            merged = replace(
                found,
                identifiers=tuple(sorted({*found.identifiers, *identifiers})),
                contracts=tuple(sorted({*found.contracts, *made.contracts})),
                merged=found.merged + 1,
            )
            tx.requests.change(merged, self._line(caller, merged, "merge"))
            self._doubt(tx, merged, doubts)
            return merged

        said = (
            request.kind.value, request.regime, request.place,
            request.received_at.isoformat() if request.received_at else "", made.purpose or "",
            *(f"{one.digest}@{one.partner}" for one in identifiers),
        )  # fmt: skip
        return self._act(caller, SUBMIT, request.request_id, made.id, said, work, seconds)

    def get_request(
        self, caller: Caller, request_id: str, *, seconds: float | None
    ) -> RequestDetails:
        """One request with its history. Raises SUBJECT_REQUEST_NOT_FOUND."""
        del caller, seconds
        with self.database.reading() as view:
            return self._details(view, view.requests.get(request_id))

    def list_requests(
        self, caller: Caller, request: ListRequests, *, seconds: float | None
    ) -> Page[RequestDetails]:
        """The requests by id, without their history."""
        del caller, seconds
        asked, limit = request.subject, request.place.limit
        digests = None if asked is None else self.digests(asked.type, asked.value)
        with self.database.reading() as view:
            rows = view.requests.list(
                closed=request.closed,
                overdue_at=self.clock.now() if request.overdue else None,
                digests=digests,
                after=request.place.after,
                limit=limit + 1,
            )
        now = self.clock.now()
        items = tuple(RequestDetails(request=row, overdue=row.overdue(now)) for row in rows[:limit])
        return Page(items=items, next=rows[limit - 1].id if len(rows) > limit else None)

    def take_step(
        self, caller: Caller, request: TakeStep, *, seconds: float | None
    ) -> tuple[RequestDetails, AuditStamp]:
        """Does one thing to a request. Raises SUBJECT_REQUEST_NOT_FOUND, REQUEST_STATE,
        JUSTIFICATION_UNKNOWN, TOO_LATE_TO_EXTEND, OBJECTION_ABSOLUTE, LIFT_NOT_ANNOUNCED,
        REQUEST_INVALID, REQUEST_ID_REUSED, SUBJECT_ERASED, SUBJECT_SHREDDED.
        """
        if request.step is StepKind.NOTE:
            self.require_unnamed("text", request.says, seconds=seconds)
        sealed = self._sealed(request, seconds)

        def work(tx: Writing) -> SubjectRequest:
            before = tx.requests.get(request.subject_request_id)
            after = self._stepped(before, request)
            says = "" if request.step is StepKind.DISCLOSE else request.says
            tx.requests.change(after, self._line(caller, after, request.step.value, says))
            if request.step is StepKind.START:
                self._begin(tx, caller, after)
            self._lift(tx, caller, after, request.step)
            if sealed is not None and request.corrections is not None:
                self.correcting.begin(tx, after, request.corrections, sealed)
            if request.step is StepKind.DISCLOSE:
                tx.bundles.begin(
                    Bundle(
                        request_id=after.id,
                        key=request.says,
                        phase=BundlePhase.MAKING,
                        begun_at=self.clock.now(),
                    )
                )
            return after

        said = (
            request.subject_request_id, request.step.value, request.says,
            request.level.value if request.level else "", request.evidence,
            *([request.corrections.to_bytes().decode()] if request.corrections else []),
        )  # fmt: skip
        at = request.subject_request_id
        return self._act(caller, STEP, request.request_id, at, said, work, seconds)

    def plan_erasure(self, caller: Caller, request_id: str, *, seconds: float | None) -> Plan:
        """What starting it would delete and keep, and who would be told: a dry run.

        Raises SUBJECT_REQUEST_NOT_FOUND.
        """
        del caller, seconds
        with self.database.reading() as view:
            request = view.requests.get(request_id)
            if request.kind is RequestKind.CONSENT_WITHDRAWAL:
                consents = in_force_about(view, request, self.clock.now())
                told = self.asking.would_ask(view, consents)
                return Plan(deleted=(), kept=(), recipients=told)
        return self.erasing.plan(request)

    def plan_correction(
        self, caller: Caller, request_id: str, corrections: Corrections, *, seconds: float | None
    ) -> CorrectionPlan:
        """What these corrections would change, and who would be told: a dry run, of which the log
        says that it opened records. Raises SUBJECT_REQUEST_NOT_FOUND, REQUEST_STATE.
        """
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=PLAN_CORRECTION,
            at=self.clock.now(),
            actor=caller.name,
            resource=request_id,
        )

        def work(tx: Writing, effect: Effect) -> SubjectRequest:
            request = tx.requests.get(request_id)
            request.require_rectification()
            effect("OPENED", subjects=request.digests)
            return request

        request = self.acts.act(attempt, work, seconds=seconds)
        return self.correcting.plan(request, corrections)

    def get_erasure_receipt(self, caller: Caller, request_id: str, *, seconds: float | None) -> str:
        """The newest receipt, proven. Raises SUBJECT_REQUEST_NOT_FOUND, RECEIPT_NOT_READY."""
        del caller, seconds
        return self.receipts.file(request_id)

    def get_bundle_part(
        self, caller: Caller, request_id: str, number: int, *, seconds: float | None
    ) -> BundlePart:
        """One part of the bundle, encrypted to the key that it was made for.

        Raises SUBJECT_REQUEST_NOT_FOUND, BUNDLE_NOT_READY.
        """
        del caller, seconds
        with self.database.reading() as view:
            view.requests.get(request_id)
            bundle, sealed = view.bundles.get(request_id), view.bundles.part(request_id, number)
        if bundle is None or bundle.phase is not BundlePhase.READY or sealed is None:
            raise PrivacyError(errors.BUNDLE_NOT_READY, request=request_id)
        return BundlePart(sealed=sealed, parts=bundle.parts)

    # -- Parts --------------------------------------------------------------------------------

    def _sealed(self, asked: TakeStep, seconds: float | None) -> SealedCorrections | None:
        """What is to be corrected, sealed before the transaction that keeps it."""
        if asked.step is not StepKind.CORRECT or asked.corrections is None:
            return None
        with self.database.reading() as view:
            request = view.requests.get(asked.subject_request_id)
        request.require_rectification()
        return self.correcting.sealed(request, asked.corrections, seconds=seconds)

    def _identifiers(self, request: SubmitRequest) -> tuple[Identifier, ...]:
        found = {
            Identifier(
                digest=digest, partner=identifier_partner(canonical_kind(one.type), one.partner)
            )
            for one in request.identifiers
            for digest in self.digests(one.type, one.value)
        }
        return tuple(sorted(found))

    def _doubts(self, request: SubmitRequest) -> tuple[str, ...]:
        """Partners' own words that none of their contracts names people by, so that hardly anything
        is known by them. A request is never lost for that: it is received, and says so.
        """
        found: dict[str, None] = {}
        for one in request.identifiers:
            kind = canonical_kind(one.type)
            if kind in EVERYWHERE:
                continue
            with self.database.reading() as view:
                known = _kinds_named(view, one.partner)
            if kind not in known:
                listed = ", ".join(sorted(known)) or "none"
                found[f"{one.type}: {one.partner}'s contracts name {listed}"] = None
        return tuple(found)

    def _doubt(self, tx: Writing, request: SubjectRequest, doubts: tuple[str, ...]) -> None:
        """Puts into the history what somebody should look at again."""
        for doubt in doubts:
            line = HistoryLine(
                at=self.clock.now(),
                by=SERVICE,
                step="look_again",
                state=request.state.value,
                says=doubt,
            )
            tx.requests.change(request, line)

    def _examples(self, request: SubmitRequest) -> tuple[str, ...]:
        """What holds an identifier in contracts: always looked for, known or not."""
        values = [one.value.strip() for one in request.identifiers]
        looked_for = [value for value in values if len(value) >= _SHORTEST_LOOKED_FOR]
        with self.database.reading() as view:
            return tuple(sorted(named_in(view, looked_for, self.keyed, limit=_MOST_EXAMPLES)))

    def _stepped(self, before: SubjectRequest, asked: TakeStep) -> SubjectRequest:
        now = self.clock.now()
        match asked.step:
            case StepKind.CHECK_IDENTITY:
                level = asked.level or IdentityLevel.LOW
                return before.identified(level=level, evidence=asked.evidence)
            case StepKind.ASK:
                return self._due_anew(before.asking(reason=asked.says, at=now))
            case StepKind.ANSWERED:
                return self._due_anew(before.answered(at=now))
            case StepKind.ACKNOWLEDGE:
                return before.acknowledged()
            case StepKind.EXTEND:
                if not can_be_extended(before, self.law):
                    raise PrivacyError(errors.NO_EXTENSION, request=before.id)
                return self._due_anew(before.extended_for(reason=asked.says, at=now))
            case StepKind.NOTE:
                return before.noted()
            case StepKind.ANNOUNCE_LIFT:
                return before.lift_announced()
            case StepKind.LIFT:
                return before.lifted()
            case _:
                return self._decided(before, asked)

    def _decided(self, before: SubjectRequest, asked: TakeStep) -> SubjectRequest:
        match asked.step:
            case StepKind.START:
                return before.started()
            case StepKind.DISCLOSE:
                hpke.require_public_key(asked.says)
                return before.disclosed()
            case StepKind.CORRECT:
                return before.corrected()
            case _:
                return before.refused(reason=asked.says, at=self.clock.now())

    def _begin(self, tx: Writing, caller: Caller, request: SubjectRequest) -> None:
        """What is asked for is true, or begun: a restriction and an objection stop at once what
        they stop, and jobs tell of them.
        """
        now = self.clock.now()
        phase = Phase.UPHOLDING if request.kind in DELETING_NOTHING else Phase.DELETING
        tx.erasures.begin(
            Erasure(request_id=request.id, phase=phase, round=1, started_at=now, cursor={})
        )
        if request.kind is RequestKind.RESTRICTION:
            for hold in restrictions(request, by=caller.name, at=now):
                tx.holds.place(hold)
        if request.kind is RequestKind.CONSENT_WITHDRAWAL:
            consents = in_force_about(tx, request, now)
            say_withdrawn(tx, consents, now)
            self.asking.withdrawn_for(request.id, tx, consents, now)

    def _lift(self, tx: Writing, caller: Caller, request: SubjectRequest, step: StepKind) -> None:
        """Carries the steps of its lift over to the holds of a restriction. A job tells recipients
        of the end.
        """
        now = self.clock.now()
        if step is StepKind.ANNOUNCE_LIFT:
            for hold in tx.holds.of_request(request.id):
                tx.holds.lift(hold.lift_announced(by=caller.name, at=now))
        if step is StepKind.LIFT:
            for hold in tx.holds.of_request(request.id):
                tx.holds.lift(hold.lifted_on_request(by=caller.name, at=now))
            work = tx.erasures.get(request.id)
            if work is not None:
                again = replace(work, phase=Phase.LIFTING, round=work.round + 1, final=False)
                tx.erasures.keep(again)

    def _due_anew(self, request: SubjectRequest) -> SubjectRequest:
        deadline = deadline_of(request, self.law)
        if request.extended is None:
            return replace(request, deadline=deadline, first_deadline=deadline.legal)
        return replace(request, deadline=deadline)

    def _details(self, view: View | Writing, request: SubjectRequest) -> RequestDetails:
        return RequestDetails(
            request=request,
            overdue=request.overdue(self.clock.now()),
            notices=view.notices.of_request(request.id),
            history=view.requests.history(request.id),
        )

    def _line(
        self, caller: Caller, request: SubjectRequest, step: str, says: str = ""
    ) -> HistoryLine:
        return HistoryLine(
            at=self.clock.now(), by=caller.name, step=step, state=request.state.value, says=says
        )

    def _act(
        self,
        caller: Caller,
        action: str,
        request_id: str,
        resource: str,
        said: tuple[str, ...],
        change: Callable[[Writing], SubjectRequest],
        seconds: float | None,
    ) -> tuple[RequestDetails, AuditStamp]:
        """Makes a change once, with its entries in the log."""
        whose, commitment = by_person(caller.name), self.once.request(action, *said)
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=action,
            at=self.clock.now(),
            actor=caller.name,
            request=commitment,
            resource=resource,
        )

        def work(tx: Writing, effect: Effect) -> tuple[RequestDetails, AuditStamp]:
            done = self.once.replayed(tx, whose, request_id, commitment)
            if done is not None:
                effect("REPLAYED")
                was = AuditEntry.from_bytes(tx.audit.leaf(done.position)).reason or resource
                return self._details(tx, tx.requests.get(was)), self.once.stamp_of(tx, done)
            changed = change(tx)
            at = effect(changed.state.value.upper(), subjects=changed.digests, reason=changed.id)
            self.once.remember(tx, whose, request_id, commitment, at)
            return self._details(tx, changed), self.once.stamp(at, effect.position)

        return self.acts.act(attempt, work, seconds=seconds)


def _kinds_named(view: View, partner: str | None) -> frozenset[str]:
    """The kinds of identifier that the newest versions of contracts (of a partner, on either side)
    name people by.
    """
    kinds: set[str] = set()
    after: str | None = None
    while True:
        page = view.contracts.list(partner, after=after, limit=_PAGE)
        for row in page:
            named = as_version(row).contract.subjects
            kinds |= {canonical_kind(one.type) for one in named}
        if len(page) < _PAGE:
            return frozenset(kinds)
        after = page[-1].id


def _same_wish(tx: Writing, made: SubjectRequest) -> SubjectRequest | None:
    """An open request of the kind about the same person, that can still take more of who it is.

    Once it is being done, only one that names nothing new is the same wish.
    """
    for request_id in tx.requests.open_about(made.digests):
        found = tx.requests.get(request_id)
        wish = (found.kind, found.regime, found.purpose)
        if wish != (made.kind, made.regime, made.purpose):
            continue
        early = found.state in (RequestState.RECEIVED, RequestState.IDENTIFIED)
        if early or set(made.identifiers) <= set(found.identifiers):
            return found
    return None
