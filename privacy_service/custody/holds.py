"""The hold desk: legal holds, placed and lifted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from privacy_service.access import Caller
from privacy_service.breaches.keeping import HELD
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.custody.measures import Measures, said_of
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.desks.ports.holds import ConfirmLift, ListHolds, PlaceHold, ProposeLift
from privacy_service.desks.ports.pages import Page
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.store.database import Database
from privacy_service.store.views import Writing
from privacy_service.subjects.holds import HoldScope, LegalHold
from privacy_service.subjects.record_query import RecordQuery

PLACE: Final = "LegalHoldService/PlaceHold"
PROPOSE: Final = "LegalHoldService/ProposeLift"
CONFIRM: Final = "LegalHoldService/ConfirmLift"


class RequireUnnamed(Protocol):
    """Raises REQUEST_INVALID where a text that is kept in the open holds personal data."""

    def __call__(self, field: str, text: str, *, seconds: float | None) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldsDesk:
    """Answers LegalHoldService. Every act is in the audit log, with the hold's id.

    `digests` gives the keyed digests of a subject under every version of the key, so that what was
    kept before the key was rotated is held too.
    """

    database: Database
    acts: Acts
    once: Once
    digests: Callable[[str, str], tuple[str, ...]]
    require_unnamed: RequireUnnamed
    measures: Measures
    clock: Clock

    def place_hold(
        self, caller: Caller, request: PlaceHold, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]:
        """Places a hold. From the answer on nothing that it covers is deleted, by anyone.

        Raises REQUEST_INVALID, RECORD_QUERY_INVALID, CONTRACT_NOT_FOUND, REQUEST_ID_REUSED; with a
        breach what `Measures.require` raises.
        """
        query = None if request.query is None else RecordQuery.parse(request.query)
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()
        named = {digest for ref in request.subjects for digest in self.digests(ref.type, ref.value)}
        hold = LegalHold(
            # The same for a repeated request, so that its entries name the hold that is there.
            id=f"hold-{self.once.request(PLACE, caller.name, request.request_id)[:16]}",
            scope=HoldScope(
                subjects=frozenset(named) if named else None,
                partner=request.partner,
                contract=request.contract,
                query=query,
            ),
            matter=request.matter,
            reason=request.reason,
            approver=request.approver,
            review_on=request.review_on,
            use=request.use,
            placed_by=caller.name,
            placed_at=now,
        )

        def work(tx: Writing) -> LegalHold:
            placed = _with_parties(tx, hold)
            tx.holds.place(placed)
            self.measures.tell(
                tx, request.breach_id, what=HELD,
                says=f"{hold.id}, for {hold.matter}", caller=caller,
            )  # fmt: skip
            return placed

        said = (
            request.partner or "", request.contract or "", request.query or "", request.matter,
            request.reason, request.approver, str(request.review_on), request.use.value,
            *sorted(named), *said_of(request.breach_id),
        )  # fmt: skip
        act = _Act(action=PLACE, outcome="PLACED", hold=hold.id, said=said)
        return self._act(caller, act, request.request_id, work, seconds)

    def get_hold(self, caller: Caller, hold_id: str, *, seconds: float | None) -> LegalHold:
        """One hold. Raises HOLD_NOT_FOUND."""
        del caller, seconds
        with self.database.reading() as view:
            return view.holds.get(hold_id)

    def list_holds(
        self, caller: Caller, request: ListHolds, *, seconds: float | None
    ) -> Page[LegalHold]:
        """The holds by id."""
        del caller, seconds
        asked, limit = request.subject, request.place.limit
        subject = None if asked is None else self.digests(asked.type, asked.value)[0]
        with self.database.reading() as view:
            rows = view.holds.list(
                lifted=request.lifted, subject=subject, after=request.place.after, limit=limit + 1
            )
        return Page(items=rows[:limit], next=rows[limit - 1].id if len(rows) > limit else None)

    def propose_lift(
        self, caller: Caller, request: ProposeLift, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]:
        """Proposes to lift a hold, which holds until another person confirms.

        Raises HOLD_NOT_FOUND, HOLD_LIFTED, REQUEST_ID_REUSED.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()

        def work(tx: Writing) -> LegalHold:
            hold = tx.holds.get(request.hold_id).lift_proposed(
                by=caller.name, reason=request.reason, at=now
            )
            tx.holds.lift(hold)
            return hold

        said = (request.hold_id, request.reason)
        act = _Act(action=PROPOSE, outcome="PROPOSED", hold=request.hold_id, said=said)
        return self._act(caller, act, request.request_id, work, seconds)

    def confirm_lift(
        self, caller: Caller, request: ConfirmLift, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]:
        """Lifts a hold. Raises HOLD_NOT_FOUND, HOLD_LIFTED, LIFT_NOT_PROPOSED, REQUEST_ID_REUSED,
        and SECOND_PERSON_NEEDED for whoever placed it or proposed the lift.
        """
        now = self.clock.now()

        def work(tx: Writing) -> LegalHold:
            hold = tx.holds.get(request.hold_id).lift_confirmed(by=caller.name, at=now)
            tx.holds.lift(hold)
            return hold

        act = _Act(action=CONFIRM, outcome="LIFTED", hold=request.hold_id, said=(request.hold_id,))
        return self._act(caller, act, request.request_id, work, seconds)

    def _act(
        self,
        caller: Caller,
        act: _Act,
        request_id: str,
        change: Callable[[Writing], LegalHold],
        seconds: float | None,
    ) -> tuple[LegalHold, AuditStamp]:
        """Makes a change once, with its entries in the log."""

        def changed(tx: Writing) -> Done[LegalHold]:
            hold = change(tx)
            named = tuple(sorted(hold.scope.subjects or ()))
            return Done(value=hold, outcome=act.outcome, subjects=named)

        once = OnceAct(
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=act.action,
                at=self.clock.now(),
                actor=caller.name,
                request=self.once.request(act.action, *act.said),
                resource=act.hold,
            ),
            whose=by_person(caller.name),
            request_id=request_id,
            change=changed,
            again=lambda tx, first: tx.holds.get(first.resource or ""),
        )
        return act_once(self.acts, self.once, once, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """What is done to a hold, and what of the request makes it that request."""

    action: str
    outcome: str
    hold: str
    said: tuple[str, ...]


def _with_parties(tx: Writing, hold: LegalHold) -> LegalHold:
    """The hold with the parties of its contract, by which tokens and keys are known."""
    contract = hold.scope.contract
    if contract is None:
        return hold
    newest = tx.contracts.newest(contract)
    return hold.with_parties(frozenset({newest.party, newest.counterparty}))
