"""Releases of a period, a partner or a contract, looked at again: begun by an officer, done by a
job, piece by piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from privacy_service.access import Caller
from privacy_service.breaches.reinspections import Looked, Reinspection, ReinspectionState
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, log_own_act
from privacy_service.custody.incidents import Incidents
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.custody.reinspecting import SealedCopies, sign_of
from privacy_service.desks.ports.pages import Page, Place
from privacy_service.desks.ports.reinspections import CancelReinspection, StartReinspection
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import Kind, PrivacyError
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.store.database import Database
from privacy_service.store.views import Writing

START: Final = "BreachService/StartReinspection"
CANCEL: Final = "BreachService/CancelReinspection"
LOOK: Final = "BreachService/Reinspect"
"""How the log calls what the job does."""
AT_A_TIME: Final = 20
_SECONDS: Final = 60.0

Changed = tuple[Reinspection, AuditStamp]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinspectionsDesk:
    """Answers BreachService on reinspections."""

    database: Database
    acts: Acts
    once: Once
    clock: Clock

    def count_releases(self, caller: Caller, request: StartReinspection) -> int:
        """How many releases would be looked at; nothing is."""
        del caller
        with self.database.reading() as view:
            return view.disclosures.count(request.query, below=view.audit.size())

    def start_reinspection(
        self, caller: Caller, request: StartReinspection, *, seconds: float | None
    ) -> Changed:
        """Has what was released until now looked at again. Raises REQUEST_ID_REUSED."""
        query = request.query
        named = f"reinspection-{self.once.request(START, caller.name, request.request_id)[:16]}"
        with self.database.reading() as view:
            until = view.audit.size()
            total = view.disclosures.count(query, below=until)

        def change(tx: Writing) -> Reinspection:
            one = Reinspection(
                id=named,
                query=query,
                total=total,
                until=until,
                begun_by=caller.name,
                begun_at=self.clock.now(),
            )
            tx.reinspections.begin(one)
            return one

        said = tuple(str(getattr(query, name)) for name in sorted(type(query).__slots__))
        return self._act(caller, START, "STARTED", named, said, request.request_id, change, seconds)

    def cancel_reinspection(
        self, caller: Caller, request: CancelReinspection, *, seconds: float | None
    ) -> Changed:
        """Has nothing more looked at. Raises REINSPECTION_NOT_FOUND, REINSPECTION_OVER,
        REQUEST_ID_REUSED.
        """
        named = request.reinspection_id

        def change(tx: Writing) -> Reinspection:
            one = tx.reinspections.get(named).cancelled(self.clock.now())
            tx.reinspections.move(one)
            return one

        return self._act(
            caller, CANCEL, "CANCELLED", named, (named,), request.request_id, change, seconds
        )

    def get_reinspection(self, caller: Caller, reinspection_id: str) -> Reinspection:
        """One, and how far it is. Raises REINSPECTION_NOT_FOUND."""
        del caller
        with self.database.reading() as view:
            return view.reinspections.get(reinspection_id)

    def list_reinspections(self, caller: Caller, place: Place) -> Page[Reinspection]:
        """All of them by id."""
        del caller
        with self.database.reading() as view:
            rows = view.reinspections.list(after=place.after, limit=place.limit + 1)
        following = rows[place.limit - 1].id if len(rows) > place.limit else None
        return Page(items=rows[: place.limit], next=following)

    def _act(
        self,
        caller: Caller,
        action: str,
        outcome: str,
        named: str,
        said: tuple[str, ...],
        request_id: str,
        change: Callable[[Writing], Reinspection],
        seconds: float | None,
    ) -> Changed:
        """Makes a change once, with its entries in the log."""
        once = OnceAct(
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=action,
                at=self.clock.now(),
                actor=caller.name,
                request=self.once.request(action, *said),
                resource=named,
            ),
            whose=by_person(caller.name),
            request_id=request_id,
            change=lambda tx: Done(value=change(tx), outcome=outcome),
            again=lambda tx, _first: tx.reinspections.get(named),
        )
        return act_once(self.acts, self.once, once, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinspecting:
    """Goes on with a reinspection, a piece at a time. Thread-safe."""

    database: Database
    copies: SealedCopies
    incidents: Incidents
    clock: Clock

    def piece(self, reinspection_id: str) -> bool:
        """Looks at the next few releases; whether there are more. Done twice, each counts once."""
        with self.database.reading() as view:
            before = view.reinspections.get(reinspection_id)
            page = view.disclosures.list(before.query, after=before.place, limit=AT_A_TIME)
        if before.state is not ReinspectionState.RUNNING:
            return False
        meant = [one for one in page if one.position is not None and one.position < before.until]
        looked = [self._looked(one) for one in meant]
        more = len(meant) == AT_A_TIME
        return self.database.commit(lambda tx: self._keep(tx, before, meant, looked, more=more))

    def _looked(self, disclosed: Disclosure) -> Looked:
        try:
            return Looked(found=self.copies.found(disclosed, seconds=_SECONDS))
        except PrivacyError as error:
            if error.reason.kind in (Kind.UNAVAILABLE, Kind.EXHAUSTED):
                raise
            return Looked(skipped=error.reason.code)

    def _keep(
        self,
        tx: Writing,
        before: Reinspection,
        meant: Sequence[Disclosure],
        looked: Sequence[Looked],
        *,
        more: bool,
    ) -> bool:
        now = self.clock.now()
        known = tx.reinspections.get(before.id)
        if known.state is not ReinspectionState.RUNNING or known.place != before.place:
            return known.state is ReinspectionState.RUNNING
        told = [
            replace(one, breach=self._told(tx, release, one)) if one.found else one
            for release, one in zip(meant, looked, strict=True)
        ]
        last = meant[-1].position if meant else None
        grown = known.and_looked(told, place=known.place if last is None else last)
        tx.reinspections.move(grown if more else grown.ended(now))
        if meant:
            opened = [one for one, what in zip(meant, told, strict=True) if not what.skipped]
            log_own_act(
                tx,
                LOOK,
                at=now,
                resource=before.id,
                outcome="LOOKED",
                subjects=tuple(dict.fromkeys(who for one in opened for who in one.subjects)),
                reason=f"{len(opened)} opened, {sum(bool(one.found) for one in told)} wrong",
            )
        return more

    def _told(self, tx: Writing, release: Disclosure, one: Looked) -> str:
        """The breach that is open about a release that was wrong."""
        sign = sign_of(release, one.found)
        return self.incidents.notice(tx, sign, at=self.clock.now()) or ""
