"""The containment desk: partners and certificates that are stopped until two people lift that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.breaches.breach import BreachState
from privacy_service.breaches.quarantine import Quarantine, Stopped
from privacy_service.breaches.statements import LIFTED, MeasureTaken
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.measures import Say
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.desks.ports.containments import (
    ConfirmRelease,
    ListQuarantines,
    ProposeRelease,
    QuarantinePartner,
)
from privacy_service.desks.ports.pages import Page
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.store.database import Database
from privacy_service.store.views import Writing

PLACE: Final = "BreachService/Quarantine"
PROPOSE: Final = "BreachService/ProposeRelease"
CONFIRM: Final = "BreachService/ConfirmRelease"

Changed = tuple[Quarantine, AuditStamp]

_PLACED: Final[Mapping[Stopped, str]] = {
    Stopped.EVERYTHING: "quarantine",
    Stopped.REVEALS: "quarantine",
    Stopped.CERTIFICATE: "certificate revoked",
}
"""What the timeline calls it."""
_MOST_NAMED: Final = 20
"""Partners that a refusal lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinesDesk:
    """Answers BreachService on containment. Every act is in the audit log, about its breach where
    it is for one, else with the quarantine's id; and in the breach's timeline.
    """

    database: Database
    acts: Acts
    once: Once
    say: Say
    require_unnamed: RequireUnnamed
    clock: Clock

    def quarantine(
        self, caller: Caller, request: QuarantinePartner, *, seconds: float | None
    ) -> Changed:
        """Stops a partner or certificates. From the answer on nothing of it passes, on
        any replica.

        Raises REQUEST_INVALID, also for a drill, which stops nothing; PARTNER_NOT_KNOWN for a
        partner that no contract names; BREACH_NOT_FOUND, BREACH_CLOSED, REQUEST_ID_REUSED.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        self._require_known(request)
        one = Quarantine(
            # The same for a repeated request, so that its entries name the one that is there.
            id=f"quarantine-{self.once.request(PLACE, caller.name, request.request_id)[:16]}",
            partner=request.partner,
            stopped=request.stopped,
            certificate=request.certificate,
            breach=request.breach_id,
            reason=request.reason,
            placed_by=caller.name,
            placed_at=self.clock.now(),
        )

        def work(tx: Writing) -> Quarantine:
            if one.breach is not None and tx.breaches.get(one.breach).opening.drill:
                raise PrivacyError(errors.REQUEST_INVALID, field="breach_id", holds="a drill")
            tx.quarantines.place(one)
            self._tell(tx, one, _PLACED[one.stopped], one.reason, caller)
            return one

        said = (
            request.partner, request.stopped.value, request.breach_id or "", request.reason,
            # Only where they are said: what earlier releases committed to stays so.
            *(() if request.certificate is None else (request.certificate,)),
        )  # fmt: skip
        act = _Act(action=PLACE, outcome="QUARANTINED", about=one.breach or one.id, said=said)
        return self._act(caller, act, one.id, request.request_id, work, seconds)

    def list_quarantines(
        self, caller: Caller, request: ListQuarantines, *, seconds: float | None
    ) -> Page[Quarantine]:
        """The quarantines by id."""
        del caller, seconds
        limit = request.place.limit
        with self.database.reading() as view:
            rows = view.quarantines.list(
                lifted=request.lifted, after=request.place.after, limit=limit + 1
            )
        return Page(items=rows[:limit], next=rows[limit - 1].id if len(rows) > limit else None)

    def propose_release(
        self, caller: Caller, request: ProposeRelease, *, seconds: float | None
    ) -> Changed:
        """Proposes to lift a quarantine, which holds until another person confirms.

        Raises QUARANTINE_NOT_FOUND, QUARANTINE_LIFTED, REQUEST_ID_REUSED.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()

        def work(tx: Writing) -> Quarantine:
            one = tx.quarantines.get(request.quarantine_id).lift_proposed(
                by=caller.name, reason=request.reason, at=now
            )
            tx.quarantines.lift(one)
            return one

        return self._lift(caller, PROPOSE, "PROPOSED", request, (request.reason,), work, seconds)

    def confirm_release(
        self, caller: Caller, request: ConfirmRelease, *, seconds: float | None
    ) -> Changed:
        """Lifts a quarantine. Raises QUARANTINE_NOT_FOUND, QUARANTINE_LIFTED, LIFT_NOT_PROPOSED,
        REQUEST_ID_REUSED, and SECOND_PERSON_NEEDED for whoever placed it or proposed the lift.
        """
        now = self.clock.now()

        def work(tx: Writing) -> Quarantine:
            one = tx.quarantines.get(request.quarantine_id).lift_confirmed(by=caller.name, at=now)
            tx.quarantines.lift(one)
            why = one.lift.reason if one.lift else ""
            self._tell(tx, one, f"{_PLACED[one.stopped]}{LIFTED}", why, caller)
            return one

        return self._lift(caller, CONFIRM, "LIFTED", request, (), work, seconds)

    # -- Parts --------------------------------------------------------------------------------

    def _require_known(self, request: QuarantinePartner) -> None:
        """A typing error must leave nobody believing that a partner is stopped: raises
        PARTNER_NOT_KNOWN.
        """
        if request.not_known_yet:
            return
        with self.database.reading() as view:
            known = view.contracts.partners() | view.behavior.partners()
        named = request.partner
        if named not in known:
            alike = get_close_matches(named, sorted(known), n=_MOST_NAMED, cutoff=0.5)
            listed = list(dict.fromkeys((*alike, *sorted(known))))[:_MOST_NAMED]
            raise PrivacyError(errors.PARTNER_NOT_KNOWN, partner=named, known=", ".join(listed))

    def _tell(self, tx: Writing, one: Quarantine, what: str, why: str, caller: Caller) -> None:
        """Puts it in the timeline of its breach. A lift may come after the breach was closed: that
        one stands in the audit log alone.
        """
        if one.breach is None:
            return
        lifts = one.lift is not None
        if lifts and tx.breaches.get(one.breach).state is not BreachState.OPEN:
            return
        what_of = f"{one.stopped} {one.certificate}" if one.certificate else str(one.stopped)
        says = f"{one.partner} ({what_of}), {one.id}: {why}"
        self.say(tx, one.breach, MeasureTaken(what=what, at=self.clock.now(), says=says), caller)

    def _lift(
        self,
        caller: Caller,
        action: str,
        outcome: str,
        request: ProposeRelease | ConfirmRelease,
        said: tuple[str, ...],
        work: Callable[[Writing], Quarantine],
        seconds: float | None,
    ) -> Changed:
        named = request.quarantine_id
        with self.database.reading() as view:
            about = view.quarantines.get(named).breach or named
        act = _Act(action=action, outcome=outcome, about=about, said=(named, *said))
        return self._act(caller, act, named, request.request_id, work, seconds)

    def _act(
        self,
        caller: Caller,
        act: _Act,
        quarantine: str,
        request_id: str,
        change: Callable[[Writing], Quarantine],
        seconds: float | None,
    ) -> Changed:
        """Makes a change once, with its entries in the log."""
        once = OnceAct(
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=act.action,
                at=self.clock.now(),
                actor=caller.name,
                request=self.once.request(act.action, *act.said),
                resource=act.about,
            ),
            whose=by_person(caller.name),
            request_id=request_id,
            change=lambda tx: Done(value=change(tx), outcome=act.outcome),
            again=lambda tx, _first: tx.quarantines.get(quarantine),
        )
        return act_once(self.acts, self.once, once, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """What is done to a quarantine, what the log has it about, and what of the request makes it
    that request.
    """

    action: str
    outcome: str
    about: str
    said: tuple[str, ...]
