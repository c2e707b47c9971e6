"""Acts of other desks that contain a breach: they stand in its timeline, by their own transaction.

A rotated key, a hold or a suspended contract is one call with one proof; either both are true, the
act and that the breach tells of it, or neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.breaches.breach import BreachState
from privacy_service.breaches.statements import MeasureTaken, Statement
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.store.views import View, Writing


class Say(Protocol):
    """Says something of a breach in the transaction of another act.

    Raises BREACH_NOT_FOUND, BREACH_CLOSED.
    """

    def __call__(
        self, tx: Writing, breach_id: str, statement: Statement, caller: Caller
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Tells a breach what was done for it; without a breach, nothing. Thread-safe."""

    say: Say
    clock: Clock

    def require(self, view: View | Writing, breach_id: str | None, caller: Caller) -> None:
        """Before anything is done. Raises BREACH_NOT_FOUND, BREACH_CLOSED, ROLE_MISSING for who may
        say nothing of breaches, and REQUEST_INVALID for a drill, of which nothing is stopped.
        """
        if breach_id is None:
            return
        if Role.OFFICER not in caller.roles:
            raise PrivacyError(errors.ROLE_MISSING, rpc="BreachService/RecordStatement")
        breach = view.breaches.get(breach_id)
        if breach.opening.drill:
            raise PrivacyError(errors.REQUEST_INVALID, field="breach_id", holds="a drill")
        if breach.state is not BreachState.OPEN:
            raise PrivacyError(errors.BREACH_CLOSED, breach=breach_id)

    def tell(
        self, tx: Writing, breach_id: str | None, *, what: str, says: str, caller: Caller
    ) -> None:
        """Says it, in the transaction of the act. Raises what `require` raises."""
        if breach_id is None:
            return
        self.require(tx, breach_id, caller)
        self.say(tx, breach_id, MeasureTaken(what=what, at=self.clock.now(), says=says), caller)

    def tell_if_open(
        self, tx: Writing, breach_id: str | None, *, what: str, says: str, caller: Caller
    ) -> None:
        """The same of what cannot be undone any more: who closed the breach meanwhile has closed
        it, and the audit log has the act.
        """
        if breach_id is not None and tx.breaches.get(breach_id).state is BreachState.OPEN:
            self.tell(tx, breach_id, what=what, says=says, caller=caller)


def said_of(breach_id: str | None) -> tuple[str, ...]:
    """What a request commits to: only where it is said, so that what earlier releases committed to
    stays so.
    """
    return () if breach_id is None else (breach_id,)
