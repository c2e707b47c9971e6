"""The breach desk: breaches opened, added to, scoped and read.

A breach grows by one statement at a time, in one transaction with its audit entry. With each, what
law asks for is found anew; where that has changed, the breach keeps it as an entry of its own, so
that what was asked for at any time stays to be seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.breaches.allowed import require_allowed
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.keeping import delete_after
from privacy_service.breaches.obligations import keep_until, obligations, with_obligations
from privacy_service.breaches.plain import plain
from privacy_service.breaches.scope import ScopeQuestion
from privacy_service.breaches.statements import Opened, Scoped, Source, Statement
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.once import Once, by_person
from privacy_service.custody.scoping import scope_of
from privacy_service.desks.ports.breaches import (
    BreachView,
    GetBreach,
    ListBreaches,
    OpenBreach,
    RecordStatement,
    ScopeBreach,
)
from privacy_service.desks.ports.pages import Page
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.law.book import Law
from privacy_service.store.database import Database
from privacy_service.store.views import Writing

OPEN: Final = "BreachService/OpenBreach"
RECORD: Final = "BreachService/RecordStatement"
SCOPE: Final = "BreachService/ScopeBreach"
OURSELVES: Final = "privacy-service"
"""Who says what follows from what others said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachesDesk:
    """Answers BreachService. `capacities` and `seats` are what holds of us unless a breach says
    otherwise; `keep_years` is how long its record is kept after its end; `digests` gives the keyed
    digests of a person, under every version of the key.
    """

    database: Database
    acts: Acts
    once: Once
    digests: Callable[[str, str], tuple[str, ...]]
    require_unnamed: RequireUnnamed
    law: Law
    capacities: tuple[str, ...]
    seats: tuple[str, ...]
    keep_years: int
    clock: Clock

    def open_breach(
        self, caller: Caller, request: OpenBreach, *, seconds: float | None
    ) -> tuple[BreachView, AuditStamp]:
        """Opens a breach. A partner learns its id, and nothing of what it makes us do.

        Raises REQUEST_INVALID, PLACE_UNKNOWN, REQUEST_ID_REUSED.
        """
        if not request.title.isprintable():
            # One line, and nothing that turns round or hides what stands beside it in a list.
            raise PrivacyError(errors.REQUEST_INVALID, field="title", holds="control characters")
        self.require_unnamed("title", request.title, seconds=seconds)
        for seat in request.seats:
            self.law.place(seat)
        told = Role.OFFICER not in caller.roles
        opened = Opened(
            title=request.title,
            source=Source.PARTNER if told else Source.PERSON,
            reported_by=caller.partner if told else None,
            natures=request.natures,
            capacities=request.capacities or self.capacities,
            seats=request.seats or self.seats,
            drill=request.drill and not told,
            says=request.says,
        )
        said = (*_digested(opened), *(word for time in request.times for word in _digested(time)))
        # The same for a repeated request, so that its entries name the breach that is there.
        breach_id = f"breach-{self.once.request(OPEN, caller.name, request.request_id)[:16]}"
        now = self.clock.now()

        def change(_tx: Writing) -> Breach:
            breach = Breach.opened(breach_id, opened, by=caller.name, at=now)
            for time in request.times:
                require_allowed(time, breach, (), self.law)
                breach = breach.with_statement(time, by=caller.name, at=now)
            return self._with_obligations(breach)

        act = _Act(OPEN, "OPENED", breach_id, said)
        view, stamp = self._act(caller, act, request.request_id, change, seconds, opens=True)
        return (replace(view, obligations=()) if told else view), stamp

    def get_breach(
        self, caller: Caller, request: GetBreach, *, seconds: float | None
    ) -> BreachView:
        """One breach. As of an earlier entry, with what was asked for then. Raises
        BREACH_NOT_FOUND.
        """
        del caller, seconds
        with self.database.reading() as view:
            breach = view.breaches.get(request.breach_id)
        if request.entry is None or request.entry >= breach.newest:
            return self._view(breach)
        return self._view(breach.as_of(request.entry))

    def list_breaches(
        self, caller: Caller, request: ListBreaches, *, seconds: float | None
    ) -> Page[BreachView]:
        """The breaches by id."""
        del caller, seconds
        limit = request.place.limit
        with self.database.reading() as view:
            rows = view.breaches.list(
                state=request.state,
                drills=request.drills,
                after=request.place.after,
                limit=limit + 1,
            )
        following = rows[limit - 1].id if len(rows) > limit else None
        return Page(items=tuple(self._view(one) for one in rows[:limit]), next=following)

    def record_statement(
        self, caller: Caller, request: RecordStatement, *, seconds: float | None
    ) -> tuple[BreachView, AuditStamp]:
        """Says something of a breach.

        Raises BREACH_NOT_FOUND, BREACH_CHANGED where somebody has said something since the entry
        expected, BREACH_CLOSED, what `require_allowed` raises, and REQUEST_ID_REUSED.
        """

        def change(tx: Writing) -> Breach:
            breach = tx.breaches.get(request.breach_id)
            if request.expected is not None and breach.said_by_others_since(
                request.expected, OURSELVES
            ):
                raise PrivacyError(errors.BREACH_CHANGED, breach=breach.id, newest=breach.newest)
            return self._said(breach, request.statement, caller)

        statement = request.statement
        said = (request.breach_id, str(request.expected), *_digested(statement))
        act = _Act(RECORD, statement.kind.upper(), request.breach_id, said)
        return self._act(caller, act, request.request_id, change, seconds)

    def count_scope(self, caller: Caller, request: ScopeBreach, *, seconds: float | None) -> Scoped:
        """What would be concerned: a "what if", of which nothing is kept.

        Raises RECORD_QUERY_INVALID.
        """
        del caller, seconds
        question = self._question(request)
        with self.database.reading() as view:
            return scope_of(view, question)

    def scope_breach(
        self, caller: Caller, request: ScopeBreach, *, seconds: float | None
    ) -> tuple[Scoped, BreachView, AuditStamp]:
        """Counts what is concerned, and keeps that as the breach's scope.

        Raises BREACH_NOT_FOUND, BREACH_CLOSED, RECORD_QUERY_INVALID, REQUEST_ID_REUSED.
        """
        breach_id = request.breach_id or ""
        # Counted before the transaction that keeps it, in which everyone else waits.
        found = self.count_scope(caller, request, seconds=seconds)
        said = (breach_id, json.dumps(found.question, sort_keys=True))
        act = _Act(SCOPE, "SCOPE", breach_id, said)

        def change(tx: Writing) -> Breach:
            return self._said(tx.breaches.get(breach_id), found, caller)

        view, stamp = self._act(caller, act, request.request_id, change, seconds)
        return view.breach.scope or found, view, stamp

    def say(self, tx: Writing, breach_id: str, statement: Statement, caller: Caller) -> None:
        """Says something of a breach in the transaction of another act, whose proof is its own.

        Raises BREACH_NOT_FOUND, BREACH_CLOSED, and what `require_allowed` raises.
        """
        breach = tx.breaches.get(breach_id)
        tx.breaches.extend(self._said(breach, statement, caller), after=breach.newest)

    # -- One change ---------------------------------------------------------------------------

    def _said(self, breach: Breach, statement: Statement, caller: Caller) -> Breach:
        now = self.clock.now()
        require_allowed(statement, breach, obligations(breach, self.law, now=now), self.law)
        return self._with_obligations(breach.with_statement(statement, by=caller.name, at=now))

    def _with_obligations(self, breach: Breach) -> Breach:
        return with_obligations(breach, self.law, by=OURSELVES, now=self.clock.now())

    def _act(
        self,
        caller: Caller,
        act: _Act,
        request_id: str,
        change: Callable[[Writing], Breach],
        seconds: float | None,
        *,
        opens: bool = False,
    ) -> tuple[BreachView, AuditStamp]:
        """Makes a change once, with its entries in the log."""
        whose, request = by_person(caller.name), self.once.request(act.action, *act.said)
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=act.action,
            at=self.clock.now(),
            actor=caller.name,
            partner=caller.partner,
            request=request,
            resource=act.breach,
        )

        def work(tx: Writing, effect: Effect) -> tuple[BreachView, AuditStamp]:
            done = self.once.replayed(tx, whose, request_id, request)
            if done is not None:
                effect("REPLAYED")
                return self._view(tx.breaches.get(act.breach)), self.once.stamp_of(tx, done)
            before = 0 if opens else tx.breaches.get(act.breach).newest
            breach = change(tx)
            if opens:
                tx.breaches.open(breach)
            else:
                tx.breaches.extend(breach, after=before)
            at = effect(act.outcome)
            self.once.remember(tx, whose, request_id, request, at)
            return self._view(breach), self.once.stamp(at, effect.position)

        return self.acts.act(attempt, work, seconds=seconds)

    def _view(self, breach: Breach) -> BreachView:
        by_law = keep_until(breach, self.law)
        return BreachView(
            breach=breach,
            obligations=obligations(breach, self.law, now=self.clock.now()),
            keep_until=by_law,
            delete_after=delete_after(breach, by_law=by_law, years=self.keep_years),
        )

    def _question(self, request: ScopeBreach) -> ScopeQuestion:
        person = request.subject
        if person is None:
            return request.question
        return replace(request.question, subjects=self.digests(person.type, person.value))


@dataclass(frozen=True, slots=True)
class _Act:
    """What is done to a breach, and what of the request makes it that request."""

    action: str
    outcome: str
    breach: str
    said: tuple[str, ...]


def _digested(statement: Statement) -> tuple[str, str]:
    """What a statement says, for the commitment to the request."""
    return statement.kind, json.dumps(plain(statement), sort_keys=True)
