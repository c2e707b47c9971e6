"""Breaches that the service opens by itself, in the transaction of whatever noticed why.

The same cause about the same thing never opens a second breach while the first is open: what is
noticed further is added to it, at once or with what comes within `gather`. What was noticed after
somebody closed it opens another one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from privacy_service.breaches.breach import Breach, BreachState
from privacy_service.breaches.incidents import Cause, Incident, Sign, noticed, opened_for
from privacy_service.breaches.obligations import with_obligations
from privacy_service.breaches.statements import Scoped
from privacy_service.custody.acts import log_own_act
from privacy_service.custody.breaches import OURSELVES
from privacy_service.law.book import Law
from privacy_service.store.views import Writing

NOTICE: Final = "incident/notice"
_AT_A_TIME: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents:
    """Opens breaches, and adds to them. `off` are causes that open none."""

    law: Law
    capacities: tuple[str, ...]
    seats: tuple[str, ...]
    off: frozenset[Cause]
    gather: timedelta

    def notice(
        self, tx: Writing, sign: Sign, *, at: datetime, scope: Scoped | None = None
    ) -> str | None:
        """The breach that the sign belongs to from now on; None where the cause opens none.

        `at` is when it was noticed. A scope, where one is known, is said with it.
        """
        if sign.cause in self.off:
            return None
        known = tx.incidents.of(sign.cause, sign.about)
        if known is None:
            return self._open(tx, sign, scope, at)
        breach = tx.breaches.get(known.breach)
        whole = known.also(sign)
        if breach.state is not BreachState.OPEN:
            return self._open(tx, whole, scope, at)
        if at - known.said_at < self.gather and scope is None:
            tx.incidents.keep(replace(known, waits=whole))
        else:
            self._add(tx, breach, known, whole, scope, at)
        return breach.id

    def say_waiting(self, tx: Writing, *, at: datetime) -> int:
        """Says what has waited long enough. How much of it."""
        found = tx.incidents.waiting(at - self.gather, _AT_A_TIME)
        for known in found:
            breach = tx.breaches.get(known.breach)
            assert known.waits is not None
            if breach.state is BreachState.OPEN:
                self._add(tx, breach, known, known.waits, None, at)
            else:
                self._open(tx, known.waits, None, at)
        return len(found)

    # -- Parts --------------------------------------------------------------------------------

    def _open(self, tx: Writing, sign: Sign, scope: Scoped | None, at: datetime) -> str:
        breach = opened_for(
            sign, _id(sign, at), capacities=self.capacities, seats=self.seats, by=OURSELVES, at=at
        )
        tx.breaches.open(self._with_obligations(_scoped(breach, scope, at), at))
        self._keep(tx, sign, breach, at)
        _prove(tx, sign, breach, "OPENED", at)
        return breach.id

    def _add(
        self,
        tx: Writing,
        breach: Breach,
        known: Incident,
        sign: Sign,
        scope: Scoped | None,
        at: datetime,
    ) -> None:
        grown = breach.with_statement(noticed(sign), by=OURSELVES, at=at)
        grown = self._with_obligations(_scoped(grown, scope, at), at)
        tx.breaches.extend(grown, after=breach.newest)
        tx.incidents.keep(replace(known, said_at=at, waits=None))
        _prove(tx, sign, breach, "ADDED", at)

    def _with_obligations(self, breach: Breach, at: datetime) -> Breach:
        return with_obligations(breach, self.law, by=OURSELVES, now=at)

    @staticmethod
    def _keep(tx: Writing, sign: Sign, breach: Breach, at: datetime) -> None:
        tx.incidents.keep(
            Incident(cause=sign.cause, about=sign.about, breach=breach.id, said_at=at)
        )


def _id(sign: Sign, at: datetime) -> str:
    words = "\n".join((sign.cause.value, sign.about, at.isoformat(timespec="microseconds")))
    return f"breach-{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def _scoped(breach: Breach, scope: Scoped | None, at: datetime) -> Breach:
    return breach if scope is None else breach.with_statement(scope, by=OURSELVES, at=at)


def _prove(tx: Writing, sign: Sign, breach: Breach, outcome: str, at: datetime) -> None:
    log_own_act(tx, NOTICE, at=at, resource=breach.id, outcome=outcome, reason=sign.cause.value)
